"""``kpi check --against-crm``: HubSpot's own won deals, month by month, and what may make ours differ from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import SourceError
from connectors.globs import globs_regex
from connectors.hubspot.errors import MissingScopesError, NotFoundError
from connectors.hubspot.reading import SEARCH_PAGE, Client, all_results, milliseconds, results_of
from connectors.hubspot.sides import read_owners
from connectors.mapping import Filters, SourceSettings
from connectors.wins import Month, MonthlyWins

_PROPERTIES = (
    "amount",
    "amount_in_home_currency",
    "closedate",
    "deal_currency_code",
    "dealname",
    "dealtype",
    "hs_lastmodifieddate",
    "hubspot_owner_id",
    "pipeline",
)
_TYPES = {"newbusiness": "new", "existingbusiness": "expansion"}
_CENT = Decimal("0.01")
_MOST_PAGES = 5_000  # a million deals in one month

Deal = Mapping[str, str]  # its properties, empty ones as ""
Reason = tuple[str, Callable[[Deal], bool]]


def monthly_wins(
    client: Client, settings: SourceSettings, timezone: str, months: Sequence[Month], synced_at: datetime | None
) -> Iterator[MonthlyWins]:
    """Each month's deals that HubSpot counts as won, and their amount in its company currency. Reads them by search,
    which knows changes only after seconds to minutes. ``timezone`` is the organisation's."""
    account = client.get(client.paths.account()).body
    currency = str(account.get("companyCurrency") or "")
    reasons = [
        *_filtered(client, settings.filters),
        *_unvalued(currency),
        *_at_the_edges(str(account.get("timeZone") or ""), timezone),
    ]
    if synced_at is not None:
        reasons.append(("changed since the last sync", _Changed(synced_at)))
    rates = _read_rates(client, currency, timezone)
    for month in months:
        found, deals = _won_in(client, month)
        counted = [(told, sum(map(applies, deals))) for told, applies in reasons]
        counted.append(("counted by HubSpot but not given", max(0, found - len(deals))))
        yield MonthlyWins(
            month=month,
            won=found,
            amount=sum((_number(_amount(deal, currency)) for deal in deals), Decimal(0)),
            currency=currency,
            reasons=(*(f"{count:,} {told}" for told, count in counted if count), *_converted(deals, rates, currency)),
        )


def _won_in(client: Client, month: Month) -> tuple[int, list[Deal]]:
    """How many won deals HubSpot counts in a month, and the deals. Each page is a search for what is behind the last
    id, since HubSpot's own pages end at 10,000."""
    deals: list[Deal] = []
    total, last = 0, 0
    for page in range(_MOST_PAGES):
        reply = client.post(client.paths.search("deals"), _search(month, last), is_search=True)
        results = results_of(reply)
        if page == 0:
            total = int(reply.body.get("total") or 0)
        deals += [{name: str(one["properties"].get(name) or "") for name in _PROPERTIES} for one in results]
        ids = [int(one["id"]) for one in results]
        if not ids or max(ids) <= last or not (reply.body.get("paging") or {}).get("next"):
            return total, deals
        last = max(ids)
    raise SourceError(f"HubSpot's search for the won deals of {month.key} does not end.")


def _search(month: Month, last: int) -> dict[str, Any]:
    filters = [
        {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"},
        {"propertyName": "closedate", "operator": "GTE", "value": str(milliseconds(month.start))},
        {"propertyName": "closedate", "operator": "LT", "value": str(milliseconds(month.end))},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(last)},
    ]
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(_PROPERTIES),
        "limit": SEARCH_PAGE,
    }


def _filtered(client: Client, filters: Filters) -> Iterator[Reason]:
    """The deals that the configuration leaves out. Those of left-out leads and companies hang on associations, which
    are not looked at here."""
    if filters.pipelines or filters.excluded_pipelines:
        labels = {
            str(each["id"]): str(each["label"]).strip().casefold()
            for each in results_of(client.get(client.paths.pipelines("deals")))
        }
        included, excluded = _folded(filters.pipelines), _folded(filters.excluded_pipelines)

        def is_elsewhere(deal: Deal) -> bool:
            names = {deal["pipeline"].casefold(), labels.get(deal["pipeline"], "")}
            return bool(included and included.isdisjoint(names)) or not excluded.isdisjoint(names)

        yield "in pipelines that do not count", is_elsewhere
    if filters.types:
        yield "of types that do not count", lambda deal: _type(deal["dealtype"]) not in filters.types
    if filters.excluded_owners:
        emails = _folded(filters.excluded_owners)
        owners = {str(row[0]) for row in read_owners(client).rows if str(row[1] or "").casefold() in emails}
        yield "of left-out owners", lambda deal: deal["hubspot_owner_id"] in owners
    if filters.excluded_names:
        names = re.compile(globs_regex(filters.excluded_names))
        yield "with left-out names", lambda deal: bool(names.fullmatch(deal["dealname"]))


