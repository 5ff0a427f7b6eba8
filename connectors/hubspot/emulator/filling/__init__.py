"""A company written into an account: rows of the schema's tables as the HubSpot records that they would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.activities import fill_activities
from connectors.hubspot.emulator.filling.customers import fill_companies, fill_contacts
from connectors.hubspot.emulator.filling.deals import fill_deals, fill_line_items, fill_quotes
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.money import (
    fill_campaigns,
    fill_goals,
    fill_rates,
    fill_subscriptions,
    goal_key,
)
from connectors.hubspot.emulator.filling.people import fill_people
from connectors.hubspot.emulator.filling.rows import Row, read_tables

__all__ = ["CUSTOM", "Ids", "fill_account", "left_over"]

# The ``[source.map.TABLE]`` entries of what stands in properties of the company's own.
CUSTOM: Mapping[str, Mapping[str, Any]] = {
    "accounts": {
        "segment": "size_segment",
        "region": "sales_region",
        "customer_since": "customer_since",
        "churned_at": "churned_at",
    },
    "leads": {"source": "lead_source", "disqualified_at": "disqualified_at"},
    "deals": {
        "source": "lead_source",
        "contact_method": "contact_method",
        "product": "main_product",
        "term_months": "contract_months",
        "cost": "delivery_cost",
        "mrr": "monthly_revenue",
        "first_contact_at": "first_contact_at",
    },
    "line_items": {"family": "product_family"},
}


def fill_account(account: Account, tables: Mapping[str, Iterable[Mapping[str, object]]]) -> Ids:
    """Writes a company into an empty account, whose time zone and currency are the company's, and gives the ids that
    its rows got. Values may be texts, as files hold them. ``CUSTOM`` is how a source must be mapped to read back what
    HubSpot has no property for; ``left_over`` gives the rows that HubSpot holds in no way."""
    read, ids = read_tables(tables), Ids()
    fill_people(account, read, ids)
    fill_campaigns(account, read, ids)
    fill_rates(account, read)
    fill_companies(account, read, ids)
    fill_contacts(account, read, ids)
    fill_deals(account, read, ids)
    fill_quotes(account, read, ids)
    fill_line_items(account, read, ids)
    fill_subscriptions(account, read, ids)
    fill_activities(account, read, ids)
    fill_goals(account, read, ids)
    return ids


def left_over(tables: Mapping[str, Iterable[Row]], ids: Ids, source: str) -> dict[str, list[Row]]:
    """The rows of an account's company that are for another source: holidays, spend of no campaign, targets that are
    no goals. They name HubSpot's records as rows of ``source``."""
    spend = [row for row in tables.get("spend", ()) if row["id"] not in ids.all("spend")]
    targets = [row for row in tables.get("targets", ()) if goal_key(row) not in ids.all("targets")]
    return {
        "holidays": list(tables.get("holidays", ())),
        "spend": [_renamed(row, "campaign_id", ids.all("campaigns"), source) for row in spend],
        "targets": [
            _renamed(row, "scope_id", ids.all("teams" if row["scope"] == "team" else "owners"), source)
            for row in targets
        ],
    }


def _renamed(row: Row, column: str, names: Mapping[str, str], source: str) -> Row:
    name = names.get(str(row.get(column) or ""))
    return {**row, column: f"{source}:{name}"} if name else row
