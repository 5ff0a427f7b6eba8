"""What is small and read whole each time: owners, teams, pipelines, currencies, campaigns, properties' definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from connectors.hubspot.client import MissingScopesError, NotFoundError
from connectors.hubspot.mirror import Mirror
from connectors.hubspot.mirror.chunks import Side
from connectors.hubspot.reading import Client, all_results, results_of
from connectors.hubspot.workers import in_order

_LIMIT = {"limit": "100"}
_PIPELINES_OF = ("deals", "leads")
_CAMPAIGN_PROPERTIES = "hs_name,hs_start_date,hs_end_date,hs_currency_code,hs_spend_items_sum_amount"

T = TypeVar("T")
Definition = Mapping[str, Any]


def read_sides(client: Client, mirror: Mirror) -> Iterator[tuple[Side, str | None]]:
    """Each side table, and what keeps it from being read whole. Owners, the account and the pipelines of deals must be
    there: without them no figure would be right."""
    owners = read_owners(client)
    yield owners, None
    yield from _told(lambda: [_read_teams(client)], "teams above teams", lambda: [_teams_of(client)])
    pipelines, stages = _read_pipelines(client)
    yield _with_archived(mirror, pipelines, (0, 1)), None
    yield _with_archived(mirror, stages, (0, 1, 2)), None
    account = _read_account(client)
    yield account, None
    currency = str(account.rows[0][2] or "")
    yield from _told(lambda: [_read_rates(client, currency)], "exchange rates", lambda: [Side("exchange_rates", ())])
    no_campaigns = (Side("campaign_spend", ()), Side("campaigns", ()))
    yield from _told(lambda: _read_campaigns(client, mirror), "campaigns and their spend", lambda: no_campaigns)


def read_owners(client: Client) -> Side:
    """The people, those who have left included."""
    rows: dict[int, tuple[object, ...]] = {}  # who leaves between the two lists is on both
    for archived in ("false", "true"):
        for owner in all_results(client, client.paths.owners(), {**_LIMIT, "archived": archived}):
            if owner.get("type") == "QUEUE":
                continue
            primary = [team["id"] for team in owner.get("teams") or () if team.get("primary")]
            user_id = owner.get("userId") or owner.get("userIdIncludingInactive")
            names = (_text(owner.get("email")), _text(owner.get("firstName")), _text(owner.get("lastName")))
            team_id = _number(next(iter(primary), None))
            rows[int(owner["id"])] = (int(owner["id"]), *names, _number(user_id), archived == "true", team_id)
    return Side("owners", list(rows.values()))


def read_definitions(client: Client, names: Sequence[str]) -> dict[str, Sequence[Definition] | None]:
    """The definitions of each object's properties by its name; None where they may not be read."""

    def read(name: str) -> Sequence[Definition] | None:
        try:
            return results_of(_insist(partial(client.get, client.paths.properties(name))))
        except (MissingScopesError, NotFoundError):
            return None

    return dict(zip(names, in_order([_task(read, name) for name in names]), strict=True))


def options_of(definitions: Mapping[str, Sequence[Definition] | None], pulled: Mapping[str, Sequence[str]]) -> Side:
    """What the values of the pulled enumerations are called."""
    rows = [
        (name, str(definition["name"]), str(option["value"]), str(option["label"]))
        for name, known in definitions.items()
        for definition in known or ()
        if definition["name"] in pulled[name]
        for option in definition.get("options") or ()
        if option.get("label")
    ]
    return Side("options", rows)


def _task(read: Callable[[str], Any], name: str) -> Callable[[], Any]:
    return lambda: read(name)


def _insist(ask: Callable[[], T]) -> T:
    """The answer. One refusal, which may have been a slip, is not enough to do without."""
    try:
        return ask()
    except (MissingScopesError, NotFoundError):
        return ask()


def _told(
    read: Callable[[], Sequence[Side]], what: str, instead: Callable[[], Sequence[Side]]
) -> Iterator[tuple[Side, str | None]]:
    """What is read, or what stands instead."""
    notice = None
    try:
        sides = _insist(read)
    except MissingScopesError as error:
        scopes = [scope for scope in error.scopes if scope.endswith("read")]
        notice = f"{what} are not read: the token has no scope {' or '.join(scopes) or 'for them'}."
        sides = instead()
    except NotFoundError:
        sides = instead()
    for side in sides:
        yield side, notice
        notice = None


