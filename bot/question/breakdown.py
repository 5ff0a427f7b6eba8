"""By what the answer is broken down: ``by rep``, ``by team, product``, ``top 5 by product``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.question.asked import Vocabulary
from bot.question.misread import no_breakdown
from bot.question.words import Kind, QuestionError, Word
from kpi.model import Kpi
from kpi.plan import PEOPLE

MOST_DIMENSIONS = 2
MOST_LINES = 99  # a table in Slack has room for them and for the others

_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class By:
    """A dimension to break down by; None for a word that is no KPI's."""

    dimension: str | None


@dataclass(frozen=True, slots=True)
class Top:
    """How many lines stand by themselves."""

    lines: int


def read_by(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[By, int] | None:
    """``by`` and a dimension, if the words begin with them, and how many of them say it."""
    if words[0].kind is not Kind.PLAIN or words[0].folded != "by" or len(words) == 1:
        return None
    found, size = vocabulary.read_dimension(words[1:]) or (None, 1)
    return By(found), 1 + size


def read_next_by(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[By, int] | None:
    """A further dimension, where a breakdown goes on."""
    found = vocabulary.read_dimension(words)
    return (By(found[0]), found[1]) if found else None


def read_top(words: Sequence[Word]) -> tuple[Top, int] | None:
    """``top 5``, if the words begin with it, and that two of them say it. QuestionError for a number out of reach."""
    first, second = (*(word.folded if word.kind is Kind.PLAIN else "" for word in words[:2]), "")[:2]
    if first != "top" or not _NUMBER.fullmatch(second):
        return None
    if not 1 <= int(second) <= MOST_LINES:
        raise QuestionError(f"There can be 1 to {MOST_LINES} lines at the top: write for example top 5.")
    return Top(int(second)), 2


def top_of(top: Top, kpi: Kpi, by: Sequence[str]) -> int:
    """How many lines stand by themselves. QuestionError where the breakdown has no top."""
    if not kpi.dimensions:
        raise no_breakdown(kpi, f"top {top.lines}")
    if len(by) != 1:
        of_which = "one breakdown" if by else "a breakdown"
        raise QuestionError(f"Top {top.lines} needs {of_which}: write top {top.lines} by {(*by, *kpi.dimensions)[0]}.")
    if by[0] in PEOPLE and not kpi.ranked:
        raise QuestionError(f"{kpi.name} puts nobody in order: leave out top {top.lines}.")
    return top.lines
