"""The company's time and its dice: work days and hours, weighted choices, skewed amounts; the same for a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

TIMEZONE = "Europe/Berlin"
_SATURDAY = 5


class Span:
    """The two years that end with ``today``: nothing happens after its first instant in the company's zone."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.first_day = date(today.year - 2, today.month, 1)
        self.last_day = today - timedelta(days=1)
        self.end = datetime.combine(today, time(), ZoneInfo(TIMEZONE)).astimezone(UTC)
        self.last_week = today - timedelta(days=today.weekday() + 7)  # the Monday of the last finished week

    @property
    def days(self) -> int:
        return (self.today - self.first_day).days

    def part(self, day: date) -> float:
        """Where in the two years a day lies, from 0 to 1."""
        return (day - self.first_day).days / self.days

    def day_at(self, part: float) -> date:
        return self.first_day + timedelta(days=round(part * self.days))


class Dice(Random):
    """A seeded source of chance."""

    def pick(self, weights: Mapping[T, float]) -> T:
        """A key, as often as its weight says."""
        return self.choices(tuple(weights), tuple(weights.values()))[0]

    def is_so(self, probability: float) -> bool:
        return self.random() < probability

    def count(self, mean: float) -> int:
        """How many times something happens that happens ``mean`` times on average (Poisson)."""
        limit, product, times = math.exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            times += 1
        return times

    def about(self, median: float, spread: float) -> float:
        """A skewed amount (log-normal)."""
        return median * math.exp(self.gauss(0, spread))

    def work_time(self, day: date, zone: str) -> datetime:
        """A moment of the working hours of that day (of the next work day for one of a weekend), in UTC."""
        minutes = self.randrange(9 * 60, 17 * 60 + 45)
        local = datetime.combine(work_day(day), time(minutes // 60, minutes % 60, self.randrange(60)), _zone(zone))
        return local.astimezone(UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def work_day(day: date) -> date:
    """That day, or the Monday after a weekend's."""
    return day if day.weekday() < _SATURDAY else day + timedelta(days=7 - day.weekday())


def midnight(day: date) -> datetime:
    """The first instant of a day in the company's zone, in UTC."""
    return datetime.combine(day, time(), _zone(TIMEZONE)).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The day of an instant in the company's zone."""
    return moment.astimezone(_zone(TIMEZONE)).date()


def months(first: date, last: date) -> list[date]:
    """The first days of the months from that of ``first`` to that of ``last``."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def stamp(moment: datetime | None) -> str:
    """An instant as the tables hold it; empty for none."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
