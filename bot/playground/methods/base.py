"""What a method is, and how its arguments are read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bot.playground.backend import Backend
from bot.playground.conversations import READ_SCOPE, Conversation
from bot.playground.errors import SlackError
from bot.playground.rate_limits import Tier
from bot.playground.workspace import User

Item = TypeVar("Item")

PAGE = 100
LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method: its arguments (without the token) and what it works on."""

    arguments: Mapping[str, Any]
    backend: Backend

    def text(self, name: str) -> str:
        """A required argument. Raises invalid_arguments where it is missing."""
        value = self.arguments.get(name)
        if not isinstance(value, str) or not value:
            raise SlackError.explained("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return str(self.arguments.get(name, default)).lower() in {"1", "true"}

    def limit(self, largest: int = LARGEST_PAGE) -> int:
        """How many items a page may have. Raises invalid_limit."""
        try:
            limit = int(self.arguments.get("limit") or PAGE)
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None
        if not 1 <= limit <= largest:
            raise SlackError("invalid_limit")
        return limit

    def user(self, name: str = "user") -> User:
        """The user that an argument names. Raises user_not_found."""
        user = self.backend.conversations.users.get(self.text(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def conversation(self, name: str = "channel") -> Conversation:
        """The conversation that an argument names, as far as the bot can know of it. Raises channel_not_found."""
        found = self.backend.conversations.by_id.get(self.text(name))
        if found is None or (found.kind != "public" and not self.has_bot(found)):
            raise SlackError("channel_not_found")
        return found

    def readable_conversation(self) -> Conversation:
        """The conversation, if the app has the scope to read about its kind."""
        found = self.conversation()
        self.backend.need(READ_SCOPE[found.kind])
        return found

    def has_bot(self, conversation: Conversation) -> bool:
        return self.backend.workspace.bot_user_id in conversation.members

    def cursor(self, prefix: str) -> str | None:
        """Where to go on, as ``next_page`` wrote it. Raises invalid_cursor."""
        given = self.arguments.get("cursor")
        if not given:
            return None
        try:
            plain = base64.b64decode(str(given), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise SlackError("invalid_cursor") from None
        if not plain.startswith(f"{prefix}:"):
            raise SlackError("invalid_cursor")
        return plain.removeprefix(f"{prefix}:")

    def page(self, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, Any]]:
        """The page of the items that is asked for, and the answer's response_metadata."""
        after = self.cursor("item") or "0"
        if not after.isdecimal():
            raise SlackError("invalid_cursor")
        start, limit = int(after), self.limit()
        rest = len(items) > start + limit
        return items[start : start + limit], next_page("item", str(start + limit) if rest else None)


def next_page(prefix: str, position: str | None) -> dict[str, Any]:
    """The response_metadata that leads to the next page; an empty cursor where this is the last."""
    cursor = base64.b64encode(f"{prefix}:{position}".encode()).decode() if position is not None else ""
    return {"response_metadata": {"next_cursor": cursor}}


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: ``handle`` gives the answer without its ``ok``, or raises SlackError.

    ``scopes`` are all needed; those that depend on the kind of conversation are asked for by ``handle``.
    ``caller`` says whose token it takes.
    """

    name: str
    handle: Callable[[Call], dict[str, Any]]
    tier: Tier
    scopes: tuple[str, ...] = ()
    caller: Literal["bot", "app", "anybody"] = "bot"
