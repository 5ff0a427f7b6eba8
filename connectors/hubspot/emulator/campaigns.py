"""Campaigns and what is spent on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.answers import not_found
from connectors.hubspot.emulator.organisation import Campaign, SpendItem
from connectors.hubspot.emulator.pages import page_of
from connectors.hubspot.emulator.parameters import names, object_body, refused
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.values import epoch_milliseconds, iso

_SCOPES = ("marketing.campaigns.read",)
_BASES = ("/marketing/campaigns/2026-09", "/marketing/v3/campaigns")
_USUAL_PAGE, _MOST_ON_PAGE = 50, 100
_SORTS = {
    "hs_name": lambda campaign: campaign.properties.get("hs_name") or "",
    "createdAt": lambda campaign: campaign.created_at,
    "updatedAt": lambda campaign: campaign.updated_at,
}


def _list_campaigns(account: Account, call: Call) -> Reply:
    wanted, name = names(call, "properties"), (call.one("name") or "").lower()
    with account.lock:
        campaigns = _sorted(account.campaigns.values(), call.one("sort") or "hs_name")
        results = [
            _campaign(each, wanted) for each in campaigns if name in (each.properties.get("hs_name") or "").lower()
        ]
    page = page_of(call, results, usual=_USUAL_PAGE, most=_MOST_ON_PAGE)
    return Reply({"total": len(results), **page})


def _sorted(campaigns: Iterable[Campaign], sort: str) -> list[Campaign]:
    key = _SORTS.get(sort.removeprefix("-"))
    if key is None:
        raise refused(f"Cannot sort by {sort}")
    steady = sorted(campaigns, key=lambda each: each.id)
    return sorted(steady, key=key, reverse=sort.startswith("-"))


def _read_campaign(account: Account, call: Call) -> Reply:
    with account.lock:
        return Reply(_campaign(_found(account, call), names(call, "properties")))


def _read_batch(account: Account, call: Call) -> Reply:
    """The campaigns of the body's ids that there are."""
    inputs = object_body(call).get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(each, dict) for each in inputs):
        raise refused("Invalid input JSON: inputs must be a list of objects")
    wanted, now = names(call, "properties"), iso(call.now)
    with account.lock:
        found = [account.campaigns[each["id"]] for each in inputs if each.get("id") in account.campaigns]
        results = [{**_campaign(each, wanted), "assets": {}} for each in found]
    return Reply({"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})


def _read_totals(account: Account, call: Call) -> Reply:
    with account.lock:
        campaign = _found(account, call)
        items = [_item(each, order) for order, each in enumerate(campaign.spend)]
        spent = _spent(campaign)
        body: dict[str, Any] = {
            "currencyCode": campaign.currency,
            "spendTotal": float(spent),
            "budgetItems": [],
            "spendItems": items,
        }
        budget = campaign.properties.get("hs_budget_items_sum_amount")
        if budget:
            body |= {"budgetTotal": float(budget), "remainingBudget": float(Decimal(budget) - spent)}
    return Reply(body)


def _read_spend(account: Account, call: Call) -> Reply:
    with account.lock:
        for order, each in enumerate(_found(account, call).spend):
            if str(each.id) == call.path["spendId"]:
                return Reply(_item(each, order))
    raise not_found()


def _found(account: Account, call: Call) -> Campaign:
    campaign = account.campaigns.get(call.path["campaignGuid"])
    if campaign is None:
        raise not_found()
    return campaign


def _campaign(campaign: Campaign, wanted: Iterable[str]) -> dict[str, Any]:
    """With the properties that were asked for and have a value, and no others."""
    known = _properties(campaign)
    return {
        "id": campaign.id,
        "properties": {name: known[name] for name in wanted if known.get(name) is not None},
        "businessUnits": [{"id": 0}],
        "createdAt": iso(campaign.created_at),
        "updatedAt": iso(campaign.updated_at),
    }


def _properties(campaign: Campaign) -> Mapping[str, str | None]:
    spent = {"hs_spend_items_sum_amount": format(_spent(campaign), "f")} if campaign.spend else {}
    return {"hs_currency_code": campaign.currency, **spent, **campaign.properties}


def _spent(campaign: Campaign) -> Decimal:
    return sum((each.amount for each in campaign.spend), Decimal())


def _item(item: SpendItem, order: int) -> dict[str, Any]:
    at = epoch_milliseconds(item.created_at)
    return {
        "id": str(item.id),
        "name": item.name,
        "amount": float(item.amount),
        "order": order,
        "createdAt": at,
        "updatedAt": at,
    }


def _under(path: str) -> tuple[str, ...]:
    return tuple(base + path for base in _BASES)


ROUTES: tuple[Route, ...] = (
    Route("GET", _under(""), _list_campaigns, lambda _path: _SCOPES),
    Route("POST", _under("/batch/read"), _read_batch, lambda _path: _SCOPES),
    Route("GET", _under("/{campaignGuid}"), _read_campaign, lambda _path: _SCOPES),
    Route("GET", _under("/{campaignGuid}/budget/totals"), _read_totals, lambda _path: _SCOPES),
    Route("GET", _under("/{campaignGuid}/spend/{spendId}"), _read_spend, lambda _path: _SCOPES),
)
