"""A report holds what all of its readers may see, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.access import ADMIN, STRANGER, Policy, viewer_of
from bot.config import load_config
from bot.reports import Report, compose_report, report_period
from bot.services import Desk, NotPermittedError
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.model import Cadence
from kpi.periods import PeriodError
from kpi.scopes import COMPANY
from tests.bot.acme import NOW


@pytest.fixture
def desk(synced_acme: Path) -> Iterator[Desk]:
    config = load_config(synced_acme / "scoreline.toml", {})
    engine = open_engine(config.store_url, config.base)
    yield Desk(engine, config.organisation, CATALOGUE, Policy.TEAM, NOW)
    engine.close()


def report(desk: Desk, team: str, *emails: str) -> Report:
    scope = desk.directory.scope_of_team(desk.directory.find_team(team))
    viewers = [viewer_of(email, desk.directory, ()) for email in emails] or [ADMIN]
    period = report_period(desk, Cadence.WEEKLY, None)
    return compose_report(desk, Cadence.WEEKLY, scope, period, viewers=viewers, locale="en-US")


def test_the_table_by_rep_is_for_those_who_may_see_each_rep(desk: Desk):
    assert "Cy Fox" in report(desk, "T0").message["text"]
    assert "Cy Fox" in report(desk, "T0", "hugo@acme.example").message["text"]
    for readers in (("ana@acme.example",), ("hugo@acme.example", "ana@acme.example")):
        seen = report(desk, "T0", *readers).message
        assert "Bookings" in seen["text"]
        assert not any(name in str(seen) for name in ("Cy Fox", "Ana Diaz", "Bo Ek"))


@pytest.mark.parametrize("readers", [("nobody@acme.example",), ("mia@acme.example", "cy@acme.example")])
def test_one_reader_who_may_not_see_the_team_is_enough_to_refuse(desk: Desk, readers: tuple[str, ...]):
    with pytest.raises(NotPermittedError, match="1 of those it goes to may not see the figures of EMEA") as refused:
        report(desk, "T1", *readers)

    assert not any(email in str(refused.value) for email in readers)


def test_a_stranger_sees_no_report_at_all(desk: Desk):
    period = report_period(desk, Cadence.MONTHLY, None)

    with pytest.raises(NotPermittedError):
        compose_report(desk, Cadence.MONTHLY, COMPANY, period, viewers=[STRANGER], locale="en-US")


@pytest.mark.parametrize(
    ("cadence", "key"), [(Cadence.WEEKLY, "2026-W46"), (Cadence.MONTHLY, "2026-10"), (Cadence.QUARTERLY, "2026-Q3")]
)
def test_a_report_is_about_the_last_finished_period_unless_it_says_which(desk: Desk, cadence: Cadence, key: str):
    assert report_period(desk, cadence, None).key == key
    assert report_period(desk, cadence, key).key == key


@pytest.mark.parametrize("key", ["2026-10", "2026", "2026-11-10", "2026-W48", "2027-W01", "x", ""])
def test_a_period_that_a_weekly_report_cannot_be_about_is_refused(desk: Desk, key: str):
    with pytest.raises(PeriodError):
        report_period(desk, Cadence.WEEKLY, key)


def test_a_period_that_runs_can_be_reported_so_far(desk: Desk):
    assert report_period(desk, Cadence.WEEKLY, "2026-W47").key == "2026-W47"
