"""What a formula reads, by names that people can ask for, and the formula with its numbers put in. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi.evaluate import EXACT
from kpi.explain.model import Equation, Term
from kpi.explain.rows import Listing
from kpi.formulas import Derived, Formula, Growth, Number, Ratio, Total
from kpi.model import HeldAt, Measure, Reading
from kpi.plan import Definition, Plan
from kpi.spans import Span
from kpi.sql import Cell

_MOST_TERMS = 8  # that one sentence tells
_BASE = 1009  # more than a formula reads one measure: sums of its powers tell what they are made of


@dataclass(frozen=True, slots=True)
class Part:
    """A number that a formula reads: its name (``won``, or ``won@2026-10`` where the measure is read several times),
    its measure, when, and the cell that holds it."""

    name: str
    measure: str
    span: Span
    cell: Cell


def parts_of(plan: Plan, formula: Formula) -> tuple[Part, ...]:
    """What a formula reads; the same cell once."""
    reads: dict[Cell, tuple[str, Span, bool]] = {}
    for measure, span, whole in plan.definition.reads(formula, plan.asked):
        reads.setdefault(plan.cell(measure, span, whole=whole), (measure, span, whole))
    often = [measure for measure, _, _ in reads.values()]
    return tuple(
        Part(_name(measure, span, whole=whole) if often.count(measure) > 1 else measure, measure, span, cell)
        for cell, (measure, span, whole) in reads.items()
    )


def _name(measure: str, span: Span, *, whole: bool) -> str:
    return f"{measure}@{span.period.key}{'-whole' if whole else ''}"


def listings_of(parts: Sequence[Part]) -> Mapping[str, Listing]:
    """The lists of records by name: of each part, and of each measure in all its windows."""
    cells: dict[str, list[Cell]] = {}
    for part in parts:
        cells.setdefault(part.measure, []).append(part.cell)
    whole = {measure: Listing(tuple(each)) for measure, each in cells.items()}
    return whole | {part.name: Listing((part.cell,)) for part in parts}


def extras_of(plan: Plan) -> Iterator[tuple[str, Part]]:
    """What the figures beside the value read first, by their own names, then all that they read."""
    for name, extra in plan.definition.extras.items():
        parts = parts_of(plan, extra.value)
        yield from ((name, part) for part in parts[:1])
        yield from ((part.name, part) for part in parts)


def counted_by(plan: Plan, parts: Sequence[Part]) -> str | None:
    """The name of the part whose records are those that the answer counts; None where nothing is read.

    Found by a trial: each number that is read is a power of its own, and the records of the value tell which it was.
    """
    if not parts:
        return None
    powers: dict[Cell, int] = {part.cell: _BASE ** (n + 1) for n, part in enumerate(parts)}

    def number(measure: str, at: Span, *, whole: bool = False) -> Number:
        return powers[plan.cell(measure, at, whole=whole)]

    records = plan.definition.formula.value(plan.asked, number).records
    for part in parts:
        if records == powers[part.cell]:
            return part.name
    for measure in dict.fromkeys(part.measure for part in parts):
        if records == sum(powers[part.cell] for part in parts if part.measure == measure):
            return measure
    return parts[0].name


def main_measure(formula: Formula, measures: Mapping[str, Measure]) -> Measure | None:
    """The measure that the value is a sum or a part of."""
    match formula:
        case Ratio():
            return measures[formula.numerator]
        case Total() | Growth():
            return measures[formula.measure]
        case _:
            return None


def equation_of(definition: Definition, reading: Reading, terms: Sequence[Term]) -> Equation | None:
    """The formula with the numbers put in, where it says more than a sum or a median does by itself."""
    formula, numerator, denominator = definition.formula, reading.numerator, reading.denominator
    if numerator is not None and denominator is not None:
        if isinstance(formula, Growth) and not definition.held_against:
            return Equation("({} - {}) / {}", (EXACT.add(numerator, denominator), denominator, denominator))
        return Equation("{} / {}", (numerator, denominator))
    if not isinstance(formula, Derived) or len(terms) > _MOST_TERMS:
        return None
    return Equation(", ".join(f"{term.name} {{}}" for term in terms), tuple(term.number for term in terms), False)


def window_of(cell: Cell) -> tuple[datetime, datetime] | tuple[None, None]:
    """From when until when records count; twice the same instant where it is asked how things stood then."""
    window, held_at = cell.window, cell.measure.held_at
    if window is None:
        return None, None
    if held_at is None or cell.measure.dated_by:
        return window.start, window.end
    return (window.end, window.end) if held_at is HeldAt.END else (window.start, window.start)
