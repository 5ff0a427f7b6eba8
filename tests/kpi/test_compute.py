"""Every figure of hostile companies is what the oracle computes by hand."""

from decimal import Decimal, localcontext

import pytest

from kpi.catalogue import CATALOGUE
from kpi.compute import read
from kpi.model import Reading, Request
from tests.kpi.agreement import KPIS, TOTALS, Answer, parts, request_of, said, scopes_of
from tests.kpi.conftest import Published
from tests.kpi.published import CountingEngine


@pytest.fixture(scope="module")
def plain(published: Published) -> list[tuple[Request, Reading, Answer]]:
    """Every KPI and variant of every scope and period, asked at once."""
    context = published.context
    requests = [
        request_of(asked, scope, key, context)
        for asked in KPIS
        for scope in scopes_of(context, every=2)
        for key in published.case.keys
    ]
    readings = read(published.engine, requests, context)
    return [(each, reading, Answer(each, published.oracle)) for each, reading in zip(requests, readings, strict=True)]


def test_every_figure_is_the_oracles(plain):
    for request, reading, expected in plain:
        assert parts(reading) == expected.value(), said(request)


def test_the_period_before_is_computed_like_any_other(plain):
    for request, reading, expected in plain:
        assert parts(reading.previous) == expected.previous(), said(request)


def test_a_running_period_is_held_against_the_like_part_of_the_one_before(plain):
    for request, reading, expected in plain:
        assert parts(reading.previous_to_date) == expected.previous_to_date(), said(request)


def test_targets_attainment_and_pace_are_the_oracles(plain):
    for request, reading, expected in plain:
        target = reading.target and (reading.target.value, reading.target.attainment, reading.target.pace)
        assert target == expected.target(), said(request)


def test_the_benchmark_is_the_mean_of_the_periods_before_that_have_a_value(plain):
    for request, reading, expected in plain:
        assert reading.benchmark == expected.benchmark(), said(request)


def test_notes_count_what_is_left_out(plain):
    for request, reading, expected in plain:
        wanted = expected.notes()
        assert [note for note in reading.notes if "target" not in note] == wanted, said(request)


def test_every_breakdown_is_the_oracles(published):
    context = published.context
    requests = [
        request_of(asked, scope, key, context, by)
        for asked in KPIS
        for by in CATALOGUE[asked[0]].dimensions
        for scope in scopes_of(context, every=5)
        for key in published.case.keys[2::4]
    ]
    for request, reading in zip(requests, read(published.engine, requests, context), strict=True):
        found = [(line.key, line.name, parts(line)) for line in reading.by]
        assert found == Answer(request, published.oracle).lines(), said(request)
        assert {line.dimension for line in reading.by} <= {request.by}


def test_the_lines_of_what_adds_up_add_up_to_the_whole(published):
    context = published.context
    requests = [
        request_of((kpi, None), scope, key, context, by)
        for kpi in TOTALS
        for by in CATALOGUE[kpi].dimensions
        for scope in scopes_of(context, every=3)
        for key in published.case.keys[5::2]
    ]
    for request, reading in zip(requests, read(published.engine, requests, context), strict=True):
        if reading.reason is None and not (request.by == "team" and request.scope.type == "rep"):
            assert sum(line.records for line in reading.by) == reading.records, said(request)
            assert exact_sum(line.value for line in reading.by) == reading.value, said(request)


def exact_sum(values):
    with localcontext(prec=100):
        return sum(values, Decimal(0))


def test_many_questions_at_once_are_answered_as_one_at_a_time(published, plain):
    for request, reading, _ in plain[:: len(plain) // 20]:
        assert read(published.engine, [request], published.context) == [reading]


def test_any_number_of_questions_is_one_query_for_each_relation_and_dimension(published, plain):
    engine = CountingEngine(published.engine)
    requests = [request for request, _, _ in plain[::7]]
    by_rep = [
        request_of(asked, request.scope, request.period.key, published.context, "rep")
        for asked in KPIS
        for request in requests[:20]
    ]
    read(engine, [*requests, *by_rep], published.context)
    relations = [sql for sql in engine.queries if "rep_id" in sql and "targets" not in sql]
    # closed_deals (in all and by currency), undated_deals, done_activities, active_reps, customer_intervals
    assert len(relations) == 6
    assert len(engine.queries) <= 9
