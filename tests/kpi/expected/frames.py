"""A company's tables as DataFrames, with what all KPIs are worked out from: whose a record is, its local day, its rate.

Cells are plain Python values (dtype object), what is missing is None. Sums are fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from kpi.schema import TABLES
from tests.kpi.expected.records import Company, Members, Person, Records, Row, _with_source, is_among

Frame = pd.DataFrame

DONE = (None, "connected", "no_answer", "completed")


class Frames:
    """What is known of a company at ``now``, which is exclusive."""

    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now
        self.organisation = company.organisation
        self.records = Records(company)
        self.wall, self.zone = self.records.wall, ZoneInfo(company.organisation.timezone)
        self.people: Sequence[Person] = self.records.people
        self.members = self.records.members
        self.closed_instant = self.records.closed_instant
        self.table = cache(self._table)
        self.rep_of = cache(self.records.person_of)
        self.rate_on = cache(self._rate_on)
        self.supplied = cache(self._supplied)

    def _table(self, name: str) -> Frame:
        """All columns of the schema's table, ``_source``, and ``_row``, the row's place among those of all sources."""
        columns = [*TABLES[name].column_names, "_source", "_row"]
        rows = [
            _with_source(row, source) for source, tables in self.company.sources.items() for row in tables.get(name, [])
        ]
        return frame_of([row | {"_row": number} for number, row in enumerate(rows)], columns)

    def _supplied(self, what: str) -> bool:
        """Whether a ``table`` has rows, a ``table.column`` a value in any of them."""
        name, _, column = what.partition(".")
        table = self.table(name)
        return any(value is not None for value in table[column]) if column else not table.empty

    # People

    def _of_rep(self, rep: str | None, column: str) -> Any:
        """The first value in the rows of a rep's owners."""
        owners = [row for row in rows_of(self.table("owners")) if rep is not None and self.rep_of(row["id"]) == rep]
        return next((row[column] for row in owners if row[column]), None)

    def role_of(self, rep: str | None) -> str | None:
        role: str | None = self._of_rep(rep, "role")
        for override in self.company.overrides:
            if override.role and any(p.id == rep and p.email == override.email.casefold() for p in self.people):
                role = override.role
        return role

    def timezone_of(self, rep: str | None) -> str | None:
        """The zone as the source names it, which may be no zone at all."""
        zone: str | None = self._of_rep(rep, "timezone")
        return zone

    def active_reps(self, members: Members, role: str | None = None) -> list[str]:
        return [
            person.id
            for person in self.people
            if person.active and is_among(person.id, members) and (role is None or self.role_of(person.id) == role)
        ]

    # Days and money

    def local_day(self, instant: datetime) -> date:
        return self.wall.today(instant)

    @cached_property
    def holidays(self) -> set[date]:
        return set(self.table("holidays")["date"])

    def business_days(self, first: date, last: date) -> int:
        return self.wall.business_days((first, last), self.holidays)

    def currency_of(self, currency: str | None) -> str:
        return self.records.currency_of({"currency": currency})

    def _rate_on(self, currency: str | None, day: date) -> Fraction | None:
        """What one unit is worth on a local day; None where there is no rate. The company's own and an empty one: 1."""
        return self.records.converted({"amount": 1, "currency": currency}, self.wall.midnight(day))

    def money(self, amount: Any, currency: str | None, day: date) -> Fraction | None:
        """The amount in the company's currency; None without amount or rate."""
        rate = None if amount is None else self.rate_on(currency, day)
        return None if rate is None else Fraction(amount) * rate

    # Records with what belongs to them

    @cached_property
    def deals(self) -> Frame:
        """Deals with ``rep``, ``closed_instant`` (None: open, or undated), ``value`` (at closing), ``lead`` (an id that
        may be nobody's), ``campaign``, and the account's industry, segment and region."""
        deals = with_owner(self, self.table("deals"))
        deals = with_column(deals, "closed_instant", self.closed_instant)
        deals = with_column(deals, "value", self._value_at_closing)
        deals = with_column(deals, "lead", self._lead_of)
        deals = with_column(deals, "campaign", lambda deal: self.of("leads", deal["lead"], "campaign_id"))
        for name in ("industry", "segment", "region"):
            deals = with_column(deals, name, lambda deal, name=name: self.of("accounts", deal["account_id"], name))
        return deals

    def _value_at_closing(self, deal: Row) -> Fraction | None:
        at = deal["closed_instant"]
        return None if at is None else self.money(deal["amount"], deal["currency"], self.local_day(at))

    def _lead_of(self, deal: Row) -> str | None:
        """The lead that the deal names, else the one that names the deal; of several the lowest id."""
        if deal["lead_id"]:
            return str(deal["lead_id"])
        return min((lead["id"] for lead in rows_of(self.table("leads")) if lead["deal_id"] == deal["id"]), default=None)

    @cached_property
    def leads(self) -> Frame:
        """Leads with ``rep``, ``campaign``, ``channel`` (the campaign's), ``opportunity_instant``, ``won_instant``."""
        leads = with_owner(self, self.table("leads"))
        leads = with_column(leads, "campaign", lambda lead: lead["campaign_id"])
        leads = with_column(leads, "channel", lambda lead: self.of("campaigns", lead["campaign_id"], "channel"))
        deals = rows_of(self.deals)

        def deals_of(lead: Row) -> list[Row]:
            """The deals that name the lead, and the one that it names, if that one names none itself."""
            return [
                deal
                for deal in deals
                if deal["lead_id"] == lead["id"] or (deal["lead_id"] is None and deal["id"] == lead["deal_id"])
            ]

        def opportunity_instant(lead: Row) -> datetime | None:
            return lead["opportunity_at"] or min((deal["created_at"] for deal in deals_of(lead)), default=None)

        def won_instant(lead: Row) -> datetime | None:
            won = [deal["closed_instant"] for deal in deals_of(lead) if deal["status"] == "won"]
            return lead["won_at"] or min((at for at in won if at), default=None)

        leads = with_column(leads, "opportunity_instant", opportunity_instant)
        return with_column(leads, "won_instant", won_instant)

    @cached_property
    def activities(self) -> Frame:
        """Activities with ``rep``, ``done``, and ``account``: their own, else their deal's, else their lead's."""

        def account_of(activity: Row) -> Any:
            of_deal = self.of("deals", activity["deal_id"], "account_id")
            return activity["account_id"] or of_deal or self.of("leads", activity["lead_id"], "account_id")

        activities = with_owner(self, self.table("activities"))
        activities = with_column(activities, "done", lambda activity: activity["outcome"] in DONE)
        return with_column(activities, "account", account_of)

    def of(self, table: str, id_: str | None, column: str) -> Any:
        """A value of the row with that id; None where there is no such row."""
        row = self._by_id(table).get(id_)
        return row[column] if row else None

    def _by_id(self, table: str) -> dict[str | None, Row]:
        if table not in self._indexes:
            self._indexes[table] = {row["id"]: row for row in rows_of(self.table(table))}
        return self._indexes[table]

    @cached_property
    def _indexes(self) -> dict[str, dict[str | None, Row]]:
        return {}


