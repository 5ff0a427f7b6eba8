"""Periods that a target may be on, and those that make up a longer one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from kpi.periods import Calendar, Grain, Period, PeriodError

GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)  # from the shortest on
_DAY = timedelta(days=1)


def parse_target_period(calendar: Calendar, key: str) -> Period:
    """The day, week, month, quarter or year of that key; PeriodError for anything else."""
    period = calendar.parse(key)
    if period.grain not in GRAINS:
        raise PeriodError(f"A target is for a day, week, month, quarter or year, not for {period.key}.")
    return period


def tiles(calendar: Calendar, period: Period, grain: Grain) -> tuple[Period, ...] | None:
    """The shorter periods of that grain which make up the period; None where there are none, as for the weeks of a
    month that begins on a Wednesday."""
    if GRAINS.index(grain) >= GRAINS.index(period.grain):
        return None
    if calendar.containing(period.first_day, grain).first_day != period.first_day:
        return None
    if calendar.containing(period.last_day, grain).last_day != period.last_day:
        return None
    return tuple(_walk(calendar, period, grain))


def parts_of_time(
    calendar: Calendar, period: Period, grain: Grain, holidays: Collection[date]
) -> tuple[tuple[Period, int], ...]:
    """The periods of that grain which make up the period, with the business days of each; those without one are left
    out. PeriodError where the grain does not fit, or there is no business day."""
    found = tiles(calendar, period, grain)
    if found is None:
        raise PeriodError(_unfit(calendar, period, grain))
    weighed = ((part, calendar.business_days(part.first_day, part.last_day, holidays)) for part in found)
    parts = tuple((part, days) for part, days in weighed if days)
    if not parts:
        raise PeriodError(f"There is no business day in {period.key} that could bear a part.")
    return parts


def _walk(calendar: Calendar, period: Period, grain: Grain) -> Iterator[Period]:
    day = period.first_day
    while day <= period.last_day:
        part = calendar.containing(day, grain)
        yield part
        day = part.last_day + _DAY


def _unfit(calendar: Calendar, period: Period, grain: Grain) -> str:
    fitting = [f"{other}s" for other in GRAINS if tiles(calendar, period, other)]
    if not fitting:
        return f"{period.key} is a day, which has no parts over time."
    if GRAINS.index(grain) >= GRAINS.index(period.grain):
        why = f"A {period.grain} has no {grain}s to be split into"
    else:
        why = f"The {grain}s of {period.key} lie across its ends"
    return f"{why}: split it over {' or '.join(fitting)}."
