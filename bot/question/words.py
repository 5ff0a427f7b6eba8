# ruff: noqa: RUF001 (quotes and dashes that look alike are the subject here)
"""A question's words: cut at blanks and quotes, and folded so that case, accents and widths make no difference."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum

LONGEST_QUESTION = 500  # characters; names, ids and a range are far shorter
LONGEST_NAME = 16  # words without quotes
_ECHOED = 80  # of what was written, in one message

_CLOSING = {
    '"': '"”',
    "'": "'’",
    "“": '”"',
    "”": '”"',
    "„": '“”"',
    "‘": "’'",
    "‚": "‘’'",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
}
_SAME = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "‘": "'", "’": "'", "‐": "-", "–": "-"})
_BLANKS = re.compile(r"[\s,;]+")
_MENTION = re.compile(r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_MAILTO = re.compile(r"<mailto:(?P<email>[^<>|\s]+)(?:\|[^<>]*)?>")
_DAYS = re.compile(r"[0-9][0-9-]*\s*\.\.\s*[0-9][0-9-]*(?=[\s,;?!]|$)")
_PREFIX = re.compile(r"(?P<kind>rep|team):\s*", re.IGNORECASE)
_IS = re.compile(r"!=|≠|==?")
_PLAIN = re.compile(r"(?:(?!!=)[^\s,;=≠])+")
_UNCUT = re.compile(r"[^\s,;]+")  # what stands after rep: or = may hold any sign
_LAST_MARKS = re.compile(r"(?:[?!。]+|(?<!\.)\.)$")


class QuestionError(Exception):
    """The question is not understood. One line: what, and the nearest thing to write."""


class Kind(StrEnum):
    PLAIN = "plain"
    QUOTED = "quoted"
    REP = "rep"  # what stood after rep:
    TEAM = "team"
    MENTION = "mention"  # a Slack user's id
    IS = "is"  # = or !=


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or what stood in quotes: as written, and folded for comparison. ``gap`` is what lies between it and the
    word before."""

    kind: Kind
    text: str
    gap: str = field(default="", compare=False)
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", fold(self.text))


def fold(text: str) -> str:
    """Text for comparison: case, accents, widths, kinds of dashes and blanks, and invisible marks ignored."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(sign for sign in decomposed if unicodedata.category(sign) not in ("Mn", "Cf")).translate(_SAME)
    return " ".join(text.casefold().split())


def squash(folded: str) -> str:
    """Folded text without what people set between the parts of a name: ``win-rate`` is ``win rate`` is ``winrate``."""
    return folded.translate({ord(sign): None for sign in " -_"})


def echo(text: str, limit: int = _ECHOED) -> str:
    """What was written, in quotes, fit for a message: short, in one line, without control characters."""
    plain = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return f"'{plain[: limit - 1]}…'" if len(plain) > limit else f"'{plain}'"


def read_words(text: str) -> list[Word]:
    """The words of a question; QuestionError where it is too long or a quote has no end."""
    if len(text) > LONGEST_QUESTION:
        raise QuestionError(f"The question has {len(text):,} characters: write at most {LONGEST_QUESTION}.")
    text = unicodedata.normalize("NFKC", _without_controls(text))
    words: list[Word] = []
    end, at = 0, _past_blanks(text, 0)
    while at < len(text):
        is_value = bool(words) and words[-1].kind is Kind.IS
        gap = text[end:at]
        word, end = _word_at(text, at, is_value=is_value)
        if word.text or is_value:
            words.append(replace(word, gap=gap))
        at = _past_blanks(text, end)
    return words


def _word_at(text: str, at: int, *, is_value: bool) -> tuple[Word, int]:
    """The word that begins here, and where it has ended. A value may be nothing, in quotes."""
    if match := _MENTION.match(text, at):
        return Word(Kind.MENTION, match["user"]), match.end()
    if match := _MAILTO.match(text, at):
        return Word(Kind.PLAIN, match["email"]), match.end()
    if match := _DAYS.match(text, at):
        return Word(Kind.PLAIN, "".join(match[0].split())), match.end()
    if not is_value and (match := _IS.match(text, at)):
        return Word(Kind.IS, "=" if match[0].startswith("=") else "!="), match.end()
    kind = Kind.PLAIN
    if match := _PREFIX.match(text, at):
        kind, at = Kind(match["kind"].lower()), match.end()
    if text[at : at + 1] in _CLOSING:
        value, at = _quoted_at(text, at)
        return Word(Kind.QUOTED if kind is Kind.PLAIN else kind, value), at
    plain = (_UNCUT if is_value or kind is not Kind.PLAIN else _PLAIN).match(text, at)
    if plain is None:
        raise QuestionError(f"Which {kind}? Write its id right after {kind}: as in {kind}:{kind[0].upper()}1.")
    return Word(kind, _LAST_MARKS.sub("", plain[0])), plain.end()


def _quoted_at(text: str, at: int) -> tuple[str, int]:
    """What stands in the quotes that open here, and where they have ended. A quote within a word closes nothing."""
    closing = _CLOSING[text[at]]
    for end in range(at + 1, len(text)):
        if text[end] in closing and text[end + 1 : end + 2] in ("", " ", *",;?!."):
            return text[at + 1 : end].strip(), end + 1
    raise QuestionError(f"A quote is not closed: {echo(text[at:], 40)}.")


def _without_controls(text: str) -> str:
    signs = []
    for sign in text:
        category = unicodedata.category(sign)
        if sign.isspace() or category == "Cc":
            signs.append(" ")
        elif category not in ("Cf", "Cs"):
            signs.append(sign)
    return "".join(signs)


def _past_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
