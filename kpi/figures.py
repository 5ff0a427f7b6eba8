"""Figures in bulk: many KPIs of many scopes and periods at once, as the digests of a whole company need them. What
reps have is read once and summed up the teams; each figure is then one formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kpi.cells import Members, Rollup, cell_of, read_cells
from kpi.engines.base import Engine
from kpi.evaluate import NOT_APPLICABLE, NOT_BEGUN, Value, against_target
from kpi.formulas import Number
from kpi.inputs import missing_input, read_holidays, read_supplied, standing_variant
from kpi.model import Scope, ScopeType
from kpi.periods import Period
from kpi.plan import Context, Definition, define
from kpi.spans import Clock, Span, elapsed
from kpi.sql import Cell
from kpi.targets import YES_NO, Targets, read_targets

Numbers = Mapping[Cell, Sequence[Number]]  # of each scope, in their order


class FigureKey(NamedTuple):
    """Which figure: a KPI's id, the variant that was asked for, a period's key, and whose."""

    kpi: str
    variant: str | None
    period: str
    scope: Scope


class Figures(Mapping[FigureKey, Value]):
    """Values by ``FigureKey``, for which a plain tuple of the same does."""

    def __init__(self, scopes: Sequence[Scope], values: Mapping[tuple[str, str | None, str], Sequence[Value]]) -> None:
        self._positions = {scope: n for n, scope in enumerate(scopes)}
        self._values = values

    def __getitem__(self, key: tuple[str, str | None, str, Scope]) -> Value:
        kpi, variant, period, scope = key
        return self._values[kpi, variant, period][self._positions[scope]]

    def __iter__(self) -> Iterator[FigureKey]:
        return (FigureKey(*asked, scope) for asked in self._values for scope in self._positions)

    def __len__(self) -> int:
        return len(self._values) * len(self._positions)


def read_figures(
    engine: Engine,
    *,
    kpis: Sequence[tuple[str, str | None]],
    scopes: Sequence[Scope],
    periods: Sequence[Period],
    context: Context,
) -> Figures:
    """Every one of these KPIs (id and variant; None: its own) for every scope and period: the values that
    ``kpi.compute.read`` gives, without what it tells beside them. KeyError for a KPI or variant that there is not."""
    scopes = tuple(dict.fromkeys(scopes))
    asked = tuple(_plan(engine, kpis, periods, context))
    rollup = Rollup([_members(scope, context) for scope in scopes])
    cells = read_cells(
        engine,
        dict.fromkeys(cell for one in asked for cell in one.cells.values()),
        members=rollup.all_members,
        groups=dict.fromkeys(rollup.members),
        currency=context.currency,
    )
    numbers = {cell: rollup.numbers(cells, cell) for one in asked for cell in one.cells.values()}
    targets = read_targets(
        engine, context.directory, {one.definition.target_kpi for one in asked if one.definition.held_against}
    )
    return Figures(scopes, {one.key: list(_values(one, numbers, scopes, targets)) for one in asked})


@dataclass(frozen=True, slots=True)
class _Asked:
    """One KPI in one period. ``cells``: what its formula reads, by measure and span; ``reason``: why there is no value,
    whatever the records are."""

    key: tuple[str, str | None, str]
    definition: Definition
    span: Span
    cells: Mapping[tuple[str, Span], Cell]
    reason: str | None


def _plan(
    engine: Engine, kpis: Sequence[tuple[str, str | None]], periods: Sequence[Period], context: Context
) -> Iterator[_Asked]:
    supplied = read_supplied(engine)
    clock = Clock(context.calendar, context.now, read_holidays(engine))
    spans = [elapsed(period, clock) for period in dict.fromkeys(periods)]
    for kpi_id, variant in dict.fromkeys(kpis):
        kpi = context.catalogue[kpi_id]
        definition = define(kpi, standing_variant(kpi, variant, supplied), context.catalogue)
        missing = missing_input(definition.needs, supplied)
        for span in spans:
            reads = definition.reads(definition.formula, span)
            cells = {(name, at): cell_of(definition.measures[name], at.window) for name, at, _ in reads}
            has_begun = context.calendar.has_begun(span.period, context.now)
            reason = f"missing_input: {missing}" if missing else None if has_begun else NOT_BEGUN
            yield _Asked((kpi_id, variant, span.period.key), definition, span, {} if reason else cells, reason)


def _members(scope: Scope, context: Context) -> Members:
    return None if scope.type is ScopeType.COMPANY else frozenset[str | None](context.directory.members(scope))


def _values(asked: _Asked, numbers: Numbers, scopes: Sequence[Scope], targets: Targets) -> Iterator[Value]:
    definition, span = asked.definition, asked.span
    of_span = {name: numbers[cell] for (name, at), cell in asked.cells.items() if at == span}
    others = {key: numbers[cell] for key, cell in asked.cells.items()}

    def read(measure: str, at: Span, /, *, whole: bool = False) -> Number:  # noqa: ARG001 - a scope is whole
        # Nearly always it is this very span, whose hash would take longer than all the rest.
        return (of_span[measure] if at is span else others[measure, at])[position]

    for position, scope in enumerate(scopes):  # noqa: B007 - what `read` reads
        if scope.type not in definition.kpi.scopes:
            yield Value(None, reason=NOT_APPLICABLE)
        elif asked.reason:
            yield Value(None, reason=asked.reason)
        else:
            value = definition.formula.value(span, read)
            yield _against_target(value, asked, scope, targets) if definition.held_against else value


def _against_target(actual: Value, asked: _Asked, scope: Scope, targets: Targets) -> Value:
    target = targets.find(asked.definition.target_kpi, scope, asked.span.period.key)
    return against_target(actual, target.value if target and target.kind != YES_NO else None)
