"""``kpi check`` of a HubSpot source: may all be read, and is what the configuration names there. Pulls nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Finding, Surroundings
from connectors.hubspot.errors import MissingScopesError, NotFoundError, SignInError
from connectors.hubspot.fields import FEEDS
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.paths import Paths
from connectors.hubspot.property_check import check_properties
from connectors.hubspot.reading import Client, all_results, results_of
from connectors.hubspot.sides import read_definitions, read_owners
from connectors.hubspot.workers import in_order
from connectors.mapping import Filters, SourceSettings
from connectors.suggestion import did_you_mean, in_one_line

Costs = tuple[tuple[str, str], ...]

# Tables whose feeds stand in for one another: without one of them some columns are lost, not the table.
_STAND_INS = frozenset({"owners", "leads", "subscriptions"})
_ONE = {"limit": "1"}
_LIMIT = {"limit": "100"}
_PIPELINES_OF = ("deals", "leads")


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is read of an account. ``costs``: what stays empty without it."""

    name: str
    path: Callable[[Paths], str]
    scopes: tuple[str, ...]
    costs: Costs
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a part can't be read: ``scopes`` are missing, or (none) the account has no such thing."""

    part: _Part
    scopes: tuple[str, ...] = ()


def check(client: Client, settings: SourceSettings, surroundings: Surroundings) -> Iterator[Finding]:
    """What there is to say about the account, first to last: the token, what it may read, the properties, the filters,
    money and time. Raises SourceError where HubSpot can't be reached."""
    try:
        account = client.get(client.paths.account()).body
    except SignInError as error:
        yield Finding("token", ok=False, detail=str(error))
        return
    yield Finding("token", ok=True, detail=f"is good for the HubSpot account {account.get('portalId')}")
    refusals = _refusals(client)
    yield from _check_access(refusals)
    refused = {refusal.part.name for refusal in refusals}
    pipelines = _pipelines(client)
    definitions = read_definitions(client, [name for name in OBJECTS if name not in refused])
    yield from check_properties(client, settings, definitions, pipelines)
    yield from _check_filters(client, settings.filters, pipelines["deals"], refused)
    rates = [] if "exchange rates" in refused else all_results(client, client.paths.exchange_rates(), _LIMIT)
    yield from _check_money(account, rates, surroundings.currency)
    yield _check_zone(str(account.get("timeZone") or ""), surroundings)


def _parts() -> Iterator[_Part]:
    for kind in OBJECTS.values():
        path = partial(Paths.objects, name=kind.name)
        yield _Part(kind.name, path, kind.scopes, costs_of(kind.name), is_needed=kind.is_needed)
    yield _Part("owners", Paths.owners, ("crm.objects.owners.read",), (("owners", ""),), is_needed=True)
    yield _Part("teams", Paths.teams, ("settings.users.teams.read",), (("teams", "parent_id"),))
    rates = ("settings.currencies.read", "crm.objects.quotes.read")
    yield _Part("exchange rates", Paths.exchange_rates, rates, (("fx_rates", ""),))
    spend = (("campaigns", ""), ("spend", ""))
    yield _Part("campaigns", Paths.campaigns, ("marketing.campaigns.read",), spend)


def costs_of(name: str) -> Costs:
    """What stays empty, or lacks records, without an object."""
    costs: list[tuple[str, str]] = []
    for table, feeds in FEEDS.items():
        own = [column for feed in feeds if feed.object == name for column in feed.columns]
        if own and table not in _STAND_INS:
            costs.append((table, ""))
        elif own:
            others = {column for feed in feeds if feed.object != name for column in feed.columns}
            costs += [(table, column) for column in own if column not in others]
    return tuple(costs)


def _refusals(client: Client) -> list[_Refusal]:
    """One record of each part is asked for: what may be read shows, whichever way the token was made."""

    def ask(part: _Part) -> _Refusal | None:
        try:
            client.get(part.path(client.paths), _ONE)
        except MissingScopesError as error:
            return _Refusal(part, error.scopes or part.scopes)
        except NotFoundError:
            return _Refusal(part)
        return None

    found = in_order([partial(ask, part) for part in _parts()])
    return [refusal for refusal in found if refusal is not None]


