"""Slack's texts as ``rich`` texts: formatting, links, mentions, dates and emoji; nothing that steers a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.emoji import Emoji
from rich.style import Style
from rich.text import Text

_UNSEEN = frozenset({"Cc", "Cs", "Co"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # in this order: &amp;lt; is the text &lt;

_MARK = r"(?<![\w{0}]){0}(?P<{1}>[^\s{0}](?:[^\n{0}]*[^\s{0}])?){0}(?![\w{0}])"
_TOKEN = re.compile(
    "|".join(
        (
            r"```(?P<block>[^`].*?)```",
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<reference>[^<>\n]+)>",
            _MARK.format(r"\*", "bold"),
            _MARK.format("_", "italic"),
            _MARK.format("~", "strike"),
        )
    ),
    re.DOTALL,
)
_STYLES = {"bold": Style(bold=True), "italic": Style(italic=True), "strike": Style(strike=True)}
_CODE = Style(color="red")
_MENTION = Style(color="cyan", bold=True)
_LINK = Style(color="blue", underline=True)
_QUOTE = "▎ "
_SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s\x00-\x20]+")

_DATE_FORMATS = {
    "{date_num}": "%Y-%m-%d",
    "{date}": "%d %B %Y",
    "{date_pretty}": "%d %B %Y",
    "{date_short}": "%d %b %Y",
    "{date_short_pretty}": "%d %b %Y",
    "{date_long}": "%A, %d %B %Y",
    "{date_long_pretty}": "%A, %d %B %Y",
}
_TIME_FORMATS = {"{time}": "%H:%M", "{time_secs}": "%H:%M:%S"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a message: what ids of users and channels are called, and the reader's zone."""

    names: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo = UTC


def visible(text: str) -> str:
    """The text with a replacement character for whatever steers a terminal or turns the direction of writing."""
    lines = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return "".join(character if _is_harmless(character) else "\ufffd" for character in lines)


def _is_harmless(character: str) -> bool:
    return character == "\n" or (unicodedata.category(character) not in _UNSEEN and character not in _TURNING)


def plain_text(element: Mapping[str, Any] | str) -> Text:
    """A ``plain_text`` object, or a cell's text."""
    if isinstance(element, str):
        return Text(_decoded(visible(element)))
    text = _decoded(visible(str(element.get("text", ""))))
    return Text(Emoji.replace(text) if element.get("emoji", True) else text)


def text_object(element: Mapping[str, Any], reader: Reader) -> Text:
    """A text object of either type."""
    return mrkdwn(str(element.get("text", "")), reader) if element.get("type") == "mrkdwn" else plain_text(element)


def mrkdwn(source: str, reader: Reader) -> Text:
    """Slack's mrkdwn, line by line as far as quotations go."""
    text = Text()
    for number, line in enumerate(_logical_lines(visible(source))):
        text.append("\n" if number else "")
        quoted = re.match("(&gt;|>) ?", line)
        if quoted:
            text.append(_QUOTE, Style(dim=True))
        _append(text, line[quoted.end() :] if quoted else line, Style(), reader)
    return text


def _logical_lines(source: str) -> list[str]:
    """Lines, but for those within a block of code, which stay together."""
    lines: list[str] = []
    for number, part in enumerate(re.split(r"(```[^`].*?```)", source, flags=re.DOTALL)):
        pieces = [part] if number % 2 else part.split("\n")
        lines = [*lines[:-1], lines[-1] + pieces[0], *pieces[1:]] if lines else pieces
    return lines


def _append(text: Text, source: str, style: Style, reader: Reader) -> None:
    position = 0
    for match in _TOKEN.finditer(source):
        text.append(_with_emoji(source[position : match.start()]), style)
        kind = str(match.lastgroup)
        inner = match[kind]
        if kind == "reference":
            _append_reference(text, inner, style, reader)
        elif kind in _STYLES:
            _append(text, inner, style + _STYLES[kind], reader)
        else:
            text.append(_decoded(inner.strip("\n") if kind == "block" else inner), style + _CODE)
        position = match.end()
    text.append(_with_emoji(source[position:]), style)


def _append_reference(text: Text, inner: str, style: Style, reader: Reader) -> None:
    target, _, label = inner.partition("|")
    if target.startswith(("@", "#")):
        name = label or reader.names.get(target[1:], target[1:])
        text.append(_decoded(target[0] + name.removeprefix(target[0])), style + _MENTION)
    elif target.startswith("!date^"):
        text.append(_date(target, label, reader), style)
    elif target.startswith("!"):
        shown = label or target[1:].partition("^")[0]
        text.append(_decoded("@" + shown.removeprefix("@")), style + _MENTION)
    else:
        url = _decoded(target)
        link = Style(link=url) if _SAFE_LINK.fullmatch(url) else Style()
        text.append(_decoded(label or target), style + _LINK + link)


def _date(target: str, fallback: str, reader: Reader) -> str:
    """``!date^seconds^format^link`` in the reader's zone; the fallback where it cannot be read."""
    _, seconds, pattern, *_ = [*target.split("^"), "", ""]
    try:
        at = datetime.fromtimestamp(int(seconds), tz=UTC).astimezone(reader.timezone)
    except (ValueError, OverflowError, OSError):
        return _decoded(fallback)
    for token, form in _DATE_FORMATS.items():
        pattern = pattern.replace(token, at.strftime(form).lstrip("0"))
    for token, form in _TIME_FORMATS.items():
        pattern = pattern.replace(token, at.strftime(form))
    return _decoded(pattern)


def _with_emoji(source: str) -> str:
    return Emoji.replace(_decoded(source))


def _decoded(source: str) -> str:
    for entity, character in _ENTITIES:
        source = source.replace(entity, character)
    return source
