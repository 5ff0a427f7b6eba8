"""Periods that a target may be on, and those that make up a longer one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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


def fitting_grains(calendar: Calendar, period: Period) -> tuple[Grain, ...]:
    """The grains whose periods make up this one, from the shortest on: not weeks, for a month that begins on a
    Wednesday."""
    shorter = GRAINS[: GRAINS.index(period.grain)]
    return tuple(
        grain
        for grain in shorter
        if calendar.containing(period.first_day, grain).first_day == period.first_day
        and calendar.containing(period.last_day, grain).last_day == period.last_day
    )


def parts_of_time(
    calendar: Calendar, period: Period, grain: Grain, holidays: Collection[date]
) -> tuple[tuple[Period, int], ...]:
    """The periods of that grain which make up the period, with the business days of each; those without one are left
    out. PeriodError where the grain does not fit, or there is no business day."""
    fitting = fitting_grains(calendar, period)
    if grain not in fitting:
        raise PeriodError(_unfit(period, grain, fitting))
    walked = _walk(calendar, period, grain)
    weighed = ((part, calendar.business_days(part.first_day, part.last_day, holidays)) for part in walked)
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


def _unfit(period: Period, grain: Grain, fitting: Sequence[Grain]) -> str:
    if not fitting:
        return f"{period.key} is a day, which has no parts over time."
    if GRAINS.index(grain) >= GRAINS.index(period.grain):
        why = f"A {period.grain} has no {grain}s to be split into"
    else:
        why = f"The {grain}s of {period.key} lie across its ends"
    return f"{why}: split it over {' or '.join(f'{one}s' for one in fitting)}."
