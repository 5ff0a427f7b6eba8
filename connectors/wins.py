"""What a source itself counts as won, month by month, to be held against what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Month:
    """``start`` to before ``end``, both aware: midnights of the organisation's zone."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class MonthlyWins:
    """The won deals that closed in a month, in the source's own words. ``amount`` is in ``currency``, the source's.
    ``reasons``: what may make ours differ, each a part of a sentence with its number."""

    month: Month
    won: int
    amount: Decimal
    currency: str
    reasons: tuple[str, ...]


@runtime_checkable
class CountsWins(Protocol):
    """A connector whose source has figures of its own."""

    def monthly_wins(self, months: Sequence[Month], synced_at: datetime | None) -> Iterator[MonthlyWins]:
        """The source's figures of each month. ``synced_at``: when the last complete sync began. Raises SourceError."""
        ...
