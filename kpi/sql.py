"""Measures to SQL: everything asked of one relation becomes one query, written in the engine's dialect.

A query gives a row per rep (or group of reps), per currency and per value of the dimensions, where asked, and a column
per cell. A cell is a measure in a window of time. Windows may overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import sqlglot
from sqlglot import exp

from kpi.model import Combine, Filter, HeldAt, Measure
from kpi.relations import BY_NAME
from kpi.scopes import NONE
from kpi.spans import Window

_WITHIN = "scoreline_within"  # stands for a window's condition until it is known
_INSTANTS = {"start": "scoreline_start", "end": "scoreline_end", "now": "scoreline_now"}

Reps = Collection[str | None] | None  # None among them: records without a known owner; None: everybody's


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure in a window; ``None`` where no window matters. ``by`` names columns of the relation to tell its numbers
    apart by, ``where`` are filters on such columns."""

    measure: Measure
    window: Window | None
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What cells must have in common to be read by one query."""

    relation: str
    by: tuple[str, ...]
    where: tuple[Filter, ...]
    by_currency: bool
    is_whole: bool
    distinct: str | None
    steps: tuple[tuple[str, ...], tuple[tuple[str, str], ...], str | None, HeldAt | None, Window | None] | None

    @property
    def keys(self) -> int:
        """How many columns come before those of the cells."""
        return 1 + self.by_currency + len(self.by)


def shape_of(cell: Cell) -> Shape:
    measure = cell.measure
    steps = (measure.per, measure.each, measure.dated_by, measure.held_at, cell.window) if measure.per else None
    distinct = None if measure.per else _distinct_values(measure.expression)
    is_whole = measure.combine is Combine.WHOLE
    return Shape(
        measure.relation,
        cell.by,
        cell.where,
        measure.is_by_currency,
        is_whole,
        distinct.column if distinct else None,
        steps,
    )


def depends_on_window(measure: Measure) -> bool:
    """Whether the number is another in another window."""
    return bool(
        measure.dated_by
        or measure.held_at
        or measure.is_by_currency
        or "$" in measure.expression
        or any("$" in expression for _, expression in measure.each)
    )


def compose(shape: Shape, cells: Sequence[Cell], *, owner: str, source: str = "", reps: Reps, dialect: str) -> str:
    """One select for cells of one shape: columns ``owner`` (an expression: ``rep_id``, a group, a constant), the
    currency and the dimensions where asked, then one per cell, in order. ``source`` is joined to the relation;
    ``reps`` restricts it to theirs; None reads all, records without a known owner (``rep_id`` NULL) too."""
    own = [*(["currency"] if shape.by_currency else []), *(quoted(name) for name in shape.by)]
    conditions = [*_filters(shape.where, dialect), *of_reps(reps, dialect)]
    grouped = ", ".join(str(n) for n in range(1, shape.keys + 1))
    if shape.steps is None:
        span = _span(cells, dialect)
        there = [f"{quoted(shape.distinct)} is not null"] if shape.distinct else []
        keys = ", ".join([f"{owner} as owner", *own])
        taken = f"from {shape.relation}{source}{_where([*([span] if span else []), *there, *conditions])}"
        if shape.distinct is None:
            return f"select {keys}, {_numbers(cells, dialect)} {taken} group by {grouped}"
        inner = f"select {keys}, {_marks(cells, dialect)} {taken} group by {grouped}, {quoted(shape.distinct)}"
        numbers = ", ".join(f"count(c{n}) as c{n}" for n in range(len(cells)))
    else:
        inner = _inner(shape, cells[0], owner, source, conditions, dialect)
        numbers = _numbers(cells, dialect)
    return f"select {', '.join(['owner', *own])}, {numbers} from ({inner}) as each_one group by {grouped}"


def sliced_by(measure: Measure) -> str | None:
    """The column that dates a measure whose number in a window is the sum of those in any slices of the window; None
    for all other measures."""
    is_plain = measure.dated_by and not (measure.held_at or measure.per or measure.is_by_currency)
    return measure.dated_by if is_plain and _is_sum(measure.expression) else None


@cache
def _is_sum(expression: str) -> bool:
    """Whether an expression is one count or sum, perhaps with a filter, whatever the window's instants are."""
    tree = parsed(expression)
    if isinstance(tree, exp.Filter):
        tree = tree.this
    is_count = isinstance(tree, exp.Count) and not isinstance(tree.this, exp.Distinct)
    return (is_count or isinstance(tree, exp.Sum)) and "$" not in expression


