"""What a message carries, held against Slack's limits with Slack's codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.errors import SlackError
from bot.playground.messages import with_ids
from bot.views.limits import LIMITS, block_problems, characters, metadata_problems


@dataclass(frozen=True, slots=True)
class Content:
    """Text, blocks with their ids, and metadata, all found sound."""

    text: str
    blocks: tuple[Mapping[str, Any], ...]
    metadata: Mapping[str, Any] | None


def read_content(arguments: Mapping[str, Any]) -> Content:
    """The content among a call's arguments. Raises SlackError: no_text, msg_too_long, invalid_blocks and the like."""
    text = arguments.get("text") or ""
    if not isinstance(text, str):
        raise SlackError.explained("invalid_arguments", ["text: must be text"])
    blocks = _blocks(arguments.get("blocks"))
    if not blocks and not text.strip():
        raise SlackError("no_text")
    if len(text) > LIMITS.message_text:
        raise SlackError("msg_too_long")
    return Content(text, with_ids(blocks), _metadata(arguments.get("metadata")))


def _blocks(value: object) -> list[Mapping[str, Any]]:
    blocks = _decoded(value, "invalid_blocks_format")
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if wrong := block_problems(blocks):
        raise SlackError.explained("invalid_blocks", wrong)
    if characters(blocks) > LIMITS.message_characters:
        raise SlackError("msg_blocks_too_long")
    return blocks


def _metadata(value: object) -> Mapping[str, Any] | None:
    metadata = _decoded(value, "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > LIMITS.metadata_bytes:
        raise SlackError("metadata_too_large")
    if wrong := metadata_problems(metadata):
        raise SlackError.explained("invalid_metadata_format", wrong)
    return metadata


def _decoded(value: object, code: str) -> object:
    """The value itself, or what its text says as JSON: forms carry lists and objects that way."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(code) from None
