"""Single rules of the KPIs, each on a company small enough to work out in the head."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue import CATALOGUE
from kpi.compute import read
from kpi.engines import open_engine
from kpi.inputs import missing_input
from kpi.model import Amount, Request, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from kpi.scopes import COMPANY
from tests.kpi.expected.records import Company
from tests.kpi.published import SYNCED_AT, URL, context_of, publish

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, 12:00 in New York, 0:00 of Saturday in Ho Chi Minh City
NOVEMBER = datetime(2026, 11, 1, 4, tzinfo=UTC)  # its midnight in New York
TICK = timedelta(microseconds=1)


def deal(number, status="won", **columns):
    return {"id": f"D{number}", "status": status, "created_at": NOVEMBER, "owner_id": "R1", **columns}


ACME = Company(
    Organisation(timezone="America/New_York", currency="USD"),
    {
        "files": {
            "owners": [
                {"id": "R1", "name": "Ann", "team_id": "T1", "email": "ann@x.example"},
                {"id": "R2", "name": "Bob", "team_id": "T2"},
                {"id": "R3", "name": "Gone", "team_id": "T2", "active": False},
            ],
            "teams": [{"id": "T1", "name": "One"}, {"id": "T2", "name": "Two", "parent_id": "T1"}],
            "accounts": [
                {"id": "A1", "owner_id": "R1", "customer_since": NOVEMBER, "churned_at": NOVEMBER},
                {"id": "A2", "owner_id": "R1"},
                {"id": "A3", "owner_id": "R2"},
                {"id": "A4", "owner_id": "R2", "customer_since": NOVEMBER, "churned_at": NOVEMBER + TICK},
                {"id": "A5", "owner_id": "R2", "customer_since": NOVEMBER, "churned_at": NOVEMBER + TICK},
            ],
            "subscriptions": [
                {"id": "U1", "account_id": "A3", "mrr": 1, "started_at": NOVEMBER, "ended_at": NOVEMBER},
                {"id": "U2", "account_id": "A3", "mrr": 1, "started_at": NOVEMBER + TICK, "ended_at": NOW},
                {"id": "U3", "account_id": "A5", "mrr": 1, "started_at": NOVEMBER},
            ],
            "deals": [
                deal(1, amount=100, closed_at=NOVEMBER, account_id="A2"),
                deal(2, amount=10, closed_at=NOVEMBER - TICK),
                deal(3, amount=1000, close_date=date(2026, 11, 1)),
                deal(4, amount=10_000_000, currency="eur", closed_at=NOVEMBER, owner_id="R2"),
                deal(5, amount=5, currency="EUR", closed_at=datetime(2025, 12, 5, tzinfo=UTC)),
                deal(6, "lost", closed_at=NOW - TICK, close_date=date(2026, 1, 1)),
                deal(7, "lost", closed_at=NOW),
                deal(8, amount=7),
                deal(9, "open", amount=7, closed_at=NOVEMBER),
                deal(10, amount=Decimal("0.0001"), currency="BRL", closed_at=NOVEMBER),
                deal(11, closed_at=NOVEMBER),
                deal(12, amount=1, currency="BRL", closed_at=NOVEMBER),
            ],
            "fx_rates": [{"currency": "EUR", "date": date(2026, 1, 1), "rate": Decimal("1.2")}],
            "holidays": [{"date": date(2026, 11, 11)}, {"date": date(2026, 11, 14)}],
            "targets": [
                {"kpi": "bookings", "scope": "company", "period": "2026-11", "value": 24_000_000},
                {"kpi": "deals", "scope": "rep", "scope_id": "ANN@x.example", "period": "2026-11", "value": 99},
                {"kpi": "deals", "scope": "rep", "scope_id": "R1", "period": "2026-11", "value": 10},
                {"kpi": "deals", "scope": "team", "scope_id": "T1", "period": "2026-11", "kind": "yes_no", "value": 1},
                {"kpi": "winrate", "scope": "company", "period": "2026-11", "value": Decimal("0.5")},
            ],
        }
    },
)

# In dong, without owners, and with sums of more than 28 digits.
DONG = Company(
    Organisation(timezone="Asia/Ho_Chi_Minh", currency="VND"),
    {
        "files": {
            "deals": [
                deal(1, amount=1_000_000, currency="USD", close_date=date(2026, 11, 20)),
                deal(2, amount=Decimal("99999999999999.9999"), currency="USD", close_date=date(2026, 10, 1)),
                deal(3, amount=Decimal("0.0001"), currency="SGD", close_date=date(2026, 10, 1)),
                deal(4, amount=1, closed_at=NOW, owner_id=None),
                deal(5, "open", amount=1),
            ],
            "fx_rates": [
                {"currency": "usd", "date": date(2026, 11, 1), "rate": 25_000},
                {"currency": "USD", "date": date(2026, 10, 1), "rate": Decimal("25000.00000001")},
                {"currency": "SGD", "date": date(2026, 10, 1), "rate": Decimal("0.00000002")},
            ],
            "activities": [{"id": "C1", "type": "call", "at": NOVEMBER}],
        }
    },
)

UNDATED = Company(Organisation(), {"files": {"deals": [deal(1, amount=1), deal(2)], "accounts": [{"id": "A1"}]}})


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Asks one of the companies: ``asked(ACME, "winrate", "2026-11")``."""
    opened = {}

    def ask(company, kpi, key, *, scope=COMPANY, variant=None, by=None, now=NOW):
        if id(company) not in opened:
            folder = tmp_path_factory.mktemp("store")
            publish(company, folder)
            opened[id(company)] = open_engine(URL, folder)
        engine = opened[id(company)]
        context = context_of(company, engine, now)
        return read(
            engine, [Request(CATALOGUE[kpi], scope, context.calendar.parse(key), variant, (by,) if by else ())], context
        )[0]

    yield ask
    for engine in opened.values():
        engine.close()


