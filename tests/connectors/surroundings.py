"""A connector's surroundings, all in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from connectors.base import Surroundings

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


class MemoryVault(dict[str, str]):
    """A vault that forgets."""

    def read(self, name: str) -> str | None:
        return self.get(name)

    def write(self, name: str, secret: str) -> None:
        self[name] = secret


def surroundings(
    timezone: str = "UTC",
    currency: str = "USD",
    folder: Path = Path("/nowhere"),
    secrets: Mapping[str, str] | None = None,
    now: datetime = NOW,
) -> Surroundings:
    return Surroundings(timezone, currency, folder, (secrets or {}).get, MemoryVault(), lambda: now)
