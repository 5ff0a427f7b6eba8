"""Making records, each at the time at which it came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.organisation import BEGINNING


def create_each(
    account: Account, object_name: str, rows: Iterable[tuple[datetime | None, Mapping[str, object]]]
) -> list[int]:
    """Makes a record of each (instant, properties), and gives their ids. What has no time of its own was always there:
    a record that was made just now is one that a connector has to look at again."""
    return [account.create(object_name, properties, at=at or BEGINNING) for at, properties in rows]
