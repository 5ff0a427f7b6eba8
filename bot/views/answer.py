"""An answer as a Slack message: the number, whose and when, what it is compared with, and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Iterator

from bot.views.block_kit.numbers import LIMITS
from bot.views.facts import Fact, facts, shown, sparkline, title, when, whose
from bot.views.message import Block, Message, button, context, header, joined, section, table
from bot.views.mrkdwn import cut, date_token, escape, mention
from bot.views.table import breakdown_rows, trend_rows
from kpi.model import Reading

SHARE_ACTION = "share_answer"

_TITLE_CHARACTERS = 60
_NAME_CHARACTERS = 100
_DETAILS_CHARACTERS = 1_500
_NOTES_CHARACTERS = 1_200
_TREND_CHARACTERS = 1_500
_TEXT_CHARACTERS = 3_500  # fewer than Slack advises


def answer_message(reading: Reading, *, locale: str, share: str | None = None) -> Message:
    """The message for an answer: ``{"text": ..., "blocks": [...]}``.

    ``text`` says all that the blocks say, so that a notification, a screen reader and a workspace that refuses newer
    blocks miss nothing. ``share`` is what the button "Share in channel" brings back (action ``share_answer``); without
    one, or where it is longer than a button's value may be, there is no button.
    """
    blocks = list(_blocks(reading, locale))
    if share and len(share) <= LIMITS.button_value:
        blocks.append(button("Share in channel", SHARE_ACTION, share))
    return {"text": joined(_text_lines(reading, locale), _TEXT_CHARACTERS), "blocks": blocks}


def shared_message(reading: Reading, *, by: str, locale: str) -> Message:
    """The answer as it stands in a channel, with the Slack user (id) who shared it."""
    message = answer_message(reading, locale=locale)
    return {**message, "blocks": [*message["blocks"], context(f"Shared by {mention(by)}")]}


def _blocks(reading: Reading, locale: str) -> Iterator[Block]:
    yield header(f"{_short_title(reading)}: {shown(reading.value, reading, locale)}")
    yield section(f"*{escape(whose(reading), _NAME_CHARACTERS)}* · {escape(when(reading, locale))}")
    details = joined((_line(fact) for fact in facts(reading, locale)), _DETAILS_CHARACTERS)
    if details:
        yield section(details)
    if reading.trend:
        yield section(joined(_trend_lines(reading, locale), _TREND_CHARACTERS))
    yield from _breakdown(reading, locale)
    if reading.notes:
        yield context(joined(_notes(reading), _NOTES_CHARACTERS))
    if reading.as_of:
        yield context(f"Data as of {date_token(reading.as_of)}")


def _breakdown(reading: Reading, locale: str) -> Iterator[Block]:
    rows = breakdown_rows(reading, locale)
    if not rows:
        return
    block, count = table(rows)
    yield block
    if count < len(rows):
        yield context(f"and {len(rows) - count:,} more: `kpi ask … --csv FILE` writes them all")


def _text_lines(reading: Reading, locale: str) -> Iterator[str]:
    number, name = shown(reading.value, reading, locale), escape(whose(reading), _NAME_CHARACTERS)
    yield f"{escape(_short_title(reading))}, {name}, {escape(when(reading, locale))}: {escape(number)}"
    yield from (f"{escape(fact.label)}: {escape(fact.text)}" for fact in facts(reading, locale))
    yield from _trend_lines(reading, locale)
    yield from _notes(reading)
    if reading.as_of:
        yield f"Data as of {date_token(reading.as_of)}"
    yield from (_spoken(row) for row in breakdown_rows(reading, locale)[1:])


def _trend_lines(reading: Reading, locale: str) -> Iterator[str]:
    """The bars, then each period with its value, newest first, so that the oldest are those that do not fit."""
    if not reading.trend:
        return
    yield f"Trend, oldest to newest: {sparkline(reading)}"
    yield from (_spoken(row) for row in reversed(trend_rows(reading, locale)[1:]))


def _notes(reading: Reading) -> Iterator[str]:
    return (f"Note: {escape(note)}" for note in reading.notes)


def _spoken(row: list[str]) -> str:
    name, value, *rest = row
    told = f" ({escape(', '.join(rest))})" if rest else ""
    return f"{escape(name, _NAME_CHARACTERS)}: {escape(value)}{told}"


def _line(fact: Fact) -> str:
    return f"*{escape(fact.label)}:* {escape(fact.text)}"


def _short_title(reading: Reading) -> str:
    return cut(title(reading), _TITLE_CHARACTERS)
