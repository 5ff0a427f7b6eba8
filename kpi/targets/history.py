"""What was achieved before: read for shares of the last period, for suggestions, and to tell a target far beyond."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpi.compute import read
from kpi.engines.base import Engine
from kpi.model import Kpi, Reading, Request, Scope
from kpi.periods import Calendar, Grain, Period
from kpi.plan import Context
from kpi.targets.suggest import PERIODS, WEEKS, Suggestion, best_of, is_far_beyond, suggest

_WON = "deals"


@dataclass(frozen=True, slots=True)
class FarBeyond:
    """A target far beyond history, and the best of the last eight periods."""

    scope: Scope
    period: Period
    value: Decimal
    best: Decimal


def last_full_period(calendar: Calendar, period: Period, context: Context) -> Period:
    """The last period of the same grain that is over, and lies before this one."""
    running = calendar.containing(calendar.local_day(context.now), period.grain)
    return calendar.previous(min(period, running, key=lambda one: one.start))


def read_last(
    engine: Engine, kpi: Kpi, scopes: Collection[Scope], period: Period, context: Context
) -> Mapping[Scope, Decimal]:
    """What each of the scopes achieved in the period; what is not there, or below zero, is 0."""
    asked = [Request(kpi, scope, period) for scope in scopes]
    readings = read(engine, asked, context)
    return {reading.scope: max(reading.value or Decimal(0), Decimal(0)) for reading in readings}


def find_far_beyond(
    engine: Engine, kpi: Kpi, wanted: Collection[tuple[Scope, Period, Decimal]], context: Context
) -> list[FarBeyond]:
    """Those of the targets that are more than one and a half times as good as the best of the last eight full periods
    before them, of their scope and grain; none where no such period has a value. Where neither more nor less is
    better, more counts as good."""
    calendar = context.calendar
    last = {(scope, period): last_full_period(calendar, period, context) for scope, period, _ in wanted}
    requests = [
        Request(kpi, scope, before, trend=(*calendar.preceding(before, PERIODS - 1), before))
        for scope, before in dict.fromkeys((scope, before) for (scope, _), before in last.items())
    ]
    bests = {
        (reading.scope, reading.period): best_of((figure.value for figure in reading.trend), kpi.better)
        for reading in read(engine, requests, context)
    }
    held = ((scope, period, value, bests[scope, last[scope, period]]) for scope, period, value in wanted)
    return [
        FarBeyond(scope, period, value, best)
        for scope, period, value, best in held
        if best is not None and is_far_beyond(value, best, kpi.better)
    ]


def read_suggestions(engine: Engine, kpi: Kpi, reps: Sequence[Scope], context: Context) -> list[Suggestion]:
    """A weekly target on the KPI for each of the reps, from the last 13 full weeks."""
    weeks = context.calendar.trend(Grain.WEEK, WEEKS, context.now)
    kpis = (context.catalogue[_WON], kpi)
    readings = read(engine, [Request(one, rep, weeks[-1], trend=weeks) for rep in reps for one in kpis], context)
    return [
        suggest([int(number) for number in _numbers(won)], _numbers(done))
        for won, done in zip(readings[::2], readings[1::2], strict=True)
    ]


def _numbers(reading: Reading) -> list[Decimal]:
    return [figure.value or Decimal(0) for figure in reading.trend]