def _unvalued(currency: str) -> Iterator[Reason]:
    yield "without an amount", lambda deal: not deal["amount"]
    yield "without an exchange rate", lambda deal: bool(deal["amount"] and not _amount(deal, currency))


def _amount(deal: Deal, currency: str) -> str:
    """In the account's currency; empty where that is unknown. HubSpot fills its own property in a moment after."""
    is_own = deal["deal_currency_code"] in ("", currency)
    return deal["amount_in_home_currency"] or (deal["amount"] if is_own else "")


@dataclass(frozen=True, slots=True)
class _Rates:
    """The account's exchange rates by currency: from which of the organisation's days each holds, newest first. It is
    by these that our amounts are converted."""

    timezone: ZoneInfo
    rates: Mapping[str, Sequence[tuple[date, Decimal]]]

    def amount(self, deal: Deal) -> Decimal | None:
        """In the account's currency, at the rate of the day on which the deal closed; None where there is none."""
        at = _instant(deal["closedate"])
        if at is None:
            return None
        day = at.astimezone(self.timezone).date()
        held = (rate for since, rate in self.rates.get(deal["deal_currency_code"], ()) if since <= day)
        rate = next(held, None)
        return None if rate is None else _number(deal["amount"]) * rate


def _read_rates(client: Client, currency: str, timezone: str) -> _Rates:
    """Without any where they may not be read."""
    zone = ZoneInfo(timezone)
    try:
        results = all_results(client, client.paths.exchange_rates(), {"limit": "100"})
    except (MissingScopesError, NotFoundError):
        results = []
    found: dict[str, list[tuple[datetime, Decimal]]] = {}
    for each in results:
        at = _instant(str(each["effectiveAt"]))
        if each.get("toCurrencyCode") == currency and at is not None:
            found.setdefault(str(each["fromCurrencyCode"]), []).append((at, _number(str(each["conversionRate"]))))
    return _Rates(
        zone,
        {
            code: [(at.astimezone(zone).date(), rate) for at, rate in sorted(rates, reverse=True)]
            for code, rates in found.items()
        },
    )


def _converted(deals: Sequence[Deal], rates: _Rates, currency: str) -> Iterator[str]:
    """Deals in a foreign currency that HubSpot has at another rate than that of the day on which they closed."""
    amounts = [(_number(_amount(deal, currency)), rates.amount(deal)) for deal in deals if _amount(deal, currency)]
    apart = [theirs - ours for theirs, ours in amounts if ours is not None and abs(theirs - ours) >= _CENT]
    if apart:
        more = sum(apart, Decimal(0))
        told = f"{abs(more):,.2f} {currency} {'more' if more >= 0 else 'less'} in the CRM"
        yield f"{len(apart):,} at another exchange rate than that of the closing day ({told})"


def _at_the_edges(zone: str, timezone: str) -> Iterator[Reason]:
    """Deals that HubSpot's own reports, which go by the account's zone, count in the month before or after."""
    try:
        theirs, ours = ZoneInfo(zone), ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return

    def is_elsewhere(deal: Deal) -> bool:
        at = _instant(deal["closedate"])
        return at is not None and at.astimezone(theirs).month != at.astimezone(ours).month

    yield f"in another month by HubSpot's clock ({zone})", is_elsewhere


@dataclass(frozen=True, slots=True)
class _Changed:
    since: datetime

    def __call__(self, deal: Deal) -> bool:
        at = _instant(deal["hs_lastmodifieddate"])
        return at is not None and at >= self.since


def _folded(names: Sequence[str]) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in names)


def _type(dealtype: str) -> str:
    folded = dealtype.casefold()
    return "renewal" if "renew" in folded else _TYPES.get(folded, folded)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text or 0)
    except InvalidOperation:
        return Decimal(0)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
