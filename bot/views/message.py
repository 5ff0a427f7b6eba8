"""The blocks that messages are made of, as plain dicts. Texts come escaped, but for those named plain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.views.block_kit.numbers import LIMITS
from bot.views.mrkdwn import escape_plain

Block = dict[str, Any]
Message = dict[str, Any]  # {"text": str, "blocks": list[Block]}: what a post takes beside its channel

_CELL_CHARACTERS = 80
_TABLE_CHARACTERS = 7_000  # fewer than Slack takes, since the rest of the message needs room too


def header(plain_text: str) -> Block:
    return {"type": "header", "text": _plain_text(plain_text, LIMITS.header)}


def section(mrkdwn: str) -> Block:
    return {"type": "section", "text": _mrkdwn(mrkdwn)}


def context(*mrkdwn: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text) for text in mrkdwn]}


def button(plain_text: str, action_id: str, value: str) -> Block:
    """A button in a row of its own; ``value`` comes back with the click."""
    element = {
        "type": "button",
        "text": _plain_text(plain_text, LIMITS.button_text),
        "action_id": action_id,
        "value": value,
    }
    return {"type": "actions", "elements": [element]}


def table(plain_rows: Sequence[Sequence[str]], names: int = 1) -> tuple[Block, int]:
    """A table, its first row the head, and how many rows are shown. The ``names`` first columns are words, what comes
    after them numbers.

    Rows that Slack would refuse for their number or their length are not shown.
    """
    rows: list[list[Block]] = []
    length = 0
    for plain_row in plain_rows[: LIMITS.table_rows]:
        row = [{"type": "raw_text", "text": escape_plain(cell, _CELL_CHARACTERS) or "-"} for cell in plain_row]
        length += sum(len(cell["text"]) for cell in row)
        if length > _TABLE_CHARACTERS:
            break
        rows.append(row)
    numbers = len(plain_rows[0]) - names
    settings = [*({"is_wrapped": True} for _ in range(names)), *({"align": "right"} for _ in range(numbers))]
    return {"type": "table", "rows": rows, "column_settings": settings}, len(rows)


def joined(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as fit within ``limit`` characters, and a line that says how many do not."""
    lines = list(lines)
    room = limit - len(f"\n… and {len(lines):,} more")
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*kept, f"… and {len(lines) - len(kept):,} more"])
        kept.append(line)
    return "\n".join(kept)


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack makes no links and no mentions of what merely looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain_text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": escape_plain(text, limit) or "-", "emoji": False}
