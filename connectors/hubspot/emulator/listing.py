"""Records in pages, one by one, and in batches by id."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.inline import inline_associations
from connectors.hubspot.emulator.kinds import Kind, kind_of, read_scopes
from connectors.hubspot.emulator.parameters import (
    flag,
    inputs,
    limit,
    names,
    object_body,
    record_id,
    refused,
    text_list,
)
from connectors.hubspot.emulator.records import Record
from connectors.hubspot.emulator.rendering import answered, batch, histories, rendered
from connectors.hubspot.emulator.routing import ApiError, Call, Reply, Route
from connectors.hubspot.emulator.values import epoch_milliseconds

_USUAL = 10
_MOST = 100
_MOST_WITH_HISTORY = 50
_RECYCLE_BIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an answer holds of each record: properties, those with their past, and objects it is associated with."""

    properties: Sequence[str]
    history: Sequence[str]
    targets: Sequence[str]


def list_records(account: Account, call: Call) -> Reply:
    """A page of live or archived records in the order of their ids. Only a missing ``paging`` ends the list."""
    kind = kind_of(call.path["object"])
    most = _MOST_WITH_HISTORY if names(call, "propertiesWithHistory") else _MOST
    wanted = limit(call.one("limit"), usual=_USUAL, most=most)
    with account.lock:
        start = _start(account, kind, call)
        size = max(1, wanted - account.page_shortfall)
        found = list(islice(_listed(account, kind, call, start), size + 1))
        page, details = found[:size], _wanted(account, kind, call)
        body: dict[str, Any] = {"results": [_detailed(account, kind, record, details) for record in page]}
        if len(found) > size:
            after = _token(kind, page[-1].id, epoch_milliseconds(call.now))
            body["paging"] = {"next": {"after": after, "link": f"?after={quote(after)}"}}
    return Reply(body)


def read_record(account: Account, call: Call) -> Reply:
    """One record. An id that was merged away gives the record it went into."""
    kind = kind_of(call.path["object"])
    asked = record_id(call.path["id"])
    _check_id_property(kind, call.one("idProperty"))
    with account.lock:
        record = account.shelves[kind.name].heir(asked) if asked else None
        if not record or (record.archived_at is not None) != flag(call, "archived"):
            raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
        wanted = _wanted(account, kind, call)
        if asked != record.id:  # merged away: such an id has no associations, whatever its record has
            wanted = replace(wanted, targets=())
        return Reply(_detailed(account, kind, record, wanted))


def read_batch(account: Account, call: Call) -> Reply:
    """Records by id, in another order than asked for; 207 where some are not there."""
    kind, body = kind_of(call.path["object"]), object_body(call)
    with_history = text_list(body, "propertiesWithHistory")
    wanted = inputs(body, most=_MOST_WITH_HISTORY if with_history else _MOST)
    _check_id_property(kind, body.get("idProperty"))
    archived = flag(call, "archived")
    ids = reversed({int(each["id"]): None for each in wanted})
    with account.lock:
        shown = answered(account, kind, text_list(body, "properties"))
        found: dict[int, dict[str, Any]] = {}
        missing = []
        for each in ids:
            record = _by_id(account, kind, each)
            if record and (record.archived_at is not None) == archived:
                found[record.id] = rendered(kind, record, shown)
                if with_history:
                    found[record.id]["propertiesWithHistory"] = histories(account, kind, record, with_history)
            elif not record and each in account.shelves[kind.name].heirs:
                continue  # a contact or company merged away is left out without a word
            else:
                missing.append(str(each))
    return Reply(*batch(list(found.values()), _missing(kind, missing), call.now))


def _by_id(account: Account, kind: Kind, asked: int) -> Record | None:
    """Deals merged away answer with what they went into, others do not answer at all."""
    shelf = account.shelves[kind.name]
    return shelf.heir(asked) if kind.merges_into_a_new_one else shelf.records.get(asked)


def _missing(kind: Kind, ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    message = (
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}]


def _listed(account: Account, kind: Kind, call: Call, start: int) -> Iterator[Record]:
    archived, oldest = flag(call, "archived"), call.now - _RECYCLE_BIN
    for record in account.shelves[kind.name].after(start):
        if _is_listed(record, oldest, archived=archived):
            yield record


def _is_listed(record: Record, oldest: datetime, *, archived: bool) -> bool:
    if record.archived_at is None:
        return not archived
    return archived and record.archived_at >= oldest


def _check_id_property(kind: Kind, name: object) -> None:
    if name not in {None, "hs_object_id"}:
        raise refused(f"{name} is not a unique property of {kind.name}")


def _wanted(account: Account, kind: Kind, call: Call) -> _Wanted:
    return _Wanted(
        answered(account, kind, names(call, "properties")),
        names(call, "propertiesWithHistory"),
        names(call, "associations"),
    )


def _detailed(account: Account, kind: Kind, record: Record, wanted: _Wanted) -> dict[str, Any]:
    shown = rendered(kind, record, wanted.properties)
    if wanted.history:
        shown["propertiesWithHistory"] = histories(account, kind, record, wanted.history)
    if linked := inline_associations(account, kind, record, wanted.targets):
        shown["associations"] = linked
    return shown


def _token(kind: Kind, last_id: int, issued: int) -> str:
    return urlsafe_b64encode(f"{kind.name}:{last_id}:{issued}".encode()).decode().rstrip("=")


def _start(account: Account, kind: Kind, call: Call) -> int:
    """The id after which a page begins."""
    after = call.one("after")
    if not after:
        return 0
    try:
        name, last_id, issued = urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split(":")
        start, issued_at = int(last_id), int(issued)
    except ValueError:
        raise refused("Invalid paging token 'after'") from None
    if name != kind.name:
        raise refused("The paging token 'after' is of another object")
    life = account.page_token_life
    if life is not None and epoch_milliseconds(call.now) - issued_at > life.total_seconds() * 1000:
        raise refused("The paging token 'after' has expired")
    return start


def _paths(end: str = "") -> tuple[str, ...]:
    return f"/crm/objects/2026-09/{{object}}{end}", f"/crm/v3/objects/{{object}}{end}"


ROUTES: tuple[Route, ...] = (
    Route("GET", _paths(), list_records, read_scopes),
    Route("GET", _paths("/{id}"), read_record, read_scopes),
    Route("POST", _paths("/batch/read"), read_batch, read_scopes),
)
