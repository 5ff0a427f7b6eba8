"""Figures that are read in bulk are those that are read one by one."""

import pytest

from kpi.catalogue import CATALOGUE
from kpi.compute import read
from kpi.evaluate import Value
from kpi.figures import FigureKey, read_figures
from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY
from tests.kpi.agreement import KPIS, request_of, scopes_of
from tests.kpi.published import CountingEngine


def bulk(published, *, kpis=KPIS, scopes, keys):
    context = published.context
    periods = [context.calendar.parse(key) for key in keys]
    return read_figures(published.engine, kpis=kpis, scopes=scopes, periods=periods, context=context)


def test_every_figure_is_the_value_of_its_answer(published):
    context, keys = published.context, tuple(dict.fromkeys(published.case.keys[::3]))
    scopes = [*scopes_of(context, every=3), Scope(ScopeType.REP, "gone"), Scope(ScopeType.TEAM, "gone")]
    figures = bulk(published, scopes=scopes, keys=keys)
    asked = [FigureKey(*kpi, key, scope) for kpi in KPIS for key in keys for scope in scopes]
    requests = [request_of(one[:2], one.scope, one.period, context) for one in asked]
    for key, reading in zip(asked, read(published.engine, requests, context), strict=True):
        answer = Value(reading.value, reading.numerator, reading.denominator, reading.records, reading.reason)
        assert figures[key] == answer, key
    assert set(figures) == set(asked)
    assert len(figures) == len(asked)


def test_the_figures_of_some_teams_and_reps_are_their_own(published):
    scopes, key = scopes_of(published.context)[1:], published.case.keys[5]
    everything = bulk(published, scopes=[COMPANY, *scopes], keys=[key])
    for scope in scopes[::4]:
        assert dict(bulk(published, scopes=[scope], keys=[key])) == {
            asked: value for asked, value in everything.items() if asked.scope == scope
        }


def test_queries_are_as_many_for_all_scopes_as_for_some_and_hardly_more_for_all_periods(published):
    engine, context = CountingEngine(published.engine), published.context
    plain = [(kpi.id, None) for kpi in CATALOGUE.values() if not any(m.per for m in kpi.measures.values())]

    def count(scopes, keys):
        engine.queries.clear()
        periods = [context.calendar.parse(key) for key in keys]
        read_figures(engine, kpis=plain, scopes=scopes, periods=periods, context=context)
        return len(engine.queries)

    scopes, keys = scopes_of(context), published.case.keys
    assert count(scopes, keys) == count(scopes[:20], keys)
    assert count(scopes, keys) <= 2 * count(scopes, keys[:1])


def test_what_there_is_not_is_a_key_error(published):
    with pytest.raises(KeyError):
        bulk(published, kpis=[("wirnate", None)], scopes=[COMPANY], keys=["2026-10"])
    with pytest.raises(KeyError):
        bulk(published, kpis=[("winrate", "nothing")], scopes=[COMPANY], keys=["2026-10"])
    with pytest.raises(KeyError):
        bulk(published, kpis=[("winrate", None)], scopes=[COMPANY], keys=["2026-10"])[
            "winrate", None, "2026-09", COMPANY
        ]
