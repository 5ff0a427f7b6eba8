"""Asking companies that are small enough to work out in the head."""

from datetime import UTC, datetime

import pytest

from kpi.compute import read
from kpi.engines import open_engine
from kpi.model import Request
from kpi.scopes import COMPANY
from tests.kpi.published import URL, context_of, publish

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The engine of a company, which is published once."""
    engines = {}  # with the companies, so that no other takes one's identity

    def engine_of(company):
        if id(company) not in engines:
            folder = tmp_path_factory.mktemp("store")
            publish(company, folder)
            engines[id(company)] = (company, open_engine(URL, folder))
        return engines[id(company)][1]

    yield engine_of
    for _, engine in engines.values():
        engine.close()


@pytest.fixture(scope="module")
def asked(opened):
    """Asks a company: ``asked(ACME, WINRATE, "2026-11")``."""

    def ask(company, kpi, key, *, scope=COMPANY, variant=None, by=(), where=(), now=NOW):
        engine = opened(company)
        context = context_of(company, engine, now)
        request = Request(kpi, scope, context.calendar.parse(key), variant, by=by, where=where)
        return read(engine, [request], context)[0]

    return ask
