"""Line items and quotes."""

import pytest

from tests.connectors.hubspot.mirror_rows import MirrorRows


@pytest.fixture
def mirror():
    mirror = MirrorRows()
    mirror.put("deals", 1)
    mirror.put("deals", 2)
    return mirror


def test_a_line_item_has_its_name_else_its_products(mirror):
    mirror.put("products", 9, name="Product", hs_product_type="service")
    mirror.put("line_items", 5, hs_product_id="9", amount="10", quantity="3", hs_cost_of_goods_sold="1.5")
    mirror.put("line_items", 6, hs_product_id="9", name="Own")
    for id_ in (5, 6):
        mirror.link("line_items", id_, "deals", 1)
    first, second = mirror.rows("line_items")
    assert (first["product"], first["family"], first["deal_id"], first["cost"]) == ("Product", "service", "1", "4.5000")
    assert (second["product"], second["cost"]) == ("Own", None)


def test_a_line_item_of_no_deal_is_a_copy_on_a_quote(mirror):
    mirror.put("line_items", 5, name="Copy")
    mirror.put("line_items", 6, name="Of a deal that is gone")
    mirror.link("line_items", 6, "deals", 77)
    assert mirror.ids("line_items") == []


def test_a_quote_is_sent_when_it_was_published(mirror):
    mirror.put("quotes", 5, hs_quote_amount="10", hs_status="APPROVED", hs_published_date="2026-01-03T00:00:00Z")
    mirror.put("quotes", 6, hs_status="APPROVAL_NOT_NEEDED", hs_createdate="2026-01-02T00:00:00Z", hs_currency="EUR")
    mirror.link("quotes", 5, "deals", 2)
    assert [(row["sent_at"], row["deal_id"], row["currency"]) for row in mirror.rows("quotes")] == [
        ("2026-01-03T00:00:00Z", "2", "USD"),
        ("2026-01-02T00:00:00Z", None, "EUR"),
    ]


@pytest.mark.parametrize("status", ["DRAFT", "MINIMAL_DRAFT", "PENDING_APPROVAL", "REJECTED"])
def test_a_quote_that_was_never_sent_is_none(mirror, status):
    mirror.put("quotes", 5, hs_status=status)
    assert mirror.ids("quotes") == []


def test_a_signed_or_paid_quote_is_accepted(mirror):
    signed, paid = "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"
    mirror.put("quotes", 5, hs_quote_esign_status="SIGNED", hs_esign_date=signed)
    mirror.put("quotes", 6, hs_payment_status="PAID", hs_payment_date=paid)
    mirror.put("quotes", 7, hs_quote_esign_status="PENDING_SIGNATURE", hs_esign_date=signed)
    assert [row["accepted_at"] for row in mirror.rows("quotes")] == [signed, paid, None]
