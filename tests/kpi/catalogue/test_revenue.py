"""Bookings, their size and growth, each on a company small enough to work out in the head."""

from datetime import UTC, datetime
from decimal import Decimal

from kpi.catalogue.revenue import BOOKINGS, DEALS, DEALSIZE, GROWTH, NEWDEALSIZE, WINRATE
from kpi.model import Amount, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
ANN = Scope(ScopeType.REP, "files:R1", "Ann")


def deal(number, status="won", **columns):
    columns = {"closed_at": NOVEMBER, **columns}
    return {"id": f"D{number}", "status": status, "created_at": OCTOBER, "owner_id": "R1", **columns}


ACME = Company(
    Organisation(currency="USD"),
    {
        "files": {
            "owners": [{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}],
            "accounts": [{"id": "A1", "industry": "Steel", "region": "North"}],
            "deals": [
                deal(1, amount=300, type="new", term_months=12, account_id="A1", product="Anvil"),
                deal(2, amount=100, type="new", term_months=24),
                deal(3, type="new", term_months=Decimal(0)),
                deal(4, amount=50, type="new", currency="BRL"),
                deal(5, amount=1000, type="renewal", term_months=36),
                deal(6, "lost", amount=600, type="new", term_months=60),
                deal(7, amount=500, closed_at=OCTOBER),
                deal(8, amount=250, closed_at=datetime(2026, 10, 20, 17, tzinfo=UTC)),
                deal(9, "lost", amount=9, closed_at=datetime(2026, 7, 1, tzinfo=UTC), account_id="A unknown"),
                deal(10, amount=10, closed_at=datetime(2026, 8, 31, 23, 59, tzinfo=UTC), owner_id="R2"),
                deal(11, "lost", amount=10, closed_at=datetime(2026, 8, 1, tzinfo=UTC), owner_id="R2"),
            ],
        }
    },
)


def test_new_deals_have_a_size_and_a_length_each_over_those_that_have_one(asked):
    reading = asked(ACME, NEWDEALSIZE, "2026-11")
    assert (reading.numerator, reading.denominator, reading.value) == (400, 2, 200)
    assert reading.extras == {"term_months": Amount(Decimal(12), Unit.MONTHS)}
    assert reading.notes == (
        "1 won new deal has no amount and is left out",
        "1 deal has no exchange rate for BRL and is left out",
    )


def test_new_deals_without_a_term_have_no_length(asked):
    assert asked(ACME, NEWDEALSIZE, "2026-10").extras == {"term_months": Amount(None, Unit.MONTHS)}


def test_growth_of_a_finished_month_is_over_the_whole_month_before(asked):
    after = datetime(2026, 12, 1, tzinfo=UTC)
    assert asked(ACME, GROWTH, "2026-11", now=after).value == Decimal(1400 - 750) / 750


def test_growth_of_a_running_month_is_over_the_like_part_of_the_month_before(asked):
    # At 17:00 of the 20th; what was won at 17:00 of October 20 is not within.
    reading = asked(ACME, GROWTH, "2026-11")
    assert (reading.numerator, reading.denominator) == (1400 - 500, 500)


def test_there_is_no_growth_from_nothing(asked):
    reading = asked(ACME, GROWTH, "2026-08")
    assert (reading.value, reading.reason) == (None, "zero_denominator")


def test_growth_by_region_compares_each_region_with_itself(asked):
    by_region = {line.key.key: line.value for line in asked(ACME, GROWTH, "2026-11", by=("region",)).by}
    assert by_region == {"North": None, "(none)": Decimal(1100 - 500) / 500}


def test_an_account_that_nobody_knows_has_no_industry(asked):
    lines = asked(ACME, WINRATE, "2026-07", by=("industry",)).by
    assert [(line.key.key, line.value) for line in lines] == [("(none)", 0)]


def test_the_benchmark_of_winrate_is_the_mean_of_the_three_months_before_that_have_one(asked):
    assert asked(ACME, WINRATE, "2026-10").benchmark == Decimal("0.25")  # 0, 1 of 2, none in September


def test_winrate_by_value_leaves_out_deals_without_a_value_from_both_sides(asked):
    reading = asked(ACME, WINRATE, "2026-11", variant="value")
    assert (reading.numerator, reading.denominator, reading.records) == (1400, 2000, 4)


def test_bookings_tell_their_deals_which_count_without_a_value_too(asked):
    reading = asked(ACME, BOOKINGS, "2026-11")
    assert (reading.value, reading.records) == (1400, 3)
    assert reading.extras == {"deals": Amount(Decimal(5), Unit.COUNT)}


def test_figures_are_the_owners(asked):
    assert asked(ACME, DEALS, "2026-08").value == 1
    assert asked(ACME, DEALS, "2026-08", scope=ANN).value == 0
    assert asked(ACME, DEALSIZE, "2026-08", scope=ANN).reason == "zero_denominator"
