"""What Slack would refuse about a message or a view, found before it is sent.

Blocks that nothing here sends are unknown to the check, and so are newer fields: what passes is taken by every
workspace, save for those that have not yet got the newer blocks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.views.block_kit.blocks import IN_MESSAGES, IN_VIEWS
from bot.views.block_kit.elements import plain
from bot.views.block_kit.numbers import LIMITS
from bot.views.block_kit.shapes import Check, anything, fields, flag, many, string, tagged

__all__ = ["LIMITS", "block_problems", "characters", "metadata_problems", "problems", "view_problems"]

_WRITTEN = frozenset({"text", "alt_text", "title", "caption", "label", "name", "placeholder", "description"})
"""Fields whose text counts towards the characters of a message."""

_MESSAGE_BLOCKS = many(tagged(IN_MESSAGES), LIMITS.message_blocks, 0)
_TABLES = frozenset({"table", "data_table"})

_VIEW: dict[str, Check] = {
    "blocks": many(tagged(IN_VIEWS), LIMITS.view_blocks, 0),
    "private_metadata": string(LIMITS.private_metadata, 0),
    "callback_id": string(LIMITS.identifier, 0),
    "external_id": string(LIMITS.identifier, 0),
}
_MODAL: dict[str, Check] = {
    **_VIEW,
    "close": plain(LIMITS.view_title),
    "submit": plain(LIMITS.view_title),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
}
_VIEWS = tagged(
    {
        "modal": fields({"title": plain(LIMITS.view_title), "blocks": _VIEW["blocks"]}, _MODAL),
        "home": fields({"blocks": _VIEW["blocks"]}, _VIEW),
    }
)
_METADATA = fields({"event_type": string(LIMITS.identifier), "event_payload": anything})


def problems(message: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse about a message: one line per problem, none for a sound one.

    Looks at ``text``, ``blocks`` and ``metadata``; whom it goes to is not looked at.
    """
    return list(_message_problems(message))


def _message_problems(message: Mapping[str, Any]) -> Iterator[str]:
    text, blocks, metadata = message.get("text"), message.get("blocks"), message.get("metadata")
    if text is not None:
        yield from string(LIMITS.message_text, 0)(text, "text")
    if not blocks and not (isinstance(text, str) and text.strip()):
        yield "text: must not be empty in a message without blocks"
    if blocks is not None:
        yield from block_problems(blocks)
        written = characters(blocks)
        if written > LIMITS.message_characters:
            yield f"blocks: have {written:,} characters together, at most {LIMITS.message_characters:,} are allowed"
    if metadata is not None:
        yield from metadata_problems(metadata)


def block_problems(blocks: object) -> list[str]:
    """What is wrong with a message's blocks, but for their length taken together (see ``characters``)."""
    wrong = list(_MESSAGE_BLOCKS(blocks, "blocks"))
    if not wrong and isinstance(blocks, Sequence):
        wrong += _repeated_identifiers(blocks)
        wrong += _too_many_at_once(blocks)
    return wrong


def metadata_problems(metadata: object) -> list[str]:
    """What is wrong with a message's metadata: an event_type, and an object as event_payload."""
    wrong = list(_METADATA(metadata, "metadata"))
    if not wrong and isinstance(metadata, Mapping):
        if not isinstance(metadata["event_payload"], Mapping):
            wrong.append("metadata.event_payload: must be an object")
        if (size := _size(metadata)) > LIMITS.metadata_bytes:
            wrong.append(f"metadata: has {size:,} bytes, at most {LIMITS.metadata_bytes:,} are allowed")
    return wrong


def view_problems(view: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse about a modal or a home view: one line per problem, none for a sound one."""
    wrong = list(_VIEWS(view, "view"))
    if not wrong:
        wrong += _repeated_identifiers(view["blocks"])
        if view["type"] == "modal" and "submit" not in view and any(_of_type(view["blocks"], "input")):
            wrong.append("view.submit: is needed in a modal with inputs")
    if (size := _size(view)) > LIMITS.view_bytes:
        wrong.append(f"view: has {size:,} bytes, at most {LIMITS.view_bytes:,} are allowed")
    return wrong


def characters(value: object) -> int:
    """How many characters of blocks a person can read, tables and choices included."""
    if isinstance(value, Mapping):
        return sum(
            len(each) if name in _WRITTEN and isinstance(each, str) else characters(each)
            for name, each in value.items()
        )
    if isinstance(value, list | tuple):
        return sum(len(each) if isinstance(each, str) else characters(each) for each in value)
    return 0


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, default=str).encode())


def _of_type(blocks: Sequence[Mapping[str, Any]], *kinds: str) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        if block["type"] in kinds:
            yield block
        yield from _of_type(block.get("child_blocks", ()), *kinds)


def _repeated_identifiers(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A block_id must be the only one of its message or view, an action_id of its block."""
    yield from _repeated("block_id", "the blocks", [block.get("block_id") for block in blocks])
    for index, block in enumerate(blocks):
        elements = [*block.get("elements", ()), block.get("accessory", {}), block.get("element", {})]
        yield from _repeated("action_id", f"blocks[{index}]", [element.get("action_id") for element in elements])
        yield from _repeated_identifiers(block.get("child_blocks", ()))


def _repeated(noun: str, where: str, identifiers: list[str | None]) -> Iterator[str]:
    for identifier, times in Counter(identifiers).items():
        if identifier is not None and times > 1:
            yield f"{where}: {noun} {identifier!r} is used {times} times"


def _too_many_at_once(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    tables, charts = len(list(_of_type(blocks, "table"))), len(list(_of_type(blocks, "data_visualization")))
    if tables > LIMITS.message_tables:
        yield f"blocks: only one table is allowed in a message, there are {tables}"
    if charts > LIMITS.message_charts:
        yield f"blocks: only {LIMITS.message_charts} charts are allowed in a message, there are {charts}"
    cells = characters([block["rows"] for block in _of_type(blocks, *_TABLES)])
    if cells > LIMITS.table_characters:
        yield f"blocks: tables have {cells:,} characters, at most {LIMITS.table_characters:,} are allowed in a message"
    markdown = characters(list(_of_type(blocks, "markdown")))
    if markdown > LIMITS.markdown:
        yield f"blocks: markdown has {markdown:,} characters, at most {LIMITS.markdown:,} are allowed in a message"
