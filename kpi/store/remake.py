"""Making a relation: whole, or only the rows of the keys that a change touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def make_part(
    connection: duckdb.DuckDBPyConnection, relation: Relation, currency: str, changed: Mapping[str, str], was: str
) -> None:
    """Remakes the rows of a relation, which has a key, that changes of the schema's tables touch: ``changed`` tells the
    temporary table of each one's changed ids. ``was`` is the attached snapshot from before the changes."""
    name, key = quoted(relation.name), quoted(relation.key or "")
    _find_affected(connection, relation, changed, was)
    connection.execute(f"delete from {name} where {key} in (select id from affected)")
    with _restricted(connection, relation):
        connection.execute(
            f"insert into {name} select * from ({sql_of(relation, currency)}) where {key} in (select id from affected)"
        )


def sql_of(relation: Relation, currency: str) -> str:
    """The relation's select with the company's currency in it: a view takes no parameters."""
    return relation.sql.replace("$currency", quoted_text(currency))


def is_column(finding: str) -> bool:
    """Whether a table's entry of ``remade_by`` is the column that holds the key, and not a select."""
    return finding.isidentifier()


def _find_affected(
    connection: duckdb.DuckDBPyConnection, relation: Relation, changed: Mapping[str, str], was: str
) -> None:
    """Makes ``affected (id)``: the keys as the changed records lead to them now, and as they led to them before."""
    ((here,),) = connection.execute("select current_database()").fetchall()
    connection.execute("create or replace temp table affected (id varchar)")
    for table, ids in changed.items():
        connection.execute(f"create or replace temp view changed as select id from {ids}")
        insert = f"insert into affected {_finding_sql(table, relation.remade_by[table])}"
        connection.execute(insert)
        connection.execute(f"use {was}")
        try:
            connection.execute(insert)
        finally:
            connection.execute(f"use {quoted(here)}")


def _finding_sql(table: str, finding: str) -> str:
    if not is_column(finding):
        return finding
    record = record_column(TABLES[table])
    return f"select {quoted(finding)} from {quoted(table)} where {record} in (select id from changed)"


@contextmanager
def _restricted(connection: duckdb.DuckDBPyConnection, relation: Relation) -> Iterator[None]:
    """Puts temporary tables of the affected rows before the tables whose column holds the key. DuckDB would read the
    tables whole: it takes a restriction of the result through no aggregate and to no inner side of a join."""
    columns = {table: finding for table, finding in relation.remade_by.items() if is_column(finding)}
    made: Sequence[str] = list(map(quoted, columns))
    for table, column in columns.items():
        name = quoted(table)
        connection.execute(
            f"create temp table {name} as from {name} where {quoted(column)} in (select id from affected)"
        )
    yield
    for name in made:
        connection.execute(f"drop table temp.{name}")
