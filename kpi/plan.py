"""What a question needs: the definition that answers it, the spans of time it is read for, and the cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from kpi.cells import Members, cell_of, column_cell, has_dimension
from kpi.formulas import AgainstTarget, Formula, Number, Ratio
from kpi.model import Better, Doubt, Extra, Filter, Kpi, Measure, Request, Scope, ScopeType, Unit, Variant
from kpi.periods import Calendar, Period
from kpi.scopes import UNASSIGNED, Directory
from kpi.spans import Clock, Span, elapsed
from kpi.sql import Cell
from kpi.targets import StatedTarget

PEOPLE = ("rep", "team")  # the dimensions that are told by who owns a record


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer depends on beside the data: the KPIs there are, the organisation's calendar and currency, who is
    there, and the clock of the question (an aware instant; what happens at it or later does not count yet).

    ``smallest_ranked``: figures on fewer records are not put in order. ``stale_after``: how old a sync may be before
    answers say so (None: never). ``stated`` are the targets that stand in no source.
    """

    catalogue: Mapping[str, Kpi]
    calendar: Calendar
    currency: str
    directory: Directory
    now: datetime
    smallest_ranked: int = 5
    stale_after: timedelta | None = None
    stated: Sequence[StatedTarget] = ()


@dataclass(frozen=True)
class Definition:
    """A KPI or one of its variants, with what stands behind it. ``held_against``: the KPI whose target it is divided
    by, where it is the attainment of one."""

    kpi: Kpi
    variant: Variant | None
    formula: Formula
    measures: Mapping[str, Measure]
    unit: Unit
    better: Better
    needs: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    extras: Mapping[str, Extra]
    held_against: Kpi | None

    @property
    def target_kpi(self) -> str:
        """The id of the KPI whose targets matter."""
        return self.held_against.id if self.held_against else self.kpi.id

    @cached_property
    def is_maturing(self) -> bool:
        return isinstance(self.formula, Ratio) and self.formula.is_maturing

    def reads(self, formula: Formula, span: Span) -> Iterable[tuple[str, Span, bool]]:
        """What a formula reads: measures, spans, and whether of the whole scope; found by a trial."""
        found: dict[tuple[str, Span, bool], None] = {}

        def note(measure: str, at: Span, *, whole: bool = False) -> Number:
            found[measure, at, whole] = None
            return 1

        formula.value(span, note)
        return found


def define(kpi: Kpi, variant_name: str | None, catalogue: Mapping[str, Kpi]) -> Definition:
    """The definition of a KPI's variant (None: its own). KeyError for a variant it does not have."""
    variant = kpi.variant(variant_name)
    value = variant.value if variant else kpi.value
    needs = variant.needs if variant else kpi.needs
    unit = variant.unit if variant else kpi.unit
    if isinstance(value, AgainstTarget):
        base = catalogue[value.kpi]
        if isinstance(base.value, AgainstTarget):
            raise TypeError(f"{base.id} is itself held against a target")
        needs = (*base.needs, *needs)
        return Definition(kpi, variant, base.value, base.measures, unit, kpi.better, needs, base.doubts, {}, base)
    return Definition(
        kpi=kpi,
        variant=variant,
        formula=value,
        measures=kpi.measures,
        unit=unit,
        better=(variant.better if variant else None) or kpi.better,
        needs=needs,
        doubts=kpi.doubts if variant is None or variant.doubts is None else variant.doubts,
        extras=kpi.extras if variant is None or variant.extras is None else variant.extras,
        held_against=None,
    )


