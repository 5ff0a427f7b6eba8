"""Subscriptions, campaigns with what was spent on them, exchange rates and goals."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.records import create_each
from connectors.hubspot.emulator.filling.rows import MILLISECOND, Row, Tables, local_day, midnight
from connectors.hubspot.emulator.organisation import Campaign, ExchangeRate, SpendItem

_FIRST_CAMPAIGN, _FIRST_SPEND, _FIRST_RATE = 0x3001, 4001, 6001
_DAY = timedelta(days=1)
_MONTH_LENGTH = len("2026-11")


def fill_subscriptions(account: Account, tables: Tables, ids: Ids) -> None:
    """Subscriptions of the companies that HubSpot holds, by the days from and until which they run, both included."""
    rows = [row for row in tables["subscriptions"] if row["account_id"] in ids.all("accounts")]
    made = ((row["started_at"], _subscription(row, account.timezone, ids)) for row in rows)
    numbers = create_each(account, "subscriptions", made)
    ids.note("subscriptions", (row["id"] for row in rows), numbers)
    for column, table in (("account_id", "accounts"), ("deal_id", "deals")):
        links = ids.links("subscriptions", numbers, (row[column] for row in rows), table)
        account.associate_many("subscriptions", links)


def _subscription(row: Row, timezone: str, ids: Ids) -> dict[str, Any]:
    return {
        "hs_name": row["product"],
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "hs_status": "canceled" if row["ended_at"] else "active",
        "hs_mrr": row["mrr"],
        "hs_currency_code": row["currency"],
        "hs_recurring_billing_start_date": local_day(row["started_at"], timezone),
        "hs_recurring_billing_end_date": local_day(row["ended_at"], timezone) - _DAY if row["ended_at"] else None,
    }


def fill_campaigns(account: Account, tables: Tables, ids: Ids) -> None:
    """Campaigns, each in the currency of what was spent on it first, and its spend in that currency: HubSpot keeps an
    amount and a day, and no channel of a campaign."""
    spend: dict[str, list[Row]] = defaultdict(list)
    for row in tables["spend"]:
        if row["category"] == "marketing" and row["segment"] is None and _is_exact(row["amount"]):
            spend[row["campaign_id"]].append(row)
    for number, row in enumerate(tables["campaigns"], start=_FIRST_CAMPAIGN):
        guid = str(UUID(int=number))
        paid = spend[row["id"]]
        currency = (paid[0]["currency"] if paid else None) or account.currency
        paid = [each for each in paid if (each["currency"] or account.currency) == currency]
        account.campaigns[guid] = Campaign(
            guid,
            {
                "hs_name": row["name"],
                "hs_start_date": _written(row["starts_on"]),
                "hs_end_date": _written(row["ends_on"]),
            },
            currency,
            [_spend_item(each, account.timezone, ids, guid) for each in paid],
        )
        ids.note_texts("campaigns", {row["id"]: guid})


def _is_exact(amount: Decimal) -> bool:
    """Whether the amount is the same as a number of JSON, which HubSpot answers with."""
    return Decimal(repr(float(amount))) == amount


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _spend_item(row: Row, timezone: str, ids: Ids, guid: str) -> SpendItem:
    number = _FIRST_SPEND + len(ids.all("spend"))
    ids.note_texts("spend", {row["id"]: f"{guid}-{number}"})
    return SpendItem(number, "Invoice", row["amount"], midnight(row["date"], timezone))


def fill_rates(account: Account, tables: Tables) -> None:
    """The currencies of deals, and the rates from their days on."""
    used = {row["currency"] for table in ("deals", "quotes", "subscriptions") for row in tables[table]}
    rates = {row["currency"] for row in tables["fx_rates"]}
    account.currencies = sorted({code.upper() for code in used | rates if code} - {account.currency})
    account.exchange_rates = [
        ExchangeRate(number, row["currency"].upper(), row["rate"], midnight(row["date"], account.timezone))
        for number, row in enumerate(tables["fx_rates"], start=_FIRST_RATE)
        if row["currency"].upper() != account.currency
    ]


def fill_goals(account: Account, tables: Tables, ids: Ids) -> None:
    """Monthly goals of owners for what they sell, as HubSpot keeps them. Of several for one month the last stands."""
    goals = {goal_key(row): row for row in tables["targets"] if _is_goal(row, ids)}
    create_each(account, "goal_targets", ((None, _goal(row, account, ids)) for row in goals.values()))
    ids.note_texts("targets", {key: key for key in goals})


def goal_key(row: Row) -> str:
    """What tells a target from others."""
    return " ".join(str(row.get(column) or "") for column in ("kpi", "scope", "scope_id", "period"))


def _is_goal(row: Row, ids: Ids) -> bool:
    is_a_reps = row["scope"] == "rep" and row["scope_id"] in ids.all("owners")
    is_a_months = len(row["period"]) == _MONTH_LENGTH and row["period"].replace("-", "").isdigit()
    return row["kpi"] == "bookings" and row["kind"] in (None, "money") and is_a_reps and is_a_months


def _goal(row: Row, account: Account, ids: Ids) -> dict[str, Any]:
    starts_at, ends_at = _month(row["period"], account.timezone)
    return {
        "hs_goal_name": f"Sales quota {row['period']}",
        "hs_goal_type": "sales_quota",
        "hs_milestone": "monthly",
        "hubspot_owner_id": ids.of("owners", row["scope_id"]),
        "hs_target_amount": row["value"],
        "hs_goal_target_currency_code": account.currency,
        "hs_start_datetime": starts_at,
        "hs_end_datetime": ends_at,
        "hs_kpi_object_type_id": "0-3",
        "hs_kpi_property_name": "amount_in_home_currency",
        "hs_kpi_metric_type": "SUM",
        "hs_kpi_unit_type": "currency",
        "hs_kpi_time_period_property": "closedate",
    }


def _month(key: str, timezone: str) -> tuple[datetime, datetime]:
    """Its first instant, and its last millisecond."""
    first = date.fromisoformat(f"{key}-01")
    following = (first + 31 * _DAY).replace(day=1)
    return midnight(first, timezone), midnight(following, timezone) - MILLISECOND
