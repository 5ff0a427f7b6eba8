"""Making a relation: whole, or only the rows of the keys that a change touches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from kpi.relations import Relation
from kpi.schema import TABLES
from kpi.store.changes import quoted_text, record_column
from kpi.store.typed import quoted


def make_whole(connection: duckdb.DuckDBPyConnection, relation: Relation, currency: str) -> None:
    """Makes a relation's table, or its view, where there is none."""
    name, sql = quoted(relation.name), sql_of(relation, currency)
    if not relation.kept:
        connection.execute(f"create view {name} as {sql}")
    elif relation.ordered_by is None:
        connection.execute(f"create table {name} as {sql}")
    else:
        connection.execute(f"create table {name} as select * from ({sql}) order by {quoted(relation.ordered_by)}")


def sql_of(relation: Relation, currency: str) -> str:
    """The relation's select with the company's currency in it: a view takes no parameters."""
    return relation.sql.replace("$currency", quoted_text(currency))


class PartMaker:
    """Remakes parts of relations after the same changes: what several of them need is found once.

    ``was`` is the attached snapshot from before the changes. Temporary tables are left to the connection.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, currency: str, was: str) -> None:
        self._connection = connection
        self._currency = currency
        self._was = was
        ((here,),) = connection.execute("select current_database()").fetchall()
        self._here = f"{quoted(here)}.main"
        self._affected: dict[tuple[tuple[str, str], ...], str] = {}

    def make_part(self, relation: Relation, changed: Mapping[str, str], scanned: Collection[str]) -> None:
        """Remakes the rows of a relation, which has a key, that changes touch. ``changed``: the temporary tables of the
        changed ids of the schema's tables that it stands on; ``scanned``: the tables that making it reads."""
        name, key = quoted(relation.name), quoted(relation.key or "")
        affected = self._affected_keys({table: (ids, relation.remade_by[table]) for table, ids in changed.items()})
        columns = {
            table: finding for table, finding in relation.remade_by.items() if _is_column(finding) and table in scanned
        }
        self._connection.execute(f"delete from {name} where {key} in (select id from {affected})")
        with self._shadowed(columns, affected):
            self._connection.execute(
                f"insert into {name} select * from ({sql_of(relation, self._currency)}) "
                f"where {key} in (select id from {affected})"
            )

    def _affected_keys(self, findings: Mapping[str, tuple[str, str]]) -> str:
        """The temporary table ``(id)`` of the keys to which changed records lead now, or led before."""
        which = tuple(sorted((table, finding) for table, (_, finding) in findings.items()))
        if which not in self._affected:
            name = self._affected[which] = f"affected_{len(self._affected)}"
            self._connection.execute(f"create temp table {name} (id varchar)")
            for table, (ids, finding) in findings.items():
                self._find_keys(name, table, ids, finding)
        return self._affected[which]

    def _find_keys(self, affected: str, table: str, ids: str, finding: str) -> None:
        record = record_column(TABLES[table])
        self._connection.execute(f"create or replace temp view changed as select id from {ids}")
        if finding == record:
            self._connection.execute(f"insert into {affected} from changed")
            return
        if _is_column(finding):
            finding = f"select {quoted(finding)} from {quoted(table)} where {record} in (select id from changed)"
        for database in (self._here, f"{self._was}.main"):
            self._connection.execute(f"use {database}")
            try:
                self._connection.execute(f"insert into {affected} {finding}")
            finally:
                self._connection.execute(f"use {self._here}")

    @contextmanager
    def _shadowed(self, columns: Mapping[str, str], affected: str) -> Iterator[None]:
        """Puts temporary views of the affected rows before the tables whose column holds the key. DuckDB would read the
        tables whole: it takes a condition on the result through no aggregate and to no inner side of a join."""
        for table, column in columns.items():
            name = quoted(table)
            self._connection.execute(
                f"create temp view {name} as from {self._here}.{name} "
                f"where {quoted(column)} in (select id from {affected})"
            )
        try:
            yield
        finally:
            for table in columns:
                self._connection.execute(f"drop view temp.{quoted(table)}")


def _is_column(finding: str) -> bool:
    """Whether a table's entry of ``remade_by`` is the column that holds the key, and not a select."""
    return finding.isidentifier()
