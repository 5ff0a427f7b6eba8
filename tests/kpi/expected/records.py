"""The rows of a company as the oracle sees them: whose they are, when they count and what they are worth.

Nothing here comes from the code under test but its plain data (``Organisation``, ``Override``, ``Scope``): neither its
SQL nor its calendar nor its people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from kpi.model import Scope, ScopeType
from kpi.organisation import Organisation
from kpi.scopes import Override
from tests.kpi.expected.days import Wall

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]
Members = frozenset[str | None] | None

EVERYBODY = None
_DONE = (None, "connected", "no_answer", "completed")


@dataclass(frozen=True)
class Company:
    """An organisation, and the typed rows of its sources (ids as the source writes them), in their order."""

    organisation: Organisation
    sources: Mapping[str, Tables]
    overrides: tuple[Override, ...] = ()


@dataclass
class Person:
    id: str
    name: str
    source: str
    email: str
    team: str | None
    active: bool
    others: list[str] = field(default_factory=list)  # ids of the same person in other sources


class Records:
    """A company's people and records."""

    def __init__(self, company: Company) -> None:
        self.wall = Wall(company.organisation)
        self.company = company
        self.tables = _with_stored_ids(company.sources)
        self.parents = self._sound_parents()
        self.people = self._people()
        self._records: dict[str, list[Row]] = {}

    # People and teams

    def _sound_parents(self) -> dict[str, str | None]:
        wanted = {team["id"]: team.get("parent_id") for team in self.tables["teams"]}
        sound: dict[str, str | None] = {}
        for team, parent in wanted.items():
            above, at = [], parent
            while at in wanted and at not in above:
                above.append(at)
                at = wanted[at]
            sound[team] = parent if parent in wanted and team not in above else None
        return sound

    def _people(self) -> list[Person]:
        people: list[Person] = []
        for row in self.tables["owners"]:
            email = (row.get("email") or "").casefold()
            known = [p for p in people if email and p.email == email and p.source != row["_source"]]
            active = row.get("active") is not False
            if known:
                known[0].others.append(row["id"])
                known[0].team = known[0].team or row.get("team_id")
                known[0].active = known[0].active or active
            else:
                people.append(Person(row["id"], row["name"], row["_source"], email, row.get("team_id"), active))
        for override in self.company.overrides:
            for person in people:
                if person.email == override.email.casefold() and override.team:
                    person.team = self._team_called(override.team) or person.team
        return people

    def _team_called(self, called: str) -> str | None:
        for team in self.tables["teams"]:
            if called in (team["id"], team["id"].split(":", 1)[1], team["name"]):
                return str(team["id"])
        return None

    def person_of(self, owner_id: str | None) -> str | None:
        for person in self.people:
            if owner_id == person.id or owner_id in person.others:
                return person.id
        return None

    def first_with_email(self, email: str) -> str | None:
        return next((p.id for p in self.people if p.email == email.casefold()), None)

    def teams_of(self, person: Person) -> list[str]:
        """The person's team and those above it."""
        path, at = [], person.team
        while at in self.parents:
            path.append(at)
            at = self.parents[at]
        return path

    def members(self, scope: Scope) -> Members:
        if scope.type is ScopeType.COMPANY:
            return EVERYBODY
        if scope.type is ScopeType.REP:
            return frozenset({scope.id})
        return frozenset(p.id for p in self.people if scope.id in self.teams_of(p))

    # Records

    def closed_instant(self, deal: Row) -> datetime | None:
        if deal["status"] not in ("won", "lost"):
            return None
        if deal.get("closed_at"):
            return deal["closed_at"]
        return self.wall.midnight(deal["close_date"]) if deal.get("close_date") else None

    def currency_of(self, deal: Row) -> str:
        return (deal.get("currency") or self.company.organisation.currency).upper()

    def converted(self, deal: Row, at: datetime) -> Fraction | None:
        """The amount in the company's currency at the rate of that day; None without amount or rate."""
        if deal.get("amount") is None:
            return None
        currency = self.currency_of(deal)
        if currency == self.company.organisation.currency:
            return Fraction(deal["amount"])
        best = None
        for rate in self.tables["fx_rates"]:
            has_begun = self.wall.midnight(rate["date"]) <= at
            if rate["currency"].upper() == currency and has_begun and (best is None or rate["date"] > best["date"]):
                best = rate
        return Fraction(deal["amount"]) * Fraction(best["rate"]) if best else None

    def records(self, kind: str) -> list[Row]:
        """All of ``won``, ``closed``, ``done`` (activities) or ``new`` (customers): at, rep, value and dimensions."""
        if kind not in self._records:
            self._records[kind] = list({"closed": self._closed, "done": self._done, "new": self._new}[kind]())
        return self._records[kind]

    def _closed(self) -> Iterable[Row]:
        accounts = {account["id"]: account for account in self.tables["accounts"]}
        for deal in self.tables["deals"]:
            at = self.closed_instant(deal)
            if at:
                account = accounts.get(deal.get("account_id"), {})
                of_deal = {name: deal.get(name) for name in ("pipeline", "source", "product", "type")}
                of_account = {name: account.get(name) for name in ("industry", "segment", "region")}
                yield {
                    **of_deal,
                    **of_account,
                    "at": at,
                    "rep": self.person_of(deal.get("owner_id")),
                    "won": deal["status"] == "won",
                    "value": self.converted(deal, at),
                    "has_amount": deal.get("amount") is not None,
                    "currency": self.currency_of(deal),
                }

    def _done(self) -> Iterable[Row]:
        for activity in self.tables["activities"]:
            if activity.get("outcome") in _DONE:
                rep = self.person_of(activity.get("owner_id"))
                yield {"at": activity["at"], "rep": rep, "type": activity["type"]}

    def _new(self) -> Iterable[Row]:
        for account in self.tables["accounts"]:
            since = account.get("customer_since") or self._first_purchase(account["id"])
            if since:
                dimensions = {name: account.get(name) for name in ("segment", "region", "industry")}
                yield {"at": since, "rep": self.person_of(account.get("owner_id")), **dimensions}

    def _first_purchase(self, account_id: str) -> datetime | None:
        bought = [
            self.closed_instant(deal)
            for deal in self.tables["deals"]
            if deal.get("account_id") == account_id and deal["status"] == "won"
        ]
        subscribed = [
            subscription["started_at"]
            for subscription in self.tables["subscriptions"]
            if subscription["account_id"] == account_id
            and (subscription.get("ended_at") is None or subscription["ended_at"] > subscription["started_at"])
        ]
        return min((at for at in (*bought, *subscribed) if at), default=None)

    def _undated(self, status: str, members: Members) -> int:
        return sum(
            deal["status"] == status
            and self.closed_instant(deal) is None
            and is_among(self.person_of(deal.get("owner_id")), members)
            for deal in self.tables["deals"]
        )


def is_among(rep: str | None, members: Members) -> bool:
    return members is EVERYBODY or rep in members


def _with_stored_ids(sources: Mapping[str, Tables]) -> dict[str, list[Row]]:
    """All rows of all sources, each id with its source before it."""
    tables: dict[str, list[Row]] = {}
    for source, source_tables in sources.items():
        for name, rows in source_tables.items():
            tables.setdefault(name, []).extend(_with_source(row, source) for row in rows)
    return {name: tables.get(name, []) for name in _TABLES}


def _with_source(row: Row, source: str) -> Row:
    stored = {
        name: f"{source}:{value}" if name.split("_")[-1] == "id" and value and not _is_email(name, value) else value
        for name, value in row.items()
    }
    return stored | {"_source": source}


def _is_email(name: str, value: str) -> bool:
    return name == "scope_id" and "@" in value


_TABLES: Sequence[str] = (
    *("owners", "teams", "accounts", "deals", "activities", "subscriptions"),
    *("targets", "fx_rates", "holidays"),
)
