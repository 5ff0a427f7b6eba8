"""A message as the workspace keeps it, and the ids that Slack puts into blocks that have none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """Something said in a conversation; ``ephemeral_to`` names the only user who sees it.

    ``text`` stands as it was sent: with Slack's escapes and mentions. ``ts`` is its id within the conversation.
    """

    channel_id: str
    ts: str
    user_id: str
    text: str = ""
    blocks: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] | None = None
    thread_ts: str | None = None
    in_channel_too: bool = False
    ephemeral_to: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    edited_ts: str | None = None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    def element(self, action_id: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The block and the element in it that has the action_id. KeyError where there is none."""
        for block, element in interactive_elements(self.blocks):
            if element.get("action_id") == action_id:
                return block, element
        raise KeyError(f"the message has no element with the action_id {action_id!r}")

    def as_slack(self, *, with_metadata: bool = False) -> dict[str, Any]:
        """The message as ``conversations.history`` gives it."""
        given: dict[str, Any] = {"type": "message", "user": self.user_id, "ts": self.ts, "text": self.text}
        if self.bot_id:
            given |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.blocks:
            given["blocks"] = deepcopy(list(self.blocks))
        if self.thread_ts:
            given["thread_ts"] = self.thread_ts
        if self.edited_ts:
            given["edited"] = {"user": self.user_id, "ts": self.edited_ts}
        if with_metadata and self.metadata:
            given["metadata"] = deepcopy(dict(self.metadata))
        return given


def interactive_elements(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every element of the blocks that could be used, with its block."""
    found: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for block in blocks:
        if block["type"] == "actions":
            found += [(block, element) for element in block["elements"]]
        if "accessory" in block and block["accessory"]["type"] != "image":
            found.append((block, block["accessory"]))
        if "element" in block:
            found.append((block, block["element"]))
        found += interactive_elements(block.get("child_blocks", ()))
    return found


def with_ids(blocks: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The blocks with a block_id and action_ids where they had none, as Slack does it."""
    copies = deepcopy([dict(block) for block in blocks])
    for block in copies:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        if "child_blocks" in block:
            block["child_blocks"] = list(with_ids(block["child_blocks"]))
    for _, element in interactive_elements(copies):
        if isinstance(element, dict):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    return tuple(copies)
