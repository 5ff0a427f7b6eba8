"""What subscriptions bring every month, and how it moves, on accounts whose changes fit in a line."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.recurring import EXPANSIONMRR, KPIS, MRR, NEWMRR, REVENUECHURN
from kpi.model import Amount, Filter, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.catalogue.conftest import NOW
from tests.kpi.expected.records import Company

TICK = timedelta(microseconds=1)
ZERO = Decimal(0)
ANN = Scope(ScopeType.REP, "files:R1", "Ann")
BOB = Scope(ScopeType.REP, "files:R2", "Bob")


def on(month, day=5):
    return datetime(2026, month, day, tzinfo=UTC)


def subscription(number, mrr, started_at, ended_at=None, account_id="A1", **columns):
    own = {"id": f"U{number}", "account_id": account_id, "mrr": mrr, "started_at": started_at, "ended_at": ended_at}
    return own | columns


def company(*subscriptions, **tables):
    return Company(Organisation(currency="EUR"), {"files": {"subscriptions": list(subscriptions), **tables}})


# What happens to an account's subscriptions, and how that moves its MRR: (month, day, kind, value, subscription).
STORIES = {
    "the first is new and the last is churned": (
        (subscription(1, 100, on(8), on(9)),),
        [(8, 5, "new", 100, "U1"), (9, 5, "churned", 100, "U1")],
    ),
    "a change at one instant is the difference alone": (
        (
            subscription(1, 100, on(7), on(8)),
            subscription(2, 130, on(8), on(9)),
            subscription(3, 120, on(9), on(10)),
            subscription(4, 120, on(10)),
        ),
        [(7, 5, "new", 100, "U1"), (8, 5, "expansion", 30, "U2"), (9, 5, "contraction", 10, "U3")],
    ),
    "a return after a gap is churned and then new": (
        (subscription(1, 100, on(8), on(9)), subscription(2, 130, on(9) + TICK)),
        [(8, 5, "new", 100, "U1"), (9, 5, "churned", 100, "U1"), (9, 5, "new", 130, "U2")],
    ),
    "all subscriptions of an account move together": (
        (
            subscription(1, 100, on(8), on(10)),
            subscription(2, 50, on(9)),
            subscription(3, 20, on(10)),
            subscription(4, 30, on(10)),
        ),
        [(8, 5, "new", 100, "U1"), (9, 5, "expansion", 50, "U2"), (10, 5, "contraction", 50, "U4")],
    ),
    "the whole change stands with the largest that starts, else the largest that ends, of several the lowest id": (
        (
            subscription(1, 900, on(7), on(9)),
            subscription(4, 20, on(9), on(10)),
            subscription(3, 20, on(9), on(10)),
            subscription(2, 10, on(9), on(10)),
        ),
        [(7, 5, "new", 900, "U1"), (9, 5, "contraction", 850, "U3"), (10, 5, "churned", 50, "U3")],
    ),
    "what brings nothing moves nothing": (
        (subscription(1, ZERO, on(7), on(9)), subscription(2, 10, on(8)), subscription(3, ZERO, on(10))),
        [(8, 5, "new", 10, "U2")],
    ),
    "what does not end after it starts moves nothing": (
        (subscription(1, 100, on(8), on(8)), subscription(2, 100, on(8), on(7))),
        [],
    ),
    "the rate of the day of the start holds for ever, and without one nothing moves": (
        (
            subscription(1, 100, on(8), on(9, 20), currency="usd"),
            subscription(2, 10, on(9), currency="USD"),
            subscription(3, 10, on(8, 4), currency="USD"),
        ),
        [(8, 5, "new", 50, "U1"), (9, 5, "expansion", 20, "U2"), (9, 20, "contraction", 50, "U1")],
    ),
}

ALL_STORIES = company(
    *(
        row | {"id": f"{row['id']} {story}", "account_id": story}
        for story, (subscriptions, _) in STORIES.items()
        for row in subscriptions
    ),
    fx_rates=[
        {"currency": "USD", "date": date(2026, 8, 5), "rate": Decimal("0.5")},
        {"currency": "USD", "date": date(2026, 9, 5), "rate": 2},
    ],
)


@pytest.mark.parametrize("story", STORIES)
def test_movements(opened, story):
    rows = opened(ALL_STORIES).run(
        'select "at", kind, value, subscription_id from mrr_movements where account_id = $account order by "at"',
        {"account": f"files:{story}"},
    )
    moves = [(at.month, at.day, kind, value, id_[len("files:") :].split()[0]) for at, kind, value, id_ in rows]
    assert moves == STORIES[story][1]


# At October's start 100 of A1 and 40 of A2; both change in October.
CHANGING = company(
    subscription(1, 100, on(1), on(10, 10), owner_id="R1"),
    subscription(2, 160, on(10, 10), owner_id="nobody", product="Anvil"),
    subscription(3, 40, on(2), on(10, 20), "A2"),
    subscription(4, 7, on(10, 25), None, "A2"),
    subscription(5, 30, on(10, 2), on(10, 30), "A unknown", product="Rope"),
    subscription(6, 9, on(10, 2), on(10, 3), currency="BRL"),
    subscription(7, 1, on(10), on(10)),
    owners=[{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}],
    accounts=[{"id": "A1", "owner_id": "R2", "segment": "small"}, {"id": "A2", "owner_id": "R1"}],
)


def test_the_movements_explain_the_change_of_the_mrr(asked):
    before, after = (asked(CHANGING, MRR, key) for key in ("2026-09", "2026-10"))
    new, expansion = asked(CHANGING, NEWMRR, "2026-10"), asked(CHANGING, EXPANSIONMRR, "2026-10")
    assert (before.value, before.records, after.value, after.records) == (140, 2, 167, 2)
    assert (new.value, new.records) == (30 + 7, 2)
    assert (expansion.value, expansion.records) == (60, 1)
    assert expansion.extras == {
        "contraction": Amount(ZERO, Unit.MONEY),
        "churned": Amount(Decimal(70), Unit.MONEY),
        "net_new": Amount(Decimal(167 - 140), Unit.MONEY),
    }


def test_a_year_of_recurring_revenue_is_twelve_months(asked):
    assert asked(CHANGING, MRR, "2026-10").extras == {"arr": Amount(Decimal(12 * 167), Unit.MONEY)}


def test_revenue_churn_is_what_went_of_what_was_there_at_the_start(asked):
    reading = asked(CHANGING, REVENUECHURN, "2026-10")
    assert (reading.value, reading.numerator, reading.denominator, reading.records) == (Decimal("0.5"), 70, 140, 2)
    assert asked(CHANGING, REVENUECHURN, "2026-01").reason == "zero_denominator"


def test_a_subscription_is_its_known_owners_else_the_accounts_owners(asked):
    assert [asked(CHANGING, MRR, "2026-10", scope=scope).value for scope in (ANN, BOB)] == [7, 160]
    assert [asked(CHANGING, EXPANSIONMRR, "2026-10", scope=scope).value for scope in (ANN, BOB)] == [0, 60]


def test_the_product_is_the_subscriptions_and_the_segment_the_accounts(asked):
    by_product = asked(CHANGING, NEWMRR, "2026-10", by=("product",)).by
    assert {line.key.key: line.value for line in by_product} == {"Rope": 30, "(none)": 7}
    by_segment = asked(CHANGING, MRR, "2026-10", by=("segment",)).by
    assert {line.key.key: line.value for line in by_segment} == {"small": 160, "(none)": 7}
    small = asked(CHANGING, REVENUECHURN, "2026-10", where=(Filter("segment", ("small",)),))
    assert (small.numerator, small.denominator) == (0, 100)


def test_what_has_no_rate_or_no_length_is_named(asked):
    notes = (
        "1 subscription has no exchange rate for BRL and its MRR is left out",
        "1 subscription does not end after it starts and is ignored",
    )
    for kpi in (NEWMRR, EXPANSIONMRR, REVENUECHURN):
        assert asked(CHANGING, kpi, "2026-10").notes == notes
    assert asked(CHANGING, MRR, "2026-10").notes == notes[1:]
    assert asked(CHANGING, NEWMRR, "2026-09").notes == notes[1:]


AT_MIDNIGHT = company(subscription(1, 100, on(10, 1), on(11, 1)))


def test_a_change_at_midnight_of_the_first_belongs_to_the_new_month(asked):
    assert [asked(AT_MIDNIGHT, MRR, key).value for key in ("2026-09", "2026-10", "2026-11")] == [0, 100, 0]
    assert [asked(AT_MIDNIGHT, NEWMRR, key).value for key in ("2026-09", "2026-10")] == [0, 100]
    assert asked(AT_MIDNIGHT, REVENUECHURN, "2026-10").reason == "zero_denominator"
    assert asked(AT_MIDNIGHT, REVENUECHURN, "2026-11").value == 1


AT_NOW = company(subscription(1, 100, on(1), NOW), subscription(2, 10, NOW))


def test_what_starts_or_ends_now_does_not_count_yet(asked):
    assert asked(AT_NOW, MRR, "2026-11").value == 100
    assert asked(AT_NOW, MRR, "2026-11", now=NOW + TICK).value == 10
    assert asked(AT_NOW, EXPANSIONMRR, "2026-11").extras["net_new"].value == 0


LARGEST = Decimal("99999999999999.9999")
LARGE = company(
    subscription(1, LARGEST, on(2), currency="USD"),
    subscription(2, LARGEST, on(3), currency="USD"),
    fx_rates=[{"currency": "USD", "date": date(2026, 1, 1), "rate": Decimal("25000.00000001")}],
)


def test_large_sums_are_exact(asked):
    assert asked(LARGE, EXPANSIONMRR, "2026-03").value == Decimal("2500000000000999997.499999999999")
    assert asked(LARGE, MRR, "2026-10").extras["arr"].value == Decimal("60000000000023999939.999999999976")


WITHOUT_SUBSCRIPTIONS = company(accounts=[{"id": "A1"}])


@pytest.mark.parametrize("kpi", KPIS, ids=[kpi.id for kpi in KPIS])
def test_subscriptions_are_needed(asked, kpi):
    assert asked(WITHOUT_SUBSCRIPTIONS, kpi, "2026-10").reason == "missing_input: subscriptions"
