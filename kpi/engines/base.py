"""An engine runs a query over one published snapshot and says which SQL dialect it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class StoreError(Exception):
    """The store cannot be read or written. One line for the user: what happened and what to do."""


class StoreBusyError(StoreError):
    """Another sync is running on this store."""


class NotCompleteError(StoreError):
    """A source has not been pulled to its end, so that there is nothing whole to publish."""


class NothingPublishedError(StoreError):
    """No snapshot has been published yet."""


class Engine(Protocol):
    """Reads one consistent snapshot. Every question opens one, reads, and closes it (or keeps it while it is current).

    ``dialect`` is sqlglot's name for the engine's SQL. ``run`` takes SQL in that dialect with ``$name`` parameters and
    gives rows of Python values: Decimal, int, str, bool, date, naive UTC datetime, None.
    """

    dialect: str

    def run(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]: ...

    def as_of(self, sources: Sequence[str] | None = None) -> datetime | None:
        """When the last complete sync of the oldest of these sources (None: of all) began, UTC."""
        ...

    def close(self) -> None: ...