def _read_teams(client: Client) -> Side:
    teams = all_results(client, client.paths.teams(), _LIMIT)
    return Side("teams", [(int(team["id"]), _text(team["name"]), _number(team.get("parentTeamId"))) for team in teams])


def _teams_of(client: Client) -> Side:
    """The teams that owners name, where the list of teams may not be read: it alone knows which stand above."""
    found = {
        int(team["id"]): _text(team["name"])
        for archived in ("false", "true")
        for owner in all_results(client, client.paths.owners(), {**_LIMIT, "archived": archived})
        for team in owner.get("teams") or ()
    }
    return Side("teams", [(id_, name, None) for id_, name in sorted(found.items())])


def _read_pipelines(client: Client) -> tuple[Side, Side]:
    pipelines, stages = [], []
    for name in _PIPELINES_OF:
        try:
            results = results_of(_insist(partial(client.get, client.paths.pipelines(name))))
        except (MissingScopesError, NotFoundError):
            if name == "deals":
                raise
            continue
        for pipeline in results:
            key = (name, str(pipeline["id"]))
            pipelines.append((*key, _text(pipeline["label"]), bool(pipeline.get("archived"))))
            for stage in pipeline["stages"]:
                metadata = stage.get("metadata") or {}
                is_closed = str(metadata.get("isClosed", "")).lower() == "true"
                probability = _text(metadata.get("probability"))
                archived = bool(stage.get("archived"))
                stages.append((*key, str(stage["id"]), _text(stage["label"]), is_closed, probability, archived))
    return Side("pipelines", pipelines), Side("stages", stages)


def _with_archived(mirror: Mirror, side: Side, key: Sequence[int]) -> Side:
    """With those that were there once: deals may still be in them, and their history is."""
    known = {tuple(row[position] for position in key) for row in side.rows}
    lost = [(*row[:-1], True) for row in mirror.side(side.table) if tuple(row[each] for each in key) not in known]
    return Side(side.table, [*side.rows, *lost])


def _read_account(client: Client) -> Side:
    details = client.get(client.paths.account()).body
    currency = details.get("companyCurrency")
    return Side("account", [(_number(details.get("portalId")), _text(details.get("timeZone")), _text(currency))])


def _read_rates(client: Client, currency: str) -> Side:
    rates = all_results(client, client.paths.exchange_rates(), _LIMIT)
    rows = [
        (str(rate["fromCurrencyCode"]), str(rate["effectiveAt"]), _plain(rate["conversionRate"]))
        for rate in rates
        if not currency or rate.get("toCurrencyCode") == currency
    ]
    return Side("exchange_rates", rows)


def _read_campaigns(client: Client, mirror: Mirror) -> Sequence[Side]:
    """Campaigns, and their spend where it has changed since it was read."""
    results = all_results(client, client.paths.campaigns(), {**_LIMIT, "properties": _CAMPAIGN_PROPERTIES})
    before = {row[0]: row[-1] for row in mirror.side("campaigns")}
    stamps = {str(one["id"]): _stamp(one) for one in results}
    kept = [row for row in mirror.side("campaign_spend") if stamps.get(row[1]) == before.get(row[1], "")]
    stale = [id_ for id_, stamp in stamps.items() if stamp != before.get(id_)]
    read = in_order([_task(lambda id_: list(_read_spend(client, id_)), id_) for id_ in stale])
    spend = [*kept, *(row for rows in read for row in rows)]
    campaigns = [(*_campaign_row(str(one["id"]), one["properties"]), _stamp(one)) for one in results]
    # The spend first: a campaign's stamp says that its spend is there.
    return [Side("campaign_spend", spend), Side("campaigns", campaigns)]


def _stamp(campaign: Mapping[str, Any]) -> str:
    return f"{campaign.get('updatedAt')} {campaign['properties'].get('hs_spend_items_sum_amount')}"


def _campaign_row(id_: str, properties: Mapping[str, Any]) -> tuple[object, ...]:
    name = _text(properties.get("hs_name")) or id_
    return id_, name, None, _text(properties.get("hs_start_date")), _text(properties.get("hs_end_date"))


def _read_spend(client: Client, campaign_id: str) -> Iterator[tuple[object, ...]]:
    totals = client.get(client.paths.campaign_spend(campaign_id)).body
    for item in totals.get("spendItems") or ():
        at = str(item["createdAt"])
        yield str(item["id"]), campaign_id, _plain(item["amount"]), _text(totals.get("currencyCode")), at


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


def _plain(number: Any) -> str:
    """A JSON number as plain digits."""
    return format(Decimal(str(number)), "f")
