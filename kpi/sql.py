"""Measures to SQL: everything asked of one relation becomes one query, written in the engine's dialect.

A query gives a row per rep (and value of one dimension, where asked) and a column per cell. A cell is a measure in a
window of time: its aggregate, filtered by ``instant >= start and instant < end``. Windows may overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import sqlglot
from sqlglot import exp

from kpi.model import Measure


@dataclass(frozen=True, slots=True)
class Window:
    """``[start, end)``, aware UTC instants."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure in a window; ``None`` for a measure that no instant places. ``by`` names a column of the relation."""

    measure: Measure
    window: Window | None
    by: str | None = None


def compose(
    relation: str, cells: Sequence[Cell], *, by: str | None, reps: Collection[str | None] | None, dialect: str
) -> str:
    """One select over ``relation``: columns ``rep_id``, the dimension (where ``by`` is given), then one per cell, in
    order. ``reps`` restricts it to those reps; None reads all, records without a known owner too (``rep_id`` NULL)."""
    keys = [exp.column("rep_id"), *([exp.column(by)] if by else [])]
    columns = [exp.alias_(_cell(cell), f"c{n}", copy=False) for n, cell in enumerate(cells)]
    query = exp.select(*keys, *columns, copy=False).from_(relation, copy=False)
    query = query.group_by(*(key.copy() for key in keys), copy=False)
    span = _span(cells)
    if span is not None:
        query = query.where(span, copy=False)
    if reps is not None:
        those = [exp.Literal.string(rep) for rep in sorted(rep for rep in reps if rep)]
        only = exp.In(this=exp.column("rep_id"), expressions=those) if those else exp.false()
        query = query.where(only, copy=False)
    return query.sql(dialect=dialect)


@cache
def _parsed(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect="duckdb")


def _cell(cell: Cell) -> exp.Expr:
    tree = _parsed(cell.measure.expression).copy()
    if cell.window is None or cell.measure.dated_by is None:
        return tree
    within = _within(cell.measure.dated_by, cell.window)
    return tree.transform(lambda node: _filtered(node, within), copy=False)


def _filtered(node: exp.Expr, within: exp.Expr) -> exp.Expr:
    """An aggregate counts only what lies within; one that has a filter already keeps it as well."""
    if isinstance(node, exp.Filter):
        node.expression.set("this", exp.and_(node.expression.this, within.copy(), copy=False))
    elif isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Filter):
        return exp.Filter(this=node.copy(), expression=exp.Where(this=within.copy()))
    return node


def _within(column: str, window: Window) -> exp.Expr:
    return exp.And(
        this=exp.GTE(this=exp.column(column), expression=_instant(window.start)),
        expression=exp.LT(this=exp.column(column), expression=_instant(window.end)),
    )


def _instant(instant: datetime) -> exp.Expr:
    text = exp.Literal.string(instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" "))
    return exp.Cast(this=text, to=exp.DataType(this=exp.DataType.Type.TIMESTAMP))


def _span(cells: Sequence[Cell]) -> exp.Expr | None:
    """What all cells together need, so that the engine can skip the rest; None where one needs everything."""
    windows: dict[str, list[Window]] = {}
    for cell in cells:
        if cell.window is None or cell.measure.dated_by is None:
            return None
        windows.setdefault(cell.measure.dated_by, []).append(cell.window)
    return exp.or_(
        *(
            _within(column, Window(min(w.start for w in spans), max(w.end for w in spans)))
            for column, spans in windows.items()
        ),
        copy=False,
    )