def compose_slices(
    shape: Shape, measures: Sequence[Measure], edges: Sequence[datetime], *, owner: str, reps: Reps, dialect: str
) -> str:
    """One select for measures that are ``sliced_by`` one column, in the slices of time between edges: columns as
    ``compose`` gives them, with the number of the slice after the owner."""
    column = quoted(measures[0].dated_by or "")
    at = [_instant(edge, dialect) for edge in edges]
    numbered = " ".join(f"when {column} < {edge} then {n}" for n, edge in enumerate(at[1:]))
    keys = ", ".join([f"{owner} as owner", f"case {numbered} end as slice", *(quoted(name) for name in shape.by)])
    numbers = ", ".join(f"{_plain_text(each.expression, dialect)} as c{n}" for n, each in enumerate(measures))
    within = f"{column} >= {at[0]} and {column} < {at[-1]}"
    taken = _where([within, *_filters(shape.where, dialect), *of_reps(reps, dialect)])
    grouped = ", ".join(str(n) for n in range(1, shape.keys + 2))
    return f"select {keys}, {numbers} from {shape.relation}{taken} group by {grouped}"


def _numbers(cells: Sequence[Cell], dialect: str) -> str:
    return ", ".join(f"{_number(cell, dialect)} as c{n}" for n, cell in enumerate(cells))


def _marks(cells: Sequence[Cell], dialect: str) -> str:
    """The first step of distinct counts, a third of the time of an engine's own: which cells count a value."""
    return ", ".join(f"max(case when {_mark(cell, dialect)} then 1 end) as c{n}" for n, cell in enumerate(cells))


def _mark(cell: Cell, dialect: str) -> str:
    """The condition for a record's value to be among the distinct ones of a cell."""
    measure, window = cell.measure, cell.window
    counted = _distinct_values(measure.expression)
    if counted is None:
        raise TypeError(f"{measure.expression} is no distinct count")
    within = _within(measure, window, dialect) if window else None
    own = f"({written(counted.condition, window, dialect)})" if counted.condition else None
    return " and ".join(filter(None, [within, own])) or "true"


def _inner(shape: Shape, cell: Cell, owner: str, source: str, conditions: Sequence[str], dialect: str) -> str:
    """The first step of a measure in two: its groups within the window."""
    measure = cell.measure
    currency = ["currency"] if shape.by_currency else []
    keys = [*currency, *(quoted(name) for name in dict.fromkeys((*shape.by, *measure.per)))]
    each = [f"{_text(expression, cell.window, dialect)} as {quoted(name)}" for name, expression in measure.each]
    within = _within(measure, cell.window, dialect) if cell.window else None
    taken = _where([*([within] if within else []), *conditions])
    selected = ", ".join([f"{owner} as owner", *keys, *each])
    grouped = ", ".join(str(n) for n in range(1, len(keys) + 2))
    return f"select {selected} from {shape.relation}{source}{taken} group by {grouped}"


def conditions_of(cell: Cell, reps: Reps, dialect: str) -> list[str]:
    """What a row of the relation meets that lies within the cell's window and filters and is one of these reps'."""
    within = _within(cell.measure, cell.window, dialect) if cell.window else None
    return [*([within] if within else []), *_filters(cell.where, dialect), *of_reps(reps, dialect)]


def written(part: exp.Expr, window: Window | None, dialect: str) -> str:
    """A part of a parsed expression as SQL, with the window's instants put in."""
    text = part.sql(dialect=dialect)
    return _dated(text, window, dialect) if window else text


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _number(cell: Cell, dialect: str) -> str:
    """The cell's expression; each of its aggregates counts only what lies within the window."""
    measure, window = cell.measure, cell.window
    if measure.per or window is None:
        return _text(measure.expression, window, dialect)
    within = _within(measure, window, dialect)
    if within is None:
        return _text(measure.expression, window, dialect)
    return _dated(_filtered_text(measure.expression, dialect).replace(_WITHIN, within), window, dialect)


def _text(expression: str, window: Window | None, dialect: str) -> str:
    text = _plain_text(expression, dialect)
    return _dated(text, window, dialect) if window else text


def _dated(text: str, window: Window, dialect: str) -> str:
    for name, instant in (("start", window.start), ("end", window.end), ("now", window.now)):
        text = text.replace(_INSTANTS[name], _instant(instant, dialect))
    return text


@cache
def _plain_text(expression: str, dialect: str) -> str:
    return parsed(expression).sql(dialect=dialect)


@cache
def _filtered_text(expression: str, dialect: str) -> str:
    return parsed(expression).transform(_filtered).sql(dialect=dialect)


@cache
def parsed(expression: str) -> exp.Expr:
    """The expression's tree, with names that no column has in place of the instants. Not to be changed: copy it."""
    tree = sqlglot.parse_one(expression, dialect="duckdb")
    return tree.transform(
        lambda node: exp.column(_INSTANTS[node.name]) if isinstance(node, exp.Placeholder) else node, copy=False
    )


