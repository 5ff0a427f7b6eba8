"""Saying things: chat.* methods."""

from __future__ import annotations

import dataclasses
from typing import Any

from bot.playground.content import read_content
from bot.playground.conversations import Conversation
from bot.playground.errors import SlackError
from bot.playground.messages import Message
from bot.playground.methods.base import Call, Method
from bot.playground.rate_limits import POSTS_PER_CHANNEL, POSTS_PER_WORKSPACE, Tier


def _target(call: Call) -> Conversation:
    """Where to post: an id, a name, or a user, whose direct conversation is opened as needed."""
    asked, conversations = call.text("channel"), call.backend.conversations
    if asked in conversations.users:
        return conversations.open_with(frozenset({_addressee(call, asked)}))[0]
    found = conversations.by_id.get(asked) or conversations.named(asked.removeprefix("#"))
    if found is None or (found.kind != "public" and not call.has_bot(found)):
        raise SlackError("channel_not_found")
    _open_to_bot(call, found)
    return found


def _addressee(call: Call, user_id: str) -> str:
    user = call.backend.conversations.users[user_id]
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_stranger:
        raise SlackError("channel_not_found")
    return user_id


def _open_to_bot(call: Call, conversation: Conversation) -> None:
    """Raises where the bot may not post: is_archived, not_in_channel, user_disabled."""
    if conversation.is_archived:
        raise SlackError("is_archived")
    if not call.has_bot(conversation) and "chat:write.public" not in call.backend.workspace.scopes:
        raise SlackError("not_in_channel")
    if conversation.kind == "im":
        for user_id in conversation.members - {call.backend.workspace.bot_user_id}:
            _addressee(call, user_id)


def _new_message(call: Call, conversation: Conversation) -> Message:
    content, workspace = read_content(call.arguments), call.backend.workspace
    thread_ts = call.arguments.get("thread_ts")
    if thread_ts is not None and conversation.find(str(thread_ts)) is None:
        raise SlackError("thread_not_found")
    call.backend.rate_limits.spend(POSTS_PER_CHANNEL, "channel", conversation.id)
    call.backend.rate_limits.spend(POSTS_PER_WORKSPACE, "posts")
    return Message(
        channel_id=conversation.id,
        ts=call.backend.conversations.next_ts(),
        user_id=workspace.bot_user_id,
        text=content.text,
        blocks=content.blocks,
        metadata=content.metadata,
        thread_ts=str(thread_ts) if thread_ts is not None else None,
        in_channel_too=call.flag("reply_broadcast"),
        bot_id=workspace.bot_id,
        app_id=workspace.app_id,
    )


def _post_message(call: Call) -> dict[str, Any]:
    conversation = _target(call)
    message = call.backend.conversations.say(_new_message(call, conversation))
    return {"channel": conversation.id, "ts": message.ts, "message": message.as_slack(with_metadata=True)}


def _post_ephemeral(call: Call) -> dict[str, Any]:
    conversation, user = _target(call), call.user()
    if user.id not in conversation.members:
        raise SlackError("user_not_in_channel")
    message = dataclasses.replace(_new_message(call, conversation), ephemeral_to=user.id)
    call.backend.conversations.say(message)
    return {"message_ts": message.ts}


def _own_message(call: Call, refusal: str) -> Message:
    message = call.conversation().find(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user_id != call.backend.workspace.bot_user_id:
        raise SlackError(refusal)
    return message


def _update(call: Call) -> dict[str, Any]:
    """What is not given stays; an empty list takes the blocks away."""
    old, conversations = _own_message(call, "cant_update_message"), call.backend.conversations
    if conversations.by_id[old.channel_id].is_archived:
        raise SlackError("is_archived")
    kept = {"text": old.text, "blocks": list(old.blocks), "metadata": old.metadata}
    content = read_content(kept | {name: call.arguments[name] for name in kept if name in call.arguments})
    new = dataclasses.replace(
        old,
        text=content.text,
        blocks=content.blocks,
        metadata=content.metadata,
        edited_ts=conversations.next_ts(),
    )
    conversations.replace(old, new)
    return {"channel": new.channel_id, "ts": new.ts, "text": new.text, "message": new.as_slack(with_metadata=True)}


def _delete(call: Call) -> dict[str, Any]:
    message = _own_message(call, "cant_delete_message")
    call.backend.conversations.delete(message)
    return {"channel": message.channel_id, "ts": message.ts}


def _get_permalink(call: Call) -> dict[str, Any]:
    conversation = call.conversation()
    message = conversation.find(call.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    domain, number = call.backend.workspace.domain, message.ts.replace(".", "")
    return {
        "channel": conversation.id,
        "permalink": f"https://{domain}.slack.com/archives/{conversation.id}/p{number}",
    }


CHAT = (
    Method("chat.postMessage", _post_message, Tier.SPECIAL, ("chat:write",)),
    Method("chat.postEphemeral", _post_ephemeral, Tier.FOUR, ("chat:write",)),
    Method("chat.update", _update, Tier.THREE, ("chat:write",)),
    Method("chat.delete", _delete, Tier.THREE, ("chat:write",)),
    Method("chat.getPermalink", _get_permalink, Tier.SPECIAL),
)
