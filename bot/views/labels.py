"""Periods in words, in the reader's locale: ``November 2026 so far``, ``week 47 (16 to 22 Nov)``."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_interval, format_skeleton

from bot.views.numbers import locale_of_words
from kpi.periods import Grain, Period


def is_running(period: Period, now: datetime) -> bool:
    """Whether the period has begun and not ended."""
    return period.start <= now < period.end


def period_label(period: Period, now: datetime, locale: str) -> str:
    """The period's name, with ``so far`` while it runs. Fiscal quarters and years name their months."""
    name = period_name(period, now, locale)
    return f"{name} so far" if is_running(period, now) else name


def period_name(period: Period, now: datetime, locale: str) -> str:
    """The period's name; a week of another year than now's tells its year."""
    match period.grain:
        case Grain.DAY:
            return str(format_date(period.first_day, "full", locale=locale_of_words(locale)))
        case Grain.WEEK:
            skeleton = "MMMd" if period.last_day.year == now.year else "yMMMd"
            return f"week {int(period.key.partition('-W')[2])} ({_interval(period, skeleton, locale)})"
        case Grain.MONTH:
            return str(format_skeleton("yMMMM", period.first_day, locale=locale_of_words(locale)))
        case Grain.QUARTER:
            year, _, number = period.key.partition("-Q")
            is_calendar = period.first_day == date(int(year), 3 * int(number) - 2, 1)
            return f"Q{number} {year}" if is_calendar else f"fiscal Q{number} {year} ({_months(period, locale)})"
        case Grain.YEAR:
            is_calendar = period.first_day.isoformat() == f"{period.key}-01-01"
            return period.key if is_calendar else f"fiscal {period.key} ({_months(period, locale)})"
        case Grain.RANGE:
            return _interval(period, "yMMMd", locale)


def _months(period: Period, locale: str) -> str:
    return _interval(period, "yMMMM", locale)


def _interval(period: Period, skeleton: str, locale: str) -> str:
    return str(format_interval(period.first_day, period.last_day, skeleton, locale=locale_of_words(locale)))
