"""Channels and direct messages, and who is in them."""

from __future__ import annotations

from typing import Any

from bot.playground.conversations import OPEN_SCOPE, READ_SCOPE, Conversation, Kind
from bot.playground.errors import SlackError
from bot.playground.methods.base import Call, Method
from bot.playground.rate_limits import Tier

MOST_USERS = 8
_KINDS: dict[str, Kind] = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def _open(call: Call) -> dict[str, Any]:
    conversations, bot = call.backend.conversations, call.backend.workspace.bot_user_id
    if call.arguments.get("channel"):
        conversation, known = call.conversation(), True
    else:
        asked = _asked_users(call)
        call.backend.need(OPEN_SCOPE["im" if len(asked) == 1 else "mpim"])
        for user_id in asked:
            _check_addressee(call, user_id)
        conversation, known = conversations.open_with(asked)
    given = conversation.as_slack(bot) if call.flag("return_im") else {"id": conversation.id}
    return {"channel": given, **({"no_op": True, "already_open": True} if known else {})}


def _asked_users(call: Call) -> frozenset[str]:
    users = call.arguments.get("users")
    names = users.split(",") if isinstance(users, str) else users if isinstance(users, list) else []
    asked = frozenset(str(name).strip() for name in names if str(name).strip())
    if not asked:
        raise SlackError("users_list_not_supplied")
    if len(asked) > MOST_USERS:
        raise SlackError("too_many_users")
    return asked


def _check_addressee(call: Call, user_id: str) -> None:
    user = call.backend.conversations.users.get(user_id)
    if user is None:
        raise SlackError("user_not_found")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_stranger:
        raise SlackError("user_not_visible")


def _info(call: Call) -> dict[str, Any]:
    conversation = call.readable_conversation()
    return {"channel": conversation.as_slack(call.backend.workspace.bot_user_id)}


def _members(call: Call) -> dict[str, Any]:
    page, metadata = call.page(sorted(call.readable_conversation().members))
    return {"members": list(page), **metadata}


def _listed(call: Call, conversations: list[Conversation]) -> dict[str, Any]:
    """Those of the asked kinds that the bot can know of, a page of them."""
    asked = [name.strip() for name in str(call.arguments.get("types") or "public_channel").split(",")]
    if unknown := [name for name in asked if name not in _KINDS]:
        raise SlackError.explained("invalid_types", [f"types: {name!r} is unknown" for name in unknown])
    kinds = {_KINDS[name] for name in asked}
    for kind in sorted(kinds):
        call.backend.need(READ_SCOPE[kind])
    found = [
        each
        for each in conversations
        if each.kind in kinds
        and (each.kind == "public" or call.has_bot(each))
        and not (each.is_archived and call.flag("exclude_archived"))
    ]
    page, metadata = call.page(sorted(found, key=lambda each: each.id))
    return {"channels": [each.as_slack(call.backend.workspace.bot_user_id) for each in page], **metadata}


def _list(call: Call) -> dict[str, Any]:
    return _listed(call, list(call.backend.conversations.by_id.values()))


def _of_user(call: Call) -> dict[str, Any]:
    """Of the bot itself unless a user is named; then only what both are in."""
    user_id = call.user().id if call.arguments.get("user") else call.backend.workspace.bot_user_id
    return _listed(call, list(call.backend.conversations.of_user(user_id)))


CONVERSATIONS = (
    Method("conversations.open", _open, Tier.THREE),
    Method("conversations.info", _info, Tier.THREE),
    Method("conversations.members", _members, Tier.FOUR),
    Method("conversations.list", _list, Tier.TWO),
    Method("users.conversations", _of_user, Tier.THREE),
)
