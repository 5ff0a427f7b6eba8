"""Periods in the organisation's own time: keys, boundaries, what came before, and what part has elapsed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kpi.organisation import Organisation

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_THURSDAY = 3
_WORKDAYS = 5  # Monday to Friday
_QUARTERS, _MONTHS = 4, 12
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # leaves room for zones, and for what came before the longest range
_SHOWN_CHARACTERS = 40

_KEY = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-W(?P<week>[0-9]{2})|-Q(?P<quarter>[0-9])|-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?",
    re.IGNORECASE,
)


class PeriodError(Exception):
    """No such period. One line, with what to write instead."""


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"  # any number of days


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span ``[start, end)`` of whole local days. ``start`` and ``end`` are aware UTC instants, the days are
    local and both included. ``key`` is its name: ``2026-11-20``, ``2026-W47``, ``2026-11``, ``2026-Q4``, ``2026`` or
    ``2026-01-01..2026-03-31``."""

    key: str
    grain: Grain
    first_day: date
    last_day: date
    start: datetime
    end: datetime


class Calendar:
    """The organisation's days, weeks and fiscal year. Instants are aware; those it gives are in UTC."""

    def __init__(self, organisation: Organisation) -> None:
        self._zone = ZoneInfo(organisation.timezone)
        self._week_start = _WEEKDAYS.index(organisation.week_start)
        self._year_start = organisation.fiscal_year_start
        ends_in_the_next_year = organisation.fiscal_year_start > 1
        self._name_shift = int(organisation.fiscal_year_named_by == "end" and ends_in_the_next_year)

    def at(self, day: date, local_time: time) -> datetime:
        """The instant of a local time: the first of two, and one that does not exist moves forward by the gap."""
        return datetime.combine(day, local_time.replace(tzinfo=None, fold=0), self._zone).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        return self.at(day, time.min)

    def local(self, instant: datetime) -> datetime:
        """The instant as the organisation's clocks show it."""
        return instant.astimezone(self._zone)

    def local_day(self, instant: datetime) -> date:
        """The day ``[midnight, next midnight)`` that holds the instant."""
        day = self.local(instant).date()
        # Clocks that turn across midnight show the day before again, or the new one before its midnight has come.
        if instant < self.midnight(day):
            return day - _DAY
        return day + _DAY if instant >= self.midnight(day + _DAY) else day

    def containing(self, day: date, grain: Grain) -> Period:
        """The day, week, month, quarter or year that a day lies in."""
        match grain:
            case Grain.DAY:
                return self._period(day.isoformat(), grain, day, day)
            case Grain.WEEK:
                return self._week(day - timedelta(days=(day.weekday() - self._week_start) % 7))
            case Grain.MONTH:
                return self._month(day.year, day.month)
            case Grain.QUARTER:
                year, months_in = self._fiscal(day)
                return self._quarter(year, months_in // 3 + 1)
            case Grain.YEAR:
                return self._year(self._fiscal(day)[0])
            case Grain.RANGE:
                raise ValueError("A day alone does not tell a free range: use range().")

    def range(self, first_day: date, last_day: date) -> Period:
        """Any number of days, both included. PeriodError where the end lies before the beginning."""
        if last_day < first_day:
            raise PeriodError(
                f"The period ends before it begins: {first_day}..{last_day}. Write the earlier day first."
            )
        return self._period(f"{first_day}..{last_day}", Grain.RANGE, first_day, last_day)

    def parse(self, key: str) -> Period:
        """The period that a key names, in any of the forms of ``Period.key``. PeriodError where there is none."""
        first, dots, last = key.partition("..")
        if not dots:
            return self._parse_single(key)
        ends = [self._parse_single(end) for end in (first, last) if end]
        if [end.grain for end in ends] != [Grain.DAY, Grain.DAY]:
            raise PeriodError(f"A range is from day to day: write 2026-01-01..2026-03-31, not {_shown(key)}.")
        return self.range(ends[0].first_day, ends[1].first_day)

    def previous(self, period: Period) -> Period:
        """The period of the same grain just before; for a free range as many days."""
        if period.grain is Grain.RANGE:
            length = period.last_day - period.first_day + _DAY
            return self.range(period.first_day - length, period.first_day - _DAY)
        return self.containing(period.first_day - _DAY, period.grain)

    def preceding(self, period: Period, n: int) -> tuple[Period, ...]:
        """The ``n`` periods just before, oldest first."""
        periods: list[Period] = []
        for _ in range(n):
            period = self.previous(period)
            periods.append(period)
        return tuple(reversed(periods))

    def trend(self, grain: Grain, n: int, now: datetime) -> tuple[Period, ...]:
        """The last ``n`` finished periods, oldest first."""
        return self.preceding(self.containing(self.local_day(now), grain), n)

    def has_begun(self, period: Period, now: datetime) -> bool:
        return period.start <= now

    def is_running(self, period: Period, now: datetime) -> bool:
        """Whether it has begun and not ended."""
        return period.start <= now < period.end

    def elapsed_until(self, period: Period, now: datetime) -> datetime:
        """Where the part that has elapsed ends: now, at the latest the period's end."""
        return min(period.end, now)

    def same_age(self, period: Period, now: datetime, other: Period) -> datetime:
        """When another period was as old as this one is now: as many local days after its start, at the same local
        time."""
        local = self.local(now)
        return self.at(other.first_day + (local.date() - period.first_day), local.time())

    def like_part_end(self, period: Period, now: datetime, other: Period | None = None) -> datetime:
        """Where, within another period (None: the one before), the part ends that is like the elapsed part of this one:
        at the same age, at the latest at its end; the whole of it once ``period`` is over."""
        other = other or self.previous(period)
        if now >= period.end:
            return other.end
        return max(other.start, min(other.end, self.same_age(period, now, other)))

    def year_before(self, period: Period) -> Period:
        """The same period a year earlier: the month or quarter of that name, the week of that number (or the last there
        was), the day or the days of that date (for 29 February the 28th)."""
        match period.grain:
            case Grain.WEEK:
                year, number = period.key.split("-W")
                last = date(int(year) - 1, 12, 28).isocalendar().week  # which lies in the year's last ISO week, always
                return self.parse(f"{int(year) - 1:04d}-W{min(int(number), last):02d}")
            case Grain.RANGE:
                return self.range(_year_before(period.first_day), _year_before(period.last_day))
            case _:
                return self.containing(_year_before(period.first_day), period.grain)

    def business_days(self, first_day: date, last_day: date, holidays: Collection[date]) -> int:
        """How many days, both included, are Monday to Friday and no holiday."""
        if last_day < first_day:
            return 0
        weekdays = _weekdays_before(last_day + _DAY) - _weekdays_before(first_day)
        return weekdays - sum(first_day <= day <= last_day and day.weekday() < _WORKDAYS for day in frozenset(holidays))

    def elapsed_business_days(self, period: Period, now: datetime, holidays: Collection[date]) -> int:
        """The period's business days so far; today counts."""
        return self.business_days(period.first_day, min(period.last_day, self.local_day(now)), holidays)

    def _parse_single(self, key: str) -> Period:
        match = _KEY.fullmatch(key)
        if match is None:
            raise PeriodError(
                f"{_shown(key)} is not a period: write 2026-11-20, 2026-W46, 2026-10, 2026-Q3, 2026 "
                "or 2026-01-01..2026-03-31."
            )
        parts = {name: int(text) for name, text in match.groupdict().items() if text is not None}
        year = parts["year"]
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise PeriodError(f"The year {year:04d} is out of reach: write one from {_FIRST_YEAR} to {_LAST_YEAR}.")
        if "week" in parts:
            return self._parse_week(year, parts["week"])
        if "quarter" in parts:
            if not 1 <= parts["quarter"] <= _QUARTERS:
                raise PeriodError(f"There is no {_shown(key)}: a year has the quarters Q1 to Q4.")
            return self._quarter(year, parts["quarter"])
        if "month" not in parts:
            return self._year(year)
        if not 1 <= parts["month"] <= _MONTHS:
            raise PeriodError(f"There is no {_shown(key)}: a year has the months 01 to 12.")
        month = self._month(year, parts["month"])
        if "day" not in parts:
            return month
        if not 1 <= parts["day"] <= month.last_day.day:
            raise PeriodError(f"There is no {_shown(key)}: {month.key} has the days 01 to {month.last_day.day}.")
        return self.containing(date(year, parts["month"], parts["day"]), Grain.DAY)

    def _parse_week(self, year: int, week: int) -> Period:
        try:
            thursday = date.fromisocalendar(year, week, _THURSDAY + 1)
        except ValueError:
            last = date(year, 12, 28).isocalendar().week  # which lies in the year's last ISO week, always
            raise PeriodError(f"There is no {year}-W{week:02d}: {year} has the weeks W01 to W{last}.") from None
        return self.containing(thursday, Grain.WEEK)

    def _week(self, first_day: date) -> Period:
        thursday = first_day + timedelta(days=(_THURSDAY - self._week_start) % 7)
        year, number, _ = thursday.isocalendar()
        return self._period(f"{year:04d}-W{number:02d}", Grain.WEEK, first_day, first_day + 6 * _DAY)

    def _month(self, year: int, month: int) -> Period:
        return self._period(f"{year:04d}-{month:02d}", Grain.MONTH, *_months(year, month, 1))

    def _quarter(self, year: int, number: int) -> Period:
        span = _months(year - self._name_shift, self._year_start + 3 * (number - 1), 3)
        return self._period(f"{year:04d}-Q{number}", Grain.QUARTER, *span)

    def _year(self, year: int) -> Period:
        return self._period(f"{year:04d}", Grain.YEAR, *_months(year - self._name_shift, self._year_start, _MONTHS))

    def _fiscal(self, day: date) -> tuple[int, int]:
        """The name of the fiscal year that a day lies in, and how many whole months into it."""
        start_year = day.year - (day.month < self._year_start)
        return start_year + self._name_shift, (day.month - self._year_start) % _MONTHS

    def _period(self, key: str, grain: Grain, first_day: date, last_day: date) -> Period:
        return Period(key, grain, first_day, last_day, self.midnight(first_day), self.midnight(last_day + _DAY))


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """The first and last day of ``count`` months; a ``month`` over 12 lies in the next year."""
    return _first_of(year, month), _first_of(year, month + count) - _DAY


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // _MONTHS, (month - 1) % _MONTHS + 1, 1)


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _weekdays_before(day: date) -> int:
    """How many days from Monday to Friday lie before a day, since Monday 1 January of the year 1."""
    weeks, days = divmod(day.toordinal() - 1, 7)
    return weeks * _WORKDAYS + min(days, _WORKDAYS)


def _shown(key: str) -> str:
    """What was written, fit for a message: short and without control characters."""
    plain = "".join(character for character in key if character.isprintable())
    return f"'{plain[:_SHOWN_CHARACTERS]}…'" if len(plain) > _SHOWN_CHARACTERS else f"'{plain}'"
