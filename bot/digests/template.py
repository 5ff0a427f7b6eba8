"""Templates to blocks. A template writes lines of Slack's mrkdwn; how a line begins says what it becomes:

    # text         a headline, plain text
    > text         small print; lines that follow each other are one block
    ---            a rule
    [table]        the table, where there is one
    anything else  text; lines that follow each other are one section, an empty line begins the next

Every value is one line, escaped, and never taken for one of these: what a name holds formats and pings nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bot.views.message import Block, Message, context, header, joined, section, table
from bot.views.mrkdwn import escape, plain

TEMPLATES = Path(__file__).parent.parent / "templates"

_VALUE_CHARACTERS = 240
# Fewer than Slack takes of each, since they have a limit together too.
_TEXT_CHARACTERS, _SECTION_CHARACTERS, _CONTEXT_CHARACTERS = 3_500, 2_400, 1_500
_TABLE = "[table]"
_RULE = "---"
# A value stands between two characters that plain() lets through nowhere, until its line is known for what it is.
_OPEN, _CLOSE = "\ue000", "\ue001"
_VALUE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_OWN_MARKS = re.compile(r"(<[^>]*>)|[*_`~]")  # not within a date or a mention
# They would let a value through as it is, or escape it for a web page.
_FILTERS_OF_WEB_PAGES = ("safe", "escape", "e", "forceescape", "tojson", "urlize", "xmlattr")


class _Line(NamedTuple):
    kind: str  # "header", "context", "rule", "table", "text" or "" for an empty line
    text: str


def render(name: str, values: Mapping[str, Any], rows: Sequence[Sequence[str]] = ()) -> Message:
    """The message that a template makes of the values; ``rows`` are the table's, plain, the first its head.

    ``text`` says what the blocks say, the table in words."""
    written = _environment().get_template(name).render(values)
    lines = [_read(line.strip()) for line in written.splitlines()]
    return {"text": joined(_spoken(lines, rows), _TEXT_CHARACTERS), "blocks": list(_blocks(lines, rows))}


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,  # macros and blocks then come as Markup, which _marked leaves alone
        finalize=_marked,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in _FILTERS_OF_WEB_PAGES:
        environment.filters.pop(name)
    return environment


def _marked(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup(f"{_OPEN}{plain(str(value))}{_CLOSE}")  # noqa: S704 - Slack's text, escaped in _mrkdwn


def _read(line: str) -> _Line:
    if line in ("", _TABLE, _RULE):
        return _Line({"": "", _TABLE: "table", _RULE: "rule"}[line], "")
    for mark, kind in (("# ", "header"), ("> ", "context")):
        if line.startswith(mark):
            return _Line(kind, line.removeprefix(mark))
    return _Line("text", line)


def _blocks(lines: Sequence[_Line], rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    for kind, group in groupby(lines, key=lambda line: line.kind):
        texts = [line.text for line in group]
        match kind:
            case "header":
                yield from (header(_VALUE.sub(r"\1", text)) for text in texts)
            case "context":
                yield context(joined(map(_mrkdwn, texts), _CONTEXT_CHARACTERS))
            case "rule":
                yield {"type": "divider"}
            case "text":
                yield section(joined(map(_mrkdwn, texts), _SECTION_CHARACTERS))
            case "table" if rows:
                yield from _table(rows)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    block, shown = table(rows)
    yield block
    if shown < len(rows):
        yield context(f"and {len(rows) - shown:,} more")


def _spoken(lines: Sequence[_Line], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in lines:
        if line.kind == "table":
            yield from _spoken_rows(rows)
        elif line.text:
            yield _mrkdwn(_without_own_marks(line.text))


def _spoken_rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """``Ana: activities 34, bookings $12,000``"""
    for row in rows[1:]:
        cells = ", ".join(f"{head} {cell}" for head, cell in zip(rows[0][1:], row[1:], strict=True))
        yield f"{escape(row[0], _VALUE_CHARACTERS)}: {escape(cells, _VALUE_CHARACTERS)}"


def _mrkdwn(line: str) -> str:
    return _VALUE.sub(lambda value: escape(value[1], _VALUE_CHARACTERS), line)


def _without_own_marks(line: str) -> str:
    """The line without the template's own bold and italics, which would be read out; values as they are."""
    values = _VALUE.findall(line)
    words = [_OWN_MARKS.sub(r"\1", part) for part in _VALUE.split(line)[::2]]
    marked = [f"{_OPEN}{value}{_CLOSE}" for value in values]
    return "".join(part for pair in zip(words, [*marked, ""], strict=True) for part in pair)
