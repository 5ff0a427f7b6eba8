"""What a request asks for: its arguments and its token, from JSON, a form or the address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.playground.errors import SlackError

BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's arguments without its token, and the token."""

    arguments: dict[str, Any]
    token: str | None


async def read_request(request: web.Request) -> Asked:
    """Raises SlackError: invalid_json, json_not_object, invalid_form_data."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        arguments |= _json(await request.text())
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        try:
            form = await request.post()
        except ValueError:
            raise SlackError("invalid_form_data") from None
        arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    authorization = request.headers.get("Authorization", "")
    named = arguments.pop("token", None)
    token = authorization.removeprefix(BEARER).strip() if authorization.startswith(BEARER) else named
    return Asked(arguments, token or None)


def _json(body: str) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        given = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(given, dict):
        raise SlackError("json_not_object")
    return given
