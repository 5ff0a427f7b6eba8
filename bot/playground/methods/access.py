"""Who calls, and the way into Socket Mode."""

from __future__ import annotations

from typing import Any

from bot.playground.errors import SlackError
from bot.playground.methods.base import Call, Method
from bot.playground.rate_limits import Tier


def _api_test(call: Call) -> dict[str, Any]:
    if error := call.arguments.get("error"):
        raise SlackError(str(error), args=dict(call.arguments))
    return {"args": dict(call.arguments)}


def _auth_test(call: Call) -> dict[str, Any]:
    workspace = call.backend.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": call.backend.conversations.users[workspace.bot_user_id].name,
        "team_id": workspace.id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _apps_connections_open(call: Call) -> dict[str, Any]:
    ticket = call.backend.tickets.issue()
    return {"url": f"ws://{call.backend.address()}/link/?ticket={ticket}&app_id={call.backend.workspace.app_id}"}


ACCESS = (
    Method("api.test", _api_test, Tier.FOUR, caller="anybody"),
    Method("auth.test", _auth_test, Tier.SPECIAL),
    Method("apps.connections.open", _apps_connections_open, Tier.ONE, caller="app"),
)
