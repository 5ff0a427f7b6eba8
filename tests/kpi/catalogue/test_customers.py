"""Who is a customer, who stays and who leaves, and how much they are looked after, on accounts with a story each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.customers import CHURN, ENGAGEMENT, KPIS, NEWCUSTOMERS, RETENTION
from kpi.model import Filter, Scope, ScopeType
from kpi.organisation import Organisation
from tests.kpi.catalogue.conftest import NOW
from tests.kpi.expected.records import Company

TICK = timedelta(microseconds=1)
MONTH = timedelta(days=30.4375)
MARCH, JULY, OCTOBER, NOVEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 7, 10, 11))
ANN = Scope(ScopeType.REP, "files:R1", "Ann")
NEVER = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def account(id_, since=None, churned_at=None, **columns):
    return {"id": id_, "customer_since": since, "churned_at": churned_at, **columns}


def subscription(number, account_id, started_at, ended_at=None):
    return {"id": f"U{number}", "account_id": account_id, "mrr": 1, "started_at": started_at, "ended_at": ended_at}


def won(number, account_id, closed_at, status="won"):
    return {"id": f"D{number}", "status": status, "account_id": account_id, "created_at": MARCH, "closed_at": closed_at}


# When accounts are customers, by what is known of them.
STORIES = Company(
    Organisation(),
    {
        "files": {
            "accounts": [
                account("nothing", churned_at=OCTOBER),
                account("told", JULY),
                account("won"),
                account("subscribed"),
                account("lost"),
                account("short"),
                account("churned", MARCH, OCTOBER),
                account("ended", MARCH),
                account("lasting", MARCH),
                account("too early", JULY, JULY),
                account("back", MARCH, JULY),
                account("back for good", MARCH, JULY),
                account("exactly", MARCH, JULY),
                account("ended before", OCTOBER),
            ],
            "deals": [
                won(1, "told", MARCH),
                won(2, "won", OCTOBER),
                won(3, "won", JULY),
                won(4, "subscribed", OCTOBER),
                won(5, "lost", MARCH, "lost"),
                won(6, "unknown", OCTOBER),
                won(7, None, NOVEMBER - TICK),
            ],
            "subscriptions": [
                subscription(1, "told", MARCH),
                subscription(2, "subscribed", MARCH, JULY),
                subscription(3, "short", MARCH, MARCH),
                subscription(4, "ended", MARCH, JULY),
                subscription(5, "ended", MARCH, OCTOBER),
                subscription(6, "lasting", MARCH, JULY),
                subscription(7, "lasting", MARCH),
                subscription(8, "back", OCTOBER, NOVEMBER),
                subscription(9, "back for good", OCTOBER),
                subscription(10, "exactly", MARCH, JULY),
                subscription(11, "ended before", MARCH, JULY),
                subscription(12, "unknown", OCTOBER),
            ],
        }
    },
)


@pytest.mark.parametrize(
    ("name", "from_at", "until_at"),
    [
        ("told", JULY, NEVER),
        ("won", JULY, NEVER),
        ("subscribed", MARCH, JULY),
        ("churned", MARCH, OCTOBER),
        ("ended", MARCH, OCTOBER),
        ("lasting", MARCH, NEVER),
        ("too early", JULY, NEVER),
        ("back", MARCH, NOVEMBER),
        ("back for good", MARCH, NEVER),
        ("exactly", MARCH, JULY),
        ("ended before", OCTOBER, NEVER),
    ],
)
def test_an_account_has_one_interval(opened, name, from_at, until_at):
    sql = "select from_at, until_at from customer_intervals where account_id = $id"
    rows = opened(STORIES).run(sql, {"id": f"files:{name}"})
    assert [tuple(at.replace(tzinfo=UTC) for at in row) for row in rows] == [(from_at, until_at)]


def test_who_bought_nothing_is_no_customer(opened):
    rows = opened(STORIES).run("select account_id from customer_intervals")
    assert not {"files:nothing", "files:lost", "files:short"} & {row[0] for row in rows}


def test_new_customers_are_counted_where_their_relationship_begins(asked):
    assert asked(STORIES, NEWCUSTOMERS, "2026-07").value == 3
    assert asked(STORIES, NEWCUSTOMERS, "2026-03").value == 7


def test_what_was_bought_without_a_known_account_is_named(asked):
    reading = asked(STORIES, NEWCUSTOMERS, "2026-10")
    assert reading.value == 1
    assert reading.notes == (
        "2 won deals have no known account and make no customers",
        "1 subscription has no known account and makes no customer",
    )


def test_churn_dates_that_do_not_count_are_named(asked):
    assert asked(STORIES, CHURN, "2026-10").notes == (
        "1 customer has a churn date that is not after its beginning and is ignored",
        "2 customers have a subscription that lasts beyond their churn date, which is ignored",
    )


# Customers at the edges of October.
EDGES = Company(
    Organisation(),
    {
        "files": {
            "owners": [{"id": "R1", "name": "Ann"}],
            "accounts": [
                account("A1", OCTOBER - TICK, owner_id="R1", segment="small"),
                account("A2", OCTOBER),
                account("A3", MARCH, OCTOBER - TICK),
                account("A4", MARCH, OCTOBER, segment="small"),
                account("A5", MARCH, NOVEMBER - TICK),
                account("A6", MARCH, NOVEMBER, owner_id="R1"),
                account("A7", OCTOBER + TICK, NOVEMBER - TICK, owner_id="R1"),
                account("A8", MARCH, NOW),
            ],
        }
    },
)


def test_a_customer_is_one_after_its_beginning_and_up_to_its_end(asked):
    churn = asked(EDGES, CHURN, "2026-10")
    assert (churn.numerator, churn.denominator, churn.records) == (2, 5, 5)  # A4, A5 of A1, A4, A5, A6, A8
    retention = asked(EDGES, RETENTION, "2026-10")
    assert (retention.value, retention.numerator, retention.denominator) == (Decimal("0.6"), 3, 5)
    assert retention.interval[0] < retention.value < retention.interval[1]


def test_who_comes_and_leaves_within_the_period_is_new_but_no_churn(asked):
    assert asked(EDGES, NEWCUSTOMERS, "2026-10", scope=ANN).value == 1
    churn = asked(EDGES, CHURN, "2026-10", scope=ANN)
    assert (churn.numerator, churn.denominator) == (0, 2)


def test_who_leaves_now_has_not_left_yet(asked):
    assert asked(EDGES, CHURN, "2026-11").numerator == 1  # A6
    assert asked(EDGES, CHURN, "2026-11", now=NOW + TICK).numerator == 2


def test_churn_by_segment_takes_numerator_and_denominator_of_the_segment(asked):
    reading = asked(EDGES, CHURN, "2026-10", by=("segment",))
    assert {line.key.key: (line.numerator, line.denominator) for line in reading.by} == {
        "small": (1, 2),
        "(none)": (1, 3),
    }


def test_without_customers_at_the_start_there_is_no_share(asked):
    for kpi in (CHURN, RETENTION):
        assert asked(EDGES, kpi, "2026-02").reason == "zero_denominator"


LASTING = Company(Organisation(), {"files": {"accounts": [account("A1", MARCH)]}})


def test_where_nothing_tells_who_left_nobody_can_say_how_many_stayed(asked):
    for kpi in (CHURN, RETENTION):
        assert asked(LASTING, kpi, "2026-10").reason == "missing_input: accounts.churned_at"
    assert asked(LASTING, NEWCUSTOMERS, "2026-03").value == 1


def contact(number, at=NOVEMBER, **columns):
    return {"id": f"C{number}", "type": "call", "at": at, **columns}


# As November begins A1 has been a customer for two months, A2 for six and left half a month later.
CARED_FOR = Company(
    Organisation(),
    {
        "files": {
            "owners": [{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}],
            "accounts": [
                account("A1", NOVEMBER - 2 * MONTH, owner_id="R1"),
                account("A2", NOVEMBER - 6 * MONTH, NOVEMBER + MONTH / 2, segment="small"),
                account("A3", NOVEMBER),
            ],
            "deals": [won(1, "A2", MARCH), won(2, None, MARCH)],
            "leads": [{"id": "L1", "account_id": "A1", "created_at": MARCH}],
            "activities": [
                contact(1, account_id="A1", deal_id="D1", owner_id="R2"),
                contact(2, deal_id="D1", lead_id="L1", direction="inbound"),
                contact(3, deal_id="D2", lead_id="L1", type="task"),
                contact(4, deal_id="D unknown", lead_id="L1"),
                contact(5, account_id="A3"),
                contact(6, account_id="A1", outcome="no_show"),
                contact(7, account_id="A unknown", deal_id="D1"),
                contact(8, NOVEMBER - TICK, account_id="A1"),
                contact(9, NOW, account_id="A1"),
                contact(10, NOW - TICK, account_id="A2"),
                contact(11),
            ],
        }
    },
)


def test_engagement_is_contacts_over_the_mean_months_of_the_relationship(asked):
    reading = asked(CARED_FOR, ENGAGEMENT, "2026-11")
    elapsed = NOW - NOVEMBER
    lived = (2 * MONTH + elapsed) + (6 * MONTH + MONTH / 2)
    months = Decimal(lived // TICK) / Decimal(2 * (MONTH // TICK))
    assert (reading.numerator, reading.denominator, reading.records) == (5, months, 2)
    assert reading.value == Decimal(5 * 2 * (MONTH // TICK)) / Decimal(lived // TICK)


def test_a_contact_counts_for_the_owner_and_segment_of_the_account(asked):
    assert asked(CARED_FOR, ENGAGEMENT, "2026-11", scope=ANN).numerator == 3
    small = Filter("segment", ("small",))
    assert asked(CARED_FOR, ENGAGEMENT, "2026-11", where=(small,)).numerator == 2


def test_without_customers_at_the_start_there_is_no_engagement(asked):
    assert asked(CARED_FOR, ENGAGEMENT, "2026-02").reason == "zero_denominator"


def test_customers_without_contacts_are_engaged_by_0(asked):
    reading = asked(CARED_FOR, ENGAGEMENT, "2026-08")
    assert (reading.value, reading.records) == (0, 1)


WITHOUT_ACCOUNTS = Company(
    Organisation(), {"files": {"activities": [contact(1)], "subscriptions": [subscription(1, "A1", MARCH)]}}
)


@pytest.mark.parametrize("kpi", KPIS, ids=[kpi.id for kpi in KPIS])
def test_accounts_are_needed(asked, kpi):
    assert asked(WITHOUT_ACCOUNTS, kpi, "2026-11").reason == "missing_input: accounts"
