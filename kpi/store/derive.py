"""What a snapshot holds beyond what was loaded: people, days, rates, what was supplied, and the relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb

from kpi.engines.layout import layout_of
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.relations import Relation
from kpi.schema import TABLES, Type
from kpi.scopes import Override, People, Rep, Team, resolve_people
from kpi.store.business_hours import stretches, zone_or
from kpi.store.midnights import naive_midnight
from kpi.store.typed import bit, is_checked, quoted

# Days outside are slips of a keyboard (0201-05-03, 9999-12-31): they are kept, but are no local days, so that nothing
# is dated by them.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)

_ORDER = "order by syncs.position, row_number"
_DAY = timedelta(days=1)
# DuckDB takes them for infinity.
_ALWAYS, _NEVER = datetime.min, datetime.max  # noqa: DTZ901 - instants are stored without a zone
_SOURCE_STEP = 2**40  # more rows than a source has


def derive_tables(
    connection: duckdb.DuckDBPyConnection,
    organisation: Organisation,
    overrides: Sequence[Override],
    relations: Sequence[Relation],
) -> None:
    """Completes a copy of the writer's file to a snapshot. The same rows give the same tables."""
    calendar = Calendar(organisation)
    _number_rows(connection)
    _make_people(connection, overrides)
    _make_local_days(connection, calendar)
    _make_fx_intervals(connection, calendar)
    _make_business_hours(connection, organisation)
    _make_supplied(connection)
    _make_emptied(connection)
    for relation in relations:
        parameters = {"currency": organisation.currency} if "$currency" in relation.sql else {}
        connection.execute(f"create table {quoted(relation.name)} as {relation.sql}", parameters)
    connection.execute("update layout set fingerprint = $1", [layout_of(relations)])
    connection.execute("drop table passes")


