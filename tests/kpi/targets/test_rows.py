"""Targets are read as they were set: exactly the row of a KPI, scope and period."""

from decimal import Decimal

import pytest

from kpi.engines import open_engine, read_directory
from kpi.model import Scope, ScopeType
from kpi.organisation import Organisation
from kpi.scopes import COMPANY
from kpi.targets import Target, Targets, read_targets
from tests.kpi.expected.records import Company
from tests.kpi.published import URL, CountingEngine, publish

HOSTILE = "'); drop table targets; --"


def target(kpi, scope, scope_id, period, value, **more):
    return {"kpi": kpi, "scope": scope, "scope_id": scope_id, "period": period, "value": Decimal(value), **more}


COMPANY_OF_TWO_SOURCES = Company(
    Organisation(),
    {
        "a": {
            "owners": [
                {"id": "R1", "name": "Ann", "email": "ann@x.example"},
                {"id": "R2", "name": "Bob", "email": "ANN@x.example"},
                {"id": HOSTILE, "name": "Eve"},
            ],
            "targets": [
                target("deals", "company", None, "2026-11", 1),
                target("deals", "company", "anything", "2026-11", 2),
                target("deals", "company", None, "2026-Q4", 3),
                target("bookings", "company", None, "2026-11", "4.0001", kind="money"),
                target("deals", "team", "T1", "2026-11", 5),
                target("deals", "rep", "Ann@X.example", "2026-11", 6),
                target("deals", "rep", "R2", "2026-11", 7),
                target("deals", "rep", HOSTILE, "2026-11", 0, kind="yes_no"),
                target("deals", "rep", "nobody", "2026-11", 9),
            ],
        },
        "b": {
            "owners": [{"id": "9", "name": "A.", "email": "ann@x.example"}],
            "targets": [target("deals", "rep", "9", "2026-10", 10), target("deals", "company", None, "2026-Q4", 11)],
        },
    },
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    publish(COMPANY_OF_TWO_SOURCES, folder)
    engine = open_engine(URL, folder)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def targets(engine):
    return read_targets(engine, read_directory(engine), {"deals"})


def rep(rep_id):
    return Scope(ScopeType.REP, rep_id)


def test_the_last_row_of_a_key_stands(targets):
    assert targets.find("deals", COMPANY, "2026-11") == Target(Decimal(2), None)


def test_a_later_source_comes_after_an_earlier_one(targets):
    assert targets.find("deals", COMPANY, "2026-Q4") == Target(Decimal(11), None)


def test_a_period_has_no_target_but_its_own(targets):
    assert targets.find("deals", COMPANY, "2026-W47") is None
    assert targets.find("deals", COMPANY, "2026") is None


def test_a_team_is_named_by_its_id(targets):
    assert targets.find("deals", Scope(ScopeType.TEAM, "a:T1"), "2026-11") == Target(Decimal(5), None)
    assert targets.find("deals", rep("a:T1"), "2026-11") is None


def test_an_email_is_that_of_the_first_owner_who_has_it(targets):
    assert targets.find("deals", rep("a:R1"), "2026-11") == Target(Decimal(6), None)
    assert targets.find("deals", rep("a:R2"), "2026-11") == Target(Decimal(7), None)


def test_an_owner_of_another_source_is_the_same_person(targets):
    assert targets.find("deals", rep("a:R1"), "2026-10") == Target(Decimal(10), None)


def test_a_kind_is_kept_and_a_value_of_zero_is_a_target(targets):
    assert targets.find("deals", rep(f"a:{HOSTILE}"), "2026-11") == Target(Decimal(0), "yes_no")


def test_a_target_of_nobody_is_nobodys(targets):
    assert targets.find("deals", rep("a:nobody"), "2026-11") is None


def test_only_the_kpis_asked_for_are_read(engine, targets):
    directory = read_directory(engine)
    assert targets.find("bookings", COMPANY, "2026-11") is None
    both = read_targets(engine, directory, {"deals", "bookings", HOSTILE})
    assert both.find("bookings", COMPANY, "2026-11") == Target(Decimal("4.0001"), "money")
    assert both.find("deals", COMPANY, "2026-11") == targets.find("deals", COMPANY, "2026-11")


def test_no_kpis_need_no_query(engine):
    counting = CountingEngine(engine)
    assert read_targets(counting, read_directory(engine), set()).find("deals", COMPANY, "2026-11") is None
    assert counting.queries == []


def test_nothing_set_is_no_target():
    assert Targets({}).find("deals", COMPANY, "2026-11") is None
