"""Spans of time as formulas read them: what has elapsed of a period, what came before, the months within."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from kpi.periods import Calendar, Grain, Period

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)  # a day later than the first there is, so that every zone can tell it


@dataclass(frozen=True, slots=True)
class Window:
    """``[start, end)``, aware UTC instants. ``now``: what happens then or later is not known yet. ``is_current``: its
    end is the present, where a record is as it stands now, whatever its history says. ``day_at`` and ``today_at``: the
    midnights with which its last day and today begin, whose rates convert money that is not dated itself."""

    start: datetime
    end: datetime
    now: datetime
    is_current: bool
    day_at: datetime
    today_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """What spans are told by: the organisation's calendar, its holidays, and the clock of the question."""

    calendar: Calendar
    now: datetime
    holidays: Collection[date] = ()


@dataclass(frozen=True)
class Span:
    """What counts of a period: from its start ``until`` an instant, as known at ``known_at``."""

    period: Period
    until: datetime
    known_at: datetime
    clock: Clock = field(compare=False, repr=False)
    starts_at: datetime | None = None  # where it is not the period's start

    @cached_property
    def window(self) -> Window:
        start = self.period.start if self.starts_at is None else self.starts_at
        calendar, now = self.clock.calendar, self.clock.now
        return Window(
            start,
            max(start, self.until),
            self.known_at,
            is_current=self.is_current,
            day_at=calendar.midnight(self.last_day),
            today_at=calendar.midnight(calendar.local_day(now)),
        )

    @property
    def is_whole(self) -> bool:
        return self.until >= self.period.end

    @property
    def is_current(self) -> bool:
        """Whether it ends at the present, within its period."""
        return not self.is_whole and self.until == self.clock.now

    @property
    def last_day(self) -> date:
        """The local day on which it is looked at: today, or the last day that it holds."""
        calendar = self.clock.calendar
        return calendar.local_day(self.until if self.is_current else self.until - _TICK)

    @cached_property
    def previous(self) -> Span:
        """The period before, whole if this one is, else the part of it that is like this one."""
        calendar = self.clock.calendar
        before = calendar.previous(self.period)
        return Span(before, calendar.like_part_end(self.period, self.until), self.known_at, self.clock)

    @cached_property
    def months(self) -> tuple[Span, ...]:
        """The calendar months that it consists of, as far as they have begun, the last one perhaps in part; none where
        it does not consist of calendar months."""
        first, last = self.period.first_day, self.period.last_day
        if self.period.grain in (Grain.DAY, Grain.WEEK) or first.day != 1 or (last + _DAY).day != 1:
            return ()
        months: list[Span] = []
        day = first
        while day <= last:
            month = self.clock.calendar.containing(day, Grain.MONTH)
            if month.start <= self.until:
                months.append(replace(self, period=month, until=min(month.end, self.until), starts_at=None))
            day = month.last_day + _DAY
        return tuple(months)

    def days_up_to_last(self, count: int) -> Span:
        """The ``count`` local days that end with ``last_day``."""
        first = self.last_day - (count - 1) * _DAY
        return replace(self, starts_at=self.clock.calendar.midnight(first))

    def since_the_beginning(self) -> Span:
        """Everything up to its end."""
        return replace(self, starts_at=BEGINNING)

    @property
    def business_days(self) -> int:
        """Those of the whole period."""
        return self.clock.calendar.business_days(self.period.first_day, self.period.last_day, self.clock.holidays)

    @property
    def elapsed_business_days(self) -> int:
        """Those from the period's first day to ``last_day``, which counts."""
        return self.clock.calendar.business_days(self.period.first_day, self.last_day, self.clock.holidays)


def elapsed(period: Period, clock: Clock) -> Span:
    """What has elapsed of a period; nothing before it begins."""
    return Span(period, clock.calendar.elapsed_until(period, clock.now), clock.now, clock)