ANN = Scope(ScopeType.REP, "files:R1", "Ann")
TEAM = Scope(ScopeType.TEAM, "files:T1", "One")


def test_a_deal_closed_at_midnight_belongs_to_the_new_month(asked):
    assert asked(ACME, "bookings", "2026-11-01", scope=ANN).value == 100 + 1000
    assert asked(ACME, "bookings", "2026-10", scope=ANN).value == 10


def test_what_happens_now_does_not_count_yet(asked):
    assert asked(ACME, "winrate", "2026-11").denominator == 7
    assert asked(ACME, "winrate", "2026-11", now=NOW + TICK).denominator == 8


def test_ten_million_at_a_rate_of_1_2_do_not_overflow(asked):
    assert asked(ACME, "bookings", "2026-11").value == 12_001_100


def test_a_million_dollars_are_25_000_million_dong(asked):
    assert asked(DONG, "bookings", "2026-11-20").value == 25_000_000_000


def test_a_sum_of_more_than_28_digits_is_exact(asked):
    reading = asked(DONG, "bookings", "2026-10")
    assert reading.value == Decimal("2500000000000999997.500000000001")


def test_a_deal_closed_as_saturday_begins_belongs_to_saturday(asked):
    assert asked(DONG, "deals", "2026-11-21", now=NOW + TICK).value == 1
    assert asked(DONG, "deals", "2026-11-20", now=NOW + TICK).value == 1


def test_deals_without_amount_or_rate_are_left_out_of_money_and_named(asked):
    reading = asked(ACME, "dealsize", "2026-11")
    assert (reading.numerator, reading.denominator) == (12_001_100, 3)
    assert reading.notes == (
        "1 won deal is closed without a date and counts in no period",
        "1 won deal has no amount and is left out",
        "2 deals have no exchange rate for BRL and are left out",
    )
    assert asked(ACME, "deals", "2026-11").value == 6


def test_a_currency_has_no_rate_before_its_first_date(asked):
    reading = asked(ACME, "bookings", "2025-12")
    assert (reading.value, reading.records) == (0, 0)
    assert reading.notes[-1] == "1 deal has no exchange rate for EUR and is left out"


