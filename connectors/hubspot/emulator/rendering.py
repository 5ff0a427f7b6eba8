"""Records as answers hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.definitions import live_definition
from connectors.hubspot.emulator.kinds import Kind
from connectors.hubspot.emulator.records import Record
from connectors.hubspot.emulator.values import iso


def rendered(kind: Kind, record: Record, names: Sequence[str]) -> dict[str, Any]:
    """A record with the properties of ``names`` (see ``answered``), empty ones as null."""
    shown: dict[str, Any] = {
        "id": str(record.id),
        "properties": {name: record.value(name, kind) for name in names},
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.modified_at),
        "archived": record.archived_at is not None,
    }
    if record.archived_at:
        shown["archivedAt"] = iso(record.archived_at)
    return shown


def answered(account: Account, kind: Kind, asked: Iterable[str]) -> list[str]:
    """The names of the properties that an answer holds: those asked for that there are, or the usual ones, and always
    the id and the dates."""
    wanted = sorted({*(list(asked) or kind.defaults), *kind.always})
    return [name for name in wanted if live_definition(account.definitions[kind.name], name)]


def histories(account: Account, kind: Kind, record: Record, names: Iterable[str]) -> dict[str, Any]:
    """The values that properties had, newest first, with the instants from when on."""
    known = [name for name in names if live_definition(account.definitions[kind.name], name)]
    return {name: [_version(*change) for change in record.history(name, kind)] for name in known}


def _version(at: datetime, value: str) -> dict[str, str]:
    return {"value": value, "timestamp": iso(at), "sourceType": "CRM_UI", "sourceId": "userId:1"}


def batch(results: Sequence[Any], errors: Sequence[Any], now: datetime) -> tuple[dict[str, Any], int]:
    """The body and the status of a batch's answer: 207 where part is missing."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": iso(now), "completedAt": iso(now)}
    if not errors:
        return body, 200
    return body | {"numErrors": len(errors), "errors": errors}, 207
