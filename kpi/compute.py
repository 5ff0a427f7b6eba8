"""Questions to answers: what is asked is planned, read in one query per relation, and put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kpi import relations
from kpi.breakdown import groups_by
from kpi.cells import Cells, Members, has_dimension, read_cells
from kpi.engines.base import Engine
from kpi.evaluate import NOT_BEGUN, Value, against_target, evaluate, mean, pace, wilson_interval
from kpi.model import Doubt, Figure, Line, Ratio, Reading, Request, Scope, TargetReading, Total
from kpi.periods import Period
from kpi.plan import Context, Plan
from kpi.scopes import NONE
from kpi.sql import Window
from kpi.targets import YES_NO, Targets, read_targets


def read(engine: Engine, requests: Sequence[Request], context: Context) -> list[Reading]:
    """The answers, in the order of the requests, all from the snapshot that the engine reads."""
    plans = [Plan(request, context) for request in requests]
    cells = read_cells(engine, (cell for plan in plans for cell in plan.cells()), _members_of(plans))
    data = _Data(
        cells=cells,
        supplied=read_supplied(engine),
        targets=read_targets(engine, context.directory, {plan.base.id for plan in plans}),
        holidays=read_holidays(engine),
        as_of=engine.as_of(),
    )
    return [_Answer(plan, data, context).reading() for plan in plans]


@dataclass(frozen=True, slots=True)
class _Data:
    cells: Cells
    supplied: Mapping[str, int]
    targets: Targets
    holidays: frozenset[date]
    as_of: datetime | None


class _Answer:
    """One answer, put together from what was read."""

    def __init__(self, plan: Plan, data: _Data, context: Context) -> None:
        self._plan, self._data, self._context = plan, data, context
        self._missing = missing_input(plan.needs, data.supplied)

    def reading(self) -> Reading:
        plan, request = self._plan, self._plan.request
        asked = self._value(request.period, plan.window(request.period), request.scope, self._plan.members)
        return Reading(
            kpi=request.kpi.id,
            name=request.kpi.name,
            variant=request.variant,
            unit=plan.unit,
            better=request.kpi.better,
            currency=self._context.currency,
            scope=request.scope,
            period=request.period,
            value=asked.value,
            numerator=asked.numerator,
            denominator=asked.denominator,
            records=asked.records,
            reason=asked.reason,
            interval=self._interval(asked),
            previous=self._figure(plan.previous, plan.window(plan.previous)),
            previous_to_date=self._figure(plan.previous, plan.like_window) if plan.is_running else None,
            benchmark=self._benchmark(),
            target=self._target(asked),
            as_of=self._data.as_of,
            now=self._context.now,
            extras={} if asked.value is None else self._extras(),
            by=tuple(self._lines()),
            trend=tuple(self._figure(period, plan.window(period)) for period in request.trend),
            notes=tuple(self._notes()),
        )

    def _value(self, period: Period, window: Window, scope: Scope | None, members: Members) -> Value:
        """The value over these members; ``scope`` is whose target counts."""
        if self._missing:
            return Value(None, reason=f"missing_input: {self._missing}")
        if not self._has_begun(period):
            return Value(None, reason=NOT_BEGUN)
        actual = evaluate(
            self._plan.formula,
            lambda name: self._data.cells.total(self._plan.measure(name), window, members),
        )
        return self._held_against_target(actual, scope, period) if self._plan.against_target else actual

    def _has_begun(self, period: Period) -> bool:
        return self._context.calendar.has_begun(period, self._context.now)

    def _held_against_target(self, actual: Value, scope: Scope | None, period: Period) -> Value:
        target = self._data.targets.find(self._plan.base.id, scope, period.key) if scope else None
        return against_target(actual, target.value if target and target.kind != YES_NO else None)

    def _figure(self, period: Period, window: Window) -> Figure:
        value = self._value(period, window, self._plan.scope, self._plan.members)
        return Figure(period, value.value, value.numerator, value.denominator, value.records, value.reason)

    def _interval(self, value: Value) -> tuple[Decimal, Decimal] | None:
        formula = self._plan.formula
        if not (isinstance(formula, Ratio) and formula.counts) or self._plan.against_target or value.value is None:
            return None
        return wilson_interval(value.numerator or Decimal(0), value.denominator or Decimal(0))

    def _benchmark(self) -> Decimal | None:
        values = [
            figure.value
            for figure in (self._figure(period, self._plan.window(period)) for period in self._plan.benchmarks)
            if figure.value is not None
        ]
        return mean(values)

    def _target(self, asked: Value) -> TargetReading | None:
        plan, period = self._plan, self._plan.request.period
        if plan.request.variant and not plan.against_target:
            return None  # targets are on a KPI's own formula
        target = self._data.targets.find(plan.base.id, plan.scope, period.key)
        if target is None:
            return None
        if target.kind == YES_NO or asked.reason == NOT_BEGUN or self._missing:
            return TargetReading(target.value, None, None)
        actual = asked.numerator if plan.against_target else asked.value
        attainment = asked.value if plan.against_target else against_target(asked, target.value).value
        return TargetReading(target.value, attainment, self._pace(actual, target.value))

    def _pace(self, actual: Decimal | None, target: Decimal) -> Decimal | None:
        """Held against the elapsed part of the target: for what adds up over days."""
        if actual is None or not isinstance(self._plan.formula, Total):
            return None
        calendar, period, holidays = self._context.calendar, self._plan.request.period, self._data.holidays
        elapsed = calendar.elapsed_business_days(period, self._context.now, holidays)
        return pace(actual, target, elapsed, calendar.business_days(period.first_day, period.last_day, holidays))

    def _extras(self) -> Mapping[str, Decimal]:
        window = self._plan.window(self._plan.request.period)
        return {
            name: self._data.cells.total(self._plan.measure(name), window, self._plan.members)
            for name in self._plan.extras
        }

    def _lines(self) -> Iterator[Line]:
        by = self._plan.request.by
        if by is None or self._missing or not self._has_begun(self._plan.request.period):
            return
        yield from self._lines_of_groups(by) if by in ("rep", "team") else self._lines_of_values(by)

    def _lines_of_groups(self, by: str) -> Iterator[Line]:
        period = self._plan.request.period
        window = self._plan.window(period)
        for group in groups_by(by, self._plan.scope, self._context.directory):
            value = self._value(period, window, group.scope, group.members)
            if group.stands_empty or value.records:
                yield _line(by, group.key, group.name, value)

    def _lines_of_values(self, by: str) -> Iterator[Line]:
        plan, cells = self._plan, self._data.cells
        window = plan.window(plan.request.period)
        sums: dict[str, Mapping[str, Decimal]] = {}
        for name in plan.formula_measures():
            if has_dimension(plan.measure(name), by):
                sums[name] = cells.by_value(plan.measure(name), window, by, self._plan.members)
        keys = {key for values in sums.values() for key in values}

        def valued(key: str) -> Line:
            def summed(name: str) -> Decimal:
                if name in sums:
                    return sums[name].get(key, Decimal(0))
                return cells.total(plan.measure(name), window, plan.members)

            return _line(by, key, key, evaluate(plan.formula, summed))

        lines = [valued(key) for key in keys]
        yield from sorted(lines, key=lambda line: (line.key == NONE, -line.records, line.name))

    def _notes(self) -> Iterator[str]:
        plan = self._plan
        window = plan.window(plan.request.period)
        for doubt in plan.doubts:
            if doubt.by:
                counts = self._data.cells.by_value(doubt.measure, window, doubt.by, self._plan.members)
                for key in sorted(counts):
                    yield _worded(doubt, int(counts[key]), key)
            elif count := int(self._data.cells.total(doubt.measure, window, self._plan.members)):
                yield _worded(doubt, count, "")
        by = plan.request.by
        origin = relations.BY_NAME[plan.measure(plan.formula.records).relation].dimensions.get(by or "")
        if origin and not self._data.supplied.get(origin):
            yield f"{origin} was never supplied, so that nothing can be broken down by {by}"
        if plan.against_target and not self._missing:
            yield from self._target_note()

    def _target_note(self) -> Iterator[str]:
        target = self._data.targets.find(self._plan.base.id, self._plan.scope, self._plan.request.period.key)
        if target is None:
            yield (
                f"There is no target on {self._plan.base.id} for {self._plan.scope.name} "
                f"in {self._plan.request.period.key}"
            )
        elif target.kind == YES_NO:
            yield f"The target on {self._plan.base.id} is a yes or no, which has no attainment"


def _line(dimension: str, key: str, name: str, value: Value) -> Line:
    return Line(dimension, key, name, value.value, value.numerator, value.denominator, value.records, value.reason)


def _worded(doubt: Doubt, count: int, key: str) -> str:
    return doubt.one.format(key=key) if count == 1 else doubt.text.format(n=f"{count:,}", key=key)


def missing_input(needs: Sequence[str], supplied: Mapping[str, int]) -> str | None:
    """The first need that nothing supplies: the table, where that is empty, else the column."""
    for need in needs:
        inputs = need.split("|")
        if not any(supplied.get(one, 0) for one in inputs):
            table = inputs[0].partition(".")[0]
            return inputs[0] if supplied.get(table, 0) else table
    return None


def read_holidays(engine: Engine) -> frozenset[date]:
    """The days on which nobody is expected to work."""
    return frozenset(day for (day,) in engine.run("select date from holidays"))


def read_supplied(engine: Engine) -> Mapping[str, int]:
    """How many rows fill each ``table.column``, and how many rows each ``table`` has."""
    return {
        f"{table}.{column}" if column else table: filled
        for table, column, filled in engine.run("select table_name, column_name, filled from supplied")
    }


def _members_of(plans: Sequence[Plan]) -> Members:
    """The reps that all plans together read; None where one reads everybody."""
    members = [plan.members for plan in plans]
    if None in members:
        return None
    return frozenset().union(*(some for some in members if some is not None))
