"""Every figure of hostile companies is what a second computation gives that has nothing in common with the first."""

from decimal import Decimal, localcontext
from itertools import permutations
from random import Random

import pytest

from kpi.catalogue import CATALOGUE
from kpi.compute import read
from kpi.model import Filter, Reading, Request, ScopeType, is_additive
from kpi.plan import define
from tests.kpi.agreement import (
    ATTAINED,
    KPIS,
    Answer,
    adds_up,
    differs,
    is_close,
    pace_of,
    request_of,
    said,
    scopes_of,
    target_row,
    values_of,
)
from tests.kpi.conftest import Published
from tests.kpi.published import CountingEngine

Asked = list[tuple[Request, Reading, Answer]]


@pytest.fixture(scope="module")
def plain(published: Published) -> Asked:
    """Every KPI and variant of some scopes and periods, asked at once."""
    random = Random(published.case.keys[0])  # noqa: S311 - the same every time
    context = published.context
    scopes = scopes_of(context)
    requests = [
        request_of(asked, scope, key, context)
        for asked in KPIS
        for scope in (scopes[0], *random.sample(scopes[1:], 3))
        for key in random.sample(published.case.keys, 3)
    ]
    return answered(requests, published)


def answered(requests: list[Request], published: Published) -> Asked:
    readings = read(published.engine, requests, published.context)
    frames, now = published.frames, published.case.now
    return [(each, reading, Answer(each, frames, now)) for each, reading in zip(requests, readings, strict=True)]


def test_every_figure_is_the_expected_one(plain):
    found = [(said(request), differs(reading, answer.value)) for request, reading, answer in plain]
    assert [each for each in found if each[1]] == []


def test_what_is_told_beside_a_figure_is_expected_too(plain):
    for request, reading, answer in plain:
        expected = answer.value.extras
        if reading.value is not None and expected:
            for name in expected.keys() & reading.extras.keys():
                assert is_close(reading.extras[name].value, expected[name]), (said(request), name)


def test_the_period_before_is_computed_like_any_other(plain):
    for request, reading, answer in plain:
        expected = answer.previous(is_maturing=reading.is_maturing)
        assert differs(reading.previous, expected) is None, said(request)


def test_a_running_period_is_held_against_the_like_part_of_the_one_before(plain):
    for request, reading, answer in plain:
        expected = answer.previous_to_date(is_maturing=reading.is_maturing)
        assert differs(reading.previous_to_date, expected) is None, said(request)


def test_the_benchmark_is_the_mean_of_the_periods_before_that_have_a_value(plain):
    for request, reading, answer in plain:
        assert reading.benchmark == answer.benchmark(), said(request)


def test_targets_attainment_and_pace_are_the_expected_ones(plain, published):
    frames, now = published.frames, published.case.now
    for request, reading, answer in plain:
        held_against = answer.name in ATTAINED
        kpi = ATTAINED.get(answer.name, request.kpi.id)
        row = target_row(frames, kpi, request.scope, request.period.key)
        if row is None or (request.variant and not held_against):
            assert reading.target is None, said(request)
            continue
        assert reading.target is not None, said(request)
        assert reading.target.value == row["value"]
        actual = reading.numerator if held_against else reading.value
        if actual is None or not row["value"] or row["kind"] == "yes_no":
            assert (reading.target.attainment, reading.target.pace) == (None, None), said(request)
            continue
        assert is_close(reading.target.attainment, actual / row["value"]), said(request)
        own = define(CATALOGUE[kpi], None, CATALOGUE)
        days = (request.period.first_day, request.period.last_day)
        pace = pace_of(frames, actual, row["value"], days, now) if is_additive(own.formula, own.measures) else None
        assert is_close(reading.target.pace, pace), said(request)


@pytest.mark.parametrize("dimension", ["rep", "team"])
def test_the_lines_of_people_are_the_expected_ones(published, dimension):
    random, context = Random(7), published.context  # noqa: S311 - the same every time
    requests = [
        request_of(asked, scope, key, context, (dimension,))
        for asked in KPIS
        if dimension in CATALOGUE[asked[0]].dimensions
        for scope in (scopes_of(context)[0], random.choice(scopes_of(context)[1:10]))
        for key in random.sample(published.case.keys, 1)
    ]
    for request, reading, answer in answered(requests, published):
        if reading.reason not in (None, "zero_denominator", "missing_input: targets") or (
            reading.reason == "missing_input: targets" and not published.frames.supplied("targets")
        ):
            assert reading.by == (), said(request)
            continue
        expected = answer.lines_by_people(dimension)
        assert [(line.key.key, line.key.name) for line in reading.by] == [each[:2] for each in expected], said(request)
        for line, (_, _, figure) in zip(reading.by, expected, strict=True):
            assert differs(line, figure) is None, (said(request), line.key)


