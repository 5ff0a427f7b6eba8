"""What of the loaded tables is no longer as it was when relations were last made.

Every row tells the listing or pull that brought it. What has come since then is held against the last snapshot, if that
was made then: a record that came again as it was has not changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import duckdb

from kpi.schema import TABLES, Table, Type
from kpi.store.made import Made
from kpi.store.typed import quoted

_FEW = 10  # a tenth of a table's rows: more are not worth to be told apart


@dataclass(frozen=True, slots=True)
class Change:
    """``is_touched``: rows came or went, though perhaps as they were. ``content`` is another if any differ.
    ``ids``: the temporary table of the changed records' ids; None where they are too many, or not known."""

    made: Made
    is_touched: bool = False
    ids: str | None = None


def find_changes(
    connection: duckdb.DuckDBPyConnection, known: Mapping[str, Made], was: str | None
) -> Mapping[str, Change]:
    """The change of each table of the schema since ``known`` was noted. ``was`` is the attached snapshot made then."""
    passes = _read_passes(connection)
    return {
        name: _find_change(connection, table, known.get(name), passes.get(name, "[]"), was)
        for name, table in TABLES.items()
    }


def record_column(table: Table) -> str | None:
    """The column that tells whose rows they are: the id, or the record that rows without one belong to."""
    first = table.columns[0]
    return first.name if first.type is Type.ID else None


def _read_passes(connection: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """How far the sources of each table are, as text."""
    rows = connection.execute("select table_name, source, pass, batch from passes order by all").fetchall()
    tables: dict[str, list[tuple[str, int, int]]] = {}
    for table, *source in rows:
        tables.setdefault(table, []).append(tuple(source))
    return {table: json.dumps(sources) for table, sources in tables.items()}


def _find_change(
    connection: duckdb.DuckDBPyConnection, table: Table, known: Made | None, passes: str, was: str | None
) -> Change:
    if known and known.recipe == passes:
        return Change(known)
    anew = Made(passes, uuid4().hex)
    if known is None or was is None:
        return Change(anew, is_touched=True)
    brought = _brought(known.recipe)
    if not _is_touched(connection, table, brought):
        return Change(Made(passes, known.content))
    record = record_column(table)
    if record is None:
        return Change(anew, is_touched=True)
    ids = f"changed_{table.name}"
    if table.has_id:
        _find_changed_ids(connection, table, brought, was, ids)
    else:
        _find_changed_groups(connection, table, record, brought, was, ids)
    if not _count(connection, ids):
        return Change(Made(passes, known.content), is_touched=True)
    return Change(anew, is_touched=True, ids=ids if _are_few(connection, ids, table) else None)


def _brought(passes: str) -> str:
    """The condition for rows that have come since these passes."""
    sources = [(quoted_text(source), number) for source, number, _ in json.loads(passes)]
    parts = [f"_source = {source} and _pass > {number}" for source, number in sources]
    return " or ".join(
        [*parts, f"_source not in ({', '.join(source for source, _ in sources)})"] if parts else ["true"]
    )


def quoted_text(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _is_touched(connection: duckdb.DuckDBPyConnection, table: Table, brought: str) -> bool:
    return bool(
        connection.execute(
            f"select 1 from {quoted(table.name)} where {brought} union all "
            "select 1 from gone where table_name = $1 limit 1",
            [table.name],
        ).fetchall()
    )


def _find_changed_ids(connection: duckdb.DuckDBPyConnection, table: Table, brought: str, was: str, ids: str) -> None:
    """What few rows came counts as changed; a whole listing is compared."""
    name = quoted(table.name)
    gone = f"select id from gone where table_name = {quoted_text(table.name)}"
    connection.execute(f"create or replace temp table {ids} as select id from {name} where {brought} union {gone}")
    if not _are_few(connection, ids, table):
        same = " and ".join(f"now.{c} is not distinct from before.{c}" for c in map(quoted, table.column_names))
        connection.execute(
            f"create or replace temp table {ids} as select id from {name} where {brought} union {gone} "
            f"except select now.id from {name} as now join {was}.{name} as before on {same}"
        )


def _find_changed_groups(
    connection: duckdb.DuckDBPyConnection, table: Table, record: str, brought: str, was: str, ids: str
) -> None:
    """Rows without an id: those of few records that came or went count as changed. After a listing, of which NULL is
    noted, or many, the rows of each record are compared in their order."""
    name, gone = quoted(table.name), f"select id from gone where table_name = {quoted_text(table.name)}"
    connection.execute(
        f"create or replace temp table {ids} as select {record} as id from {name} where {brought} union {gone}"
    )
    was_listed = connection.execute(f"select 1 from {ids} where id is null limit 1").fetchall()
    if was_listed or not _are_few(connection, ids, table):
        columns = ", ".join(map(quoted, table.column_names[1:]))
        listed = f"list(row({columns}) order by _source, row_number) as listed"
        now, before = (f"select {record}, {listed} from {each} group by all" for each in (name, f"{was}.{name}"))
        connection.execute(
            f"create or replace temp table {ids} as select {record} as id from ({now}) as now "
            f"full join ({before}) as before using ({record}) where now.listed is distinct from before.listed"
        )


def _are_few(connection: duckdb.DuckDBPyConnection, ids: str, table: Table) -> bool:
    return _count(connection, ids) * _FEW <= _count(connection, quoted(table.name))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)
