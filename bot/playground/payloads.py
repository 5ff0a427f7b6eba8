"""What Slack tells the bot of a command, a click or an event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.backend import Backend
from bot.playground.conversations import Conversation
from bot.playground.messages import Message
from bot.playground.workspace import User


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who did something where, and the URL through which the bot may answer it."""

    user: User
    conversation: Conversation
    response_url: str


def slash_command(backend: Backend, occasion: Occasion, command: str, text: str) -> dict[str, Any]:
    """The payload of a slash command."""
    workspace, user, conversation = backend.workspace, occasion.user, occasion.conversation
    return {
        "token": "verification",
        "team_id": workspace.id,
        "team_domain": workspace.domain,
        "channel_id": conversation.id,
        "channel_name": "directmessage" if conversation.kind == "im" else conversation.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": occasion.response_url,
        "trigger_id": backend.triggers.issue(),
    }


def block_action(backend: Backend, occasion: Occasion, message: Message, action_id: str) -> dict[str, Any]:
    """The payload of a click on a button of a message. KeyError where the message has no such element."""
    block, element = message.element(action_id)
    workspace, user, hidden = backend.workspace, occasion.user, message.ephemeral_to is not None
    action = {name: element[name] for name in ("action_id", "type", "text", "value") if name in element}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id or workspace.id},
        "api_app_id": workspace.app_id,
        "token": "verification",
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel_id,
            "is_ephemeral": hidden,
        },
        "trigger_id": backend.triggers.issue(),
        "team": {"id": workspace.id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": message.channel_id, "name": occasion.conversation.name or "directmessage"},
        "state": {"values": {}},
        "response_url": occasion.response_url,
        "actions": [{**action, "block_id": block["block_id"], "action_ts": backend.conversations.next_ts()}],
    }
    return payload if hidden else payload | {"message": message.as_slack()}  # Slack leaves hidden ones out


def event_callback(backend: Backend, event: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of an event of the Events API."""
    workspace = backend.workspace
    return {
        "token": "verification",
        "team_id": workspace.id,
        "api_app_id": workspace.app_id,
        "event": {"event_ts": backend.conversations.next_ts(), **event},
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(backend.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }
