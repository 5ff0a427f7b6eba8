"""Days and periods, worked out a second time: from the calendar on the wall and the zone's own rules, nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from kpi.organisation import Organisation

Days = tuple[date, date]  # first and last, both included

_DAY = timedelta(days=1)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Wall:
    """The days of one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._zone = ZoneInfo(organisation.timezone)
        self.midnight = cache(self._midnight)

    def _midnight(self, day: date) -> datetime:
        return self.instant(day, time(0))

    def instant(self, day: date, clock: time) -> datetime:
        """A local time; in the hour that is skipped, so much later."""
        return datetime(
            day.year, day.month, day.day, clock.hour, clock.minute, clock.second, clock.microsecond, self._zone
        ).astimezone(UTC)

    def start(self, days: Days) -> datetime:
        return self.midnight(days[0])

    def end(self, days: Days) -> datetime:
        return self.midnight(days[1] + _DAY)

    def today(self, now: datetime) -> date:
        day = now.astimezone(self._zone).date() - 2 * _DAY
        while self.midnight(day + _DAY) <= now:
            day += _DAY
        return day

    def of(self, key: str) -> Days:
        """The days that a key names."""
        if ".." in key:
            first, last = key.split("..")
            return date.fromisoformat(first), date.fromisoformat(last)
        if len(key) == len("2026-11-20"):
            return date.fromisoformat(key), date.fromisoformat(key)
        if "-W" in key:
            year, week = key.split("-W")
            first = date.fromisocalendar(int(year), int(week), 4)
            while first.weekday() != _WEEKDAYS.index(self._organisation.week_start):
                first -= _DAY
            return first, first + 6 * _DAY
        if "-Q" in key:
            year, quarter = key.split("-Q")
            return self._months(int(year), self._organisation.fiscal_year_start + 3 * (int(quarter) - 1), 3)
        if "-" in key:
            year, month = key.split("-")
            return _whole_months(int(year), int(month), 1)
        return self._months(int(key), self._organisation.fiscal_year_start, 12)

    def before(self, key: str, days: Days) -> Days:
        """The period of the same kind that ends just before."""
        last = days[0] - _DAY
        if ".." in key:
            return days[0] - (days[1] - days[0] + _DAY), last
        if len(key) == len("2026-11-20"):
            return last, last
        if "-W" in key:
            return days[0] - 7 * _DAY, last
        months = 3 if "-Q" in key else 1 if "-" in key else 12
        first = days[0]
        for _ in range(months):
            first = (first - _DAY).replace(day=1)
        return first, last

    def like_part_end(self, days: Days, before: Days, now: datetime) -> datetime:
        """As many local days after the start of the period before, at the same local time."""
        local = now.astimezone(self._zone)
        like = self.instant(before[0] + (local.date() - days[0]), local.time())
        return max(self.start(before), min(like, self.end(before)))

    def business_days(self, days: Days, holidays: set[date]) -> int:
        count, day = 0, days[0]
        while day <= days[1]:
            if day.weekday() < 5 and day not in holidays:
                count += 1
            day += _DAY
        return count

    def _months(self, year: int, first_month: int, count: int) -> Days:
        """Months of the fiscal year of that name."""
        organisation = self._organisation
        if organisation.fiscal_year_named_by == "end" and organisation.fiscal_year_start != 1:
            year -= 1
        return _whole_months(year, first_month, count)


def _whole_months(year: int, month: int, count: int) -> Days:
    while month > 12:
        year, month = year + 1, month - 12
    first = date(year, month, 1)
    last = first
    for _ in range(count):
        last = (last.replace(day=28) + 4 * _DAY).replace(day=1)
    return first, last - _DAY
