"""Modals and the home tab: views.open and views.publish."""

from __future__ import annotations

import json
from typing import Any

from bot.playground.errors import SlackError
from bot.playground.messages import with_ids
from bot.playground.methods.base import Call, Method
from bot.playground.rate_limits import Tier
from bot.views.limits import LIMITS, view_problems


def _view(call: Call, kind: str) -> dict[str, Any]:
    given = call.arguments.get("view")
    try:
        view = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise SlackError.explained("invalid_arguments", ["view: is no JSON"]) from None
    if not isinstance(view, dict):
        raise SlackError.explained("invalid_arguments", ["missing required field: view"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > LIMITS.view_bytes:
        raise SlackError("view_too_large")
    if wrong := view_problems(view):
        raise SlackError.explained("invalid_arguments", wrong)
    if view["type"] != kind:
        raise SlackError.explained("invalid_arguments", [f"view.type: must be {kind}"])
    return call.backend.stored_view({**view, "blocks": list(with_ids(view["blocks"]))})


def _open(call: Call) -> dict[str, Any]:
    view = _view(call, "modal")
    if refusal := call.backend.triggers.use(call.text("trigger_id")):
        raise SlackError(f"{refusal}_trigger_id")
    call.backend.opened_views.append(view)
    return {"view": view}


def _publish(call: Call) -> dict[str, Any]:
    user, view = call.user("user_id"), _view(call, "home")
    shown = call.backend.homes.get(user.id)
    if call.arguments.get("hash") and shown and shown["hash"] != call.arguments["hash"]:
        raise SlackError("hash_conflict")
    call.backend.homes[user.id] = view
    return {"view": view}


VIEWS = (
    Method("views.open", _open, Tier.FOUR),
    Method("views.publish", _publish, Tier.FOUR),
)
