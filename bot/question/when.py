"""The question's period: ``this month``, ``yesterday``, ``2026-W46``, ``last 8 weeks``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.question.words import Kind, QuestionError, Word, echo
from kpi.periods import Calendar, Grain, Period, PeriodError

LONGEST_TREND = 60
PHRASES = (
    "today",
    "yesterday",
    *(f"{which} {grain}" for grain in ("week", "month", "quarter", "year") for which in ("this", "last")),
    "last 8 weeks",
    "last 6 months",
    "last 4 quarters",
)

_GRAINS = {word: grain for grain in Grain if grain is not Grain.RANGE for word in (grain.value, f"{grain.value}s")}
_KEY = re.compile(r"[0-9][0-9wq./-]*")
_NUMBER = re.compile(r"[0-9]+")
_WITHOUT_YEAR = re.compile(r"w[0-9]{2}|q[0-9]")


@dataclass(frozen=True, slots=True)
class When:
    """The period; for a trend all of it, and the finished periods that it consists of."""

    period: Period
    trend: tuple[Period, ...] = ()


def read_when(words: Sequence[Word], calendar: Calendar, now: datetime) -> tuple[When, int] | None:
    """The period that the words begin with and how many of them say it, or None. QuestionError where it makes no
    sense."""
    said = [word.folded if word.kind is Kind.PLAIN else "" for word in words[:3]]
    first, second, third = (*said, "", "", "")[:3]
    today = calendar.local_day(now)
    if first in ("today", "yesterday"):
        day = today if first == "today" else today - timedelta(days=1)
        return When(calendar.containing(day, Grain.DAY)), 1
    if first == "last" and _NUMBER.fullmatch(second):
        return _trend(second, third, calendar, now), 3
    if first in ("this", "last") and _GRAINS.get(second, Grain.DAY) is not Grain.DAY:
        period = calendar.containing(today, _GRAINS[second])
        return When(period if first == "this" else calendar.previous(period)), 2
    if _KEY.fullmatch(first):
        try:
            return When(calendar.parse(first)), 1
        except PeriodError as error:
            raise QuestionError(str(error)) from None
    if _WITHOUT_YEAR.fullmatch(first):
        year = calendar.containing(today, Grain.YEAR).key
        raise QuestionError(f"{first.upper()} of which year? Write {year}-{first.upper()}.")
    return None


def _trend(number: str, unit: str, calendar: Calendar, now: datetime) -> When:
    grain = _GRAINS.get(unit)
    if grain is None:
        raise QuestionError(f"Last {echo(number, 10)} of what? Write for example last 8 weeks.")
    if not 1 <= int(number) <= LONGEST_TREND:
        raise QuestionError(f"A trend has 1 to {LONGEST_TREND} {grain}s: write for example last 8 {grain}s.")
    trend = calendar.trend(grain, int(number), now)
    return When(calendar.range(trend[0].first_day, trend[-1].last_day), trend)
