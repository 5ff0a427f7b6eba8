"""Formulas as configured, over measures by name."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from kpi.formulas import AgainstTarget, Formula, Growth, Median, Ratio, Total
from kpi.model import Measure, Unit
from kpi.nearest import did_you_mean
from kpi.own.errors import OwnKpiError
from kpi.own.expressions import is_part_of
from kpi.own.measures import counting, middles, tree_of
from kpi.own.shapes import OwnValue

_KINDS = ("total", "ratio", "median", "growth")
_TERMS = 2


def read_formula(own: OwnValue, measures: MutableMapping[str, Measure], *keys: str) -> Formula:
    """The formula; the measures that it needs beside those that it names are added to ``measures``."""
    kind = _kind(own, keys)
    named = own.ratio or (getattr(own, kind),)
    for name in named:
        _check_known(name, measures, *keys, kind)
    if own.records:
        _check_known(own.records, measures, *keys, "records")
    records = own.records or _records(named[-1], measures)
    if own.total:
        return Total(own.total, records, own.per)
    if own.growth:
        return Growth(own.growth, records)
    if own.median:
        return Median(_middles(own.median, measures, keys), records, own.per)
    numerator, denominator = own.ratio
    ratio = Ratio(
        numerator,
        denominator,
        records,
        counts=own.counts,
        per=own.per,
        is_maturing=own.maturing,
        of_whole=own.of_whole,
    )
    check_counts(ratio, measures, *keys, "counts")
    return ratio


def _kind(own: OwnValue, keys: tuple[str, ...]) -> str:
    """Which formula it is; OwnKpiError for none or several, and for options of others."""
    given = [kind for kind in _KINDS if getattr(own, kind)]
    if len(given) != 1:
        raise OwnKpiError(f"write one of {', '.join(_KINDS)}, with the name of a measure.", *keys)
    if own.ratio and len(own.ratio) != _TERMS:
        raise OwnKpiError("is of two measures: write ratio = [NUMERATOR, DENOMINATOR].", *keys, "ratio")
    if own.growth and own.per != 1:
        raise OwnKpiError("does not go with growth.", *keys, "per")
    for option in ("counts", "maturing", "of_whole"):
        if getattr(own, option) and not own.ratio:
            raise OwnKpiError("goes with a ratio alone.", *keys, option)
    return given[0]


def _check_known(name: str, measures: Mapping[str, Measure], *keys: str) -> None:
    if name not in measures:
        raise OwnKpiError(f"there is no measure {name[:60]!r}; {did_you_mean(name, list(measures))}", *keys)


def check_counts(ratio: Ratio, measures: Mapping[str, Measure], *keys: str) -> None:
    """OwnKpiError where a share of records is no share: its numerator may be larger than its denominator."""
    if not ratio.counts:
        return
    part, whole = measures[ratio.numerator], measures[ratio.denominator]
    are_alike = (part.relation, part.dated_by, part.held_at) == (whole.relation, whole.dated_by, whole.held_at)
    if not are_alike or part.per or whole.per or not is_part_of(tree_of(part), tree_of(whole)):
        what = f"{ratio.numerator} must count some of what {ratio.denominator} counts: the same, with more conditions."
        raise OwnKpiError(what, *keys)


def words_of(formula: Formula | AgainstTarget) -> str:
    """The formula in words, from the names of its measures."""
    if isinstance(formula, Ratio):
        return f"{_words(formula.numerator)} / {_words(formula.denominator)}"
    if isinstance(formula, Median):
        return f"median of {_words(formula.middles)}"
    if isinstance(formula, Growth):
        before = f"{_words(formula.measure)} of the previous period"
        return f"({_words(formula.measure)} - {before}) / {before}"
    return _words(formula.measure) if isinstance(formula, Total) else ""


def unit_of(formula: Formula | AgainstTarget, *keys: str) -> Unit:
    """The unit where none is given; OwnKpiError where nothing tells it."""
    if isinstance(formula, Median):
        raise OwnKpiError(f"unit is missing: a median is in one of {', '.join(Unit)}.", *keys)
    if isinstance(formula, Ratio):
        return Unit.PERCENT if formula.counts or formula.is_maturing else Unit.RATIO
    return Unit.COUNT if isinstance(formula, Total) else Unit.PERCENT


def measures_of(formula: Formula | AgainstTarget) -> tuple[str, ...]:
    """The names of the measures that make the value; none for a formula that does not tell."""
    if isinstance(formula, Ratio):
        return formula.numerator, formula.denominator
    if isinstance(formula, Median):
        return (formula.middles,)
    return (formula.measure,) if isinstance(formula, Total | Growth) else ()


def _records(name: str, measures: MutableMapping[str, Measure]) -> str:
    """The measure that counts the records behind another."""
    counted = counting(measures[name])
    if counted is measures[name]:
        return name
    measures[f"{name}.records"] = counted
    return f"{name}.records"


def _middles(name: str, measures: MutableMapping[str, Measure], keys: tuple[str, ...]) -> str:
    both = middles(measures[name])
    if both is None:
        what = f"{name} must be quantile_disc(COLUMN, 0.5), with a filter or without."
        raise OwnKpiError(what, *keys, "median")
    measures[f"{name}.middles"] = both
    return f"{name}.middles"


def _words(measure: str) -> str:
    return measure.partition(".")[0].replace("_", " ")
