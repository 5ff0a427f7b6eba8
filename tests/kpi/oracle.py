"""The KPIs, computed a second time: slowly, by loops over plain rows, from the words of their definitions.

Sums are exact fractions; a quotient is rounded once, to 28 digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from kpi.model import Scope
from tests.kpi.oracle_days import Days
from tests.kpi.oracle_records import Company, Members, Records, Row, is_among

_28_DIGITS, _ALL_DIGITS = Context(prec=28), Context(prec=400)
_MONEY = ("bookings", "dealsize", "winrate value")
ATTAINED = {"attainment": "bookings", "attainment deals": "deals", "attainment customers": "newcustomers"}


@dataclass(frozen=True)
class Expected:
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    records: int = 0
    reason: str | None = None


def quotient(numerator: Fraction | Decimal | int, denominator: Fraction | Decimal | int) -> Decimal:
    exact = Fraction(numerator) / Fraction(denominator)
    return _28_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def exact(number: Fraction) -> Decimal:
    """The fraction, which ends after some decimals, as a decimal."""
    return _ALL_DIGITS.divide(Decimal(number.numerator), Decimal(number.denominator))


class Oracle(Records):
    """What a company's KPIs are at ``now``."""

    def __init__(self, company: Company, now: datetime) -> None:
        super().__init__(company)
        self.now = now
        self._targets = self._last_targets()
        self.figure = cache(self._figure)

    # Figures

    def until(self, days: Days) -> datetime:
        return min(self.wall.end(days), self.now)

    def _figure(
        self,
        kpi: str,
        members: Members,
        days: Days,
        until: datetime,
        target: Decimal | None = None,
        where: tuple[str, Any] | None = None,
    ) -> Expected:
        """The figure of ``kpi`` (``winrate``, ``winrate value``) over these days up to ``until``. ``target`` is what
        it is held against, ``where`` a dimension and its value."""
        missing = self._missing(kpi)
        if missing:
            return Expected(None, reason=f"missing_input: {missing}")
        if self.wall.start(days) > self.now:
            return Expected(None, reason="not_begun")
        if kpi.startswith("attainment"):
            return self._attainment(self._figure(ATTAINED[kpi], members, days, until), target)
        kind = {"activities": "done", "newcustomers": "new"}.get(kpi.split(maxsplit=1)[0], "closed")
        counted = [
            record
            for record in self.records(kind)
            if self.wall.start(days) <= record["at"] < until
            and is_among(record["rep"], members)
            and (where is None or (record[where[0]] or "(none)") == where[1])
        ]
        return self._computed(kpi, counted, members)

    def _computed(self, kpi: str, counted: list[Row], members: Members) -> Expected:  # noqa: PLR0911 - one for each KPI
        if kpi in ("activities", "newcustomers"):
            return Expected(Decimal(len(counted)), records=len(counted))
        if kpi == "activities per_rep":
            reps = sum(p.active and is_among(p.id, members) for p in self.people)
            return _ratio(Fraction(len(counted)), Fraction(reps), len(counted))
        won = [record for record in counted if record["won"]]
        if kpi == "deals":
            return Expected(Decimal(len(won)), records=len(won))
        if kpi == "winrate":
            return _ratio(Fraction(len(won)), Fraction(len(counted)), len(counted))
        worth = [record["value"] for record in won if record["value"] is not None]
        if kpi == "bookings":
            return Expected(exact(sum(worth, Fraction(0))), records=len(worth))
        if kpi == "dealsize":
            return _ratio(sum(worth, Fraction(0)), Fraction(len(worth)), len(worth))
        assert kpi == "winrate value"
        all_worth = [record["value"] for record in counted if record["value"] is not None]
        return _ratio(sum(worth, Fraction(0)), sum(all_worth, Fraction(0)), len(all_worth))

    def _attainment(self, actual: Expected, target: Decimal | None) -> Expected:
        if target is None:
            return Expected(None, actual.value, None, actual.records, "missing_input: targets")
        assert actual.value is not None
        return _ratio(Fraction(actual.value), Fraction(target), actual.records)

    def _missing(self, kpi: str) -> str | None:  # noqa: PLR0911 - one for each KPI
        """The first input that was never supplied."""
        name, _, variant = kpi.partition(" ")
        if name == "attainment":
            return self._missing(ATTAINED[kpi]) or (None if self.supplied("targets") else "targets")
        if name == "activities":
            needed = ["activities", *(["owners"] if variant else [])]
            return next((table for table in needed if not self.supplied(table)), None)
        if name == "newcustomers":
            if not self.supplied("accounts"):
                return "accounts"
            inputs = ("accounts.customer_since", "deals", "subscriptions")
            return None if any(map(self.supplied, inputs)) else inputs[0]
        if not self.supplied("deals"):
            return "deals"
        if not (self.supplied("deals.closed_at") or self.supplied("deals.close_date")):
            return "deals.closed_at"
        return "deals.amount" if kpi in _MONEY and not self.supplied("deals.amount") else None

    def supplied(self, what: str) -> bool:
        table, _, column = what.partition(".")
        return any(not column or row.get(column) is not None for row in self.tables[table])

    # Targets

    def target(self, kpi: str, scope: Scope | None, key: str) -> Row | None:
        """The target on a KPI: the last row of its key."""
        return self._targets.get((kpi, scope.type.value, scope.id, key)) if scope else None

    def _last_targets(self) -> dict[tuple[str, str, str | None, str], Row]:
        last = {}
        for row in self.tables["targets"]:
            whose = row.get("scope_id")
            if row["scope"] == "company":
                whose = None
            elif row["scope"] == "rep":
                whose = (self.first_with_email(whose) if "@" in (whose or "") else None) or self.person_of(whose)
            last[row["kpi"], row["scope"], whose, row["period"]] = row
        return last

    def pace(self, actual: Decimal, target: Decimal, days: Days) -> Decimal | None:
        holidays = {row["date"] for row in self.tables["holidays"]}
        whole = self.wall.business_days(days, holidays)
        elapsed = self.wall.business_days((days[0], min(days[1], self.wall.today(self.now))), holidays)
        if not elapsed or not target:
            return None
        return quotient(Fraction(actual) * whole, Fraction(target) * elapsed)

    # Notes

    def notes(self, kpi: str, members: Members, days: Days) -> list[tuple[str, str, int]]:
        """What makes the figure doubtful: (``undated``, status, n), (``no amount``, kind, n), (``no rate``, code, n)."""
        base = ATTAINED.get(kpi, kpi)
        if base not in ("winrate", "winrate value", "deals", "bookings", "dealsize"):
            return []
        statuses = ("won", "lost") if base.startswith("winrate") else ("won",)
        notes = [("undated", status, self._undated(status, members)) for status in statuses]
        if base in _MONEY:
            counted = [
                record
                for record in self.records("closed")
                if self.wall.start(days) <= record["at"] < self.until(days)
                and is_among(record["rep"], members)
                and (record["won"] or base == "winrate value")
            ]
            kind = "closed" if base == "winrate value" else "won"
            notes.append(("no amount", kind, sum(not record["has_amount"] for record in counted)))
            rateless = [r["currency"] for r in counted if r["has_amount"] and r["value"] is None]
            notes += [("no rate", code, rateless.count(code)) for code in sorted(set(rateless))]
        return [note for note in notes if note[2]]


def _ratio(numerator: Fraction, denominator: Fraction, records: int) -> Expected:
    if denominator == 0:
        return Expected(None, exact(numerator), exact(denominator), records, "zero_denominator")
    return Expected(quotient(numerator, denominator), exact(numerator), exact(denominator), records)
