"""Business hours as stretches of time: those of an organisation, in every zone in which its people work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpi.organisation import Organisation
from kpi.periods import Calendar

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """On which weekdays (Monday is 0) from when until when; ``closes`` is None at the end of the day."""

    weekdays: frozenset[int]
    opens: time
    closes: time | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Business hours of one day, ``[starts_at, ends_at)`` in naive UTC, after ``before_us`` microseconds of others."""

    starts_at: datetime
    ends_at: datetime
    before_us: int


def read_business_hours(text: str) -> BusinessHours:
    """What ``[organisation] business_hours`` says: ``mon-fri 09:00-18:00``, ``mon-thu, sat 08:30-24:00``; a span of
    days may go past Sunday."""
    days, _, hours = text.rpartition(" ")
    opens, _, closes = hours.partition("-")
    weekdays = frozenset(day for span in days.split(",") for day in _weekdays(span.strip()))
    return BusinessHours(weekdays, _time(opens), None if closes == "24:00" else _time(closes))


def _weekdays(span: str) -> Iterator[int]:
    first, _, last = span.partition("-")
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
    return (day % 7 for day in range(start, start + (end - start) % 7 + 1))


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))


def zone_or(name: str | None, otherwise: str) -> str:
    """The time zone of that name; ``otherwise`` where there is none."""
    try:
        return ZoneInfo(name).key if name else otherwise
    except (ValueError, OSError, KeyError):
        return otherwise


def stretches(
    organisation: Organisation, zone: str, days: Iterable[date], holidays: Collection[date]
) -> Iterator[Stretch]:
    """The organisation's business hours on these local days of a zone, which are in order, less the holidays. They
    never overlap: what a change of clocks moves out of its day is cut off, a day without any is left out."""
    hours = read_business_hours(organisation.business_hours)
    calendar = Calendar(replace(organisation, timezone=zone))
    before = timedelta()
    for day in days:
        if day.weekday() not in hours.weekdays or day in holidays:
            continue
        midnight, next_midnight = calendar.midnight(day), calendar.midnight(day + _DAY)
        starts_at = min(calendar.at(day, hours.opens), next_midnight)
        ends_at = min(calendar.at(day, hours.closes), next_midnight) if hours.closes else next_midnight
        starts_at = max(starts_at, midnight)
        if starts_at < ends_at:
            yield Stretch(_naive(starts_at), _naive(ends_at), before // _MICROSECOND)
            before += ends_at - starts_at


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
