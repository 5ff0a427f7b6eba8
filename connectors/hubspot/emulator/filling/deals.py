"""Deals with the stages they went through, quotes, products and line items."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.records import create_each
from connectors.hubspot.emulator.filling.rows import Row, Tables, midnight
from connectors.hubspot.emulator.filling.stages import add_stages, trace_deals

_TYPES = {"new": "newbusiness", "expansion": "existingbusiness", "renewal": "renewal"}
_TEXTS = ("lead_source", "contact_method", "main_product")
_NUMBERS = ("contract_months", "delivery_cost", "monthly_revenue")
_UNIT_COST = Decimal("1e-8")  # enough for quantity times it to give the cost of the line back


def fill_deals(account: Account, tables: Tables, ids: Ids) -> None:
    """Deals, each moved through its stages at the instants of the stage changes."""
    rows = tables["deals"]
    _define(account)
    traces = trace_deals(rows, tables["stage_changes"])
    stages = add_stages(account, (step.place for steps in traces.values() for step in steps))
    numbers = []
    for row in rows:
        (place, at), *later = traces[row["id"]]
        pipeline, stage = stages[place]
        properties = {**_deal(row, account.timezone, ids), "pipeline": pipeline, "dealstage": stage}
        number = account.create("deals", properties, at=at)
        for place, at in later:
            account.update("deals", number, {"dealstage": stages[place][1]}, at=at)
        numbers.append(number)
    ids.note("deals", (row["id"] for row in rows), numbers)
    account.associate_many("deals", ids.links("deals", numbers, (row["account_id"] for row in rows), "accounts"))
    account.associate_many("deals", ids.links("deals", numbers, (row["lead_id"] for row in rows), "leads"))
    leads = tables["leads"]
    contacts = [int(ids.of("leads", row["id"])) for row in leads]
    account.associate_many("contacts", ids.links("contacts", contacts, (row["deal_id"] for row in leads), "deals"))


def _define(account: Account) -> None:
    for name in _TEXTS:
        account.add_property("deals", name)
    for name in _NUMBERS:
        account.add_property("deals", name, type="number")
    account.add_property("deals", "first_contact_at", type="datetime")
    account.definitions["deals"]["dealtype"].options["renewal"] = "Renewal"


def _deal(row: Row, timezone: str, ids: Ids) -> dict[str, Any]:
    return {
        "dealname": row["name"],
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "dealtype": _TYPES.get(row["type"]),
        "amount": row["amount"],
        "deal_currency_code": row["currency"],
        "createdate": row["created_at"],
        "closedate": _closing(row, timezone),
        "lead_source": row["source"],
        "contact_method": row["contact_method"],
        "main_product": row["product"],
        "contract_months": row["term_months"],
        "delivery_cost": row["cost"],
        "monthly_revenue": row["mrr"],
        "first_contact_at": row["first_contact_at"],
    }


def _closing(row: Row, timezone: str) -> datetime | None:
    """HubSpot has one instant for when a deal was closed, or is expected to be."""
    expected = midnight(row["close_date"], timezone) if row["close_date"] else None
    return expected if row["status"] == "open" else row["closed_at"] or expected


def fill_quotes(account: Account, tables: Tables, ids: Ids) -> None:
    """Published quotes; an accepted one was signed."""
    rows = tables["quotes"]
    numbers = create_each(account, "quotes", ((row["sent_at"], _quote(row, ids)) for row in rows))
    ids.note("quotes", (row["id"] for row in rows), numbers)
    account.associate_many("quotes", ids.links("quotes", numbers, (row["deal_id"] for row in rows), "deals"))


def _quote(row: Row, ids: Ids) -> dict[str, Any]:
    return {
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "hs_status": "APPROVAL_NOT_NEEDED",
        "hs_quote_amount": row["amount"],
        "hs_currency": row["currency"],
        "hs_published_date": row["sent_at"],
        "hs_quote_esign_status": "SIGNED" if row["accepted_at"] else "PENDING_SIGNATURE",
        "hs_esign_date": row["accepted_at"],
    }


def fill_line_items(account: Account, tables: Tables, ids: Ids) -> None:
    """Products, and the lines of deals that HubSpot holds. Its lines have a cost of one unit."""
    rows = [row for row in tables["line_items"] if row["deal_id"] in ids.all("deals")]
    account.add_property("line_items", "product_family")
    names = list(dict.fromkeys(row["product"] for row in rows))
    made = create_each(account, "products", ((None, {"name": name}) for name in names))
    products = dict(zip(names, made, strict=True))
    deals = {row["id"]: row["created_at"] for row in tables["deals"]}
    lines = ((deals[row["deal_id"]], _line(row, products[row["product"]])) for row in rows)
    numbers = create_each(account, "line_items", lines)
    ids.note("line_items", (row["id"] for row in rows), numbers)
    account.associate_many("line_items", ids.links("line_items", numbers, (row["deal_id"] for row in rows), "deals"))


def _line(row: Row, product: int) -> dict[str, Any]:
    return {
        "hs_product_id": product,
        "name": row["product"],
        "product_family": row["family"],
        "quantity": row["quantity"],
        "amount": row["amount"],
        "hs_cost_of_goods_sold": _unit_cost(row),
    }


def _unit_cost(row: Row) -> Decimal | None:
    if row["cost"] is None:
        return None
    quantity = Decimal(1) if row["quantity"] is None else row["quantity"]
    return (row["cost"] / quantity).quantize(_UNIT_COST) if quantity else Decimal(0)
