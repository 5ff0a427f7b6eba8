"""Subscriptions, of their own objects or of recurring line items."""

import pytest

from tests.connectors.hubspot.mirror_rows import MirrorRows

_CLOSED = "2026-02-03T12:00:00Z"


@pytest.fixture
def mirror():
    mirror = MirrorRows(timezone="US/Eastern")
    mirror.stage("open", "Open", "0.4")
    mirror.stage("won", "Won", "1.0")
    mirror.put("companies", 3)
    mirror.put("deals", 1, dealstage="won", closedate=_CLOSED, hubspot_owner_id="7", deal_currency_code="EUR")
    mirror.link("deals", 1, "companies", 3)
    return mirror


def _line(mirror, id_=5, **properties):
    mirror.put("line_items", id_, **{"name": "Plan", "amount": "120", **properties})
    mirror.link("line_items", id_, "deals", 1)


def test_a_recurring_line_of_a_won_deal_is_a_subscription(mirror):
    _line(mirror, recurringbillingfrequency="annually", hs_recurring_billing_period="P12M")
    (row,) = mirror.rows("subscriptions")
    assert (row["id"], row["account_id"], row["deal_id"], row["owner_id"]) == ("line_item-5", "3", "1", "7")
    assert (row["mrr"], row["currency"], row["product"]) == ("10.0000", "EUR", "Plan")
    assert (row["started_at"], row["ended_at"]) == (_CLOSED, "2027-02-03")


def test_what_is_billed_once_or_not_yet_won_is_none(mirror):
    _line(mirror)
    assert mirror.ids("subscriptions") == []
    _line(mirror, 6, recurringbillingfrequency="monthly")
    mirror.put("deals", 1, dealstage="open")
    assert mirror.ids("subscriptions") == []


def test_inclusive_ends_become_the_next_midnight(mirror):
    _line(
        mirror, recurringbillingfrequency="monthly", hs_recurring_billing_start_date="2026-03-01",
        hs_recurring_billing_end_date="2026-12-31",
    )  # fmt: skip
    (row,) = mirror.rows("subscriptions")
    assert (row["started_at"], row["ended_at"]) == ("2026-03-01", "2027-01-01")


@pytest.mark.parametrize(
    ("frequency", "mrr"), [("monthly", "120.0000"), ("quarterly", "40.0000"), ("weekly", "520.0000"), (None, "10.0000")]
)
def test_an_amount_per_bill_becomes_one_per_month(mirror, frequency, mrr):
    _line(mirror, recurringbillingfrequency=frequency, hs_recurring_billing_period="P1Y")
    assert mirror.rows("subscriptions")[0]["mrr"] == mrr


def test_a_given_mrr_stands(mirror):
    _line(mirror, recurringbillingfrequency="annually", hs_mrr="33.3")
    assert mirror.rows("subscriptions")[0]["mrr"] == "33.3"


def test_subscription_objects_stand_alone(mirror):
    _line(mirror, recurringbillingfrequency="monthly")
    mirror.put(
        "subscriptions", 8, hs_mrr="50", hs_name="Plan", hs_currency_code="USD",
        hs_recurring_billing_start_date="2026-01-01", hs_recurring_billing_end_date="2026-06-30",
    )  # fmt: skip
    mirror.link("subscriptions", 8, "companies", 3)
    (row,) = mirror.rows("subscriptions")
    assert (row["id"], row["account_id"], row["mrr"]) == ("8", "3", "50")
    assert (row["started_at"], row["ended_at"]) == ("2026-01-01", "2026-07-01")


def test_a_subscription_finds_its_account_by_its_deal_or_its_contact(mirror):
    mirror.put("contacts", 6)
    mirror.link("contacts", 6, "companies", 3)
    for id_, target, target_id in ((8, "deals", 1), (9, "contacts", 6)):
        mirror.put("subscriptions", id_, hs_mrr="1")
        mirror.link("subscriptions", id_, target, target_id)
    assert [row["account_id"] for row in mirror.rows("subscriptions")] == ["3", "3"]


def test_a_cancelled_subscription_without_an_end_has_ended_when_it_was_last_changed(mirror):
    mirror.put("subscriptions", 8, hs_mrr="1", hs_status="canceled", updated_at="2026-05-05T00:00:00Z")
    mirror.put("subscriptions", 9, hs_mrr="1", hs_status="active", updated_at="2026-05-05T00:00:00Z")
    assert [row["ended_at"] for row in mirror.rows("subscriptions")] == ["2026-05-05T00:00:00Z", None]
