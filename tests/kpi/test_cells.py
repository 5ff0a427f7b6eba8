"""However much is read at once, each number is what it is when it is read alone."""

from dataclasses import replace

import pytest

from kpi.compute import read
from kpi.model import Filter
from kpi.scopes import COMPANY
from tests.kpi.agreement import KPIS, request_of, scopes_of
from tests.kpi.published import CountingEngine


def trend_of(published):
    """Periods that touch, overlap, hold each other and lie apart."""
    calendar = published.context.calendar
    return tuple(dict.fromkeys(calendar.parse(key) for key in (*published.case.keys, "2026-09", "2026-08", "2020-01")))


@pytest.mark.parametrize("place", [0, 3, -2])
def test_a_period_of_a_trend_has_the_figures_that_it_has_alone(published, place):
    context, trend = published.context, trend_of(published)
    scope = scopes_of(context)[place]
    requests = [request_of(kpi, scope, published.case.keys[5], context) for kpi in KPIS]
    together = read(published.engine, [replace(request, trend=trend) for request in requests], context)
    alone = [[replace(request, trend=(period,)) for request in requests] for period in trend]
    for number, ones in enumerate(alone):
        for reading, one in zip(together, read(published.engine, ones, context), strict=True):
            assert reading.trend[number] == one.trend[0], (reading.kpi, reading.variant, trend[number].key)


def test_many_periods_are_read_in_slices_of_time_whatever_is_asked_of_them(published):
    context = published.context
    engine = CountingEngine(published.engine)
    plain = request_of(("newopps", None), COMPANY, published.case.keys[5], context)
    web = replace(plain, where=(Filter("pipeline", ("Sales",)),))
    for request in (plain, web, replace(plain, by=("rep",)), replace(plain, by=("source",))):
        engine.queries.clear()
        long, short = (replace(request, trend=trend) for trend in (trend_of(published), ()))
        (reading,) = read(engine, [long], context)
        assert any("slice" in query for query in engine.queries)
        (bare,) = read(published.engine, [short], context)
        assert replace(reading, trend=()) == bare
