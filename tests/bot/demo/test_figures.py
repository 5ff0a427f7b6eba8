"""The made-up company's figures: every KPI has one, and the ones that people know by heart are believable."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.access import ADMIN, Policy
from bot.config import load_config
from bot.demo.company import write_export
from bot.reports import compose_report, report_period
from bot.services import Desk
from bot.sync import SilentProgress, sync
from bot.views.limits import problems
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.model import Cadence, Request, ScopeType
from kpi.scopes import COMPANY

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LAST = {Cadence.WEEKLY: "2026-W46", Cadence.MONTHLY: "2026-10", Cadence.QUARTERLY: "2026-Q3"}
RUNNING = {Cadence.WEEKLY: "2026-W47", Cadence.MONTHLY: "2026-11", Cadence.QUARTERLY: "2026-Q4"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    write_export(folder, today=NOW.date())
    config = load_config(folder / "scoreline.toml", {})
    sync(config, only=None, full=False, clock=lambda: NOW, progress=SilentProgress())
    engine = open_engine(config.store_url, config.base)
    yield Desk(engine, config.organisation, CATALOGUE, Policy(config.access.policy), NOW)
    engine.close()


@pytest.fixture(scope="module")
def readings(desk):
    """The company's, by KPI, variant and whether the period has ended."""
    asked = {
        (kpi.id, variant, periods is LAST): Request(
            kpi, COMPANY, desk.context.calendar.parse(periods[kpi.cadence]), variant=variant
        )
        for kpi in CATALOGUE.values()
        for variant in (None, *(variant.name for variant in kpi.variants))
        for periods in (LAST, RUNNING)
    }
    return dict(zip(asked, desk.answers(list(asked.values()), ADMIN), strict=True))


def test_every_kpi_and_variant_has_a_value(readings):
    without = {key: reading.reason for key, reading in readings.items() if reading.value is None}
    assert without == {("magic", variant, False): "not_applicable" for variant in (None, "two_quarters")}


@pytest.mark.parametrize(
    ("kpi", "low", "high"),
    [
        ("winrate", "0.2", "0.42"),
        ("attainment", "0.7", "1.3"),
        ("responsetime", "10", "300"),  # minutes
        ("openrate", "0.3", "0.6"),
        ("appointments", "0.1", "0.4"),
        ("mql2sql", "0.3", "0.8"),
        ("lead2opp", "0.1", "0.5"),
        ("quotetoclose", "0.2", "0.6"),
        ("cycle", "25", "80"),  # days
        ("margin", "0.6", "0.85"),
        ("churn", "0.02", "0.09"),  # a quarter
        ("revenuechurn", "0.02", "0.09"),
        ("ltvcac", "2", "5.5"),
        ("magic", "0.5", "1.5"),
        ("cpl", "40", "250"),  # EUR
    ],
)
def test_a_finished_period_is_believable(readings, kpi, low, high):
    assert Decimal(low) <= readings[kpi, None, True].value <= Decimal(high)


@pytest.mark.parametrize("cadence", Cadence)
@pytest.mark.parametrize("scope", ScopeType)
def test_its_digests_leave_nothing_out(desk, cadence, scope):
    scopes = {
        ScopeType.COMPANY: COMPANY,
        ScopeType.TEAM: desk.directory.scope_of_team(desk.directory.find_team("T1")),
        ScopeType.REP: desk.directory.scope_of_rep(desk.directory.find_rep("R1")),
    }
    period = report_period(desk, cadence, None)
    report = compose_report(desk, cadence, scopes[scope], period, viewers=[ADMIN], locale="en-GB")
    assert problems(report.message) == []
    assert "n/a" not in report.message["text"]
    assert "Left out" not in report.message["text"]
