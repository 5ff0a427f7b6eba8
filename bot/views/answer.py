"""An answer as a Slack message: the number, whose and when, what it is compared with, and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.views.block_kit.numbers import LIMITS
from bot.views.facts import NO_NAMES, Fact, ValueNames, facts, only, shown, sparkline, title, when, whose
from bot.views.message import Block, Message, button, context, header, joined, section, table
from bot.views.mrkdwn import cut, date_token, escape, mention
from bot.views.table import breakdown_rows, name_columns, trend_rows
from kpi.model import Reading

SHARE_ACTION = "share_answer"


_TITLE_CHARACTERS = 60
_NAME_CHARACTERS = 100
_ONLY_CHARACTERS = 300
_DETAILS_CHARACTERS = 1_500
_NOTES_CHARACTERS = 1_200
_TREND_CHARACTERS = 1_500
_TEXT_CHARACTERS = 3_500  # fewer than Slack advises


def answer_message(reading: Reading, *, locale: str, names: ValueNames = NO_NAMES, share: str | None = None) -> Message:
    """The message for an answer: ``{"text": ..., "blocks": [...]}``.

    ``text`` says all that the blocks say, so that a notification, a screen reader and a workspace that refuses newer
    blocks miss nothing. ``share`` is what the button "Share in channel" brings back (action ``share_answer``); without
    one, or where it is longer than a button's value may be, there is no button.
    """
    blocks = list(_blocks(reading, names, locale))
    if share and len(share) <= LIMITS.button_value:
        blocks.append(button("Share in channel", SHARE_ACTION, share))
    return {"text": joined(_text_lines(reading, names, locale), _TEXT_CHARACTERS), "blocks": blocks}


def shared_message(reading: Reading, *, by: str, locale: str, names: ValueNames = NO_NAMES) -> Message:
    """The answer as it stands in a channel, with the Slack user (id) who shared it."""
    message = answer_message(reading, locale=locale, names=names)
    return {**message, "blocks": [*message["blocks"], context(f"Shared by {mention(by)}")]}


def _blocks(reading: Reading, names: ValueNames, locale: str) -> Iterator[Block]:
    yield header(f"{_short_title(reading)}: {shown(reading.value, reading, locale)}")
    about = [f"*{escape(whose(reading), _NAME_CHARACTERS)}*", escape(when(reading, locale)), *_only(reading, names)]
    yield section(" · ".join(about))
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
    block, count = table(rows, name_columns(reading))
    yield block
    if count < len(rows):
        yield context(f"and {len(rows) - count:,} more: `kpi ask … --csv FILE` writes them all")


def _only(reading: Reading, names: ValueNames) -> Iterator[str]:
    """Which records count alone, where not all do."""
    if filtered := only(reading, names):
        yield f"only {escape(filtered, _ONLY_CHARACTERS)}"


def _text_lines(reading: Reading, names: ValueNames, locale: str) -> Iterator[str]:
    name, period = escape(whose(reading), _NAME_CHARACTERS), escape(when(reading, locale))
    about = ", ".join([escape(_short_title(reading)), name, period, *_only(reading, names)])
    yield f"{about}: {escape(shown(reading.value, reading, locale))}"
    yield from (f"{escape(fact.label)}: {escape(fact.text)}" for fact in facts(reading, locale))
    yield from _trend_lines(reading, locale)
    yield from _notes(reading)
    if reading.as_of:
        yield f"Data as of {date_token(reading.as_of)}"
    yield from _spoken(breakdown_rows(reading, locale), name_columns(reading))


def _trend_lines(reading: Reading, locale: str) -> Iterator[str]:
    """The bars, then each period with its value, newest first, so that the oldest are those that do not fit."""
    if not reading.trend:
        return
    yield f"Trend, oldest to newest: {sparkline(reading)}"
    yield from reversed(list(_spoken(trend_rows(reading, locale), 1)))


def _notes(reading: Reading) -> Iterator[str]:
    return (f"Note: {escape(note)}" for note in reading.notes)


def _spoken(rows: Sequence[Sequence[str]], names: int) -> Iterator[str]:
    """The rows below their head: ``Ana, Widget: 70% (7 of 10, units 8)``. The ``names`` first columns are names."""
    for row in rows[1:]:
        value, *told = row[names:]
        further = zip(rows[0][names + 2 :], told[1:], strict=True)
        told[1:] = (f"{head[:1].lower()}{head[1:]} {cell}" for head, cell in further)
        name = ", ".join(escape(name, _NAME_CHARACTERS) for name in row[:names])
        beside = f" ({escape(', '.join(told))})" if told else ""
        yield f"{name}: {escape(value)}{beside}"


def _line(fact: Fact) -> str:
    return f"*{escape(fact.label)}:* {escape(fact.text)}"


def _short_title(reading: Reading) -> str:
    return cut(title(reading), _TITLE_CHARACTERS)
