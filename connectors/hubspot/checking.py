"""``kpi check`` of a HubSpot source: may all be read, and is what the configuration names there. Pulls nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Finding, Surroundings
from connectors.hubspot.costs import CAMPAIGNS, OWNERS, RATES, TEAMS, Supply
from connectors.hubspot.errors import MissingScopesError, NotFoundError, SignInError
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.paths import Paths
from connectors.hubspot.property_check import check_properties
from connectors.hubspot.reading import Client, all_results, results_of
from connectors.hubspot.sides import read_definitions, read_owners
from connectors.hubspot.workers import in_order
from connectors.mapping import Filters, SourceSettings
from connectors.suggestion import did_you_mean, in_one_line

_ONE = {"limit": "1"}
_LIMIT = {"limit": "100"}
_PIPELINES_OF = ("deals", "leads")


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is read of an account. ``scopes``: of which one is needed, the guide's first."""

    name: str
    path: Callable[[Paths], str]
    scopes: tuple[str, ...]
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a part can't be read: a ``scope`` is missing, or (none) the account has no such thing."""

    part: _Part
    scope: str = ""


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
    refused = {refusal.part.name for refusal in refusals}
    definitions = read_definitions(client, [name for name in OBJECTS if name not in refused])
    yield from _check_access(refusals, Supply(settings, refused, definitions))
    pipelines = _pipelines(client)
    yield from check_properties(client, settings, definitions, pipelines)
    yield from _check_filters(client, settings.filters, pipelines["deals"], refused)
    rates = None if RATES in refused else all_results(client, client.paths.exchange_rates(), _LIMIT)
    yield from _check_money(account, rates, surroundings.currency)
    yield _check_zone(str(account.get("timeZone") or ""), surroundings)


def _parts() -> Iterator[_Part]:
    for kind in OBJECTS.values():
        yield _Part(kind.name, partial(Paths.objects, name=kind.name), kind.scopes, kind.is_needed)
    yield _Part(OWNERS, Paths.owners, ("crm.objects.owners.read",), is_needed=True)
    yield _Part(TEAMS, Paths.teams, ("settings.users.teams.read",))
    yield _Part(RATES, Paths.exchange_rates, ("settings.currencies.read", "crm.objects.quotes.read"))
    yield _Part(CAMPAIGNS, Paths.campaigns, ("marketing.campaigns.read",))


def _refusals(client: Client) -> list[_Refusal]:
    """One record of each part is asked for: what may be read shows, whichever way the token was made."""

    def ask(part: _Part) -> _Refusal | None:
        try:
            client.get(part.path(client.paths), _ONE)
        except MissingScopesError as error:
            return _Refusal(part, _to_give(part, error.scopes))
        except NotFoundError:
            return _Refusal(part)
        return None

    found = in_order([partial(ask, part) for part in _parts()])
    return [refusal for refusal in found if refusal is not None]


def _to_give(part: _Part, asked: Sequence[str]) -> str:
    """The scope to give: the first of ours that HubSpot would take."""
    fitting = [scope for scope in part.scopes if scope in asked]
    return (fitting or asked or part.scopes)[0]


def _check_access(refusals: Sequence[_Refusal], supply: Supply) -> Iterator[Finding]:
    """A line for each scope that is missing, with what it keeps from being read and what that costs."""
    by_scope: dict[str, list[_Part]] = {}
    for refusal in refusals:
        by_scope.setdefault(refusal.scope, []).append(refusal.part)
    for scope, parts in by_scope.items():
        names = in_one_line(part.name for part in parts)
        subject = f"scope {scope}" if scope else "account"
        told = f"is missing, so that {names} cannot be read" if scope else f"has no {names}"
        if any(part.is_needed for part in parts):
            advice = ": give it to the app in HubSpot" if scope else ""
            yield Finding(subject, ok=False, detail=f"{told}, without which nothing is synced{advice}")
        else:
            advice = "give it to the app in HubSpot, if you use them" if scope else "its HubSpot plan may lack them"
            costs = supply.costs_of([part.name for part in parts])
            instead = "".join(f"; {table} then come from {in_one_line(left)} alone" for table, left in costs.instead)
            detail = f"{told}: {advice}{instead}"
            yield Finding(subject, True, detail, costs.lost, costs.weakened, supply.unfilled)
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
    known = {name.strip().casefold() for name in (*labels, *(str(pipeline["id"]) for pipeline in pipelines))}
    for block, named in (("include", filters.pipelines), ("exclude", filters.excluded_pipelines)):
        for name in named:
            if name.strip().casefold() not in known:
                detail = (
                    f'[source.{block}] names the pipeline "{name}", which is not there; {did_you_mean(name, labels)}'
                )
                yield Finding("filters", ok=False, detail=detail)
    if filters.excluded_owners and OWNERS not in refused:
        emails = {str(row[1] or "").casefold() for row in read_owners(client).rows}
        unmet = sum(email.strip().casefold() not in emails for email in filters.excluded_owners)
        if unmet:
            detail = f"{unmet} of the {len(filters.excluded_owners)} emails in [source.exclude] owners are nobody's."
            yield Finding("filters", ok=False, detail=detail)


def _check_money(
    account: Mapping[str, Any], rates: Iterable[Mapping[str, Any]] | None, currency: str
) -> Iterator[Finding]:
    """``rates``: None where they may not be read."""
    own = str(account.get("companyCurrency") or "")
    rated = {str(rate["fromCurrencyCode"]) for rate in rates or () if rate.get("toCurrencyCode") == own}
    if own and own != currency:
        told = f"HubSpot's company currency is {own}, [organisation] currency is {currency}"
        if currency in rated:
            yield Finding("currency", ok=True, detail=f"{told}: amounts are converted by HubSpot's rate for {currency}")
        else:
            why = "HubSpot has no rate for it" if rates is not None else "the exchange rates cannot be read"
            way = "add the rate in HubSpot" if rates is not None else "give the app their scope"
            detail = f"{told}, and {why}: set currency to {own}, or {way}"
            yield Finding("currency", ok=False, detail=detail, costs=(("deals", "amount"),))
    unrated = [code for code in account.get("additionalCurrencies") or () if code not in rated | {own}]
    if unrated and rates is None:
        detail = f"the exchange rates cannot be read: amounts in {in_one_line(unrated)} are not counted"
        yield Finding("currency", ok=False, detail=detail)
    elif unrated:
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
