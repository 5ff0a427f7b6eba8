"""What a question needs: the KPI whose measures are read, the formula over them, and the windows of time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from kpi.cells import Members, cell_of, has_dimension
from kpi.model import AgainstTarget, Doubt, Kpi, Measure, Ratio, Request, ScopeType, Total
from kpi.periods import Calendar, Period
from kpi.scopes import Directory
from kpi.sql import Cell, Window


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer depends on beside the data: the KPIs there are, the organisation's calendar and currency, who is
    there, and the clock of the question (an aware instant; what happens at it or later does not count yet)."""

    catalogue: Mapping[str, Kpi]
    calendar: Calendar
    currency: str
    directory: Directory
    now: datetime


class Plan:
    """What a request needs: the KPI whose measures are read, the formula over them, and the windows of time."""

    def __init__(self, request: Request, context: Context) -> None:
        kpi, variant = request.kpi, request.kpi.variant(request.variant)
        value = variant.value if variant else kpi.value
        self.request = request
        self.scope = request.scope
        self.members: Members = (
            None
            if request.scope.type is ScopeType.COMPANY
            else frozenset[str | None](context.directory.members(request.scope))
        )
        self.unit = variant.unit if variant else kpi.unit
        self.against_target = isinstance(value, AgainstTarget)
        self.base = context.catalogue[value.kpi] if isinstance(value, AgainstTarget) else kpi
        self.formula = _own_formula(self.base) if isinstance(value, AgainstTarget) else value
        own_needs = variant.needs if variant else kpi.needs
        self.needs = (*self.base.needs, *own_needs) if self.against_target else own_needs
        self.doubts: tuple[Doubt, ...] = (*self.base.doubts, *(variant.doubts if variant else ()))
        self.extras = () if self.against_target else self.base.extras
        self._calendar, self._now = context.calendar, context.now

        period = request.period
        self.previous = context.calendar.previous(period)
        self.is_running = context.calendar.is_running(period, context.now)
        self.benchmarks = context.calendar.preceding(period, kpi.benchmark_periods) if kpi.benchmark_periods else ()

    def window(self, period: Period) -> Window:
        """The part of a period that has elapsed; an empty one before it begins."""
        return Window(period.start, max(period.start, self._calendar.elapsed_until(period, self._now)))

    @cached_property
    def like_window(self) -> Window:
        """The part of the previous period that is like the elapsed part of this one."""
        return Window(self.previous.start, self._calendar.like_part_end(self.request.period, self._now))

    def windows(self) -> Iterator[Window]:
        for period in (self.request.period, self.previous, *self.benchmarks, *self.request.trend):
            yield self.window(period)
        if self.is_running:
            yield self.like_window

    def measure(self, name: str) -> Measure:
        return self.base.measures[name]

    def formula_measures(self) -> tuple[str, ...]:
        if isinstance(self.formula, Total):
            return (self.formula.measure, self.formula.records)
        return (self.formula.numerator, self.formula.denominator, self.formula.records)

    def cells(self) -> Iterator[Cell]:
        """Everything this request reads."""
        measures = [self.measure(name) for name in self.formula_measures()]
        for window in self.windows():
            yield from (cell_of(measure, window) for measure in measures)
        asked = self.window(self.request.period)
        yield from (cell_of(self.measure(name), asked) for name in self.extras)
        yield from (cell_of(doubt.measure, asked, doubt.by) for doubt in self.doubts)
        by = self.request.by
        if by not in (None, "rep", "team"):
            yield from (cell_of(measure, asked, by) for measure in measures if has_dimension(measure, by))


def _own_formula(kpi: Kpi) -> Total | Ratio:
    if isinstance(kpi.value, AgainstTarget):
        raise TypeError(f"{kpi.id} is itself held against a target")
    return kpi.value
