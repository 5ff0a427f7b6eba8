"""What was said: conversations.history and conversations.replies."""

from __future__ import annotations

from typing import Any

from bot.playground.conversations import HISTORY_SCOPE, Conversation
from bot.playground.errors import SlackError
from bot.playground.messages import Message
from bot.playground.methods.base import Call, Method, next_page
from bot.playground.rate_limits import Tier

LARGEST_PAGE = 999


def _heard(call: Call) -> Conversation:
    """The conversation, if the bot is in it and the app may read what is said in its kind."""
    conversation = call.conversation()
    call.backend.need(HISTORY_SCOPE[conversation.kind])
    if not call.has_bot(conversation):
        raise SlackError("not_in_channel")
    return conversation


def _instant(call: Call, name: str) -> float | None:
    value = call.arguments.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SlackError(f"invalid_ts_{name}") from None


def _between(call: Call, messages: list[Message]) -> list[Message]:
    """Those after ``oldest`` and before ``latest``, with ``inclusive`` also those at them."""
    oldest, latest, inclusive = _instant(call, "oldest"), _instant(call, "latest"), call.flag("inclusive")

    def asked(message: Message) -> bool:
        ts = float(message.ts)
        after = oldest is None or ts > oldest or (inclusive and ts == oldest)
        return after and (latest is None or ts < latest or (inclusive and ts == latest))

    return [message for message in messages if asked(message)]


def _page(call: Call, messages: list[Message]) -> dict[str, Any]:
    """The messages as asked for, in the order given; a page goes on after the last message of the one before."""
    last, limit = call.cursor("ts"), call.limit(LARGEST_PAGE)
    if last is not None:
        seen = next((index for index, message in enumerate(messages) if message.ts == last), None)
        if seen is None:
            raise SlackError("invalid_cursor")
        messages = messages[seen + 1 :]
    page, has_more = messages[:limit], len(messages) > limit
    with_metadata = call.flag("include_all_metadata")
    return {
        "messages": [message.as_slack(with_metadata=with_metadata) for message in page],
        "has_more": has_more,
        **next_page("ts", page[-1].ts if has_more else None),
    }


def _history(call: Call) -> dict[str, Any]:
    said = [each for each in _heard(call).messages if not each.is_reply or each.in_channel_too]
    return {**_page(call, _between(call, said)[::-1]), "pin_count": 0}


def _replies(call: Call) -> dict[str, Any]:
    conversation, ts = _heard(call), call.text("ts")
    if conversation.find(ts) is None:
        raise SlackError("thread_not_found")
    thread = [each for each in conversation.messages if ts in {each.ts, each.thread_ts}]
    return _page(call, _between(call, thread))


HISTORY = (
    Method("conversations.history", _history, Tier.THREE),
    Method("conversations.replies", _replies, Tier.THREE),
)
