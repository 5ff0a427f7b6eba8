"""Text of people and of the CRM, made fit for Slack: nothing in a name pings, formats or breaks.

Every string of a message is in Slack's escaped form (``&amp; &lt; &gt;``), plain text and table cells too: that is how
Slack itself stores them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# mrkdwn knows no escape for its own marks: twins that look like them take their place, one for one.
_TWINS = str.maketrans({"*": "\u2217", "_": "\u02cd", "`": "\u02cb", "~": "\u223c"})
_WORD_JOINER = "\u2060"  # no width; a line that begins with it is no quotation
_ELLIPSIS = "…"

_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_JAMO_AFTER_THE_FIRST = range(0x1160, 0x1200)
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")  # but not those that hold a number and its unit together
_UNSEEN = {"Cc", "Cs", "Co"}
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """One line without control characters, marks that turn the direction of writing, or runs of blanks."""
    return _BLANKS.sub(" ", "".join(character for character in text if _is_seen(character))).strip()


def escape_plain(text: str, limit: int) -> str:
    """For ``plain_text`` and table cells: one line, escaped, at most ``limit`` characters as sent."""
    return _fit(plain(text), limit, formatted=False)


def escape(text: str, limit: int = 500) -> str:
    """For mrkdwn: one line, escaped and with its marks neutralised, at most ``limit`` characters as sent."""
    escaped = _fit(plain(text), limit - 1, formatted=True)
    return _WORD_JOINER + escaped if escaped.startswith("&gt;") else escaped


def cut(text: str, limit: int) -> str:
    """The text in at most ``limit`` characters, cut between graphemes, with an ellipsis where something is gone."""
    return text if len(text) <= limit else "".join(_within(_graphemes(text), limit - len(_ELLIPSIS))) + _ELLIPSIS


def date_token(at: datetime) -> str:
    """An instant that Slack shows in its reader's own zone; other places show it in UTC."""
    utc = at.astimezone(UTC)
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} at {{time}}|{utc:%Y-%m-%d %H:%M} UTC>"


def mention(user_id: str) -> str:
    """A Slack user, by id."""
    return f"<@{''.join(character for character in user_id if character.isalnum())}>"


def _is_seen(character: str) -> bool:
    return character.isspace() or (unicodedata.category(character) not in _UNSEEN and character not in _DIRECTION_MARKS)


def _fit(text: str, limit: int, *, formatted: bool) -> str:
    escaped = [_escaped(grapheme, formatted=formatted) for grapheme in _graphemes(text)]
    if sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    return "".join(_within(escaped, limit - len(_ELLIPSIS))) + _ELLIPSIS


def _escaped(grapheme: str, *, formatted: bool) -> str:
    return (grapheme.translate(_TWINS) if formatted else grapheme).translate(_ENTITIES)


def _within(pieces: Iterator[str] | list[str], limit: int) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > limit:
            return
        yield piece


def _graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one character: a base with its marks, an emoji with its joiners, a flag, a syllable.

    The rules that matter where names are cut, not the whole of Unicode's annex 29.
    """
    grapheme, flag_letters = "", 0
    for character in text:
        is_flag_letter = ord(character) in _FLAG_LETTERS
        joins = (
            grapheme.endswith(_ZERO_WIDTH_JOINER) or _extends(character) or (is_flag_letter and flag_letters % 2 == 1)
        )
        flag_letters = flag_letters + 1 if is_flag_letter else 0
        if grapheme and not joins:
            yield grapheme
            grapheme = ""
        grapheme += character
    if grapheme:
        yield grapheme


def _extends(character: str) -> bool:
    return (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or ord(character) in _SKIN_TONES
        or ord(character) in _TAGS
        or ord(character) in _JAMO_AFTER_THE_FIRST
    )
