"""Of every KPI and variant, asked of hostile companies: what is listed is what was counted, and adds up to what was summed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from random import Random

import pytest

from kpi.catalogue import CATALOGUE
from kpi.evaluate import EXACT, MISSING_TARGETS, NOT_APPLICABLE, NOT_BEGUN, ZERO_DENOMINATOR
from kpi.explain import Explanation, Page, explain
from kpi.formulas import Ratio, Total
from kpi.model import Request
from kpi.plan import define
from kpi.scopes import COMPANY
from tests.kpi.agreement import KPIS, request_of, scopes_of
from tests.kpi.conftest import Published

EVERYTHING = Page(rows=1_000_000)

# Two of the companies: in dong, and where clocks turn at midnight.
pytestmark = pytest.mark.parametrize("published", [2], indirect=True, scope="session", ids=["dong"])


def everybody(_rep):
    return True


def asked(kpi: tuple[str, str | None], published: Published) -> Iterator[Request]:
    """The KPI of some scopes and periods."""
    random = Random(f"{kpi} {published.case.keys[0]}")  # noqa: S311 - the same every time
    scopes = scopes_of(published.context)
    for scope, keys in ((COMPANY, 2), (random.choice(scopes[1:]), 1)):
        for key in random.sample(published.case.keys, keys):
            yield request_of(kpi, scope, key, published.context)


def explained(request: Request, published: Published, page: Page = EVERYTHING, may_see=everybody) -> Explanation:
    return explain(published.engine, request, published.context, page, may_see)


def summed(explanation: Explanation) -> Decimal:
    records = explanation.records
    with localcontext(EXACT):
        return sum((Decimal(row.values[records.adds] or 0) for row in records.rows), Decimal(0))


@pytest.fixture(scope="module", params=KPIS, ids=lambda asked: f"{asked[0]} {asked[1] or ''}".strip())
def explanations(request, published) -> list[tuple[Request, Explanation]]:
    """A KPI, or a variant of one, of some scopes and periods, explained with all records."""
    return [(each, explained(each, published)) for each in asked(request.param, published)]


def test_the_records_that_an_answer_counts_are_listed(explanations):
    for _, told in explanations:
        reading, records = told.reading, told.records
        if told.terms:
            assert reading.reason in (None, ZERO_DENOMINATOR, MISSING_TARGETS)
            assert (records.total, records.hidden, len(records.rows)) == (reading.records, 0, reading.records)
        else:
            assert reading.reason in (NOT_APPLICABLE, NOT_BEGUN) or reading.reason.startswith("missing_input")
            assert (records, told.equation) == (None, None)


def test_what_the_listed_records_add_makes_the_total(explanations):
    for request, told in explanations:
        formula = define(request.kpi, told.reading.variant, CATALOGUE).formula
        if told.records and told.records.adds and isinstance(formula, Total | Ratio):
            total = told.reading.value if told.reading.numerator is None else told.reading.numerator
            assert total == (summed(told) if formula.per == 1 else summed(told) / formula.per)


def test_every_number_of_a_formula_is_the_count_or_the_sum_of_its_records(explanations, published):
    request, told = explanations[0]
    measures = define(request.kpi, told.reading.variant, CATALOGUE).measures
    for term in told.terms:
        if term.records is None:
            assert term.name in ("target", "business_days", "elapsed_business_days")
            continue
        listed = explained(request, published, Page(rows=1_000_000, measure=term.name))
        measure = measures[term.name.partition("@")[0]]
        assert listed.records.measure == term.name
        assert (listed.records.total, listed.records.table) == (term.records, term.table)
        if measure.expression.startswith("count("):
            assert term.number == term.records
        if measure.expression.startswith("sum(") and listed.records.adds:
            assert term.number == summed(listed)


def test_what_is_left_out_is_what_the_notes_say_and_can_be_listed(explanations, published):
    for request, told in explanations:
        assert {one.text for one in told.left_out} <= set(told.reading.notes)
        assert not any("left out" in note for note in told.notes)
        for left_out in told.left_out:
            listed = explained(request, published, Page(rows=1_000_000, measure=left_out.name)).records
            assert (len(listed.rows), listed.table) == (left_out.records, left_out.table)


def test_all_that_is_named_can_be_listed(explanations, published):
    request, told = explanations[0]
    for name in told.measures:
        assert explained(request, published, Page(rows=1, measure=name.upper())).records.measure == name
