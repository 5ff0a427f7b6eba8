"""Local midnights as the store keeps instants: naive, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

from kpi.periods import Calendar


def naive_midnight(calendar: Calendar, day: date) -> datetime | None:
    """The UTC instant, without zone, at which a local day begins; None at the very ends of the calendar."""
    try:
        return calendar.midnight(day).astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None
