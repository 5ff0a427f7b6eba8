"""Periods in the organisation's own time: keys, boundaries, what came before, and what part has elapsed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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
