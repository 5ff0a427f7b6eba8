"""Lists in pages, as the endpoints besides records give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.hubspot.emulator.parameters import limit, refused
from connectors.hubspot.emulator.routing import Call


def page_of(call: Call, results: Sequence[Mapping[str, Any]], *, usual: int = 100, most: int = 100) -> dict[str, Any]:
    """The page that the call asks for, of results in a steady order with an ``id`` each. Raises ApiError (400) for a
    wrong ``limit`` or ``after``."""
    size = limit(call.one("limit"), usual=usual, most=most)
    start = _start(call.one("after"), results)
    page = results[start : start + size]
    body: dict[str, Any] = {"results": page}
    if start + size < len(results):
        after = str(page[-1]["id"])
        body["paging"] = {"next": {"after": after, "link": f"?after={quote(after)}"}}
    return body


def _start(after: str | None, results: Sequence[Mapping[str, Any]]) -> int:
    """Where the results after this id begin. A number may be gone by now: what is greater follows."""
    if not after:
        return 0
    for index, each in enumerate(results):
        if each["id"] == after:
            return index + 1
    if not (after.isdecimal() and all(each["id"].isdecimal() for each in results)):
        raise refused("Invalid paging token 'after'")
    return sum(1 for each in results if int(each["id"]) < int(after))
