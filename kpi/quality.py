"""What makes a company's figures doubtful, over all its records: what every answer's notes say, and what none can."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from kpi.cells import Cells, cell_of, column_cell, read_cells
from kpi.engines.base import Engine
from kpi.model import Doubt, Kpi, ScopeType
from kpi.periods import PeriodError
from kpi.plan import Context
from kpi.schema import TABLES
from kpi.spans import BEGINNING, Window
from kpi.sql import Cell

_REFERRED = {  # where the ids of a column lead; records without an owner are told apart
    "team_id": "teams",
    "parent_id": "teams",
    "manager_id": "owners",
    "account_id": "accounts",
    "lead_id": "leads",
    "deal_id": "deals",
    "campaign_id": "campaigns",
}
_TOLD_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful: what it is about (``deals``, ``bookings, dealsize``) and a sentence."""

    subject: str
    text: str


def read_quality(engine: Engine, context: Context, kpis: Iterable[Kpi]) -> Iterator[Finding]:
    """All that makes figures doubtful at the context's clock, those of ``kpis`` among them; each told once, with how
    many records it concerns."""
    yield from _age(engine, context)
    yield from _ownerless(engine)
    yield from _dangling(engine)
    yield from _doubts(engine, context, kpis)
    yield from _targets(engine, context)


def _age(engine: Engine, context: Context) -> Iterator[Finding]:
    as_of = engine.as_of()
    if as_of and context.stale_after is not None and context.now - as_of > context.stale_after:
        hours = (context.now - as_of) // timedelta(hours=1)
        yield Finding("sync", f"the last complete one is {hours:,} hours old: run kpi sync, or let kpi serve do it")


def _ownerless(engine: Engine) -> Iterator[Finding]:
    """Records that count for the company alone."""
    tables = [table.name for table in TABLES.values() if "owner_id" in table.column_names]
    counts = " union all ".join(
        f"select '{table}', count(*), count(*) filter (where rep_owners.rep_id is null) "
        f"from {table} left join rep_owners on rep_owners.owner_id = {table}.owner_id"
        for table in tables
    )
    for table, rows, ownerless in engine.run(counts):
        if ownerless:
            yield Finding(table, f"{ownerless:,} of {rows:,} have no known owner and count for the company alone")


def _dangling(engine: Engine) -> Iterator[Finding]:
    """Ids that lead to no record."""
    counts = " union all ".join(
        f"select '{table.name}', '{column}', '{referred}', count(*) from {table.name} as it "
        f"where it.{column} is not null and not exists (select 1 from {referred} as there where there.id = it.{column})"
        for table in TABLES.values()
        for column, referred in _REFERRED.items()
        if column in table.column_names
    )
    for table, column, referred, dangling in engine.run(counts):
        if dangling:
            yield Finding(table, f"{dangling:,} name by {column} one of the {referred} that is not there")


def _doubts(engine: Engine, context: Context, kpis: Iterable[Kpi]) -> Iterator[Finding]:
    """What the KPIs' notes would say of all time."""
    kpis_of: dict[Doubt, dict[str, None]] = {}
    for kpi in kpis:
        for doubt in (*kpi.doubts, *(each for variant in kpi.variants for each in variant.doubts or ())):
            if doubt.is_fault:
                kpis_of.setdefault(doubt, {})[kpi.id] = None
    window = _all_time(context)
    asked = {doubt: _cell(doubt, window) for doubt in kpis_of}
    cells = read_cells(
        engine, asked.values(), members=None, groups=(), currency=context.currency, days=(window.day_at,)
    )
    told: dict[str, dict[str, None]] = {}
    for doubt, cell in asked.items():
        for text in worded(doubt, cells, cell, window):
            told.setdefault(text, {}).update(kpis_of[doubt])
    for text, ids in told.items():
        yield Finding(", ".join(ids), text)


def _all_time(context: Context) -> Window:
    midnight = context.calendar.midnight(context.calendar.local_day(context.now))
    return Window(BEGINNING, context.now, context.now, is_current=True, day_at=midnight, today_at=midnight)


def _cell(doubt: Doubt, window: Window) -> Cell:
    return column_cell(doubt.measure, window, doubt.by) if doubt.by else cell_of(doubt.measure, window)


def worded(
    doubt: Doubt, cells: Cells, cell: Cell, window: Window, members: frozenset[str | None] | None = None
) -> Iterator[str]:
    """What a doubt says of these reps' records in a window, where there is any."""
    day_at = window.day_at if doubt.measure.held_at else window.today_at
    counts = cells.by_values(cell, members)
    for values in sorted(counts):
        key, count = values[0] if values else "", int(counts[values])
        if count and not (doubt.unrated and cells.rates.at(key, day_at)):
            yield doubt.one.format(key=key) if count == 1 else doubt.text.format(n=f"{count:,}", key=key)


def _targets(engine: Engine, context: Context) -> Iterator[Finding]:
    """Targets that nothing can be held against."""
    wrong: dict[str, int] = {}
    for kpi, scope, scope_id, period in engine.run("select kpi, scope, scope_id, period from targets"):
        reason = _wrong(kpi, scope, scope_id, period, context)
        if reason:
            wrong[reason] = wrong.get(reason, 0) + 1
    for reason, count in list(wrong.items())[:_TOLD_AT_MOST]:
        yield Finding("targets", f"{count:,} {'is' if count == 1 else 'are'} on {reason}")
    if len(wrong) > _TOLD_AT_MOST:
        yield Finding("targets", f"and {sum(list(wrong.values())[_TOLD_AT_MOST:]):,} more like these")


def _wrong(kpi: str, scope: str, scope_id: str | None, period: str, context: Context) -> str | None:
    """What is not there of what a target is on."""
    if kpi not in context.catalogue:
        near = difflib.get_close_matches(kpi, context.catalogue, n=1)
        return f"{kpi!r}, which is no KPI" + (f": did you mean {near[0]}?" if near else "")
    try:
        context.calendar.parse(period)
    except PeriodError:
        return f"{period!r}, which is no period"
    known: Mapping[str, object] = context.directory.teams
    if scope == ScopeType.TEAM and scope_id not in known:
        return f"the team {scope_id!r}, which is not there"
    if scope == ScopeType.REP and not context.directory.knows_rep(scope_id or ""):
        return "a rep who is not there"
    return None
