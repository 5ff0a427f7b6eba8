"""A Slack message as lines of a terminal: who says it, when and to whom, then its blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from bot.terminal.blocks import rendered
from bot.terminal.mrkdwn import Reader, mrkdwn, visible

_WIDEST = 100  # Slack keeps its texts narrow too
_INDENT = "  "


def print_message(
    console: Console,
    message: Mapping[str, Any],
    *,
    poster: str,
    at: datetime | None = None,
    channel: str | None = None,
    names: Mapping[str, str] | None = None,
    is_app: bool = True,
    only_to_you: bool = False,
) -> None:
    """Prints a message (``text`` and ``blocks`` as sent to Slack) as its reader would see it.

    ``at`` is when it was posted, in the reader's zone, which dates are shown in too; ``channel`` is where, as a
    heading above it; ``names`` are what ids of users and channels are called; ``only_to_you`` says that it is
    ephemeral. Control characters of any text are replaced.
    """
    zone = at.tzinfo if at else None
    reader = Reader(names or {}, zone) if zone else Reader(names or {})
    heading = Text()
    if channel:
        heading.append(f"{visible(channel)}\n", "dim")
    heading.append(visible(poster), "bold")
    heading.append(" APP", "dim") if is_app else None
    heading.append(f"  {at:%H:%M}", "dim") if at else None
    heading.append("\nOnly visible to you", "dim italic") if only_to_you else None
    body: list[RenderableType] = [rendered(block, reader) for block in message.get("blocks") or ()]
    body = body or [mrkdwn(str(message.get("text", "")), reader)]
    width = min(console.width, _WIDEST)
    console.print(heading, width=width)
    console.print(_Indented(Group(*_spaced(body))), width=width)
    console.print()


@dataclass(frozen=True, slots=True)
class _Indented:
    """Like ``rich.padding.Padding``, but without blanks at the ends of lines, which a pipe would keep."""

    inside: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrower = options.update(width=max(options.max_width - len(_INDENT), 1))
        for line in console.render_lines(self.inside, narrower, pad=False):
            yield Segment(_INDENT if any(segment.text.strip() for segment in line) else "")
            yield from line
            yield Segment.line()


def _spaced(parts: list[RenderableType]) -> list[RenderableType]:
    return [line for part in parts for line in (part, Text())][:-1]
