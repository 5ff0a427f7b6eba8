"""Associations inside of listed records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.kinds import Kind, find_kind
from connectors.hubspot.emulator.links import type_ids
from connectors.hubspot.emulator.records import Record

_MOST = 100


def inline_associations(account: Account, kind: Kind, record: Record, targets: Iterable[str]) -> dict[str, Any]:
    """By the key of each target with any. A list ends at 100; a primary one stands in it twice. Unknown targets are
    ignored, as HubSpot does."""
    found: dict[str, Any] = {}
    for target in filter(None, map(find_kind, targets)):
        entries = _entries(account, kind, record, target)
        if not entries:
            continue
        found[target.key] = {"results": entries[:_MOST]}
        if len(entries) > _MOST:
            after = entries[_MOST]["id"]
            link = f"/crm/v3/objects/{kind.name}/{record.id}/associations/{target.name}?after={after}"
            found[target.key]["paging"] = {"next": {"after": after, "link": link}}
    return found


def _entries(account: Account, kind: Kind, record: Record, target: Kind) -> list[dict[str, str]]:
    if record.archived_at:
        return []
    entries = []
    for target_id, labels in sorted(account.links.of(kind.name, record.id, target.name).items()):
        if not account.live(target.name, target_id):
            continue
        plain, has_primary = f"{kind.singular}_to_{target.singular}", type_ids(kind.name, target.name)[1] is not None
        if labels.primary:
            entries.append({"id": str(target_id), "type": plain})
        entries.append({"id": str(target_id), "type": f"{plain}_unlabeled" if has_primary else plain})
    return entries