def test_bookings_tell_the_number_of_deals_too(asked):
    assert asked(ACME, "bookings", "2026-11").extras["deals"] == Amount(Decimal(6), Unit.COUNT)


def test_activities_tell_their_types(asked):
    extras = {name: extra.value for name, extra in asked(DONG, "activities", "2026-11").extras.items()}
    assert extras == {"call": 1, "email": 0, "meeting": 0, "chat": 0, "task": 0, "demo": 0, "onboarding": 0}


def test_only_a_share_of_records_has_an_interval(asked):
    low, high = asked(ACME, "winrate", "2026-11").interval
    assert low < Decimal(6) / 7 < high
    assert asked(ACME, "winrate", "2026-11", variant="value").interval is None
    assert asked(ACME, "dealsize", "2026-11").interval is None
    assert asked(ACME, "winrate", "2026-09").interval is None


def test_no_closed_deals_give_no_rate_and_no_size_but_a_count_of_0(asked):
    for kpi in ("winrate", "dealsize"):
        reading = asked(ACME, kpi, "2026-09")
        assert (reading.value, reading.reason, reading.denominator) == (None, "zero_denominator", 0)
    assert asked(ACME, "deals", "2026-09").value == asked(ACME, "bookings", "2026-09").value == 0


def test_a_period_that_has_not_begun_has_no_value(asked):
    reading = asked(ACME, "deals", "2026-12", by="rep")
    assert (reading.value, reading.reason, reading.by, reading.extras) == (None, "not_begun", (), {})
    assert reading.previous.value == 6
    assert reading.previous_to_date is None


def test_a_period_that_begins_now_has_begun(asked):
    assert asked(ACME, "deals", "2026-12", now=datetime(2026, 12, 1, 5, tzinfo=UTC)).value == 0
    assert asked(ACME, "deals", "2026-12", now=datetime(2026, 12, 1, 5, tzinfo=UTC) - TICK).reason == "not_begun"


def test_attainment_is_bookings_by_target_and_its_pace_by_business_days(asked):
    reading = asked(ACME, "attainment", "2026-11")
    assert (reading.numerator, reading.denominator) == (12_001_100, 24_000_000)
    # 21 weekdays less one holiday that is none of the weekend; 15 less one so far, today included
    assert reading.target.pace == Decimal(12_001_100 * 20) / (24_000_000 * 14)
    assert reading.target.attainment == reading.value
    assert reading.interval is None


def test_pace_needs_a_business_day_that_has_elapsed(asked):
    sunday = datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert asked(ACME, "attainment", "2026-11", now=sunday).target.pace is None


def test_the_last_target_of_a_rep_stands_whether_by_email_or_id(asked):
    assert asked(ACME, "attainment", "2026-11", scope=ANN, variant="deals").denominator == 10
    assert asked(ACME, "deals", "2026-11", scope=ANN).target.value == 10


def test_a_yes_or_no_has_no_attainment(asked):
    reading = asked(ACME, "attainment", "2026-11", scope=TEAM, variant="deals")
    assert (reading.value, reading.numerator, reading.reason) == (None, 6, "missing_input: targets")
    assert reading.notes[-1] == "The target on deals is a yes or no, which has no attainment"
    target = asked(ACME, "deals", "2026-11", scope=TEAM).target
    assert (target.value, target.attainment, target.pace) == (1, None, None)


def test_no_target_is_inferred(asked):
    reading = asked(ACME, "attainment", "2026-11", scope=TEAM)
    assert (reading.value, reading.reason) == (None, "missing_input: targets")
    assert reading.notes[-1] == "There is no target on bookings for One in 2026-11"


def test_a_share_has_attainment_of_its_target_and_no_pace(asked):
    target = asked(ACME, "winrate", "2026-11").target
    assert target.attainment == Decimal(6) / 7 / Decimal("0.5")
    assert target.pace is None
    assert asked(ACME, "winrate", "2026-11", variant="value").target is None