def frame_of(rows: Iterable[Row], columns: Sequence[str]) -> Frame:
    """A frame of rows that may lack columns."""
    return pd.DataFrame([[row.get(name) for name in columns] for row in rows], columns=list(columns), dtype=object)


def rows_of(frame: Frame) -> list[Row]:
    return [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False, name=None)]


def with_column(frame: Frame, name: str, value_of: Callable[[Row], Any]) -> Frame:
    """The frame with one column more, worked out row by row."""
    values = [value_of(row) for row in rows_of(frame)]
    return frame.assign(**{name: pd.Series(values, index=frame.index, dtype=object)})


def with_owner(frames: Frames, frame: Frame) -> Frame:
    """The frame with ``rep``, whom its ``owner_id`` means; None where nobody knows."""
    return with_column(frame, "rep", lambda row: frames.rep_of(row["owner_id"]))


def only(frame: Frame, is_meant: Callable[[Row], bool]) -> Frame:
    """The rows of which that is so."""
    return frame[pd.Series([is_meant(row) for row in rows_of(frame)], index=frame.index, dtype=bool)]


def keep(frame: Frame, column: str, is_meant: Callable[[Any], bool]) -> Frame:
    """The rows in whose column stands such a value."""
    return frame[pd.Series([is_meant(value) for value in frame[column]], index=frame.index, dtype=bool)]


def total(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))
