"""Search: live records that fit filters, as the index knows them, at most 10,000."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.definitions import Definitions
from connectors.hubspot.emulator.filters import Reader, Test, is_silent, reader, test_of
from connectors.hubspot.emulator.kinds import Kind, kind_of, read_scopes
from connectors.hubspot.emulator.parameters import limit, object_body, record_id, refused, text_list
from connectors.hubspot.emulator.records import Record
from connectors.hubspot.emulator.rendering import answered, rendered
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.values import epoch_milliseconds

_USUAL, _MOST = 10, 200
_MOST_RESULTS = 10_000
_LONGEST_BODY = 3_000
_MOST_GROUPS, _MOST_IN_A_GROUP, _MOST_FILTERS = 5, 6, 18


def search_records(account: Account, call: Call) -> Reply:
    """A page of what fits any of the groups of filters, oldest first unless a sort is given. ``total`` may be above
    10,000, and ``after`` may say 10000, though nothing is given from there on."""
    kind, body = kind_of(call.path["object"]), object_body(call)
    if len(json.dumps(body, separators=(",", ":"), ensure_ascii=False)) > _LONGEST_BODY:
        raise refused(f"The request is too long: the maximum is {_LONGEST_BODY} characters")
    size = limit(body.get("limit"), usual=_USUAL, most=_MOST)
    start = _start(body.get("after"), size)
    with account.lock:
        found = _found(account, kind, body, call)
        names = answered(account, kind, text_list(body, "properties"))
        reply: dict[str, Any] = {
            "total": len(found),
            "results": [rendered(kind, record, names) for record in found[start : start + size]],
        }
    if start + size < len(found):
        reply["paging"] = {"next": {"after": str(start + size), "link": f"?after={start + size}"}}
    return Reply(reply)


def _start(after: object, size: int) -> int:
    start = 0 if after in {None, ""} else record_id(after)
    if start is None:
        raise refused("Invalid paging token 'after': it must be a whole number")
    if start + size > _MOST_RESULTS:
        raise refused(f"A search gives at most {_MOST_RESULTS} results: ask for less with filters")
    return start


def _found(account: Account, kind: Kind, body: Mapping[str, Any], call: Call) -> list[Record]:
    """All that fits, in order. Pages of one search follow each other, so what was found last is kept."""
    definitions = account.definitions[kind.name]
    groups, (read, is_descending) = _groups(body, kind, definitions), _sort(body, kind, definitions)
    shelf = account.shelves[kind.name]
    searched = json.dumps([body.get(key) for key in ("filterGroups", "query", "sorts")], sort_keys=True)
    if shelf.last_search and shelf.last_search[0] == searched:
        return shelf.last_search[1]
    words = _words(body)
    found = [record for record in shelf.indexed(call.now) if _fits(record, groups) and _holds(record, kind, words)]
    found = _sorted(found, read, is_descending=is_descending)
    if not shelf.is_search_behind:
        shelf.last_search = searched, found
    return found


def _groups(body: Mapping[str, Any], kind: Kind, definitions: Definitions) -> list[list[Test]]:
    groups = [group.get("filters") if isinstance(group, dict) else None for group in _list(body, "filterGroups")]
    if len(groups) > _MOST_GROUPS:
        raise refused(f"Too many filterGroups: the maximum is {_MOST_GROUPS}")
    if not all(isinstance(filters, list) and filters for filters in groups):
        raise refused("Invalid input JSON: every group of filterGroups needs filters")
    counts = [len(filters) for filters in groups if filters]
    if max(counts, default=0) > _MOST_IN_A_GROUP or sum(counts) > _MOST_FILTERS:
        raise refused(f"Too many filters: the maximum is {_MOST_IN_A_GROUP} in a group and {_MOST_FILTERS} in all")
    return [[test_of(each, kind, definitions) for each in filters] for filters in groups if filters]


def _sort(body: Mapping[str, Any], kind: Kind, definitions: Definitions) -> tuple[Reader, bool]:
    """What to sort by, and whether from large to small."""
    sorts = _list(body, "sorts")
    if len(sorts) > 1:
        raise refused("Too many sorts: the maximum is 1")
    if not sorts:
        return lambda record: epoch_milliseconds(record.created_at), False
    given = sorts[0]
    if isinstance(given, dict):
        name, direction = str(given.get("propertyName")), given.get("direction", "ASCENDING")
    else:
        name, direction = str(given).removeprefix("-"), "DESCENDING" if str(given).startswith("-") else "ASCENDING"
    if direction not in {"ASCENDING", "DESCENDING"}:
        raise refused("Invalid sort: direction is ASCENDING or DESCENDING")
    if is_silent(kind, name):
        return lambda _record: None, False
    return reader(kind, definitions, name), direction == "DESCENDING"


def _sorted(found: list[Record], read: Reader, *, is_descending: bool) -> list[Record]:
    """Records without the value come last; those with the same one in the order of their ids."""
    keyed = [(read(record), record) for record in found]
    # Values of one property are of one type.
    valued: list[tuple[Any, Record]] = [each for each in keyed if each[0] is not None]
    valued.sort(key=lambda each: each[0], reverse=is_descending)
    return [record for _, record in valued] + [record for value, record in keyed if value is None]


def _fits(record: Record, groups: Sequence[Sequence[Test]]) -> bool:
    return not groups or any(all(test(record) for test in group) for group in groups)


def _words(body: Mapping[str, Any]) -> list[str]:
    query = body.get("query") or ""
    if not isinstance(query, str):
        raise refused("Invalid input JSON: query must be text")
    return query.casefold().split()


def _holds(record: Record, kind: Kind, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = " ".join(record.properties.get(name, "") for name in kind.defaults).casefold()
    return all(word in text for word in words)


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key) or []
    if not isinstance(found, list):
        raise refused(f"Invalid input JSON: {key} must be a list")
    return found


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        ("/crm/objects/2026-09/{object}/search", "/crm/v3/objects/{object}/search"),
        search_records,
        read_scopes,
        is_search=True,
    ),
)
