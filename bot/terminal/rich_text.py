"""Slack's ``rich_text`` blocks as ``rich`` texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.emoji import Emoji
from rich.style import Style
from rich.text import Text

from bot.terminal.mrkdwn import Reader, mrkdwn, visible

Element = Mapping[str, Any]


def rich_text(block: Element, reader: Reader) -> Text:
    """All parts of the block, each on its own line."""
    parts = [line for part in block.get("elements", ()) for line in _lines(part, reader)]
    return Text("\n").join(parts)


def _lines(part: Element, reader: Reader) -> list[Text]:
    elements = part.get("elements", ())
    if part.get("type") == "rich_text_list":
        indent = "  " * int(part.get("indent", 0))
        ordered = part.get("style") == "ordered"
        marks = [f"{indent}{number}. " if ordered else f"{indent}• " for number in range(1, len(elements) + 1)]
        return [
            Text(mark) + _inline(item.get("elements", ()), reader) for mark, item in zip(marks, elements, strict=True)
        ]
    text = _inline(elements, reader)
    if part.get("type") == "rich_text_quote":
        return [Text("▎ ", Style(dim=True)) + line for line in text.split("\n")]
    if part.get("type") == "rich_text_preformatted":
        text.stylize(Style(color="red"))
    return [text]


def _inline(elements: Iterable[Element], reader: Reader) -> Text:
    text = Text()
    for element in elements:
        write = _INLINE.get(str(element.get("type")))
        text.append_text(write(element, reader) if write else Text(f"[{visible(str(element.get('type')))}]"))
    return text


def _text(element: Element, _reader: Reader) -> Text:
    return Text(visible(str(element.get("text", ""))), _style(element.get("style", {})))


def _style(style: Mapping[str, bool]) -> Style:
    bold, italic, strike, code = (bool(style.get(name)) for name in ("bold", "italic", "strike", "code"))
    return Style(bold=bold, italic=italic, strike=strike, color="red" if code else None)


def _emoji(element: Element, _reader: Reader) -> Text:
    return Text(Emoji.replace(visible(f":{element.get('name', '')}:")))


def _reference(write: Callable[[Element], str]) -> Callable[[Element, Reader], Text]:
    """An element that mrkdwn writes between angle brackets."""

    def inline(element: Element, reader: Reader) -> Text:
        inner = write(element).replace("<", "").replace(">", "").replace("\n", " ")
        return mrkdwn(f"<{inner}>", reader)

    return inline


_INLINE: Mapping[str, Callable[[Element, Reader], Text]] = {
    "text": _text,
    "emoji": _emoji,
    "link": _reference(lambda element: f"{element.get('url', '')}|{element.get('text') or element.get('url', '')}"),
    "user": _reference(lambda element: f"@{element.get('user_id', '')}"),
    "channel": _reference(lambda element: f"#{element.get('channel_id', '')}"),
    "usergroup": _reference(lambda element: f"!subteam^{element.get('usergroup_id', '')}"),
    "broadcast": _reference(lambda element: f"!{element.get('range', '')}"),
    "date": _reference(
        lambda element: (
            f"!date^{element.get('timestamp', '')}^{element.get('format', '')}|{element.get('fallback', '')}"
        )
    ),
}
