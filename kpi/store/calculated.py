"""The tables that are calculated in Python: people, local days, rates, business hours. SQL knows no zones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb

from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.scopes import Override, People, Rep, Team, resolve_people
from kpi.store.business_hours import stretches, zone_or
from kpi.store.made import Made, digest, note_made
from kpi.store.midnights import naive_midnight

# Days outside are slips of a keyboard (0201-05-03, 9999-12-31): they are kept, but are no local days, so that nothing
# is dated by them.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 12, 31)

_HOURS_VERSION = 1  # raised when business hours are calculated in another way
_ORDER = "order by syncs.position, row_number"
_DAY = timedelta(days=1)
# DuckDB takes them for infinity.
_ALWAYS, _NEVER = datetime.min, datetime.max  # noqa: DTZ901 - instants are stored without a zone


@dataclass(frozen=True, slots=True)
class CalculatedTable:
    """A table whose rows come from Python; ``columns`` are names and SQL types. What is costly has a ``recipe``, which
    names all that the rows are calculated from."""

    name: str
    columns: Mapping[str, str]
    rows: Callable[[], Sequence[tuple[Any, ...]]]
    recipe: str = ""


def calculate_tables(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation, overrides: Sequence[Override]
) -> Iterator[CalculatedTable]:
    """All of them. The same rows in the store give the same tables."""
    calendar = Calendar(organisation)
    people = read_people(connection, overrides)
    yield from _people_tables(people)
    yield _local_days(connection, calendar)
    yield _fx_intervals(connection, calendar)
    zones = {rep.id: zone_or(rep.timezone, organisation.timezone) for rep in people.reps}
    of_nobody = (None, organisation.timezone)
    yield CalculatedTable("rep_zones", {"rep_id": "varchar", "zone": "varchar"}, lambda: [*zones.items(), of_nobody])
    yield _business_hours(connection, organisation, {organisation.timezone, *zones.values()})


def keep_calculated(connection: duckdb.DuckDBPyConnection, table: CalculatedTable, known: Made | None) -> Made:
    """Makes the table, unless it is known with this content, and gives what is noted about it."""
    if known and table.recipe and table.recipe == known.recipe:
        return known
    rows = table.rows()
    made = Made(table.recipe, digest((table.columns, rows)))
    if known is None or made.content != known.content:
        _make(connection, table, rows)
    if made != known:
        note_made(connection, table.name, made)
    return made


def _make(connection: duckdb.DuckDBPyConnection, table: CalculatedTable, rows: Sequence[tuple[Any, ...]]) -> None:
    """Hands the rows over as one list per column: row by row takes a millisecond each."""
    columns = ", ".join(f"{column} {type_}" for column, type_ in table.columns.items())
    connection.execute(f"create or replace table {table.name} ({columns})")
    if rows:
        lists = ", ".join(f"unnest(${n}::{type_}[])" for n, type_ in enumerate(table.columns.values(), start=1))
        values = [list(values) for values in zip(*rows, strict=True)]
        connection.execute(f"insert into {table.name} select {lists}", values)


def read_people(connection: duckdb.DuckDBPyConnection, overrides: Iterable[Override]) -> People:
    """Owners and teams as loaded, in the order of their sources, resolved to reps."""
    owners = connection.execute(
        "select id, name, email, team_id, manager_id, role, active, timezone, locale "
        f"from owners join syncs on syncs.source = _source {_ORDER}, id"
    ).fetchall()
    teams = connection.execute(
        f"select id, name, parent_id from teams join syncs on syncs.source = _source {_ORDER}, id"
    ).fetchall()
    return resolve_people((Rep(*row) for row in owners), (Team(*row) for row in teams), overrides)


def _people_tables(people: People) -> Iterator[CalculatedTable]:
    rep_columns = {field.name: "boolean" if field.name == "active" else "varchar" for field in fields(Rep)}
    yield CalculatedTable("reps", rep_columns, lambda: [astuple(rep) for rep in people.reps])
    rep_owners = {"owner_id": "varchar", "rep_id": "varchar"}
    yield CalculatedTable("rep_owners", rep_owners, lambda: list(people.rep_of_owner.items()))
    teams = {"id": "varchar", "name": "varchar", "parent_id": "varchar"}
    yield CalculatedTable("org_teams", teams, lambda: [astuple(team) for team in people.teams])
    closure = {"team_id": "varchar", "ancestor_id": "varchar", "depth": "bigint"}
    yield CalculatedTable("team_closure", closure, lambda: people.closure)


def _local_days(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> CalculatedTable:
    """Every local day of the years that any date or instant names: whole years, so that a new day seldom makes what
    stands on them anew."""
    low, high = connection.execute("select min(low), max(high) from spans").fetchall()[0]

    def rows() -> list[tuple[date, datetime | None]]:
        return [(day, naive_midnight(calendar, day)) for day in _days_of_years(low, high)]

    return CalculatedTable("local_days", {"day": "date", "starts_at": "timestamp"}, rows)


def _days_of_years(low: date | None, high: date | None) -> Iterator[date]:
    """The days of the years that two UTC days lie in, and their local days, which may be the ones beside them."""
    if low is not None and high is not None:
        first, last = date((low - _DAY).year, 1, 1), date((high + _DAY).year, 12, 31)
        yield from (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _fx_intervals(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> CalculatedTable:
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
    columns = {"currency": "varchar", "from_at": "timestamp", "until_at": "timestamp", "rate": "decimal(18, 8)"}
    return CalculatedTable("fx_intervals", columns, lambda: intervals)


def _business_hours(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation, zones: Iterable[str]
) -> CalculatedTable:
    """The business hours of each zone in the years from the first lead to the last answer."""
    low, high = connection.execute(
        "select min(low), max(high) from spans where table_name in ('leads', 'responses') having count(*) = 2"
    ).fetchone() or (None, None)
    days = list(_days_of_years(low, high))
    holidays = {day for (day,) in connection.execute("select date from holidays").fetchall()}

    def rows() -> list[tuple[str, datetime, datetime, int]]:
        return [
            (zone, each.starts_at, each.ends_at, each.before_us)
            for zone in sorted(zones)
            for each in stretches(organisation, zone, days, holidays)
        ]

    columns = {"zone": "varchar", "starts_at": "timestamp", "ends_at": "timestamp", "before_us": "bigint"}
    recipe = digest((_HOURS_VERSION, organisation.business_hours, sorted(zones), days[:1], days[-1:], sorted(holidays)))
    return CalculatedTable("business_hours", columns, rows, recipe)