def _filtered(node: exp.Expr) -> exp.Expr:
    """An aggregate counts only what lies within; one that has a filter already keeps it as well."""
    if isinstance(node, exp.Filter):
        node.expression.set("this", exp.and_(exp.column(_WITHIN), node.expression.this, copy=False))
    elif isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Filter):
        return exp.Filter(this=node.copy(), expression=exp.Where(this=exp.column(_WITHIN)))
    return node


@dataclass(frozen=True, slots=True)
class _Distinct:
    """``count(distinct column) filter (where condition)``."""

    column: str
    condition: exp.Expr | None


@cache
def _distinct_values(expression: str) -> _Distinct | None:
    """What an expression that is one distinct count of a column counts; None for any other."""
    tree, condition = parsed(expression), None
    if isinstance(tree, exp.Filter):
        tree, condition = tree.this, tree.expression.this
    if not (isinstance(tree, exp.Count) and isinstance(tree.this, exp.Distinct)):
        return None
    columns = tree.this.expressions
    return _Distinct(columns[0].name, condition) if len(columns) == 1 and isinstance(columns[0], exp.Column) else None


def _within(measure: Measure, window: Window, dialect: str) -> str | None:
    """The condition for a record to count in a window; None where all do."""
    conditions = []
    if measure.dated_by:
        column = quoted(measure.dated_by)
        conditions += [f"{column} >= {_instant(window.start, dialect)}", f"{column} < {_instant(window.end, dialect)}"]
    if measure.held_at:
        conditions += _held(measure, window, dialect)
    return " and ".join(conditions) or None


def _held(measure: Measure, window: Window, dialect: str) -> Iterator[str]:
    at_end = measure.held_at is HeldAt.END
    instant = _instant(window.end if at_end else window.start, dialect)
    yield f"from_at < {instant}"
    if BY_NAME[measure.relation].tells_now:
        is_current = at_end and window.is_current
        yield "is_current" if is_current else "not is_current"
        if is_current:
            return
    yield f"until_at >= {instant}"


@cache
def _instant(instant: datetime, dialect: str) -> str:
    text = exp.Literal.string(instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" "))
    return exp.Cast(this=text, to=exp.DataType(this=exp.DataType.Type.TIMESTAMP)).sql(dialect=dialect)


def _filters(filters: Sequence[Filter], dialect: str) -> Iterator[str]:
    """Conditions for values of dimensions."""
    for each in filters:
        column = quoted(each.dimension)
        named = ", ".join(_literal(value if each.exact else value.lower(), dialect) for value in each.values)
        chosen = [f"{column if each.exact else f'lower({column})'} in ({named})"] if named else []
        if NONE in each.values:
            chosen.append(f"{column} is null")
        condition = f"({' or '.join(chosen) or 'false'})"
        yield f"{condition} is not true" if each.excluded else condition


def of_reps(reps: Reps, dialect: str) -> Iterator[str]:
    """The condition for a row to be one of these reps'; none where it may be anybody's."""
    if reps is None:
        return
    those = ", ".join(_literal(rep, dialect) for rep in sorted(rep for rep in reps if rep is not None))
    chosen = [f"rep_id in ({those})"] if those else []
    if None in reps:
        chosen.append("rep_id is null")
    yield f"({' or '.join(chosen) or 'false'})"


def _literal(text: str, dialect: str) -> str:
    return exp.Literal.string(text).sql(dialect=dialect)


def quoted(name: str) -> str:
    """A column's name as SQL: some are keywords."""
    return f'"{name}"'


def _span(cells: Sequence[Cell], dialect: str) -> str | None:
    """What all cells together need, so that the engine can skip the rest; None where one needs everything."""
    dated: dict[str, list[datetime]] = {}
    held: list[datetime] = []
    for cell in cells:
        measure, window = cell.measure, cell.window
        if window is None or not (measure.dated_by or measure.held_at):
            return None
        if measure.dated_by:
            dated.setdefault(measure.dated_by, []).extend((window.start, window.end))
        else:
            held.append(window.end if measure.held_at is HeldAt.END else window.start)
    spans = [
        f"{quoted(column)} >= {_instant(min(ends), dialect)} and {quoted(column)} < {_instant(max(ends), dialect)}"
        for column, ends in dated.items()
    ]
    if held:
        now = " or is_current" if BY_NAME[cells[0].measure.relation].tells_now else ""
        spans.append(f"from_at < {_instant(max(held), dialect)} and (until_at >= {_instant(min(held), dialect)}{now})")
    return f"({' or '.join(spans)})"
