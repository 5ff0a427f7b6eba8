"""Which rows of a relation stand behind a number, as SQL: what an aggregate filters and takes becomes a condition on a
row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlglot import exp

from kpi.model import Combine, Measure
from kpi.relations import BY_NAME
from kpi.spans import Window
from kpi.sql import Cell, Reps, conditions_of, of_reps, parsed, quoted, written

RATE = "scoreline_rate"  # the column of what one unit of the record's currency is worth
ADDED = "scoreline_added"  # the column of what a record adds to a sum, in its own currency
_NTH = "scoreline_nth"
_TABLES = {column: table for table, column in (each.record for each in BY_NAME.values() if each.record)}
_OWNERS = ("owners", "rep_id")  # what stands behind rows that are people


@dataclass(frozen=True, slots=True)
class Listing:
    """The records behind a measure, in one window or several (a record counts once). ``unrated``: those alone whose
    currency has no rate. ``with_rate``: their rate is told."""

    cells: tuple[Cell, ...]
    unrated: bool = False
    with_rate: bool = False

    @property
    def measure(self) -> Measure:
        return self.cells[0].measure

    @property
    def subject(self) -> Subject:
        return _subject(self.measure)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is listed: records of a schema table, told by a column of the relation. ``is_distinct``: each once, however
    many rows it has."""

    table: str
    id_column: str
    is_distinct: bool


@cache
def _subject(measure: Measure) -> Subject:
    table, column = BY_NAME[measure.relation].record or _OWNERS
    distinct = [_distinct(each) for each in _aggregates(measure.expression)]
    if len(set(distinct)) == 1 and distinct[0] in _TABLES:
        return Subject(_TABLES[distinct[0]], distinct[0], is_distinct=True)
    return Subject(table, column, is_distinct=column in measure.per)


def date_column(measure: Measure) -> str | None:
    """The column that says when a record happened, or since when it has been so; None where nothing does."""
    if measure.dated_by:
        return measure.dated_by
    return "from_at" if measure.held_at else BY_NAME[measure.relation].ordered_by


@cache
def columns_read(measure: Measure) -> tuple[str, ...]:
    """The columns that decide which rows count and how much: of the relation, and those of the first of two steps."""
    used = _names(measure.expression)
    each = [expression for name, expression in measure.each if name in used]
    known = {*BY_NAME[measure.relation].columns, *(name for name, _ in measure.each)}
    return tuple(name for name in dict.fromkeys((*used, *(n for one in each for n in _names(one)))) if name in known)


@cache
def addend(measure: Measure) -> exp.Expr | None:
    """What a row adds, where the number is one sum."""
    tree = parsed(measure.expression)
    node = tree.this if isinstance(tree, exp.Filter) else tree
    return node.this if isinstance(node, exp.Sum) and not measure.per else None


def is_addend(column: str, measure: Measure, listed: Measure) -> bool:
    """Whether a column of the rows of ``listed`` holds just what they add to the sum of ``measure``."""
    added = addend(measure)
    is_plain = isinstance(added, exp.Column) and added.name == column and not measure.in_own_currency
    return is_plain and _counted_by(measure.expression, None, "duckdb") == _counted_by(
        listed.expression, None, "duckdb"
    )


def with_addend(rows: str, measure: Measure, window: Window | None, dialect: str) -> str:
    """The rows, and what each adds to the sum of a measure (NULL: nothing)."""
    added = addend(measure)
    if added is None:
        raise TypeError(f"{measure.expression} is no sum")
    counted = _counted_by(measure.expression, window, dialect)
    text = f"case when {counted} then {written(added, window, dialect)} end"
    return f"select *, {text} as {ADDED} from ({rows}) as summed"


def rows_text(listing: Listing, *, reps: Reps, seen_first: Reps, currency: str, dialect: str) -> str:
    """A select of all the relation's columns (and ``RATE``, where rates matter) of the rows behind a number, of these
    reps. Of the rows of one record that of a rep among ``seen_first`` stands first."""
    cells = dict.fromkeys(listing.cells)
    rows = " union ".join(_rows(cell, listing, reps, currency, dialect) for cell in cells)
    if not listing.subject.is_distinct:
        return rows
    measure = listing.measure
    of_one = [*([] if measure.combine is Combine.WHOLE else ["rep_id"]), quoted(listing.subject.id_column)]
    seen = " ".join(f"{condition} is true desc," for condition in of_reps(seen_first, dialect))
    order = [date_column(measure), *BY_NAME[measure.relation].columns]
    ordered = ", ".join(quoted(name) for name in dict.fromkeys(order) if name)
    nth = f"row_number() over (partition by {', '.join(of_one)} order by {seen} {ordered}) as {_NTH}"
    return f"select * from (select *, {nth} from ({rows}) as counted) as numbered where {_NTH} = 1"


