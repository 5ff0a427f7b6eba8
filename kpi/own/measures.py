"""Measures as configured: each held to its relation, and to the allow-list of expressions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi.fragments import FragmentError, check_expression
from kpi.model import Combine, HeldAt, Measure
from kpi.nearest import did_you_mean
from kpi.own.errors import OwnKpiError
from kpi.own.expressions import counts_records, is_additive, middles_of, records_of
from kpi.own.shapes import OwnMeasure
from kpi.relations import BY_NAME, Relation

if TYPE_CHECKING:
    from sqlglot import exp

_OF_EVERY_QUERY = ("owner", "rep_id", "currency")  # names that its columns have


def read_measures(own: Mapping[str, OwnMeasure], built_in: Mapping[str, Measure]) -> dict[str, Measure]:
    """The measures of a KPI: the built-in ones, with those that are given added or in their place."""
    measures = dict(built_in)
    for name, given in own.items():
        keys = ("measures", name)
        check_name(name, *keys)
        measures[name] = _Read(given, built_in.get(name), keys).measure()
    return measures


def check_name(name: str, *keys: str) -> None:
    """OwnKpiError for what is no plain name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name.startswith("scoreline_"):
        raise OwnKpiError(f"{name[:60]!r} is no name: write small letters, digits and '_', a letter first.", *keys)


def tree_of(measure: Measure) -> exp.Expr:
    """The tree of a measure's expression."""
    columns = (*measure.per, *(name for name, _ in measure.each)) if measure.per else _relation_of(measure).columns
    return check_expression(measure.expression, columns)


def counting(measure: Measure) -> Measure:
    """What counts the records that a measure stands on: itself, where it counts."""
    tree = tree_of(measure)
    if counts_records(tree):
        return measure
    counted = replace(measure, expression=records_of(tree), in_own_currency=False, if_rated=measure.in_own_currency)
    return replace(counted, combine=_combined(counted))


def middles(measure: Measure) -> Measure | None:
    """The sum of the two middle values, of a measure of the one in the middle; None for any other measure."""
    expression = middles_of(tree_of(measure))
    return replace(measure, expression=expression, combine=Combine.WHOLE) if expression else None


class _Read:
    """One measure as given. What it leaves out is as in the built-in one of its name, where that has its relation."""

    def __init__(self, given: OwnMeasure, built_in: Measure | None, keys: tuple[str, ...]) -> None:
        self._given, self._keys = given, keys
        is_same = built_in is not None and given.relation in (None, built_in.relation)
        self._built_in = built_in if is_same else None

    def measure(self) -> Measure:
        given, before = self._given, self._built_in or self._bare()
        measure = replace(
            before,
            expression=given.expression or before.expression,
            dated_by=given.dated_by or before.dated_by,
            held_at=HeldAt(given.held_at) if given.held_at else before.held_at,
            per=given.per or before.per,
            each=tuple(given.each.items()) or before.each,
            in_own_currency=before.in_own_currency if given.in_own_currency is None else given.in_own_currency,
        )
        self._check(measure, _relation_of(measure))
        if given.combine:
            return replace(measure, combine=Combine(given.combine))
        return measure if measure == before and self._built_in else replace(measure, combine=_combined(measure))

    def _bare(self) -> Measure:
        relation, expression = self._given.relation, self._given.expression
        if relation is None or expression is None:
            missing = "relation" if relation is None else "expression"
            raise OwnKpiError(f"{missing} is missing: write {missing} = ...", *self._keys)
        if relation not in BY_NAME:
            what = f"there is no relation {relation[:60]!r}; {did_you_mean(relation, BY_NAME)}"
            raise OwnKpiError(what, *self._keys, "relation")
        return Measure(relation, expression)

    def _check(self, measure: Measure, relation: Relation) -> None:
        if measure.dated_by:
            self._check_column(measure.dated_by, relation.columns, "dated_by")
        if measure.held_at and not {"from_at", "until_at"} <= set(relation.columns):
            has_both = [name for name, each in BY_NAME.items() if {"from_at", "until_at"} <= set(each.columns)]
            what = f"the rows of {relation.name} are no intervals: those of {', '.join(has_both)} are."
            raise OwnKpiError(what, *self._keys, "held_at")
        for column in measure.per:
            self._check_column(column, relation.columns, "per")
        self._check_each(measure, relation)
        columns = (*measure.per, *(name for name, _ in measure.each)) if measure.per else relation.columns
        tree = self._checked(measure.expression, columns, "expression")
        if measure.in_own_currency and not ("currency" in relation.columns and is_additive(tree)):
            what = "money in the records' own currency is a sum over a relation that has the column currency."
            raise OwnKpiError(what, *self._keys, "in_own_currency")

    def _check_each(self, measure: Measure, relation: Relation) -> None:
        if measure.each and not measure.per:
            raise OwnKpiError("goes with per, the columns to group by first.", *self._keys, "each")
        for name, expression in measure.each:
            check_name(name, *self._keys, "each", name)
            if name in (*relation.columns, *_OF_EVERY_QUERY):
                raise OwnKpiError("is a column already: choose another name.", *self._keys, "each", name)
            self._checked(expression, relation.columns, "each", name)

    def _check_column(self, name: str, columns: Collection[str], key: str) -> None:
        if name not in columns:
            what = f"there is no column {name[:60]!r} here; {did_you_mean(name, columns)}"
            raise OwnKpiError(what, *self._keys, key)

    def _checked(self, expression: str, columns: Collection[str], *keys: str) -> exp.Expr:
        try:
            return check_expression(expression, columns)
        except FragmentError as error:
            raise OwnKpiError(f"{error}", *self._keys, *keys) from None


def _relation_of(measure: Measure) -> Relation:
    return BY_NAME[measure.relation]


def _combined(measure: Measure) -> Combine:
    """Sums add up over reps; what is counted in two steps, distinct or in the middle does not."""
    return Combine.SUM if not measure.per and is_additive(tree_of(measure)) else Combine.WHOLE
