from collections.abc import Collection
from datetime import date

from bot.digests.requests import breakdown_requests, digest_requests
from kpi.catalogue import CATALOGUE
from kpi.model import Cadence, Request, Scope
from kpi.periods import Grain
from kpi.scopes import COMPANY
from tests.bot.views.readings import CALENDAR, REP, TEAM

WEEK = CALENDAR.parse("2026-W46")
RUNNING = [
    CALENDAR.containing(date(2026, 11, 16), grain) for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
]


def asked(targets: Collection[tuple[str, str]], cadence: Cadence = Cadence.WEEKLY) -> tuple[Request, ...]:
    return digest_requests(
        cadence,
        TEAM,
        WEEK,
        catalogue=CATALOGUE,
        running=RUNNING,
        has_target=lambda kpi, scope, key: scope == TEAM and (kpi, key) in targets,
    )


def attainment(targets: Collection[tuple[str, str]], cadence: Cadence = Cadence.WEEKLY) -> tuple[str, str | None]:
    (request,) = (request for request in asked(targets, cadence) if request.kpi.id == "attainment")
    return request.period.key, request.variant


def test_the_rows_report_the_digests_own_period() -> None:
    rows = {request.kpi.id: request.period for request in asked(()) if request.kpi.id != "attainment"}
    assert set(rows.values()) == {WEEK}
    assert {"activities", "bookings"} <= set(rows)


def test_products_are_asked_for_by_their_largest_lines() -> None:
    (products,) = (request for request in asked((), Cadence.QUARTERLY) if request.kpi.id == "products")
    assert (products.by, products.top) == (("product",), 5)


def test_attainment_is_told_for_the_shortest_running_period_that_has_a_target() -> None:
    assert attainment({("bookings", "2026-Q4"), ("bookings", "2026")}) == ("2026-Q4", None)
    assert attainment({("bookings", "2026-11"), ("bookings", "2026-W47")}) == ("2026-W47", None)


def test_attainment_takes_the_target_there_is_money_first() -> None:
    assert attainment({("deals", "2026-11"), ("bookings", "2026")}) == ("2026-11", "deals")
    assert attainment({("deals", "2026-11"), ("bookings", "2026-11")}) == ("2026-11", None)
    assert attainment({("newcustomers", "2026-Q4")}) == ("2026-Q4", "customers")


def test_attainment_without_a_target_is_asked_for_the_digests_period() -> None:
    assert attainment({("activities", "2026-W47")}) == ("2026-W46", None)


def test_a_monthly_digest_tells_attainment_for_its_own_period() -> None:
    targets = {("bookings", "2026-W46"), ("bookings", "2026-W47")}
    assert attainment(targets, Cadence.MONTHLY) == ("2026-W46", None)


def test_a_team_is_broken_down_by_rep_the_company_by_team_a_rep_not_at_all() -> None:
    def broken_down(scope: Scope) -> list[tuple[str, tuple[str, ...]]]:
        return [(request.kpi.id, request.by) for request in breakdown_requests(scope, WEEK, CATALOGUE)]

    assert broken_down(TEAM) == [("activities", ("rep",)), ("bookings", ("rep",)), ("deals", ("rep",))]
    assert {by for _, by in broken_down(COMPANY)} == {("team",)}
    assert broken_down(REP) == []
