"""From what a configuration says of a KPI to the ``Kpi``, a new one or a built-in one redefined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from string import Formatter
from typing import Any

from kpi.formulas import AgainstTarget, Formula, Median, Ratio
from kpi.model import Better, Cadence, Doubt, Extra, Kpi, ScopeType, Unit, Variant
from kpi.nearest import did_you_mean
from kpi.own.errors import OwnKpiError
from kpi.own.measures import check_name, middles, read_measures
from kpi.own.money import money_doubts
from kpi.own.needs import check_needs, needs_of
from kpi.own.shapes import SOURCE, OwnDoubt, OwnExtra, OwnKpi, OwnValue, OwnVariant
from kpi.own.values import check_counts, measures_of, read_formula, unit_of, words_of
from kpi.plan import PEOPLE
from kpi.relations import BY_NAME

_NEW: Mapping[str, Any] = {"better": Better.UP, "cadence": Cadence.MONTHLY, "names": {}}


def define_kpi(own: OwnKpi, catalogue: Mapping[str, Kpi]) -> Kpi:
    """The KPI. What its block does not say is as in the catalogue's KPI of that id, else the default.

    OwnKpiError, with the keys that lead to the place, for what cannot be, and for words that another KPI has.
    """
    check_name(own.id, "id")
    for language in own.names:
        check_name(language, "names", language)
    kpi = _Definition(own, catalogue.get(own.id)).kpi()
    _check_words(kpi, [other for other in catalogue.values() if other.id != own.id])
    return kpi


class _Definition:
    """One KPI on its way; ``built_in`` is the one that it redefines."""

    def __init__(self, own: OwnKpi, built_in: Kpi | None) -> None:
        self._own, self._built_in = own, built_in
        self._measures = read_measures(own.measures, built_in.measures if built_in else {})
        self._keep_medians()
        self._value = self._formula()

    def kpi(self) -> Kpi:
        own, built_in = self._own, self._built_in
        formula = own.formula or self._words()
        extras = self._extras()
        parts: dict[str, Any] = {
            "name": own.name or (built_in.name if built_in else own.id.replace("_", " ").capitalize()),
            "formula": formula,
            "what": own.what or (built_in.what if built_in else f"{formula[:1].upper()}{formula[1:]}."),
            "unit": self._unit(own.unit, self._value, built_in),
            "value": self._value,
            "dimensions": self._dimensions(),
            "needs": self._needs(own.needs, self._value, built_in, "needs"),
            "extras": extras,
            "variants": self._variants(),
            "doubts": self._doubts(),
            "measures": self._measures,
            "source": SOURCE,
        }
        if own.better:
            parts["better"] = Better(own.better)
        if own.cadence:
            parts["cadence"] = Cadence(own.cadence)
        if own.names:
            parts["names"] = {**(built_in.names if built_in else {}), **own.names}
        if own.scopes is not None:
            parts["scopes"] = tuple(ScopeType(scope) for scope in own.scopes)
        if own.line_extras is not None:
            parts["line_extras"] = _among(own.line_extras, extras, "extra", "line_extras")
        if own.ranked is not None:
            parts["ranked"] = own.ranked
        if own.benchmark_periods is not None:
            parts["benchmark_periods"] = own.benchmark_periods
        if built_in:
            return replace(built_in, redefined=True, **parts)
        return Kpi(id=own.id, **{**_NEW, **parts})

    def _formula(self) -> Formula | AgainstTarget:
        own = self._own
        if own.value:
            return read_formula(own.value, self._measures, "value")
        if self._built_in:
            self._check_shares()
            return self._built_in.value
        if not own.measures:
            raise OwnKpiError("measures is missing: say what is counted, under [kpi.measures.NAME].")
        if len(own.measures) > 1:
            raise OwnKpiError('value is missing: write value = {ratio = ["NUMERATOR", "DENOMINATOR"]}, or another one.')
        (name,) = own.measures
        return read_formula(OwnValue(total=name), self._measures, "value")

    def _words(self) -> str:
        if self._built_in and self._own.value is None:
            return self._built_in.formula
        return words_of(self._value)

    def _built_in_formulas(self) -> Iterator[Formula | AgainstTarget]:
        if self._built_in:
            yield self._built_in.value
            yield from (variant.value for variant in self._built_in.variants)
            yield from (extra.value for extra in self._built_in.extras.values())

    def _keep_medians(self) -> None:
        """What is given in place of a built-in median's measure becomes the sum of the two middle values as well."""
        for formula in self._built_in_formulas():
            if isinstance(formula, Median) and formula.middles in self._own.measures:
                both = middles(self._measures[formula.middles])
                if both is None:
                    what = "must be quantile_disc(COLUMN, 0.5), with a filter or without: a median is made of it."
                    raise OwnKpiError(what, "measures", formula.middles, "expression")
                self._measures[formula.middles] = both

    def _check_shares(self) -> None:
        for formula in self._built_in_formulas():
            if isinstance(formula, Ratio):
                for name in {formula.numerator, formula.denominator} & self._own.measures.keys():
                    check_counts(formula, self._measures, "measures", name)

    def _unit(
        self, given: str | None, formula: Formula | AgainstTarget, before: Kpi | Variant | Extra | None, *keys: str
    ) -> Unit:
        if given:
            return Unit(given)
        return before.unit if before else unit_of(formula, *keys)

    def _needs(
        self,
        given: tuple[str, ...] | None,
        formula: Formula | AgainstTarget,
        before: Kpi | Variant | None,
        *keys: str,
    ) -> tuple[str, ...]:
        if given is not None:
            return check_needs(given, *keys)
        read = [name for name in measures_of(formula) if not before or name in self._own.measures]
        known = before.needs if before and self._own.value is None else ()
        found = needs_of(self._measures[name] for name in read)
        return tuple(dict.fromkeys((*known, *found)))

    def _dimensions(self) -> tuple[str, ...]:
        """Those that each measure of the value carries: a line would hold the whole of another."""
        own = self._own
        read = [name for name in measures_of(self._value) if not self._built_in or own.value or name in own.measures]
        carried = [BY_NAME[self._measures[name].relation].dimensions for name in read]
        if own.dimensions is not None:
            shared = [each for each in (carried[0] if carried else ()) if all(each in some for some in carried)]
            known = (*PEOPLE, *shared) if carried or not self._built_in else self._built_in.dimensions
            return _among(own.dimensions, known, "dimension", "dimensions")
        if self._built_in:
            before = self._built_in.dimensions
            return tuple(each for each in before if each in PEOPLE or all(each in some for some in carried))
        return (*PEOPLE, *(each for each in carried[0] if all(each in some for some in carried)))

    def _extras(self) -> Mapping[str, Extra]:
        extras = dict(self._built_in.extras) if self._built_in else {}
        for name, given in self._own.extras.items():
            extras[name] = self._extra(given, "extras", name)
        return extras

    def _extra(self, given: OwnExtra, *keys: str) -> Extra:
        check_name(keys[-1], *keys)
        formula = read_formula(given.value, self._measures, *keys, "value")
        return Extra(formula, self._unit(given.unit, formula, None, *keys))

    def _variants(self) -> tuple[Variant, ...]:
        variants = {variant.name: variant for variant in self._built_in.variants} if self._built_in else {}
        for entry, given in enumerate(self._own.variants, start=1):
            variants[given.name] = self._variant(given, f"variants[{entry}]")
        return tuple(variants.values())

    def _variant(self, given: OwnVariant, key: str) -> Variant:
        check_name(given.name, key, "name")
        formula = read_formula(given.value, self._measures, key, "value")
        words = given.formula or words_of(formula)
        return Variant(
            name=given.name,
            what=given.what or f"{words[:1].upper()}{words[1:]}.",
            formula=words,
            value=formula,
            unit=self._unit(given.unit, formula, None, key),
            needs=self._needs(given.needs, formula, None, key, "needs"),
            names=given.names,
            better=Better(given.better) if given.better else None,
        )

    def _doubts(self) -> tuple[Doubt, ...]:
        if self._own.doubts is None:
            if self._built_in:
                return self._built_in.doubts
            return tuple(money_doubts(self._measures[measures_of(self._value)[-1]]))
        return tuple(self._doubt(given, f"doubts[{n}]") for n, given in enumerate(self._own.doubts, start=1))

    def _doubt(self, given: OwnDoubt, key: str) -> Doubt:
        _among([given.measure], self._measures, "measure", key, "measure")
        measure = self._measures[given.measure]
        if given.by:
            _among([given.by], BY_NAME[measure.relation].columns, "column", key, "by")
        if given.unrated and given.by != "currency":
            raise OwnKpiError('goes with by = "currency".', key, "unrated")
        places = {"key"} if given.by else set()
        _check_places(given.one, places, key, "one")
        _check_places(given.text, places | {"n"}, key, "text")
        return Doubt(measure, given.one, given.text, given.by, given.unrated)


