"""Companies of a few rows, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from kpi.model import ScopeType
from kpi.organisation import Organisation
from tests.kpi.expected.ask import Ask
from tests.kpi.expected.frames import Frames
from tests.kpi.expected.records import Company, Members, Row

ORGANISATION = Organisation(timezone="Europe/Berlin", currency="EUR")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def frames_of(*, now: datetime = NOW, organisation: Organisation = ORGANISATION, **tables: list[Row]) -> Frames:
    """A company of these tables; their ids are stored as ``files:ID``."""
    return Frames(Company(organisation, {"files": tables}), now)


def ask_of(
    frames: Frames,
    key: str,
    *,
    members: Members = None,
    scope_type: ScopeType = ScopeType.COMPANY,
    until: datetime | None = None,
    **where: str,
) -> Ask:
    """The question of a period, as far as it has elapsed, or of its part up to an instant."""
    days = frames.wall.of(key)
    running = until is None and frames.now < frames.wall.end(days)
    elapsed = min(frames.wall.end(days), frames.now)
    return Ask(members, days, until or elapsed, frames.now, running, where, key, scope_type)


def on(day: str, hour: int = 12) -> datetime:
    """An hour of a day, in UTC."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