def test_customers_begin_by_their_date_else_by_first_deal_or_subscription(asked):
    reading = asked(ACME, "newcustomers", "2026-11", by="rep")
    assert reading.value == 5
    assert [(line.key.key, line.value) for line in reading.by] == [("files:R1", 2), ("files:R2", 3)]


def test_a_customer_ends_by_churn_unless_it_came_back_else_with_the_last_subscription(tmp_path):
    publish(ACME, tmp_path)
    engine = open_engine(URL, tmp_path)
    rows = engine.run("select account_id, from_at, until_at from customer_intervals order by account_id")
    engine.close()
    november, now, never = NOVEMBER.replace(tzinfo=None), NOW.replace(tzinfo=None), datetime.max  # noqa: DTZ901 - as stored
    assert rows == [
        ("files:A1", november, never),  # churned no later than it began: a slip
        ("files:A2", november, never),
        ("files:A3", november + TICK, now),  # the subscription without length is none
        ("files:A4", november, november + TICK),
        ("files:A5", november, never),  # subscribed beyond its churn
    ]


def test_by_rep_names_the_active_and_the_inactive_with_records(asked):
    lines = asked(ACME, "activities", "2026-11", by="rep")
    assert (lines.reason, lines.by) == ("missing_input: activities", ())
    assert [line.key.name for line in asked(ACME, "deals", "2026-09", by="rep").by] == ["Ann", "Bob"]


def test_records_without_an_owner_are_the_companys_alone(asked):
    later = asked(DONG, "deals", "2026-11", by="rep", now=NOW + TICK)
    assert [(line.key.key, line.value) for line in later.by] == [("(unassigned)", 2)]


def test_per_rep_without_owners_lacks_an_input(asked):
    reading = asked(DONG, "activities", "2026-11", variant="per_rep")
    assert (reading.value, reading.reason) == (None, "missing_input: owners")


def test_a_dimension_that_was_never_supplied_is_said(asked):
    reading = asked(ACME, "deals", "2026-11", by="industry")
    assert [(line.key.key, line.value) for line in reading.by] == [("(none)", 6)]
    assert reading.notes[-1] == "accounts.industry was never supplied, so that nothing can be broken down by industry"


@pytest.mark.parametrize(
    ("kpi", "variant", "reason"),
    [
        ("winrate", None, "deals.closed_at"),
        ("deals", None, "deals.closed_at"),
        ("bookings", None, "deals.closed_at"),
        ("attainment", None, "deals.closed_at"),
        ("attainment", "customers", "targets"),
        ("activities", None, "activities"),
        ("activities", "per_rep", "activities"),
    ],
)
def test_an_input_that_was_never_supplied_is_named(asked, kpi, variant, reason):
    reading = asked(UNDATED, kpi, "2026-11", variant=variant)
    assert (reading.value, reading.records, reading.reason) == (None, 0, f"missing_input: {reason}")
    assert reading.previous.reason == reading.reason
    assert reading.benchmark is None


def test_deals_alone_may_tell_new_customers(asked):
    assert asked(UNDATED, "newcustomers", "2026-11").value == 0


@pytest.mark.parametrize(
    ("needs", "supplied", "missing"),
    [
        (("deals",), {"deals": 1}, None),
        (("deals",), {"deals": 0}, "deals"),
        (("deals.amount",), {"deals": 3, "deals.amount": 0}, "deals.amount"),
        (("deals.amount",), {"deals": 0, "deals.amount": 0}, "deals"),
        (("deals.a|deals.b",), {"deals": 1, "deals.b": 1}, None),
        (("deals.a|spend",), {"deals": 1}, "deals.a"),
        (("deals", "targets"), {"deals": 1}, "targets"),
    ],
)
def test_the_first_input_that_nothing_supplies_is_missing(needs, supplied, missing):
    assert missing_input(needs, supplied) == missing


def test_an_answer_says_of_when_it_is(asked):
    reading = asked(ACME, "deals", "2026-11")
    assert (reading.as_of, reading.now) == (SYNCED_AT, NOW)
