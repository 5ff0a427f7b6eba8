"""What is asked of the made company, by the project's own means: the figures of a digest, and single answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bench.company import CURRENCY, NOW, TIMEZONE
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine, read_directory
from kpi.engines.base import Engine
from kpi.figures import Figures, read_figures
from kpi.model import Request, Scope
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.plan import Context
from kpi.scopes import COMPANY

STORE = "duckdb:///var/crm.duckdb"
ORGANISATION = Organisation(timezone=TIMEZONE, currency=CURRENCY)
CALENDAR = Calendar(ORGANISATION)
PERIODS = tuple(CALENDAR.parse(key) for key in ("2026-10", "2026-09"))
DIGEST = (
    *("contacts", "activities", "appointments", "responsetime", "newopps", "bookings"),
    *("winrate", "deals", "dealsize", "cycle", "mqls", "pipeline"),
)

# kpi, period, scope (``company``, ``team ID``, ``rep ID``), value, numerator, denominator
Row = tuple[str, str, str, float | None, float | None, float | None]


def open_store(base: Path) -> tuple[Engine, Context]:
    """The snapshot in a folder, and what questions to it depend on."""
    engine = open_engine(STORE, base)
    return engine, Context(CATALOGUE, CALENDAR, CURRENCY, read_directory(engine), NOW)


def scopes_of(context: Context) -> list[Scope]:
    """The company, every team and every rep."""
    directory = context.directory
    teams = map(directory.scope_of_team, directory.teams.values())
    return [COMPANY, *teams, *map(directory.scope_of_rep, directory.reps.values())]


def read_digest(engine: Engine, context: Context) -> Figures:
    kpis = [(kpi, None) for kpi in DIGEST]
    return read_figures(engine, kpis=kpis, scopes=scopes_of(context), periods=PERIODS, context=context)


def rows_of(figures: Figures) -> Iterator[Row]:
    """Figures as rows, to be compared."""
    for key, value in figures.items():
        scope = f"{key.scope.type} {key.scope.id}" if key.scope.id else str(key.scope.type)
        yield key.kpi, key.period, scope, *map(_number, (value.value, value.numerator, value.denominator))  # type: ignore[misc]


def _number(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def questions(context: Context) -> Mapping[str, Request]:
    """Single questions, by what they are about."""
    directory, winrate, month = context.directory, CATALOGUE["winrate"], PERIODS[0]
    rep = next(rep for rep in directory.reps.values() if rep.active and rep.team_id)
    team = directory.scope_of_team(directory.teams[rep.team_id or ""])
    return {
        "winrate of a rep": Request(winrate, directory.scope_of_rep(rep), month),
        "winrate by team": Request(winrate, COMPANY, month, by=("team",)),
        "winrate of 13 months": Request(winrate, COMPANY, month, trend=(*CALENDAR.preceding(month, 12), month)),
        "responsetime of a team": Request(CATALOGUE["responsetime"], team, month),
    }


def naive(instant: datetime) -> datetime:
    """An instant as the store has it."""
    return instant.astimezone(UTC).replace(tzinfo=None)
