"""What the answer is held against: ``vs previous``, ``vs target``, ``vs last year``, ``vs 2026-Q3``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bot.question.when import When, read_when
from bot.question.words import Kind, QuestionError, Word
from kpi.periods import Calendar, Grain, Period, PeriodError

PHRASES = ("vs previous", "vs target", "vs last year")

_VERSUS = frozenset({"vs", "versus"})
_SHOWN_ANYWAY = ("previous", "previous period", "last period", "target")
_YEAR_AGO = ("year ago", "a year ago", "same period last year", "the same period last year", "last year")
_LONGEST = 5  # words of a phrase
_DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Versus:
    """A period to compare with; None for what every answer shows. ``is_year_ago``: the asked one a year earlier,
    ``when`` only where that is itself a year or longer."""

    when: When | None = None
    is_year_ago: bool = False

    def of(self, asked: Period, calendar: Calendar) -> Period | None:
        """The period to compare the asked one with. QuestionError where there is none."""
        if not self.is_year_ago or (self.when and _is_a_year(asked)):
            return self.when.period if self.when else None
        try:
            return calendar.year_before(asked)
        except PeriodError as error:
            raise QuestionError(str(error)) from None


def read_versus(words: Sequence[Word], calendar: Calendar, now: datetime) -> tuple[Versus, int] | None:
    """What the words begin to compare with, and how many of them say it. QuestionError for a period that makes no
    sense."""
    if words[0].kind is not Kind.PLAIN or words[0].folded not in _VERSUS:
        return None
    rest = words[1:]
    for size in range(min(_LONGEST, len(rest)), 0, -1):
        said = " ".join(word.folded if word.kind is Kind.PLAIN else "" for word in rest[:size])
        if said in _phrases():
            when = read_when(rest, calendar, now) if said == "last year" else None
            return Versus(when[0] if when else None, _phrases()[said]), 1 + size
    when = read_when(rest, calendar, now) if rest else None
    return (Versus(when[0]), 1 + when[1]) if when else None


@cache
def _phrases() -> Mapping[str, bool]:
    """Whether a phrase means a year ago."""
    return dict.fromkeys(_SHOWN_ANYWAY, False) | dict.fromkeys(_YEAR_AGO, True)


def _is_a_year(period: Period) -> bool:
    """Whether the period is a year or longer."""
    return period.grain is Grain.YEAR or (period.last_day - period.first_day).days + 1 >= _DAYS_OF_A_YEAR
