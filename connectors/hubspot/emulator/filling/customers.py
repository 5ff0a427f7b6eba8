"""Companies, and the contacts that are leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.records import create_each
from connectors.hubspot.emulator.filling.rows import Row, Tables

# The lifecycle stages that a lead goes through, last first, and the column that dates each.
_STAGES = (
    ("customer", "won_at"),
    ("opportunity", "opportunity_at"),
    ("salesqualifiedlead", "sql_at"),
    ("marketingqualifiedlead", "mql_at"),
    ("lead", "created_at"),
)
_LEAD_STATUSES = {"open": "OPEN", "converted": "OPEN_DEAL", "disqualified": "UNQUALIFIED"}


def fill_companies(account: Account, tables: Tables, ids: Ids) -> None:
    """Companies; what HubSpot works out otherwise stands in custom properties."""
    rows = tables["accounts"]
    for name, type_ in (("size_segment", "string"), ("sales_region", "string")):
        account.add_property("companies", name, type=type_)
    for name in ("customer_since", "churned_at"):
        account.add_property("companies", name, type="datetime")
    industries = _codes_of(row["industry"] for row in rows)
    account.definitions["companies"]["industry"].options = {code: label for label, code in industries.items()}
    made = ((row["created_at"], _company(row, industries, ids)) for row in rows)
    numbers = create_each(account, "companies", made)
    ids.note("accounts", (row["id"] for row in rows), numbers)


def _company(row: Row, industries: dict[str, str], ids: Ids) -> dict[str, Any]:
    return {
        "name": row["name"],
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "industry": industries.get(row["industry"]),
        "numberofemployees": row["employees"],
        "country": row["country"],
        "size_segment": row["segment"],
        "sales_region": row["region"],
        "customer_since": row["customer_since"],
        "churned_at": row["churned_at"],
    }


def fill_contacts(account: Account, tables: Tables, ids: Ids) -> None:
    """A contact of each lead, in the last lifecycle stage that the lead has reached."""
    rows = tables["leads"]
    account.add_property("contacts", "lead_source")
    account.add_property("contacts", "lead_status")
    account.add_property("contacts", "disqualified_at", type="datetime")
    numbers = create_each(account, "contacts", ((_stage_of(row)[1], _contact(row, ids)) for row in rows))
    ids.note("leads", (row["id"] for row in rows), numbers)
    account.associate_many("contacts", ids.links("contacts", numbers, (row["account_id"] for row in rows), "accounts"))


def _contact(row: Row, ids: Ids) -> dict[str, Any]:
    dates = {
        name: row[column]
        for stage, column in _STAGES
        for name in (f"hs_lifecyclestage_{stage}_date", f"hs_v2_date_entered_{stage}")
    }
    return {
        "email": row["email"],
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "createdate": row["created_at"],
        "lifecyclestage": _stage_of(row)[0],
        "hs_lead_status": _LEAD_STATUSES.get(row["status"]),
        "hs_analytics_first_touch_converting_campaign": ids.all("campaigns").get(row["campaign_id"]),
        "lead_source": row["source"],
        "lead_status": row["status"],
        "disqualified_at": row["disqualified_at"],
        **dates,
    }


def _stage_of(row: Row) -> tuple[str, datetime]:
    """The last stage that a lead has reached, and when."""
    return next((stage, row[column]) for stage, column in _STAGES if row[column])


def _codes_of(labels: Iterable[str | None]) -> dict[str, str]:
    """A value, such as HubSpot's own, for each label: ``Real estate`` is ``REAL_ESTATE``, a second one of that name
    ``REAL_ESTATE_2``."""
    codes: dict[str, str] = {}
    taken: set[str] = set()
    for label in dict.fromkeys(labels):
        if label is None:
            continue
        plain = code = "".join(sign if sign.isalnum() else "_" for sign in label).upper()
        number = 1
        while code in taken:
            number += 1
            code = f"{plain}_{number}"
        taken.add(code)
        codes[label] = code
    return codes