def _among(given: Iterable[str], known: Collection[str], what: str, *keys: str) -> tuple[str, ...]:
    """What is given, each once; OwnKpiError for what is not known."""
    for one in given:
        if one not in known:
            raise OwnKpiError(f"there is no {what} {one[:60]!r} here; {did_you_mean(one, list(known))}", *keys)
    return tuple(dict.fromkeys(given))


def _check_places(text: str, places: Collection[str], *keys: str) -> None:
    """OwnKpiError where a text holds other places for numbers and keys than these."""
    shown = " and ".join(f"{{{place}}}" for place in sorted(places)) or "no braces"
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        raise OwnKpiError(f"{text[:60]!r} has a brace too many: it may hold {shown}.", *keys) from None
    if any(name not in places or spec or conversion for _, name, spec, conversion in parts):
        raise OwnKpiError(f"{text[:60]!r} may hold {shown}, and no other braces.", *keys)


def _check_words(kpi: Kpi, others: Iterable[Kpi]) -> None:
    """OwnKpiError where a word for the KPI is another one's already, so that questions could not tell them apart."""
    taken = {_folded(word): other.id for other in others for _, word in _words_for(other)}
    for keys, word in _words_for(kpi):
        if _folded(word) in taken:
            raise OwnKpiError(f"{word[:60]!r} means {taken[_folded(word)]} already: choose another word.", *keys)


def _words_for(kpi: Kpi) -> Iterator[tuple[tuple[str, ...], str]]:
    """What people may call a KPI and its variants, each with the keys that lead to it."""
    named: list[tuple[tuple[str, ...], str]] = [(("id",), kpi.id), (("name",), kpi.name)]
    named += [(("names", language), name) for language, names in kpi.names.items() for name in names]
    yield from named
    for variant in kpi.variants:
        yield from ((("variants",), f"{name} {variant.name}") for _, name in named)
        yield from ((("variants",), name) for names in variant.names.values() for name in names)


def _folded(word: str) -> str:
    return "".join(sign for sign in word.casefold() if sign not in " -_")
