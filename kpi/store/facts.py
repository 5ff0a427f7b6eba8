"""What is counted of each loaded table: values that are filled, values that could not be read, the days they name."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from kpi.schema import TABLES, Table, Type
from kpi.store.calculated import FIRST_DAY, LAST_DAY
from kpi.store.typed import bit, is_checked, quoted


def count_facts(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Counts these tables of the schema anew."""
    for name in tables:
        for facts in ("supplied", "emptied", "spans"):
            connection.execute(f"delete from {facts} where table_name = $1", [name])
        _count_supplied(connection, TABLES[name])
        _count_emptied(connection, TABLES[name])
        _find_span(connection, TABLES[name])
        if name == "activities":
            _find_responses(connection)


def _count_supplied(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """How many values each column holds; the column '' stands for the rows."""
    counts = ", ".join(f"count({quoted(name)})" for name in table.column_names)
    found = connection.execute(f"select count(*), {counts} from {quoted(table.name)}").fetchall()[0]
    connection.execute(
        "insert into supplied select $table, unnest($columns::varchar[]), unnest($counts::bigint[])",
        {"table": table.name, "columns": ["", *table.column_names], "counts": list(found)},
    )


def _count_emptied(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """How many values could not be read and count as empty."""
    for column in table.columns:
        if is_checked(column) and not column.required:
            connection.execute(
                f"insert into emptied select _source, $table, $column, count(*) from {quoted(table.name)} "
                f"where _emptied <> 0 and _emptied & {bit(table, column)} <> 0 group by _source order by _source",
                {"table": table.name, "column": column.name},
            )


def _find_span(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """The first and the last day, in UTC, that a date or an instant names."""
    dated = [f"cast({quoted(c.name)} as date)" for c in table.columns if c.type in (Type.DATE, Type.TIME)]
    if dated:
        lows = ", ".join(f"min({day}) filter ({day} between $low and $high)" for day in dated)
        highs = lows.replace("min(", "max(")
        connection.execute(
            f"insert into spans select $table, list_min([{lows}]), list_max([{highs}]) from {quoted(table.name)}",
            {"table": table.name, "low": FIRST_DAY, "high": LAST_DAY},
        )


def _find_responses(connection: duckdb.DuckDBPyConnection) -> None:
    """The span of what may be a response to a lead."""
    connection.execute("delete from spans where table_name = 'responses'")
    connection.execute(
        "insert into spans select 'responses', min(day), max(day) from (select cast(activities.at as date) as day "
        "from activities where lead_id is not null and direction = 'outbound') where day between $low and $high",
        {"low": FIRST_DAY, "high": LAST_DAY},
    )
