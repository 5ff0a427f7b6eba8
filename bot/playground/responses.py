"""Answers to an interaction: through its response_url, or in its ack."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.backend import Backend
from bot.playground.content import read_content
from bot.playground.errors import SlackError
from bot.playground.interactions import Interaction
from bot.playground.messages import Message

USES = 5
SECONDS = 30 * 60


@dataclass(slots=True)
class ResponseUrl:
    """A URL of its own for each interaction."""

    token: str
    issued_at: float
    interaction: Interaction | None = None
    used: int = 0


class ResponseUrls:
    """Issues response URLs and takes what is sent to them."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self) -> ResponseUrl:
        issued = ResponseUrl(secrets.token_urlsafe(18), self._backend.clock())
        self._issued[issued.token] = issued
        return issued

    def address(self, issued: ResponseUrl) -> str:
        return f"http://{self._backend.address()}/response/{issued.token}"

    def take(self, token: str, body: Mapping[str, Any]) -> None:
        """Carries out what was sent. Raises SlackError.

        invalid_url, expired_url and used_url are the URL's own, the others say what ails the message.
        """
        issued = self._issued.get(token)
        if issued is None or issued.interaction is None:
            raise SlackError("invalid_url")
        if self._backend.clock() - issued.issued_at > SECONDS:
            raise SlackError("expired_url")
        if issued.used >= USES:
            raise SlackError("used_url")
        self.answer(issued.interaction, body)
        issued.used += 1

    def answer(self, interaction: Interaction, body: Mapping[str, Any]) -> None:
        """A new message, or the clicked one replaced or deleted. Raises SlackError.

        A click's answer that says nothing of ``response_type`` and ``replace_original`` replaces what was clicked.
        """
        conversations = self._backend.conversations
        original = conversations.current(interaction.original) if interaction.original else None
        if body.get("delete_original"):
            if original is not None:
                conversations.delete(original)
            if not body.get("text") and not body.get("blocks"):
                return
            original = None
        replaces = body.get("replace_original", "response_type" not in body)
        if original is not None and replaces:
            self._replace(interaction, original, body)
        else:
            interaction.answered(conversations.say(self._new(interaction, body)))

    def _replace(self, interaction: Interaction, original: Message, body: Mapping[str, Any]) -> None:
        content, conversations = read_content(body), self._backend.conversations
        replaced = dataclasses.replace(
            original, text=content.text, blocks=content.blocks, edited_ts=conversations.next_ts()
        )
        conversations.replace(original, replaced)
        interaction.answered(replaced)

    def _new(self, interaction: Interaction, body: Mapping[str, Any]) -> Message:
        kind = body.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise SlackError("invalid_response_type")
        content, workspace = read_content(body), self._backend.workspace
        return Message(
            channel_id=interaction.channel_id,
            ts=self._backend.conversations.next_ts(),
            user_id=workspace.bot_user_id,
            text=content.text,
            blocks=content.blocks,
            metadata=content.metadata,
            thread_ts=body.get("thread_ts"),
            ephemeral_to=interaction.user_id if kind == "ephemeral" else None,
            bot_id=workspace.bot_id,
            app_id=workspace.app_id,
        )