def _number_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets ``row_number`` of tables without ids order the rows of all sources, in the order of the configuration."""
    for table in TABLES.values():
        if not table.has_id:
            connection.execute(
                f"update {quoted(table.name)} as t set row_number = t.row_number + syncs.position * {_SOURCE_STEP} "
                "from syncs where syncs.source = t._source and syncs.position > 0"
            )


def _make_people(connection: duckdb.DuckDBPyConnection, overrides: Sequence[Override]) -> None:
    people = read_people(connection, overrides)
    _make(
        connection,
        "reps",
        {
            "id": "varchar",
            "name": "varchar",
            "email": "varchar",
            "team_id": "varchar",
            "manager_id": "varchar",
            "role": "varchar",
            "active": "boolean",
            "timezone": "varchar",
            "locale": "varchar",
        },
        [(r.id, r.name, r.email, r.team_id, r.manager_id, r.role, r.active, r.timezone, r.locale) for r in people.reps],
    )
    _make(connection, "rep_owners", {"owner_id": "varchar", "rep_id": "varchar"}, list(people.rep_of_owner.items()))
    _make(
        connection,
        "org_teams",
        {"id": "varchar", "name": "varchar", "parent_id": "varchar"},
        [(team.id, team.name, team.parent_id) for team in people.teams],
    )
    _make(
        connection, "team_closure", {"team_id": "varchar", "ancestor_id": "varchar", "depth": "bigint"}, people.closure
    )


def read_people(connection: duckdb.DuckDBPyConnection, overrides: Sequence[Override]) -> People:
    """Owners and teams as loaded, in the order of their sources, resolved to reps."""
    owners = connection.execute(
        "select id, name, email, team_id, manager_id, role, active, timezone, locale "
        f"from owners join syncs on syncs.source = _source {_ORDER}, id"
    ).fetchall()
    teams = connection.execute(
        f"select id, name, parent_id from teams join syncs on syncs.source = _source {_ORDER}, id"
    ).fetchall()
    return resolve_people((Rep(*row) for row in owners), (Team(*row) for row in teams), overrides)


def _make_local_days(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> None:
    """Every local day from the first to the last that any date or instant names."""
    spans = " union all ".join(
        f"select min({name}) filter ({inside}) as low, max({name}) filter ({inside}) as high from {quoted(table.name)}"
        for table in TABLES.values()
        for name, inside in (
            (f"cast({quoted(column.name)} as date)", f"cast({quoted(column.name)} as date) between $low and $high")
            for column in table.columns
            if column.type in (Type.DATE, Type.TIME)
        )
    )
    low, high = connection.execute(
        f"select min(low), max(high) from ({spans})", {"low": FIRST_DAY, "high": LAST_DAY}
    ).fetchall()[0]
    # A day on either side: an instant's day in UTC may be the one before or after its local day.
    days = [] if low is None else list(_days(low - _DAY, high + _DAY))
    rows = [(day, naive_midnight(calendar, day)) for day in days]
    _make(connection, "local_days", {"day": "date", "starts_at": "timestamp"}, rows)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


def _make_fx_intervals(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> None:
    """From when until when each rate holds. Of two rows for one day the first stands."""
    rows = connection.execute(
        "select upper(currency), date, rate from fx_rates join syncs on syncs.source = _source "
        "order by upper(currency), date, syncs.position, row_number"
    ).fetchall()
    first: dict[tuple[str, date], Decimal] = {}
    for currency, day, rate in rows:
        first.setdefault((currency, day), rate)
    starts = [(currency, naive_midnight(calendar, day) or _ALWAYS, rate) for (currency, day), rate in first.items()]
    intervals = [
        (currency, from_at, until_at if currency == next_currency else _NEVER, rate)
        for (currency, from_at, rate), (next_currency, until_at, _) in pairwise([*starts, ("", _NEVER, Decimal(0))])
    ]
    _make(
        connection,
        "fx_intervals",
        {"currency": "varchar", "from_at": "timestamp", "until_at": "timestamp", "rate": "decimal(18, 8)"},
        intervals,
    )


def _make_business_hours(connection: duckdb.DuckDBPyConnection, organisation: Organisation) -> None:
    """In which zone each rep works, and when that zone's business hours are, in the years of the leads' responses."""
    reps = connection.execute("select id, timezone from reps").fetchall()
    zones = {rep_id: zone_or(zone, organisation.timezone) for rep_id, zone in reps}
    _make(connection, "rep_zones", {"rep_id": "varchar", "zone": "varchar"}, list(zones.items()))
    low, high = connection.execute(
        "select (select min(created_at) from leads where cast(created_at as date) between $low and $high), "
        "(select max(activities.at) from activities where lead_id is not null and direction = 'outbound' "
        "and cast(activities.at as date) between $low and $high)",
        {"low": FIRST_DAY, "high": LAST_DAY},
    ).fetchall()[0]
    holidays = {day for (day,) in connection.execute("select date from holidays").fetchall()}
    days = [] if low is None or high is None else list(_whole_years(low.date(), high.date()))
    rows = [
        (zone, each.starts_at, each.ends_at, each.before_us)
        for zone in sorted({organisation.timezone, *zones.values()})
        for each in stretches(organisation, zone, days, holidays)
    ]
    columns = {"zone": "varchar", "starts_at": "timestamp", "ends_at": "timestamp", "before_us": "bigint"}
    _make(connection, "business_hours", columns, rows)


def _whole_years(low: date, high: date) -> Iterator[date]:
    """The days of the years that two UTC days lie in, and their local days, which may be the ones beside them."""
    return _days(date((low - _DAY).year, 1, 1), date((high + _DAY).year, 12, 31))


def _make_supplied(connection: duckdb.DuckDBPyConnection) -> None:
    """How many values each column holds; the column '' stands for the rows."""
    rows: list[tuple[str, str, int]] = []
    for table in TABLES.values():
        counts = ", ".join(f"count({quoted(name)})" for name in table.column_names)
        found = connection.execute(f"select count(*), {counts} from {quoted(table.name)}").fetchall()[0]
        rows += ((table.name, name, count) for name, count in zip(("", *table.column_names), found, strict=True))
    _make(connection, "supplied", {"table_name": "varchar", "column_name": "varchar", "filled": "bigint"}, rows)


def _make_emptied(connection: duckdb.DuckDBPyConnection) -> None:
    """How many values could not be read and count as empty."""
    rows: list[tuple[str, str, str, int]] = []
    for table in TABLES.values():
        checked = [column for column in table.columns if is_checked(column) and not column.required]
        counts = "".join(f", count(*) filter (where _emptied & {bit(table, column)} <> 0)" for column in checked)
        found = connection.execute(
            f"select _source{counts} from {quoted(table.name)} where _emptied <> 0 group by _source order by _source"
        ).fetchall()
        for source, *cells in found:
            rows += ((source, table.name, column.name, n) for column, n in zip(checked, cells, strict=True) if n)
    columns = {"source": "varchar", "table_name": "varchar", "column_name": "varchar", "cells": "bigint"}
    _make(connection, "emptied", columns, rows)


def _make(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Makes a table of rows from Python, handed over as one list per column: row by row takes a millisecond each."""
    connection.execute(f"create table {name} ({', '.join(f'{column} {type_}' for column, type_ in columns.items())})")
    if rows:
        lists = ", ".join(f"unnest(${n}::{type_}[])" for n, type_ in enumerate(columns.values(), start=1))
        connection.execute(f"insert into {name} select {lists}", [list(values) for values in zip(*rows, strict=True)])
