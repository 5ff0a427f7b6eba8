"""A batch before it is written: trimmed where it lies in Arrow, typed and judged in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from kpi.periods import Calendar
from kpi.schema import Table
from kpi.store.midnights import naive_midnight
from kpi.store.typed import Origin, bare_dates_sql, quoted, typing_sql

if TYPE_CHECKING:
    import pyarrow as pa

_TWICE = "id is used twice, the first row stands"

# What is blank in Unicode, and the mark that some programs begin a file with.
_BLANK = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_PIECE = 8192  # rows that a thread of DuckDB takes from Arrow at once


@contextmanager
def staged(
    connection: duckdb.DuckDBPyConnection, calendar: Calendar, table: Table, origin: Origin, rows: pa.Table
) -> Iterator[None]:
    """For the while, the view ``staged`` (trimmed text, with ``ordinal`` and ``row_number``) and the temporary table
    ``typed``, as ``typing_sql`` says, in the order of the rows."""
    connection.register("staged", _trimmed(table, rows))
    try:
        with_midnights = _place_midnights(connection, calendar, bare_dates_sql(table))
        sql = typing_sql(table, origin.others, with_midnights=with_midnights)
        parameters = {"source": origin.name} if "$source" in sql else {}
        connection.execute(f"create or replace temp table typed as {sql}", parameters)
        yield
    finally:
        with suppress(duckdb.Error):  # a connection that the disk has broken
            connection.execute("drop table if exists temp.typed; drop table if exists temp.present")
            connection.unregister("staged")


def judge_listing(connection: duckdb.DuckDBPyConnection, table: Table, source: str, number: int) -> None:
    """In a listing the first good row of an id stands: gives later ones their ``reason``, and makes the temporary table
    ``present`` of the ids that earlier listings or pulls have brought. ``number``: the listing's own."""
    if not table.has_id:
        return
    connection.execute(
        "create or replace temp table present as select id, _pass = $pass as is_twice "
        f"from {quoted(table.name)} where _source = $source and id in (select id from typed where reason is null)",
        {"source": source, "pass": number},
    )
    connection.execute(
        "update typed set reason = $twice where reason is null and (id in (select id from present where is_twice) "
        "or ordinal not in (select min(ordinal) from typed where reason is null group by id))",
        {"twice": _TWICE},
    )


def judge_changes(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """In a pull of changes the last row of an id is the newest: takes the others out of ``typed``."""
    if table.has_id:
        connection.execute(
            "delete from typed where id is not null and ordinal not in (select max(ordinal) from typed group by id)"
        )


def _trimmed(table: Table, rows: pa.Table) -> pa.Table:
    """All the table's columns as text, of which the empty is NULL; those that were not given are."""
    import pyarrow as pa

    columns = {
        name: _text(rows[name]) if name in rows.column_names else pa.nulls(rows.num_rows, pa.string())
        for name in table.column_names
    }
    numbers = {"ordinal": pa.array(range(rows.num_rows), pa.int64()), "row_number": rows["_row"].cast(pa.int64())}
    whole = pa.table({**numbers, **columns})
    return pa.Table.from_batches(whole.to_batches(max_chunksize=_PIECE), whole.schema)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        column = column.cast(pa.string())
    trimmed = pc.utf8_trim(column, characters=_BLANK)
    is_empty = pc.equal(trimmed, "")
    if pc.any(is_empty).as_py():
        return pc.if_else(is_empty, None, trimmed)
    return column if trimmed.equals(column) else trimmed  # most need none: the copy is let go of


def _place_midnights(connection: duckdb.DuckDBPyConnection, calendar: Calendar, dates_sql: str | None) -> bool:
    """Makes ``midnights`` of the bare dates in time columns; gives whether there are any."""
    days = [day for (day,) in connection.execute(dates_sql).fetchall()] if dates_sql else []
    if not days:
        return False
    instants = [naive_midnight(calendar, day) for day in days]
    connection.execute(
        "create or replace temp table midnights as select unnest($days::varchar[]) as day, "
        "unnest($starts_at::timestamp[]) as starts_at",
        {"days": [day.isoformat() for day in days], "starts_at": instants},
    )
    return True
