"""The tables of the writer's file: the schema's, each row with where it came from, and the store's own."""

from __future__ import annotations

import duckdb

from kpi.engines.layout import layout_of
from kpi.schema import SQL_TYPES, TABLES, Table

# `row_number` is the row's number in its source, `_pass` the listing or pull that brought it; `_emptied`: see typed.py.
_ORIGIN = "_source varchar, row_number bigint, _pass bigint, _emptied bigint"

_OWN = """
create table layout (fingerprint varchar);
create table passes (
    source varchar, table_name varchar, pass bigint, batch bigint, listing boolean, complete boolean, cursor varchar
);
create table set_aside (
    source varchar, table_name varchar, pass bigint, batch bigint, ordinal bigint, row_number bigint,
    id varchar, reason varchar
);
create table syncs (source varchar, began_at timestamp, position bigint);
create table made (name varchar, recipe varchar, content varchar);
create table gone (table_name varchar, id varchar);
create table supplied (table_name varchar, column_name varchar, filled bigint);
create table emptied (source varchar, table_name varchar, column_name varchar, cells bigint);
create table spans (table_name varchar, low date, high date);
"""
PRIVATE = ("passes", "gone", "spans")  # what is not published

_RAW = """
create table if not exists _raw.rows (source varchar, table_name varchar, batch bigint, ordinal bigint, raw varchar);
create table if not exists _raw.examples (source varchar, table_name varchar, column_name varchar, example varchar);
"""


def ensure_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables where they are not there yet. What a version with other tables has left is dropped: its cursors
    go with it, so that everything is pulled anew. The raw file is attached as ``_raw``."""
    connection.execute(_RAW)
    if _is_current(connection):
        return
    connection.execute("begin")
    for kind, name in connection.execute(
        "select 'view', view_name from duckdb_views() where database_name = current_database() and not internal "
        "union all select 'table', table_name from duckdb_tables() where database_name = current_database()"
    ).fetchall():
        connection.execute(f'drop {kind} "{name}"')
    connection.execute(_OWN)
    for table in TABLES.values():
        connection.execute(f'create table "{table.name}" ({_columns(table)}, {_ORIGIN})')
    connection.execute("insert into layout values ($fingerprint)", {"fingerprint": layout_of(())})
    connection.execute("commit")


def _is_current(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        rows = connection.execute("select fingerprint from layout").fetchall()
    except duckdb.CatalogException:
        return False
    return rows == [(layout_of(()),)]


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}" {SQL_TYPES[column.type]}' for column in table.columns)