def _check_access(refusals: Sequence[_Refusal]) -> Iterator[Finding]:
    """A line for each scope that is missing, with what it keeps from being read."""
    by_scopes: dict[tuple[str, ...], list[_Part]] = {}
    for refusal in refusals:
        by_scopes.setdefault(refusal.scopes, []).append(refusal.part)
    for scopes, parts in by_scopes.items():
        names = in_one_line(part.name for part in parts)
        costs = tuple(dict.fromkeys(cost for part in parts for cost in part.costs))
        is_fine = not any(part.is_needed for part in parts)
        if scopes:
            subject = f"scope {' or '.join(scopes)}"
            told = f"is missing, so that {names} cannot be read: give it to the app in HubSpot"
            yield Finding(subject, is_fine, told if not is_fine else f"{told}, if you use them", costs)
        else:
            yield Finding("account", is_fine, f"has no {names}: its HubSpot plan may lack them", costs)
    if not refusals:
        yield Finding("scopes", ok=True, detail="everything that is pulled can be read")


def _pipelines(client: Client) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Pipelines as HubSpot gives them, with their stages, by object; none where they may not be read."""
    found: dict[str, Sequence[Mapping[str, Any]]] = {}
    for name in _PIPELINES_OF:
        try:
            found[name] = results_of(client.get(client.paths.pipelines(name)))
        except (MissingScopesError, NotFoundError):
            found[name] = ()
    return found


def _check_filters(
    client: Client, filters: Filters, pipelines: Sequence[Mapping[str, Any]], refused: set[str]
) -> Iterator[Finding]:
    """Filters that name what is not there: they would leave out everything, or nothing, in silence."""
    labels = [str(pipeline["label"]) for pipeline in pipelines]
    known = {label.strip().casefold() for label in labels}
    for block, named in (("include", filters.pipelines), ("exclude", filters.excluded_pipelines)):
        for name in named:
            if name.strip().casefold() not in known:
                detail = (
                    f'[source.{block}] names the pipeline "{name}", which is not there; {did_you_mean(name, labels)}'
                )
                yield Finding("filters", ok=False, detail=detail)
    if filters.excluded_owners and "owners" not in refused:
        emails = {str(row[1] or "").casefold() for row in read_owners(client).rows}
        unmet = sum(email.strip().casefold() not in emails for email in filters.excluded_owners)
        if unmet:
            detail = f"{unmet} of the {len(filters.excluded_owners)} emails in [source.exclude] owners are nobody's."
            yield Finding("filters", ok=False, detail=detail)


def _check_money(account: Mapping[str, Any], rates: Sequence[Mapping[str, Any]], currency: str) -> Iterator[Finding]:
    own = str(account.get("companyCurrency") or "")
    rated = {str(rate["fromCurrencyCode"]) for rate in rates if rate.get("toCurrencyCode") == own}
    if own and own != currency:
        told = f"HubSpot's company currency is {own}, [organisation] currency is {currency}"
        if currency in rated:
            yield Finding("currency", ok=True, detail=f"{told}: amounts are converted by HubSpot's rate for {currency}")
        else:
            detail = f"{told}, and HubSpot has no rate for it: set currency to {own}, or add the rate in HubSpot"
            yield Finding("currency", ok=False, detail=detail, costs=(("deals", "amount"),))
    unrated = [code for code in account.get("additionalCurrencies") or () if code not in rated | {own}]
    if unrated:
        detail = f"HubSpot has no exchange rate for {in_one_line(unrated)}: amounts in it are not counted; add the rate"
        yield Finding("currency", ok=False, detail=detail)
    elif own == currency:
        yield Finding("currency", ok=True, detail=f"{own}, as in [organisation]")


def _check_zone(zone: str, surroundings: Surroundings) -> Finding:
    ours = surroundings.timezone
    if has_same_clock(zone, ours, surroundings.clock()):
        return Finding("time zone", ok=True, detail=f"{zone or ours}, as in [organisation]")
    detail = (
        f"HubSpot's reports cut months at midnight in {zone or 'UTC'}, Scoreline in {ours}: a deal closed around the "
        "end of a month may count in the one beside it"
    )
    return Finding("time zone", ok=True, detail=detail)


def has_same_clock(zone: str, other: str, now: datetime) -> bool:
    """Whether two zones show the same time all through the year before: names have aliases (US/Eastern)."""
    try:
        zones = ZoneInfo(zone), ZoneInfo(other)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    instants = (now - timedelta(days=days) for days in range(0, 365, 7))
    return all(len({instant.astimezone(each).utcoffset() for each in zones}) == 1 for instant in instants)
