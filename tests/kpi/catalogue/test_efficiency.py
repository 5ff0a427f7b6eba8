"""What customers cost and are worth, in round numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kpi.catalogue.efficiency import CAC, MAGIC
from kpi.catalogue.lifetime import LTV, LTVCAC
from kpi.model import Amount, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

ANN = Scope(ScopeType.REP, "files:R1", "Ann")


def on(month, day=5, year=2026):
    return datetime(year, month, day, tzinfo=UTC)


def expense(number, month, amount, day=5, **columns):
    return {"id": f"S{number}", "date": date(2026, month, day), "category": "sales", "amount": amount} | columns


def subscription(number, mrr, started_at, ended_at=None, account_id="A1", **columns):
    own = {"id": f"U{number}", "account_id": account_id, "mrr": mrr, "started_at": started_at, "ended_at": ended_at}
    return own | columns


def won(number, closed_at, amount, cost, account_id="A1", **columns):
    own = {"id": f"D{number}", "status": "won", "account_id": account_id, "created_at": on(1), "closed_at": closed_at}
    return own | {"amount": amount, "cost": cost} | columns


def company(**tables):
    return Company(Organisation(currency="EUR"), {"files": tables})


BUYING = company(
    owners=[{"id": "R1", "name": "Ann"}],
    accounts=[
        {"id": "A1", "customer_since": on(7, 1), "segment": "small"},
        {"id": "A2", "customer_since": on(9, 30), "segment": "small"},
        {"id": "A3", "customer_since": on(8)},
        {"id": "A4", "customer_since": on(10, 1)},
    ],
    spend=[
        expense(1, 7, 100, day=1, segment="small"),
        expense(2, 9, 50, day=30, category="marketing", campaign_id="C1"),
        expense(3, 8, 10, currency="USD"),
        expense(4, 8, 10, currency="BRL"),
        expense(5, 10, 1000, day=1),
        expense(6, 6, 1000, segment="large"),
        expense(7, 8, 30, segment="large"),
    ],
    fx_rates=[{"currency": "USD", "date": date(2026, 8, 5), "rate": 2}],
)


def test_acquisition_cost_is_all_spend_over_new_customers(asked):
    reading = asked(BUYING, CAC, "2026-Q3")
    assert (reading.value, reading.numerator, reading.denominator, reading.records) == (Decimal(200) / 3, 200, 3, 3)
    assert reading.notes == ("1 expense has no exchange rate for BRL and is left out",)


def test_each_segment_has_its_own_spend_and_customers(asked):
    lines = asked(BUYING, CAC, "2026-Q3", by=("segment",)).by
    assert {line.key.key: (line.numerator, line.denominator, line.value) for line in lines} == {
        "small": (100, 2, 50),
        "large": (30, 0, None),
        "(none)": (70, 1, 70),
    }


def test_without_new_customers_there_is_no_cost_of_one(asked):
    assert asked(BUYING, CAC, "2026-06").reason == "zero_denominator"


@pytest.mark.parametrize("kpi", [CAC, LTV, LTVCAC, MAGIC], ids=["cac", "ltv", "ltvcac", "magic"])
def test_spend_is_the_companys_alone(asked, kpi):
    assert asked(BUYING, kpi, "2026-Q3", scope=ANN).reason == "not_applicable"


# July begins with the customers A1 to A4, of whom A4 leaves in July and A3 in September; A5 comes in August. The MRR is
# 300 at the end of July, 400 at that of August, 300 at that of September. The margin of the quarter is a half.
WORTH = company(
    accounts=[
        {"id": "A1", "customer_since": on(1)},
        {"id": "A2", "customer_since": on(1)},
        {"id": "A3", "customer_since": on(1), "churned_at": on(9)},
        {"id": "A4", "customer_since": on(1), "churned_at": on(7)},
        {"id": "A5", "customer_since": on(8), "segment": "small"},
    ],
    subscriptions=[
        subscription(1, 300, on(1)),
        subscription(2, 100, on(8), on(9), "A3"),
        subscription(3, 50, on(8), None, "A5", currency="BRL"),
    ],
    deals=[
        won(1, on(7), 500, 300),
        won(2, on(9, 30), 100, Decimal(0), "A2"),
        won(3, on(8), 200, None, "A2"),
        won(4, on(3), 1000, 100, "A4"),
        won(5, on(8), 200, 100, "A unknown"),
        won(6, on(8), 1, 1, currency="BRL"),
        won(7, on(10, 1), 1_000_000, 1, "A5"),
    ],
    spend=[expense(1, 8, 250)],
)


def test_a_customer_is_worth_margin_times_mrr_over_churn(asked):
    reading = asked(WORTH, LTV, "2026-Q3")
    # margin (200 + 100 + 100) / (500 + 100 + 200); MRR 1000 over 3 + 4 + 3; churn the mean of 1/4, 0/3 and 1/4
    assert (reading.value, reading.records) == (Decimal("0.5") * 100 * 6, 3)
    assert reading.extras == {
        "margin": Amount(Decimal("0.5"), Unit.PERCENT),
        "mrr_per_customer": Amount(Decimal(100), Unit.MONEY),
        "monthly_churn": Amount(Decimal(1) / 6, Unit.PERCENT),
    }
    assert asked(WORTH, LTV, "2026-Q3", variant="subscription").value == reading.value


def test_what_is_left_out_of_a_customers_worth_is_named(asked):
    assert asked(WORTH, LTV, "2026-Q3").notes == (
        "1 won deal has no amount or no cost and is left out",
        "1 deal has no exchange rate for BRL and is left out",
        "1 subscription has no exchange rate for BRL and its MRR is left out",
    )


def test_worth_by_months_is_told_of_months_and_what_consists_of_them(asked):
    assert asked(WORTH, LTV, "2026-07").value == Decimal("0.4") * 100 * 4
    assert asked(WORTH, LTV, "2026-07-01..2026-09-30").value == asked(WORTH, LTV, "2026-Q3").value
    for key in ("2026-W32", "2026-08-01", "2026-07-01..2026-09-29"):
        assert asked(WORTH, LTV, key).reason == "not_applicable"
        assert asked(WORTH, LTVCAC, key).reason == "not_applicable"


def test_of_a_running_quarter_the_months_that_have_begun_count(asked):
    reading = asked(WORTH, LTV, "2026-Q3", now=on(8, 20))
    # churn the mean of 1/4 and 0/3; MRR 300 + 400 over 3 + 4; margin (200 + 100) / (500 + 200)
    assert reading.value == Decimal(300 * 700 * 8) / Decimal(700 * 7)


def test_a_month_that_begins_without_customers_has_no_churn(asked):
    reading = asked(WORTH, LTV, "2026")
    shares = Decimal(1) / 4 + Decimal(1) / 4
    assert reading.extras["monthly_churn"].value == shares / 10  # February to November


def test_without_churn_a_customer_is_worth_nothing_that_can_be_told(asked):
    assert asked(WORTH, LTV, "2026-08").reason == "zero_denominator"
    assert asked(WORTH, LTVCAC, "2026-08").reason == "zero_denominator"


def test_profit_is_what_all_won_deals_brought_until_the_end_per_account(asked):
    reading = asked(WORTH, LTV, "2026-Q3", variant="profit")
    # of A1, A2 and A4; D3 has no cost, D5 no known account, D6 no rate, D7 is later
    assert reading.value == Decimal(200 + 100 + 900) / 3
    assert reading.notes[-2:] == (
        "2 won deals of all time have no amount, no cost or no exchange rate and are left out",
        "1 won deal of all time has no known account and is left out",
    )
    assert asked(WORTH, LTV, "2026-W32", variant="profit").value == Decimal(200 + 900) / 2


def test_retention_is_margin_times_revenue_per_customer_times_retention(asked):
    reading = asked(WORTH, LTV, "2026-Q3", variant="retention")
    assert reading.value == Decimal("0.5") * (500 + 100 + 200 + 200) * 2 / (3 * 4)
    assert {name: extra.value for name, extra in reading.extras.items()} == {
        "margin": Decimal("0.5"),
        "revenue_per_customer": Decimal(1000) / 3,
        "retention": Decimal("0.5"),
    }


def test_worth_over_cost(asked):
    reading = asked(WORTH, LTVCAC, "2026-Q3")
    assert (reading.value, reading.numerator, reading.denominator, reading.records) == (Decimal("1.2"), 300, 250, 3)
    assert asked(WORTH, LTVCAC, "2026-Q3", variant="profit").value == Decimal("1.6")


def test_the_cost_of_none_makes_no_ratio(asked):
    reading = asked(WORTH, LTVCAC, "2026-07")
    assert (reading.numerator, reading.denominator, reading.reason) == (160, None, "zero_denominator")


WITHOUT_SUBSCRIPTIONS = company(**{**WORTH.sources["files"], "subscriptions": []})


def test_without_subscriptions_profit_stands(asked):
    for kpi in (LTV, LTVCAC):
        asked_for = asked(WORTH, kpi, "2026-Q3", variant="profit")
        assert asked(WITHOUT_SUBSCRIPTIONS, kpi, "2026-Q3").value == asked_for.value
        by_name = asked(WITHOUT_SUBSCRIPTIONS, kpi, "2026-Q3", variant="subscription")
        assert by_name.reason == "missing_input: subscriptions"


# Month-end MRRs: 100 each in the first quarter, 100, 150 and 150 in the second.
GROWING = company(
    subscriptions=[
        subscription(1, 100, on(12, 31, 2025)),
        subscription(2, 50, on(5)),
        subscription(3, 9, on(5), currency="BRL"),
    ],
    spend=[
        expense(1, 3, 300, day=31),
        expense(2, 1, 100, day=1, category="marketing"),
        expense(3, 4, 9999, day=1),
        expense(4, 2, 1, currency="BRL"),
        {"id": "S5", "date": date(2025, 12, 31), "category": "sales", "amount": 400},
    ],
)


def test_the_magic_number_is_a_years_growth_over_the_spend_before(asked):
    reading = asked(GROWING, MAGIC, "2026-Q2")
    assert (reading.value, reading.numerator, reading.denominator, reading.records) == (1, 400, 400, 2)
    assert reading.notes == (
        "1 subscription has no exchange rate for BRL and its MRR is left out",
        "1 expense before the period has no exchange rate for BRL and is left out",
    )


def test_two_quarters_of_spend_may_stand_for_one(asked):
    reading = asked(GROWING, MAGIC, "2026-Q2", variant="two_quarters")
    assert (reading.value, reading.denominator, reading.records) == (Decimal("0.5"), 800, 3)


def test_without_spend_before_there_is_no_magic_number(asked):
    assert asked(GROWING, MAGIC, "2025-Q4").reason == "zero_denominator"


@pytest.mark.parametrize("key", ["2026-Q4", "2026-06", "2025", "2026-04-01..2026-06-30"])
def test_only_a_finished_quarter_has_a_magic_number(asked, key):
    assert asked(GROWING, MAGIC, key).reason == "not_applicable"


WITHOUT_COST = company(
    subscriptions=[subscription(1, 1, on(1))], deals=[won(1, on(7), 1, None)], accounts=[{"id": "A1"}]
)


@pytest.mark.parametrize(
    ("kpi", "variant", "reason"),
    [
        (CAC, None, "spend"),
        (LTV, "subscription", "deals.cost"),
        (LTV, "retention", "deals.cost"),
        (LTVCAC, "subscription", "deals.cost"),
        (MAGIC, None, "spend"),
    ],
)
def test_an_input_that_was_never_supplied_is_named(asked, kpi, variant, reason):
    assert asked(WITHOUT_COST, kpi, "2026-Q3", variant=variant).reason == f"missing_input: {reason}"