def test_the_lines_of_values_are_the_expected_ones(published):
    random, context = Random(8), published.context  # noqa: S311 - the same every time
    requests = [
        request_of(asked, random.choice(scopes_of(context)[:8]), key, context, (dimension,))
        for asked in KPIS
        for dimension in CATALOGUE[asked[0]].dimensions
        if dimension not in ("rep", "team")
        for key in random.sample(published.case.keys, 2)
    ]
    for request, reading, answer in answered(requests, published):
        lines = {line.key.key: line for line in reading.by}
        for value in values_of(published.frames, request.by[0]) if lines else ():
            expected = answer.line({request.by[0]: value})
            if value in lines:
                assert differs(lines.pop(value), expected) is None, (said(request), value)
            else:
                assert not expected.records, (said(request), value)
                assert not expected.value, (said(request), value)
        assert lines == {}, said(request)


def test_the_lines_of_two_dimensions_are_each_a_line_of_the_filtered_whole(published):
    """A line by two dimensions is what the same question gives with both as filters."""
    random, context = Random(9), published.context  # noqa: S311 - the same every time
    for asked in KPIS:
        if asked[0] == "attainment":
            continue  # a line is held against its own rep's target, a filtered whole against the whole's
        pairs = list(permutations(CATALOGUE[asked[0]].dimensions, 2))
        for by in random.sample(pairs, min(len(pairs), 2)):
            request = request_of(asked, scopes_of(context)[0], random.choice(published.case.keys), context, by)
            (_, reading, _) = answered([request], published)[0]
            told = [line for line in reading.by if not any(key.key.startswith("(") for key in (line.key, line.second))]
            for line in random.sample(told, min(2, len(told))):
                where = tuple(Filter(key.dimension, (key.key,)) for key in (line.key, line.second))
                alone = read(
                    published.engine,
                    [Request(request.kpi, request.scope, request.period, request.variant, (), where)],
                    context,
                )[0]
                assert (line.value, line.records) == (alone.value, alone.records) or has_folded_case(
                    where, published
                ), (
                    said(request),
                    line,
                )


def has_folded_case(where, published):
    """Whether a filter, which ignores case, takes more than the one value of the line."""
    folded = [value.lower() for each in where for value in values_of(published.frames, each.dimension)]
    return any(folded.count(each.values[0].lower()) > 1 for each in where)


def test_the_lines_of_what_adds_up_add_up_to_the_whole(published):
    random, context = Random(10), published.context  # noqa: S311 - the same every time
    requests = [
        request_of(asked, random.choice(scopes_of(context)[:6]), random.choice(published.case.keys), context, (by,))
        for asked in KPIS
        for by in CATALOGUE[asked[0]].dimensions
    ]
    for request, reading, _ in answered([each for each in requests if adds_up(each)], published):
        if reading.reason is None and not (request.by == ("team",) and request.scope.type is ScopeType.REP):
            assert exact_sum(line.value for line in reading.by) == reading.value, said(request)


def exact_sum(values):
    with localcontext(prec=100):
        return sum(values, Decimal(0))


def test_the_top_lines_and_the_others_add_up_to_the_whole(published):
    context = published.context
    for kpi, by in (("activities", "type"), ("deals", "rep"), ("bookings", "source"), ("deals", "team")):
        for key in published.case.keys:
            request = Request(CATALOGUE[kpi], scopes_of(context)[0], context.calendar.parse(key), None, (by,), top=1)
            reading = read(published.engine, [request], context)[0]
            if reading.value is not None:
                assert exact_sum(line.value for line in reading.by) == reading.value, said(request)
                assert len(reading.by) <= 2 or reading.by[-1].key.key != "(other)"


def test_many_questions_at_once_are_answered_as_one_at_a_time(published, plain):
    of_the_company = {said(request): (request, reading) for request, reading, _ in plain if request.scope.id is None}
    for request, reading in [*of_the_company.values()][::2]:
        assert read(published.engine, [request], published.context) == [reading], said(request)
    for request, reading, _ in plain[:: len(plain) // 20]:
        assert read(published.engine, [request], published.context) == [reading], said(request)


def test_any_number_of_questions_is_a_handful_of_queries(published, plain):
    """Scopes cost no query of their own, periods only to what is counted in two steps."""
    engine = CountingEngine(published.engine)
    one = [request for request, _, _ in plain if request.period.key == plain[0][0].period.key]
    read(engine, one, published.context)
    few = len(engine.queries)
    read(engine, one * 20, published.context)
    assert len(engine.queries) == 2 * few
