"""Lists in pages, as the endpoints besides records give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.hubspot.emulator.routing import ApiError, Call


def page_of(call: Call, results: Sequence[Mapping[str, Any]], *, usual: int = 100, most: int = 100) -> dict[str, Any]:
    """The page that the call asks for, of results in a steady order with an ``id`` each. Raises ApiError (400) for a
    wrong ``limit`` or ``after``."""
    limit = _limit(call.one("limit"), usual, most)
    start = _start(call.one("after"), results)
    page = results[start : start + limit]
    body: dict[str, Any] = {"results": page}
    if start + limit < len(results):
        after = str(page[-1]["id"])
        body["paging"] = {"next": {"after": after, "link": f"?after={quote(after)}"}}
    return body


def _limit(text: str | None, usual: int, most: int) -> int:
    if text is None:
        return usual
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ApiError(400, "VALIDATION_ERROR", f"Invalid limit: it must be a whole number from 1 to {most}")
    return int(text)


def _start(after: str | None, results: Sequence[Mapping[str, Any]]) -> int:
    if not after:
        return 0
    for index, each in enumerate(results):
        if str(each["id"]) == after:
            return index + 1
    raise ApiError(400, "VALIDATION_ERROR", "Invalid paging token 'after'")
