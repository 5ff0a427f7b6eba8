"""Associations of many records at once, and the labels they may have."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.kinds import Kind, kind_of, read_scopes
from connectors.hubspot.emulator.links import Labels, type_ids
from connectors.hubspot.emulator.parameters import inputs, object_body, record_id, refused
from connectors.hubspot.emulator.rendering import batch
from connectors.hubspot.emulator.routing import Call, Reply, Route

_MOST = 1000

_Id = Callable[[int], int | str]


def read_associations(account: Account, call: Call, *, written_id: _Id) -> Reply:
    """Of each id in ``inputs`` a page of what it is associated with; 207 where one is associated with nothing.
    ``written_id``: how the version of the API writes the other end's id."""
    source, target = kind_of(call.path["object"]), kind_of(call.path["to"])
    wanted = inputs(object_body(call), most=_MOST)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    with account.lock:
        # Another order than asked for.
        for each in reversed({str(each["id"]): each for each in wanted}.values()):
            given, start = int(each["id"]), _start(each.get("after"))
            linked = list(_linked(account, source, given, target))
            if linked:
                results.append(_page(account, given, (source, target), linked, start, written_id))
            else:
                errors.append(_nothing(source, given, target))
    return Reply(*batch(results, errors, call.now))


def read_labels(account: Account, call: Call) -> Reply:
    """The types of associations between two objects."""
    source, target = kind_of(call.path["object"]), kind_of(call.path["to"])
    plain, primary = type_ids(source.name, target.name)
    found = [_type("HUBSPOT_DEFINED", plain, None)]
    if primary is not None:
        found.append(_type("HUBSPOT_DEFINED", primary, "Primary"))
    with account.lock:
        found += [_type("USER_DEFINED", number, label) for label, number in account.links.label_ids.items()]
    return Reply({"results": found})


def _linked(account: Account, source: Kind, source_id: int, target: Kind) -> Iterator[tuple[int, Labels]]:
    """Of a live record, under its own id, the live ones at the other end."""
    if not account.live(source.name, source_id):
        return
    for target_id, labels in sorted(account.links.of(source.name, source_id, target.name).items()):
        if account.live(target.name, target_id):
            yield target_id, labels


def _page(
    account: Account,
    source_id: int,
    pair: tuple[Kind, Kind],
    linked: Sequence[tuple[int, Labels]],
    start: int,
    written_id: _Id,
) -> dict[str, Any]:
    rest = [(target_id, labels) for target_id, labels in linked if target_id > start]
    page = rest[: account.association_page]
    to = [{"toObjectId": written_id(each), "associationTypes": _types(account, pair, labels)} for each, labels in page]
    result: dict[str, Any] = {"from": {"id": str(source_id)}, "to": to}
    if len(rest) > len(page):
        after = _token(page[-1][0])
        result["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return result


def _token(last_id: int) -> str:
    """Encoded as for an address, though it goes back in a body, where only the decoded one is taken."""
    text = str(last_id)
    padded = text if len(text) % 3 else f"{text}|"  # base64 of such a length ends in "=", which is encoded
    return quote(b64encode(padded.encode()).decode(), safe="")


def _start(after: object) -> int:
    if after is None:
        return 0
    try:
        start = record_id(b64decode(str(after), validate=True).decode().rstrip("|"))
    except ValueError:
        start = None
    if start is None:
        raise refused("Invalid paging token 'after'")
    return start


def _types(account: Account, pair: tuple[Kind, Kind], labels: Labels) -> list[dict[str, Any]]:
    plain, primary = type_ids(pair[0].name, pair[1].name)
    found = []
    if labels.primary and primary is not None:
        found.append(_type("HUBSPOT_DEFINED", primary, "Primary"))
    found.append(_type("HUBSPOT_DEFINED", plain, None))
    found += [_type("USER_DEFINED", account.links.label_ids[label], label) for label in labels.own]
    return found


def _type(category: str, type_id: int, label: str | None) -> dict[str, Any]:
    return {"category": category, "typeId": type_id, "label": label}


def _nothing(source: Kind, source_id: int, target: Kind) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target.singular} is associated with {source.singular} {source_id}.",
        "context": {
            "fromObjectId": [str(source_id)],
            "fromObjectType": [source.singular],
            "toObjectType": [target.singular],
        },
    }


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        ("/crm/associations/2026-09/{object}/{to}/batch/read",),
        partial(read_associations, written_id=str),
        read_scopes,
    ),
    Route(
        "POST",
        ("/crm/v4/associations/{object}/{to}/batch/read",),
        partial(read_associations, written_id=int),
        read_scopes,
    ),
    Route(
        "GET",
        ("/crm/associations/2026-09/{object}/{to}/labels", "/crm/v4/associations/{object}/{to}/labels"),
        read_labels,
        read_scopes,
    ),
)
