"""Margins, products and contact methods, each on a company small enough to work out in the head."""

from datetime import UTC, date, datetime
from decimal import Decimal

from kpi.catalogue.products import CHANNELS, MARGIN, PRODUCTS
from kpi.model import Amount, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
ZERO = Decimal(0)
ANN = Scope(ScopeType.REP, "files:R1", "Ann")


def deal(number, status="won", **columns):
    columns = {"closed_at": NOVEMBER, **columns}
    return {"id": f"D{number}", "status": status, "created_at": OCTOBER, "owner_id": "R1", **columns}


def item(number, deal_id, product="Anvil", **columns):
    return {"id": f"I{number}", "deal_id": deal_id, "product": product, **columns}


SHOP = Company(
    Organisation(currency="USD"),
    {
        "files": {
            "owners": [{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}],
            "deals": [
                deal(1, amount=999, cost=1, product="Bundle", contact_method="phone"),
                deal(2, amount=100, cost=90, product="Anvil", contact_method="email", currency="EUR"),
                deal(3, amount=40, cost=50, contact_method="phone"),
                deal(4, amount=60, product="Rope", owner_id="R2"),
                deal(5, cost=60, product="Rope"),
                deal(6, "lost", amount=60, cost=60, product="Rope"),
                deal(7, amount=5, cost=5, currency="BRL", product="Rope"),
                deal(8, amount=ZERO, cost=ZERO, closed_at=datetime(2026, 9, 1, tzinfo=UTC)),
                deal(9, amount=10, closed_at=OCTOBER, product="Anvil"),
                deal(10, "open", amount=10),
            ],
            "line_items": [
                item(1, "D1", amount=300, cost=100, quantity=2, family="Iron"),
                item(2, "D1", amount=100, cost=100, quantity=Decimal("0.5"), family="Iron"),
                item(3, "D1", "Rope", amount=200, cost=ZERO),
                item(4, "D2", "Rope", amount=70, cost=10, quantity=ZERO),
                item(5, "D2", "Rope", amount=30),
                item(6, "D2", "Rope", cost=20, quantity=Decimal("0.00000001")),
                item(7, "D6", amount=10),
                item(8, "D10", amount=10),
                item(9, "D unknown", amount=10),
            ],
            "fx_rates": [{"currency": "EUR", "date": date(2026, 1, 1), "rate": 2}],
        }
    },
)


def line_of(reading, key):
    (line,) = [line for line in reading.by if line.key.key == key]
    return line


def test_amount_and_cost_come_from_the_items_where_all_have_both_else_from_the_deal(asked):
    reading = asked(SHOP, MARGIN, "2026-11")
    # D1 by its items: 600, cost 200; D2 by itself in euros, as items lack something; D3 at a loss
    assert reading.numerator == (600 - 200) + (100 - 90) * 2 + (40 - 50)
    assert (reading.denominator, reading.records) == (600 + 200 + 40, 3)
    assert reading.notes == (
        "2 won deals have no amount or no cost and are left out",
        "1 deal has no exchange rate for BRL and is left out",
    )


def test_amounts_of_0_have_no_margin(asked):
    reading = asked(SHOP, MARGIN, "2026-09")
    assert (reading.value, reading.reason, reading.records) == (None, "zero_denominator", 1)


def test_margin_by_product_is_by_that_of_the_deal(asked):
    lines = asked(SHOP, MARGIN, "2026-11", by=("product",)).by
    assert {line.key.key: line.denominator for line in lines if line.records} == {
        "Bundle": 600,
        "Anvil": 200,
        "(none)": 40,
    }


def test_products_are_line_items_or_else_the_deal_as_one_unit(asked):
    reading = asked(SHOP, PRODUCTS, "2026-11", by=("product",))
    assert reading.value == 600 + 200 + 40 + 60
    anvil, rope, none = (line_of(reading, key) for key in ("Anvil", "Rope", "(none)"))
    assert (anvil.value, rope.value, none.value) == (400, 200 + (70 + 30) * 2 + 60, 40)
    assert (anvil.records, rope.records, none.records) == (2, 4, 1)


def test_an_empty_quantity_is_one_unit(asked):
    reading = asked(SHOP, PRODUCTS, "2026-11", by=("product",))
    # Rope: items 3 to 6, then the deals 4, 5 and 7, whatever their amounts
    assert line_of(reading, "Rope").extras["units"] == Amount(
        Decimal(1) + 0 + 1 + Decimal("0.00000001") + 3, Unit.COUNT
    )
    assert line_of(reading, "Anvil").extras["units"] == Amount(Decimal("2.5"), Unit.COUNT)
    assert line_of(reading, "(none)").extras["units"] == Amount(Decimal(1), Unit.COUNT)


def test_a_product_tells_its_share_of_all_and_its_amount_before(asked):
    line = line_of(asked(SHOP, PRODUCTS, "2026-11", by=("product",)), "Anvil")
    assert line.extras["share"] == Amount(Decimal(400) / 900, Unit.PERCENT)
    assert line.extras["previous"] == Amount(Decimal(10), Unit.MONEY)


def test_a_line_item_without_a_family_stands_among_none(asked):
    lines = asked(SHOP, PRODUCTS, "2026-11", by=("family",)).by
    assert {line.key.key: line.value for line in lines} == {"Iron": 400, "(none)": 500}


def test_lines_without_an_amount_or_rate_are_named(asked):
    assert asked(SHOP, PRODUCTS, "2026-11").notes == (
        "2 lines have no amount and are left out",
        "1 line has no exchange rate for BRL and is left out",
    )


def test_products_of_a_rep_are_those_of_their_deals(asked):
    assert asked(SHOP, PRODUCTS, "2026-11", scope=ANN).value == 840


def test_contact_methods_share_what_was_won(asked):
    reading = asked(SHOP, CHANNELS, "2026-11", by=("contact_method",))
    assert reading.value == 1
    whole = Decimal(999 + 200 + 40 + 60)
    assert {line.key.key: line.value for line in reading.by} == {
        "phone": 1039 / whole,
        "email": 200 / whole,
        "(none)": 60 / whole,
    }


def test_contact_methods_of_a_rep_share_what_the_rep_won(asked):
    reading = asked(SHOP, CHANNELS, "2026-11", by=("contact_method",), scope=ANN)
    assert line_of(reading, "phone").value == Decimal(1039) / 1239
