"""How HubSpot writes values and instants: everything is text, empty is null."""

from __future__ import annotations

from datetime import UTC, date, datetime

_BOOLEANS = {True: "true", False: "false"}


def iso(at: datetime) -> str:
    """``2026-01-31T12:00:00.000Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_milliseconds(at: datetime) -> datetime:
    """In UTC, cut to what HubSpot keeps of an instant."""
    in_utc = at.astimezone(UTC)
    return in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


def epoch_milliseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def written(value: object) -> str:
    """A property's value as text; empty for None."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _BOOLEANS[value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
