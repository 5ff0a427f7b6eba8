"""The mirror's tables: ids are numbers, everything else is text as HubSpot writes it, nothing is empty text.

A record's table has a column for each pulled property; records that are archived or merged away are not there. Pairs
may name such records: they are joined to those that are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from connectors.hubspot.objects import OBJECTS, PAIRS

_FORMAT = "1"  # another one: the file is emptied, and everything is pulled anew

# What a record has beside its properties. `modified` is the value of the property that moves with every change,
# `_pass` the listing that saw it last.
FIXED = ("id", "created_at", "updated_at", "modified", "_pass")

SIDE_TABLES: Mapping[str, str] = {
    "owners": "id bigint, email varchar, first_name varchar, last_name varchar, user_id bigint, archived boolean, "
    "team_id bigint",
    "teams": "id bigint, name varchar, parent_id bigint",
    "pipelines": "object varchar, id varchar, label varchar, archived boolean",
    "stages": "object varchar, pipeline_id varchar, id varchar, label varchar, is_closed boolean, probability varchar, "
    "archived boolean",
    "options": "object varchar, property varchar, value varchar, label varchar",
    "account": "portal_id bigint, timezone varchar, currency varchar",
    "exchange_rates": 'code varchar, "at" varchar, rate varchar',
    "campaigns": "id varchar, name varchar, channel varchar, starts_on varchar, ends_on varchar, stamp varchar",
    "campaign_spend": 'id varchar, campaign_id varchar, amount varchar, currency varchar, "at" varchar',
}

_OWN: Mapping[str, str] = {
    "changed": "version bigint, object varchar, id bigint",  # without id: any of the object's
    "gone": "object varchar, id bigint",
    "merged": "object varchar, loser bigint, winner bigint",
    # What is still to be read of a record: itself, its history, its associations from its own side or from both.
    "pending": "object varchar, id bigint, record boolean, history boolean, all_sides boolean, wave bigint",
    "progress": "stream varchar, cursor varchar",
    "meta": "key varchar, value varchar",
}


def quoted(name: str) -> str:
    """A column's or table's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def history_table(object_name: str) -> str:
    return f"{object_name}__history"


def ensure_tables(connection: duckdb.DuckDBPyConnection, properties: Mapping[str, Sequence[str]]) -> None:
    """Makes what is not there yet. Objects whose records were pulled without some of the properties are listed anew."""
    is_current = _is_current(connection)
    connection.execute("begin")
    if not is_current:
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall():
            connection.execute(f"drop table {quoted(name)}")
    fixed = "id bigint, created_at varchar, updated_at varchar, modified varchar, _pass bigint"
    tables = {
        **_OWN,
        **SIDE_TABLES,
        **dict.fromkeys(OBJECTS, fixed),
        **{pair.name: "source_id bigint, target_id bigint, is_primary boolean" for pair in PAIRS},
        **{
            history_table(each.name): 'id bigint, value varchar, "at" varchar'
            for each in OBJECTS.values()
            if each.history
        },
    }
    for name, columns in tables.items():
        connection.execute(f"create table if not exists {quoted(name)} ({columns})")
    for name in OBJECTS:
        _fit_columns(connection, name, properties[name])
    connection.execute("delete from meta where key = 'format'")
    connection.execute("insert into meta values ('format', $1)", [_FORMAT])
    connection.execute("commit")


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The names of a table's columns, in their order."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where table_name = $1 and database_name = current_database() "
        "order by column_index",
        [table],
    ).fetchall()
    return [name for (name,) in rows]


def _is_current(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        rows = connection.execute("select value from meta where key = 'format'").fetchall()
    except duckdb.CatalogException:
        return False
    return rows == [(_FORMAT,)]


def _fit_columns(connection: duckdb.DuckDBPyConnection, name: str, properties: Sequence[str]) -> None:
    known = columns_of(connection, name)
    missing = [each for each in properties if each not in known]
    for each in missing:
        connection.execute(f"alter table {quoted(name)} add column {quoted(each)} varchar")
    # What is pulled no longer grows old: if it comes back, it is to be pulled anew.
    for each in set(known) - {*FIXED, *properties}:
        connection.execute(f"alter table {quoted(name)} drop column {quoted(each)}")
    if missing:
        connection.execute("delete from progress where stream in ($1, $2)", [f"list:{name}", f"search:{name}"])