def _rows(cell: Cell, listing: Listing, reps: Reps, currency: str, dialect: str) -> str:
    """The rows of one window."""
    measure = cell.measure
    steps = "".join(f", {text} as {quoted(name)}" for name, text in _steps(cell, dialect))
    within = _where(conditions_of(cell, reps, dialect))
    rows = f"select *{steps} from {measure.relation}{within}"
    counted = [_counted_by(measure.expression, cell.window, dialect), _counted_by_steps(cell, dialect)]
    rows = f"select * from ({rows}) as held{_where([condition for condition in counted if condition])}"
    is_rated = measure.is_by_currency and not listing.unrated
    if not (is_rated or listing.unrated or listing.with_rate):
        return rows
    rows = f"select *, {_rate(cell, currency, dialect)} as {RATE} from ({rows}) as priced"
    if is_rated or listing.unrated:
        rows = f"select * from ({rows}) as rated where {RATE} is {'not ' if is_rated else ''}null"
    return rows


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _steps(cell: Cell, dialect: str) -> Iterator[tuple[str, str]]:
    """What the first of two steps computes for each group, for each of its rows."""
    measure = cell.measure
    keys = [
        *([] if measure.combine is Combine.WHOLE else ["rep_id"]),
        *(["currency"] if measure.is_by_currency else []),
        *measure.per,
    ]

    def of_group(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, (exp.Filter, exp.AggFunc)):
            return node
        return exp.Window(this=node.copy(), partition_by=[exp.column(name, quoted=True) for name in keys])

    for name, expression in measure.each:
        yield name, written(parsed(expression).transform(of_group), cell.window, dialect)


def _counted_by_steps(cell: Cell, dialect: str) -> str | None:
    """The condition for a row to count in the first of two steps, as far as the second one reads it."""
    used = _names(cell.measure.expression)
    texts = [_counted_by(text, cell.window, dialect) for name, text in cell.measure.each if name in used]
    return None if None in texts or not texts else f"({' or '.join(text for text in texts if text)})"


def _counted_by(expression: str, window: Window | None, dialect: str) -> str | None:
    """The condition for a row to be counted by any aggregate of an expression; None where all are."""
    texts: dict[str, None] = {}
    for aggregate in _aggregates(expression):
        conditions = list(_conditions(aggregate))
        if not conditions:
            return None
        texts[written(exp.and_(*conditions), window, dialect)] = None
    return f"({' or '.join(texts)})" if texts else None


def _conditions(aggregate: exp.Expr) -> Iterator[exp.Expr]:
    """What a row meets that an aggregate counts: its filter, and that there is what it takes."""
    if isinstance(aggregate.parent, exp.Filter):
        yield aggregate.parent.expression.this
    argument = aggregate.this
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0]
    if isinstance(aggregate, exp.CountIf):
        yield argument
    elif not isinstance(argument, exp.Star):
        yield exp.Not(this=exp.Is(this=exp.paren(argument), expression=exp.Null()))


def _distinct(aggregate: exp.Expr) -> str:
    """The column of a distinct count, else nothing."""
    argument = aggregate.this
    return argument.expressions[0].name if isinstance(argument, exp.Distinct) else ""


def _aggregates(expression: str) -> list[exp.Expr]:
    return list(parsed(expression).find_all(exp.AggFunc))


def _names(expression: str) -> tuple[str, ...]:
    """The columns of an expression, in their order."""
    return tuple(dict.fromkeys(column.name for column in parsed(expression).find_all(exp.Column, bfs=False)))


def _rate(cell: Cell, currency: str, dialect: str) -> str:
    """What one unit of the record's currency is worth on the day whose rates count; NULL without a rate."""
    if cell.window is None:
        return "cast(null as decimal(18, 8))"
    at = _timestamp(cell.window.day_at if cell.measure.held_at else cell.window.today_at)
    own = exp.Literal.string(currency).sql(dialect=dialect)
    then = f"fx.currency = priced.currency and fx.from_at <= {at} and {at} < fx.until_at"
    rate = f"select max(fx.rate) from fx_intervals as fx where {then}"
    return f"case when priced.currency = {own} then cast(1 as decimal(18, 8)) else ({rate}) end"


def _timestamp(instant: datetime) -> str:
    return f"timestamp '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
