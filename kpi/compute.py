"""Questions to answers: what is asked is planned, read in one query per relation, and put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from kpi import relations
from kpi.breakdown import OTHER, Group, Place, groups_of, places_of
from kpi.cells import Cells, Members, Values, read_cells
from kpi.engines.base import Engine
from kpi.evaluate import (
    NOT_APPLICABLE,
    NOT_BEGUN,
    Value,
    against_target,
    is_chance,
    mean,
    pace,
    wilson_interval,
)
from kpi.formulas import Formula, Number, Ratio
from kpi.inputs import missing_input, read_holidays, read_supplied, standing_variant
from kpi.model import (
    Amount,
    Better,
    Doubt,
    Figure,
    Filter,
    Key,
    Line,
    Reading,
    Request,
    Scope,
    TargetReading,
    is_additive,
)
from kpi.plan import PEOPLE, Context, Plan
from kpi.quality import worded
from kpi.scopes import NONE
from kpi.spans import Clock, Span
from kpi.targets import YES_NO, Target, Targets, read_targets


def read(engine: Engine, requests: Sequence[Request], context: Context) -> list[Reading]:
    """The answers, in the order of the requests, all from the snapshot that the engine reads."""
    if not requests:
        return []
    supplied = read_supplied(engine, context.stated)
    clock = Clock(context.calendar, context.now, read_holidays(engine))
    plans = [
        Plan(request, context, clock, standing_variant(request.kpi, request.variant, supplied)) for request in requests
    ]
    groups = [groups_of(plan, context.directory) for plan in plans]
    cells = read_cells(
        engine,
        dict.fromkeys(cell for plan in plans for cell in plan.cells()),
        members=_members_of(plans),
        groups=dict.fromkeys([*(p.members for p in plans), *(group.members for each in groups for group in each)]),
        currency=context.currency,
    )
    data = _Data(
        cells=cells,
        supplied=supplied,
        targets=read_targets(
            engine,
            context.directory,
            {plan.definition.target_kpi for plan in plans},
            stated=context.stated,
            periods={span.period.key for plan in plans for span in plan.spans()},
        ),
        campaigns=_read_campaigns(engine, plans),
        as_of=engine.as_of(),
    )
    readings = [_Answer(plan, own, data, context).reading() for plan, own in zip(plans, groups, strict=True)]
    _with_others(engine, readings, requests, context)
    return readings


@dataclass(frozen=True, slots=True)
class _Data:
    cells: Cells
    supplied: Mapping[str, int]
    targets: Targets
    campaigns: Mapping[str, str]
    as_of: datetime | None


class _Answer:
    """One answer, put together from what was read."""

    def __init__(self, plan: Plan, groups: Sequence[Group], data: _Data, context: Context) -> None:
        self._plan, self._groups, self._data, self._context = plan, groups, data, context
        self._missing = missing_input(plan.definition.needs, data.supplied)

    def reading(self) -> Reading:
        plan, request, definition = self._plan, self._plan.request, self._plan.definition
        asked = self._value(plan.asked, request.scope, plan.members)
        previous = self._figure(plan.previous)
        like_part = self._figure(plan.like_part) if plan.like_part else None
        return Reading(
            kpi=request.kpi.id,
            name=request.kpi.name,
            variant=plan.variant,
            unit=definition.unit,
            better=definition.better,
            currency=self._context.currency,
            scope=request.scope,
            period=request.period,
            value=asked.value,
            numerator=asked.numerator,
            denominator=asked.denominator,
            records=asked.records,
            reason=asked.reason,
            interval=self._interval(asked),
            previous=previous,
            previous_to_date=like_part,
            benchmark=self._benchmark(),
            target=self._target(asked),
            as_of=self._data.as_of,
            now=self._context.now,
            extras={} if asked.reason in (NOT_APPLICABLE, NOT_BEGUN) or self._missing else self._extras(),
            by=tuple(self._lines()),
            trend=tuple(self._figure(span) for span in plan.trend),
            versus=self._figure(plan.versus) if plan.versus else None,
            notes=tuple(self._notes()),
            where=request.where,
            is_maturing=definition.is_maturing,
            is_noise=self._is_noise(asked, like_part or previous),
        )

    def _value(self, span: Span, scope: Scope | None, members: Members) -> Value:
        """The value over these members; ``scope`` is whose target counts."""
        reason = self._reason(span)
        if reason:
            return Value(None, reason=reason)
        actual = self._computed(self._plan.definition.formula, span, members)
        return self._held_against_target(actual, scope, span) if self._plan.definition.held_against else actual

    def _reason(self, span: Span) -> str | None:
        """Why there is no value, whatever the records are."""
        if self._plan.scope.type not in self._plan.request.kpi.scopes:
            return NOT_APPLICABLE
        if self._missing:
            return f"missing_input: {self._missing}"
        return None if self._context.calendar.has_begun(span.period, self._context.now) else NOT_BEGUN

    def _computed(self, formula: Formula, span: Span, members: Members, values: Values | None = None) -> Value:
        """A formula over these members; with ``values``, in the line of these values of the dimensions."""
        plan, cells = self._plan, self._data.cells

        def number(measure: str, at: Span, *, whole: bool = False) -> Number:
            by = () if values is None or whole else plan.values_by
            cell = plan.cell(measure, at, by=by, whole=whole)
            if not cell.by:
                return cells.number(cell, members)
            of_line = dict(zip(plan.values_by, values or (), strict=True))
            return cells.number(cell, members, tuple(of_line[dimension] for dimension in cell.by))

        return formula.value(span, number)

    def _held_against_target(self, actual: Value, scope: Scope | None, span: Span) -> Value:
        target = self._find_target(scope, span)
        return against_target(actual, target.value if target and target.kind != YES_NO else None)

    def _find_target(self, scope: Scope | None, span: Span) -> Target | None:
        return self._data.targets.find(self._plan.definition.target_kpi, scope, span.period.key) if scope else None

    def _figure(self, span: Span) -> Figure:
        value = self._value(span, self._plan.scope, self._plan.members)
        return Figure(span.period, value.value, value.numerator, value.denominator, value.records, value.reason)

    def _interval(self, value: Value) -> tuple[Decimal, Decimal] | None:
        if not self._counts_records or value.value is None:
            return None
        return wilson_interval(value.numerator or Decimal(0), value.denominator or Decimal(0))

    @property
    def _counts_records(self) -> bool:
        """Whether the value is a share of records, which chance alone can move."""
        formula = self._plan.definition.formula
        return isinstance(formula, Ratio) and formula.counts and not self._plan.definition.held_against

    def _is_noise(self, asked: Value, before: Figure) -> bool | None:
        if not self._counts_records or asked.value is None or before.value is None:
            return None
        return is_chance(
            (asked.numerator or Decimal(0), asked.denominator or Decimal(0)),
            (before.numerator or Decimal(0), before.denominator or Decimal(0)),
        )

    def _benchmark(self) -> Decimal | None:
        figures = (self._figure(span) for span in self._plan.benchmarks)
        return mean([figure.value for figure in figures if figure.value is not None])

    def _target(self, asked: Value) -> TargetReading | None:
        plan, definition = self._plan, self._plan.definition
        if (definition.variant and not definition.held_against) or plan.request.where:
            return None  # targets are on a KPI's own formula, and on all its records
        target = self._find_target(plan.scope, plan.asked)
        if target is None:
            return None
        if target.kind == YES_NO or self._reason(plan.asked):
            return TargetReading(target.value, None, None)
        actual = asked.numerator if definition.held_against else asked.value
        attainment = asked.value if definition.held_against else against_target(asked, target.value).value
        return TargetReading(target.value, attainment, self._pace(actual, target.value))

    def _pace(self, actual: Decimal | None, target: Decimal) -> Decimal | None:
        """Held against the elapsed part of the target: for what adds up over days."""
        definition, asked = self._plan.definition, self._plan.asked
        if actual is None or not is_additive(definition.formula, definition.measures):
            return None
        return pace(actual, target, asked.elapsed_business_days, asked.business_days)

    def _extras(self) -> Mapping[str, Amount]:
        plan = self._plan
        return {
            name: Amount(self._computed(extra.value, plan.asked, plan.members).value, extra.unit)
            for name, extra in plan.definition.extras.items()
        }

    def _lines(self) -> Iterator[Line]:
        plan = self._plan
        if not plan.request.by or self._reason(plan.asked):
            return
        lines = [self._line(place) for place in places_of(plan, self._groups, self._data.cells)]
        told = [line for place, line in lines if place.group.stands_empty or place.values or line.records]
        if plan.values_by:  # people stand in their own order, values by how much there is of each
            order = {group.keys: n for n, group in enumerate(self._groups)}
            people = {id(line): order[place.group.keys] for place, line in lines}
            told.sort(key=lambda line: (people[id(line)], line.key.key == NONE, -line.records, line.key.name))
        yield from told

    def _line(self, place: Place) -> tuple[Place, Line]:
        plan, group = self._plan, place.group
        if place.values is None:
            value = self._value(plan.asked, group.scope, group.members)
        else:
            value = self._computed(plan.definition.formula, plan.asked, group.members, place.values)
        line = Line(
            key=self._named(place.keys[0]),
            second=self._named(place.keys[1]) if len(place.keys) > 1 else None,
            value=value.value,
            numerator=value.numerator,
            denominator=value.denominator,
            records=value.records,
            reason=value.reason,
            interval=self._interval(value),
            is_small=self._counts_records and (value.denominator or 0) < self._context.smallest_ranked,
            extras=self._line_extras(place),
        )
        return place, line

    def _line_extras(self, place: Place) -> Mapping[str, Amount]:
        plan = self._plan
        return {
            name: Amount(
                self._computed(formula, plan.asked, place.group.members, place.values).value,
                plan.definition.extras[name].unit,
            )
            for name, formula in plan.line_extras().items()
        }

    def _named(self, key: Key) -> Key:
        """A campaign by its name; all other values are their own."""
        if key.dimension != "campaign":
            return key
        return replace(key, name=self._data.campaigns.get(key.key, key.name))

    def _notes(self) -> Iterator[str]:
        plan, data = self._plan, self._data
        for kpi in (plan.request.kpi, plan.definition.held_against):
            if kpi and kpi.redefined:
                yield f"{kpi.id} is defined by this company's configuration, not by Scoreline"
        if plan.variant != plan.request.variant and plan.request.kpi.without:
            yield f"Without {plan.request.kpi.without[0]} this is {plan.request.kpi.id} {plan.variant}"
        for doubt in plan.definition.doubts:
            yield from self._doubted(doubt)
        for by in plan.request.by:
            measure = plan.dimension_measure(by)
            origin = relations.BY_NAME[measure.relation].dimensions[by] if measure else None
            if origin and missing_input((origin,), data.supplied):
                named = origin.replace("|", " or ")
                yield f"{named} was never supplied, so that nothing can be broken down by {by}"
        if plan.definition.held_against and not self._missing:
            yield from self._target_note()
        age = self._context.now - data.as_of if data.as_of else None
        if age is not None and self._context.stale_after is not None and age > self._context.stale_after:
            yield f"The last complete sync is {_days(age)} old"

    def _doubted(self, doubt: Doubt) -> Iterator[str]:
        """What a doubt says, where there is any."""
        plan = self._plan
        yield from worded(doubt, self._data.cells, plan.doubt_cell(doubt), plan.asked.window, plan.members)

    def _target_note(self) -> Iterator[str]:
        plan, definition = self._plan, self._plan.definition
        target = self._find_target(plan.scope, plan.asked)
        if target is None:
            yield f"There is no target on {definition.target_kpi} for {plan.scope.name} in {plan.request.period.key}"
        elif target.kind == YES_NO:
            yield f"The target on {definition.target_kpi} is a yes or no, which has no attainment"


def _with_others(engine: Engine, readings: list[Reading], requests: Sequence[Request], context: Context) -> None:
    """Folds, where only the top lines were asked for, the others into one; they are read together as one."""
    folded = {n: _fold(request, readings[n]) for n, request in enumerate(requests) if request.top is not None}
    asked = {n: others for n, (_, others) in folded.items() if others}
    read_others = dict(zip(asked, read(engine, list(asked.values()), context), strict=True))
    for n, (top, _) in folded.items():
        if n in read_others:
            rest = read_others[n]
            key = Key(requests[n].by[0], OTHER, OTHER)
            values = (rest.value, rest.numerator, rest.denominator, rest.records, rest.reason)
            extras = {name: rest.extras[name] for name in requests[n].kpi.line_extras if name in rest.extras}
            readings[n] = replace(readings[n], by=(*top, Line(key, *values, interval=rest.interval, extras=extras)))


def _fold(request: Request, reading: Reading) -> tuple[Sequence[Line], Request | None]:
    """The top lines, best first, and the request for all others together. Lines of nobody in particular are never among
    the top; those on too few records are not put in order by their value, and only fill up what is left of it."""
    if request.top is None or len(reading.by) <= request.top:
        return reading.by, None
    own = [line for line in reading.by if line.value is not None and not _is_nobodys(line)]
    ranked = sorted(
        (line for line in own if not line.is_small),
        key=lambda line: line.value or 0,
        reverse=reading.better is not Better.DOWN,
    )
    small = sorted((line for line in own if line.is_small), key=lambda line: -line.records)
    top = [*ranked, *small][: request.top]
    those = Filter(request.by[0], tuple(line.key.key for line in top), excluded=True, exact=True)
    others = replace(request, by=(), top=None, trend=(), versus=None, where=(*request.where, those))
    return top, others


def _is_nobodys(line: Line) -> bool:
    return line.key.dimension in PEOPLE and line.key.key.startswith("(")


def _days(age: timedelta) -> str:
    days = age // timedelta(days=1)
    return "1 day" if days == 1 else f"{days} days" if days else f"{age // timedelta(hours=1)} hours"


def _read_campaigns(engine: Engine, plans: Sequence[Plan]) -> Mapping[str, str]:
    """The names of campaigns by their ids, where lines stand for some."""
    if not any("campaign" in plan.request.by for plan in plans):
        return {}
    return dict(engine.run("select id, name from campaigns"))


def _members_of(plans: Sequence[Plan]) -> Members:
    """The reps that all plans together read; None where one reads everybody."""
    members = [plan.members for plan in plans]
    if None in members:
        return None
    return frozenset().union(*(some for some in members if some is not None))
