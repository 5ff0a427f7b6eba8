"""Explains an answer: reads it, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kpi.cells import read_cells
from kpi.compute import read
from kpi.engines.base import Engine
from kpi.evaluate import MISSING_TARGETS, ZERO_DENOMINATOR
from kpi.explain.model import (
    Definition,
    ExplainError,
    Explanation,
    Input,
    LeftOut,
    Page,
    Records,
    Term,
)
from kpi.explain.records import Audience, count_records, read_records, shape_of
from kpi.explain.rows import Listing
from kpi.explain.terms import Part, counted_by, equation_of, extras_of, listings_of, main_measure, parts_of, window_of
from kpi.inputs import missing_input, read_holidays, read_supplied
from kpi.model import Doubt, Filter, Reading, Request
from kpi.nearest import did_you_mean
from kpi.plan import Context, Plan, define
from kpi.spans import Clock
from kpi.sql import Reps

MaySee = Callable[[str | None], bool]

_LEFT_OUT = "left-out"
_SHOWN_CHARACTERS = 40


def explain(engine: Engine, request: Request, context: Context, page: Page, may_see: MaySee) -> Explanation:
    """What stands behind the answer to a request, as a whole, with a page of the records behind it.

    ``may_see`` says whether single records of a rep (by stored id) may be shown, and, for None, those without a known
    owner; whether the answer itself may be seen is for the caller to know. Raises ExplainError for a measure, column
    or page that is not there.
    """
    whole = as_a_whole(request)
    reading = read(engine, [whole], context)[0]
    supplied = read_supplied(engine, context.stated)
    clock = Clock(context.calendar, context.now, read_holidays(engine))
    plan = Plan(whole, context, clock, reading.variant)
    audience = Audience(plan.members, _seen(plan, context, may_see), context.currency)
    return _Explainer(engine, plan, reading, supplied, audience).explanation(request, context, page)


def refuse(request: Request, context: Context, reading: Reading) -> Explanation:
    """The words alone, beside an answer that the audience may not see."""
    return Explanation(reading, _definition(request, request.variant, context), ignored=_ignored(request))


def as_a_whole(request: Request) -> Request:
    """The request without what an explanation leaves aside: breakdown, trend and comparison."""
    return replace(request, by=(), top=None, trend=(), versus=None)


def _ignored(request: Request) -> tuple[str, ...]:
    said = (
        (f"by {', '.join(request.by)}", bool(request.by)),
        ("trend", bool(request.trend)),
        (f"vs {request.versus.key}" if request.versus else "", request.versus is not None),
    )
    return tuple(text for text, is_asked in said if is_asked)


def _definition(request: Request, variant: str | None, context: Context) -> Definition:
    defined = define(request.kpi, variant, context.catalogue)
    words = defined.variant or request.kpi
    return Definition(words.what, words.formula, request.kpi.source, request.kpi.redefined)


def _seen(plan: Plan, context: Context, may_see: MaySee) -> Reps:
    """Of whom single records may be shown; None: of everybody."""
    everybody = plan.members if plan.members is not None else frozenset({*context.directory.reps, None})
    seen = frozenset(rep for rep in everybody if may_see(rep))
    return None if seen == everybody else seen


@dataclass(frozen=True)
class _Explainer:
    """What an explanation is put together from."""

    engine: Engine
    plan: Plan
    reading: Reading
    supplied: Mapping[str, int]
    audience: Audience

    def explanation(self, request: Request, context: Context, page: Page) -> Explanation:
        definition = self.plan.definition
        parts = parts_of(self.plan, definition.formula) if self._is_computed() else ()
        terms = tuple(self._terms(parts)) if parts else ()
        left_out = self._left_out()
        listings = {**self._listings(parts), **{told.name: listing for told, listing in left_out}}
        told = tuple(one for one, _ in left_out)
        return Explanation(
            reading=self.reading,
            definition=_definition(request, self.reading.variant, context),
            equation=equation_of(definition, self.reading, terms) if parts else None,
            terms=terms,
            left_out=told,
            inputs=self._inputs(),
            measures=tuple(listings),
            ignored=_ignored(request),
            records=self._records(parts, listings, page),
            notes=tuple(note for note in self.reading.notes if note not in {one.text for one in told}),
        )

    def _is_computed(self) -> bool:
        """Whether the numbers mean anything: not where an input was never supplied, or nothing has begun."""
        lacks = missing_input(self.plan.definition.needs, self.supplied)
        return self.reading.reason in (None, ZERO_DENOMINATOR) or (
            self.reading.reason == MISSING_TARGETS and lacks is None
        )

    def _listings(self, parts: Sequence[Part]) -> Mapping[str, Listing]:
        """The lists of records by name: of what the formula reads, and of the figures beside it."""
        if not parts:
            return {}
        beside = {name: Listing((part.cell,)) for name, part in extras_of(self.plan)}
        return {**beside, **listings_of(parts)}

    def _terms(self, parts: Sequence[Part]) -> Iterator[Term]:
        plan = self.plan
        cells = read_cells(
            self.engine,
            [part.cell for part in parts],
            members=plan.members,
            groups=[plan.members],
            currency=self.audience.currency,
        )
        listings = [Listing((part.cell,)) for part in parts]
        for part, listing, (records, _) in zip(
            parts, listings, count_records(self.engine, listings, self.audience), strict=True
        ):
            start, until = window_of(part.cell)
            yield Term(
                part.name,
                Decimal(cells.number(part.cell, plan.members)),
                part.span.period.key if start else None,
                start,
                until,
                records,
                listing.subject.table,
            )
        yield from self._terms_without_records()

    def _terms_without_records(self) -> Iterator[Term]:
        """The target, and the business days, where the formula names them."""
        plan, period = self.plan, self.plan.request.period.key
        if plan.definition.held_against and self.reading.target:
            yield Term("target", self.reading.target.value, period)
        words = plan.definition.variant or plan.request.kpi
        if "business days" in words.formula:
            yield Term("business_days", Decimal(plan.asked.business_days), period)
            yield Term("elapsed_business_days", Decimal(plan.asked.elapsed_business_days), period)

    def _left_out(self) -> list[tuple[LeftOut, Listing]]:
        """What makes the figure doubtful, as far as there is any, with its list of records."""
        found = list(self._doubted())
        counts = count_records(self.engine, [listing for _, _, listing in found], self.audience)
        left_out: list[tuple[LeftOut, Listing]] = []
        for (doubt, key, listing), (records, _) in zip(found, counts, strict=True):
            if records:
                name = f"{_LEFT_OUT}:{len(left_out) + 1}"
                text = (doubt.one if records == 1 else doubt.text).format(n=f"{records:,}", key=key)
                left_out.append((LeftOut(name, text, records, listing.subject.table), listing))
        return left_out

    def _doubted(self) -> Iterator[tuple[Doubt, str, Listing]]:
        """Each doubt, by the values of the column that tells it apart."""
        plan = self.plan
        cells = {doubt: plan.doubt_cell(doubt) for doubt in plan.definition.doubts}
        numbers = read_cells(
            self.engine, cells.values(), members=plan.members, groups=[plan.members], currency=self.audience.currency
        )
        for doubt, cell in cells.items():
            for values in sorted(numbers.by_values(cell, plan.members)):
                key = values[0] if values else ""
                only = (Filter(doubt.by, (key,)),) if doubt.by else ()
                listed = replace(cell, by=(), where=(*cell.where, *only))
                yield doubt, key, Listing((listed,), unrated=doubt.unrated)

    def _inputs(self) -> tuple[Input, ...]:
        return tuple(
            Input({name: self.supplied.get(name, 0) for name in need.split("|")})
            for need in dict.fromkeys(self.plan.definition.needs)
        )

    def _records(self, parts: Sequence[Part], listings: Mapping[str, Listing], page: Page) -> Records | None:
        name = self._chosen(listings, page.measure) if page.measure else counted_by(self.plan, parts)
        if name is None:
            return None
        definition = self.plan.definition
        main = main_measure(definition.formula, definition.measures)
        beside = [definition.measures[part.measure] for part in (*parts, *(part for _, part in extras_of(self.plan)))]
        is_left_out = name.startswith(_LEFT_OUT)
        shape = shape_of(
            listings[name],
            [] if is_left_out else beside,
            self.plan.request.kpi.dimensions,
            None if is_left_out else main,
        )
        return read_records(self.engine, name, listings[name], shape, page, self.audience)

    def _chosen(self, listings: Mapping[str, Listing], asked: str) -> str:
        """The list of that name. ExplainError where there is none."""
        name = asked.strip().casefold()
        known = {one.casefold(): one for one in listings}
        if name in known:
            return known[name]
        shown = asked[:_SHOWN_CHARACTERS]
        if not known:
            raise ExplainError(f"There are no records of {shown!r}: nothing was counted for this answer.")
        raise ExplainError(f"There is no measure {shown!r} in {self.reading.kpi}; {did_you_mean(name, listings)}")