class Plan:
    """What one request needs. ``variant`` is the one that stands, which may be another than was asked for."""

    def __init__(self, request: Request, context: Context, clock: Clock, variant: str | None) -> None:
        self.request, self.scope, self.variant = request, request.scope, variant
        self.definition = define(request.kpi, variant, context.catalogue)
        self.filters = tuple(each for each in request.where if each.dimension not in PEOPLE)
        self._only = tuple(each for each in request.where if each.dimension in PEOPLE)
        self._directory, self._clock = context.directory, clock
        self.members = self.narrowed(
            None
            if request.scope.type is ScopeType.COMPANY
            else frozenset[str | None](context.directory.members(request.scope))
        )
        self.asked = elapsed(request.period, clock)
        self.is_running = clock.calendar.is_running(request.period, clock.now)
        self.values_by = tuple(each for each in request.by if each not in PEOPLE)

    def narrowed(self, members: Members) -> Members:
        """These reps, as far as the filters by rep and team leave them in."""
        for each in self._only:
            chosen = self._chosen(each)
            everybody = frozenset[str | None]({*self._directory.reps, None})
            if each.excluded:
                chosen = everybody - chosen
            members = chosen if members is None else members & chosen
        return members

    def _chosen(self, only: Filter) -> frozenset[str | None]:
        found: set[str | None] = set()
        for value in only.values:
            if value == UNASSIGNED:
                found.add(None)
            else:
                found |= self._directory.members(Scope(ScopeType(only.dimension), value))
        return frozenset(found)

    @cached_property
    def previous(self) -> Span:
        """The whole period before; what is maturing as it was at the age that the asked period has now."""
        calendar, period, now = self._clock.calendar, self.request.period, self._clock.now
        span = elapsed(calendar.previous(period), self._clock)
        if not self.definition.is_maturing or self.is_running:
            return span
        return Span(span.period, span.until, min(now, calendar.same_age(period, now, span.period)), self._clock)

    @cached_property
    def like_part(self) -> Span | None:
        """The part of the period before that is like the elapsed part of a running one."""
        return self._like_part_of(self.previous.period) if self.is_running else None

    def _like_part_of(self, period: Period) -> Span:
        until = self._clock.calendar.like_part_end(self.request.period, self._clock.now, period)
        known_at = until if self.definition.is_maturing else self._clock.now
        return Span(period, until, known_at, self._clock)

    @cached_property
    def versus(self) -> Span | None:
        """The period to compare with: its like part, where the asked one runs and is of the same kind."""
        other = self.request.versus
        if other is None:
            return None
        if self.is_running and other.grain is self.request.period.grain and other.end <= self._clock.now:
            return self._like_part_of(other)
        return elapsed(other, self._clock)

    @cached_property
    def benchmarks(self) -> tuple[Span, ...]:
        count = self.request.kpi.benchmark_periods
        before = self._clock.calendar.preceding(self.request.period, count) if count else ()
        return tuple(elapsed(period, self._clock) for period in before)

    @cached_property
    def trend(self) -> tuple[Span, ...]:
        return tuple(elapsed(period, self._clock) for period in self.request.trend)

    def spans(self) -> Iterator[Span]:
        """Those that the KPI's own formula is computed for."""
        yield self.asked
        yield self.previous
        yield from (span for span in (self.like_part, self.versus) if span)
        yield from self.benchmarks
        yield from self.trend

    def cell(self, measure: str, span: Span, *, by: Sequence[str] = (), whole: bool = False) -> Cell:
        """The cell that answers for a measure of the definition; ``whole``: without filters by a dimension's value."""
        return cell_of(self.definition.measures[measure], span.window, by, () if whole else self.filters)

    def doubt_cell(self, doubt: Doubt) -> Cell:
        if doubt.by:
            return column_cell(doubt.measure, self.asked.window, doubt.by, self.filters)
        return cell_of(doubt.measure, self.asked.window, (), self.filters)

    def cells(self) -> Iterator[Cell]:
        """Everything this request reads."""
        definition = self.definition
        for span in self.spans():
            yield from self._cells(definition.formula, span)
        for extra in definition.extras.values():
            yield from self._cells(extra.value, self.asked)
        yield from (self.doubt_cell(doubt) for doubt in definition.doubts)
        if self.values_by:
            for formula in (definition.formula, *self.line_extras().values()):
                yield from self._cells(formula, self.asked, self.values_by)

    def line_extras(self) -> Mapping[str, Formula]:
        """What is told beside each line."""
        extras = self.definition.extras
        return {name: extras[name].value for name in self.request.kpi.line_extras if name in extras}

    def _cells(self, formula: Formula, span: Span, by: Sequence[str] = ()) -> Iterator[Cell]:
        for measure, at, whole in self.definition.reads(formula, span):
            yield self.cell(measure, at, by=() if whole else by, whole=whole)

    def dimension_measure(self, dimension: str) -> Measure | None:
        """A measure of the formula whose records carry the dimension."""
        reads = self.definition.reads(self.definition.formula, self.asked)
        measures = (self.definition.measures[name] for name, _, _ in reads)
        return next((measure for measure in measures if has_dimension(measure, dimension)), None)
