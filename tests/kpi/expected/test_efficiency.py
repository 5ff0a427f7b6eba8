"""What customers cost and are worth, in round numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kpi.model import ScopeType
from tests.kpi.expected.ask import Expected
from tests.kpi.expected.efficiency import KPIS, NEEDS
from tests.kpi.expected.frames import Frames
from tests.kpi.expected.records import Row
from tests.kpi.expected.tiny import ask_of, frames_of, on


def _expected(kpi: str, frames: Frames, key: str = "2026-Q3", **more: Any) -> Expected:
    return KPIS[kpi](frames, ask_of(frames, key, **more))


def _spend(id_: str, day: date, amount: int, **more: Any) -> Row:
    return {"id": id_, "date": day, "category": "sales", "amount": Decimal(amount)} | more


def _subscription(id_: str, account: str, mrr: int, start: str, end: str | None = None) -> Row:
    ended_at = on(end) if end else None
    return {"id": id_, "account_id": account, "mrr": Decimal(mrr), "started_at": on(start), "ended_at": ended_at}


def _won(id_: str, day: str, amount: int, cost: int | None, account: str | None = "A1") -> Row:
    worth = {"amount": Decimal(amount), "cost": None if cost is None else Decimal(cost)}
    return {
        "id": id_,
        "status": "won",
        "created_at": on("2026-01-01"),
        "closed_at": on(day),
        "account_id": account,
    } | worth


def _account(id_: str, since: str, churned: str | None = None, **more: Any) -> Row:
    return {"id": id_, "customer_since": on(since), "churned_at": on(churned) if churned else None} | more


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


@pytest.mark.parametrize("kpi", KPIS)
@pytest.mark.parametrize("scope_type", [ScopeType.TEAM, ScopeType.REP])
def test_spend_has_no_owner_so_that_only_the_company_has_a_value(kpi: str, scope_type: ScopeType):
    assert _expected(kpi, frames_of(), scope_type=scope_type).reason == "not_applicable"


class TestCac:
    def _frames(self) -> Frames:
        spend = [
            _spend("S1", date(2026, 7, 1), 300, segment="11+"),
            _spend("S2", date(2026, 9, 30), 100, category="marketing"),
            _spend("S3", date(2026, 9, 30), 900, currency="XXX"),
            _spend("S4", date(2026, 10, 1), 900),
            _spend("S5", date(2026, 6, 30), 900),
        ]
        accounts = [_account("A1", "2026-07-05", segment="11+"), _account("A2", "2026-08-05")]
        return frames_of(spend=spend, accounts=accounts)

    def test_it_is_all_spend_of_the_period_for_each_new_customer(self):
        assert _expected("cac", self._frames()) == Expected(Decimal(200), Decimal(400), Decimal(2), 2)

    def test_spend_is_its_own_segments(self):
        assert _expected("cac", self._frames(), segment="11+").value == 300
        assert _expected("cac", self._frames(), segment="(none)").value == 100

    def test_without_new_customers_there_is_no_value(self):
        assert _expected("cac", self._frames(), "2026-06").reason == "zero_denominator"

    def test_spend_counts_at_the_midnight_of_its_day(self):
        day, accounts = date(2026, 11, 20), [_account("A1", "2026-11-05")]
        midnight = datetime(2026, 11, 19, 23, tzinfo=UTC)
        asked = {
            now: frames_of(now=now, spend=[_spend("S1", day, 5)], accounts=accounts)
            for now in (midnight, midnight.replace(minute=1))
        }
        assert [_expected("cac", frames, "2026-11").numerator for frames in asked.values()] == [0, 5]


class TestLtv:
    """Margin 50 %. MRR at the ends of July to September: 400, 400, 200; customers: 4, 4, 2; churn: 0, 0, a half."""

    def _frames(self, **more: Any) -> Frames:
        tables: dict[str, list[Row]] = {
            "accounts": [
                *(_account(f"A{n}", "2026-06-05", segment="11+") for n in (1, 2)),
                *(_account(f"A{n}", "2026-06-05", "2026-09-10") for n in (3, 4)),
            ],
            "subscriptions": [
                *(_subscription(f"U{n}", f"A{n}", 100, "2026-06-05") for n in (1, 2)),
                *(_subscription(f"U{n}", f"A{n}", 100, "2026-06-05", "2026-09-10") for n in (3, 4)),
            ],
            "deals": [
                _won("D1", "2026-08-01", 1000, 500),
                _won("D2", "2026-06-01", 100, 0, "A2"),
                _won("D3", "2026-08-01", 600, None),
                _won("D4", "2026-10-01", 900, 1),
                _won("D5", "2026-06-01", 900, 1, "A gone"),
            ],
            "spend": [_spend("S1", date(2026, 7, 1), 30)],
        }
        return frames_of(**(tables | more))

    def test_it_is_margin_times_mrr_of_a_customer_over_the_mean_churn_of_its_months(self):
        assert _expected("ltv", self._frames()) == Expected(Decimal(300), records=2)  # 0.5 x 100 / (1/6)

    def test_the_months_of_a_range_are_whole_or_there_is_no_value(self):
        frames = self._frames()
        assert _expected("ltv", frames, "2026-07-01..2026-09-30").value == 300
        assert _expected("ltv", frames, "2026-07-02..2026-09-30").reason == "not_applicable"
        assert _expected("ltv", frames, "2026-W36").reason == "not_applicable"

    def test_without_churn_there_is_no_value(self):
        frames = self._frames(deals=[_won("D1", "2026-08-01", 1000, 500)])
        assert _expected("ltv", frames, "2026-08").reason == "zero_denominator"

    def test_a_month_that_starts_without_customers_has_no_churn(self):
        frames = self._frames(deals=[_won("D1", "2026-08-01", 1000, 500)])
        assert _expected("ltv", frames, "2026-04-01..2026-09-30").value == 300  # they came in June

    def test_of_a_running_quarter_the_months_that_have_begun_count_to_date(self):
        now = datetime(2026, 9, 10, 13, tzinfo=UTC)  # just after two of the four have left
        assert _expected("ltv", self._frames(now=now)).value == 300
        assert _expected("ltv", self._frames(now=on("2026-09-10"))).reason == "zero_denominator"

    def test_a_segment_is_worked_out_from_its_own_records(self):
        assert _expected("ltv", self._frames(), segment="11+").reason == "zero_denominator"  # none of it left

    def test_profit_is_that_of_all_time_for_each_account_that_bought(self):
        assert _expected("ltv profit", self._frames()).value == 300  # (500 + 100) / 2
        assert _expected("ltv profit", self._frames(), "2026-W36").value == 300
        assert _expected("ltv profit", self._frames(), "2026-05").reason == "zero_denominator"

    def test_without_subscriptions_profit_is_the_default(self):
        assert _expected("ltv", self._frames(subscriptions=[])).value == 300
        assert _expected("ltv", self._frames(subscriptions=[]), "2026-W36").value == 300

    def test_retention_is_margin_times_bookings_of_a_customer_times_retention(self):
        assert _expected("ltv retention", self._frames()).value == 200  # 0.5 x 1600 / 2 x 0.5

    def test_it_is_held_against_the_cost_of_a_customer(self):
        new = _account("A5", "2026-08-05", "2026-08-06")
        frames = self._frames(accounts=[_account("A1", "2026-06-05"), _account("A2", "2026-06-05"), new])
        assert _expected("ltvcac profit", frames) == Expected(Decimal(10), Decimal(300), Decimal(30), 2)

    def test_without_a_cost_there_is_no_value_and_the_worth_is_told(self):
        assert _expected("ltvcac", self._frames()) == Expected(None, Decimal(300), None, 2, "zero_denominator")


class TestMagic:
    """MRR at the ends of the months: April to June 100, July 100, August and September 150; then 300."""

    def _frames(self) -> Frames:
        subscriptions = [
            _subscription("U1", "A1", 100, "2026-03-20"),
            _subscription("U2", "A2", 50, "2026-08-20"),
            _subscription("U3", "A3", 150, "2026-10-20"),
        ]
        spend = [
            _spend("S1", date(2026, 6, 30), 200),
            _spend("S2", date(2026, 7, 1), 999),
            _spend("S3", date(2026, 1, 1), 300),
            _spend("S4", date(2025, 12, 31), 999),
        ]
        return frames_of(subscriptions=subscriptions, spend=spend)

    def test_it_is_the_growth_of_a_quarter_over_the_spend_of_the_one_before(self):
        assert _expected("magic", self._frames()) == Expected(Decimal(2), Decimal(400), Decimal(200), 1)

    def test_the_variant_holds_it_against_the_spend_of_two_quarters(self):
        assert _expected("magic two_quarters", self._frames()).value == Decimal("0.8")

    def test_only_a_finished_quarter_has_one(self):
        for key in ("2026-Q4", "2026-09", "2025", "2026-07-01..2026-09-30"):
            assert _expected("magic", self._frames(), key).reason == "not_applicable"
        assert _expected("magic", self._frames(), until=on("2026-08-15")).reason == "not_applicable"

    def test_without_spend_in_the_quarter_before_there_is_no_value(self):
        assert _expected("magic", self._frames(), "2026-Q2").reason is None
        assert _expected("magic", self._frames(), "2025-Q4").reason == "zero_denominator"
