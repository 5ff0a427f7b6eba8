"""What the tables of a made company are drawn from: instants at the edges of what is asked about, money of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from kpi.organisation import Organisation
from tests.kpi.expected.days import Wall

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

_AMOUNTS = ("0", "-50.5", "10000000", "1000000", "0.0001", "99999999999999.9999", "1234.5678", "33.33", "-0.0001")
_CURRENCIES = (None, None, None, "USD", "EUR", "eur", "VND", "BRL", "Jpy", "XXX")


class Draws:
    """Draws the values of one organisation's tables."""

    def __init__(self, random: Random, organisation: Organisation, now: datetime, keys: Sequence[str]) -> None:
        self.random, self.organisation, self.now, self.keys = random, organisation, now, keys
        self.wall = Wall(organisation)
        self._edges = sorted(
            edge + shift
            for edge in {edge for key in keys for edge in _edges(self.wall, key, now)}
            for shift in (-TICK, timedelta(0), TICK)
        )

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def any(self, *values: Any) -> Any:
        return self.random.choice(values)

    def at(self) -> datetime:
        """An instant: at an edge of what is asked about, or anywhere in some months around."""
        if self.chance(0.6):
            return self.random.choice(self._edges)
        return self.now + timedelta(seconds=self.random.randrange(-200 * 86400, 20 * 86400))

    def maybe_at(self, share: float) -> datetime | None:
        return self.at() if self.chance(share) else None

    def at_or_near(self, instant: datetime) -> datetime:
        """That very instant, the ones beside it, or another."""
        return self.any(instant - TICK, instant, instant + TICK, instant + 3 * DAY, self.at(), self.at())

    def day(self) -> date:
        return self.wall.today(self.at())

    def money(self, missing: float = 0.15) -> Decimal | None:
        if self.chance(missing):
            return None
        if self.chance(0.5):
            return Decimal(self.random.choice(_AMOUNTS))
        return Decimal(self.random.randrange(1, 10**9)).scaleb(-self.random.randrange(5))

    def currency(self) -> str | None:
        currency: str | None = self.any(*_CURRENCIES, self.organisation.currency.lower())
        return currency

    def id_of(self, rows: Sequence[dict[str, Any]], unknown: str, *, filled: float = 0.8) -> str | None:
        """The id of one of the rows, of none of them, or nothing."""
        if not rows or not self.chance(filled):
            return None
        return unknown if self.chance(0.08) else str(self.random.choice(rows)["id"])

    def repeat(self, rows: Sequence[dict[str, Any]], *columns: str) -> None:
        """Gives some rows the values of others: several of one owner on one day."""
        for row in self.random.sample(rows, len(rows) // 6):
            other = self.random.choice(rows)
            row.update({name: other[name] for name in columns})


def _edges(wall: Wall, key: str, now: datetime) -> Iterator[datetime]:
    """Where a period and the one before begin and end, their like parts and months, and the 90 days until their end."""
    days = wall.of(key)
    before = wall.before(key, days)
    yield now
    yield wall.like_part_end(days, before, now)
    for first, last in (days, before):
        yield wall.midnight(first)
        yield wall.midnight(last + DAY)
        yield wall.midnight(min(last, wall.today(now)) - 89 * DAY)
        month = (first.replace(day=28) + 4 * DAY).replace(day=1)
        while month <= last:
            yield wall.midnight(month)
            month = (month.replace(day=28) + 4 * DAY).replace(day=1)
