"""``KPI [variant] [who] [when] [by DIMENSION]``: parts in any order, the longest words for one first."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TypeVar

from bot.question.asked import Asked, By, Vocabulary
from bot.question.misread import no_breakdown, no_kpi, not_one, not_read, nothing_asked, refuse_limits
from bot.question.when import When, read_when
from bot.question.who import Roster, Who
from bot.question.words import Kind, Word, read_words
from kpi.model import Cadence, Kpi, Request, Scope
from kpi.periods import Calendar, Grain
from kpi.scopes import Directory, Rep

_GRAINS = {Cadence.WEEKLY: Grain.WEEK, Cadence.MONTHLY: Grain.MONTH, Cadence.QUARTERLY: Grain.QUARTER}
_FILLERS = frozenset({"and", "for", "in", "of", "the"})

Part = Asked | Who | When | By
Reader = Callable[[Sequence[Word]], tuple[Part, int] | None]
P = TypeVar("P", Asked, Who, When, By)


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a question and the words that say it; None for words that say nothing by themselves."""

    part: Part | None
    words: Sequence[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def parse_question(
    text: str,
    *,
    kpis: Collection[Kpi],
    directory: Directory,
    calendar: Calendar,
    now: datetime,
    asker: Rep | None,
    default_scope: Scope,
    rep_by_slack: Callable[[str], Rep | None],
) -> Request:
    """What a question asks. QuestionError, one line with what to write instead, where it is not understood.

    ``asker`` is whom ``me`` and ``my team`` mean, ``default_scope`` whose numbers are meant when nobody is named,
    ``rep_by_slack`` gives the rep whom a mentioned Slack user (by id) is.
    """
    vocabulary, roster = Vocabulary(kpis), Roster(directory, asker, rep_by_slack)
    when_reader = partial(read_when, calendar=calendar, now=now)
    heard = _hear(read_words(text), (when_reader, roster.read, vocabulary.read_kpi, vocabulary.read_by))
    if not heard:
        raise nothing_asked()
    asked, others = _asked(heard, vocabulary)
    by = _only(others, By, "breakdown")
    read = [said if said.part else _read_as_name(said, asked.kpi, by, vocabulary, roster) for said in others]
    who, when = _only(read, Who, "person or team"), _only(read, When, "period")
    return Request(
        kpi=asked.kpi,
        scope=roster.the_one(*who) if who else default_scope,
        period=when[0].period if when else calendar.containing(calendar.local_day(now), _GRAINS[asked.kpi.cadence]),
        variant=asked.variant,
        by=(_dimension(asked.kpi, *by),) if by else (),
        trend=when[0].trend if when else (),
    )


def _hear(words: Sequence[Word], readers: Sequence[Reader]) -> list[Said]:
    """The question from its first word to its last, cut into parts and runs of words that are none."""
    heard: list[Said] = []
    at = 0
    while at < len(words):
        found = [one for reader in readers if (one := reader(words[at:]))]
        if not found:
            refuse_limits(words[at])
        part, size = max(found, key=lambda one: one[1], default=(None, 1))
        heard.append(Said(part, words[at : at + size]))
        at += size
    return _with_runs_joined(heard)


def _with_runs_joined(heard: Sequence[Said]) -> list[Said]:
    """Neighbouring words that say nothing by themselves made one, as they may be a name; fillers about them go."""
    joined: list[Said] = []
    for loose, run in groupby(heard, key=lambda said: said.part is None and said.words[0].kind is Kind.PLAIN):
        if not loose:
            joined.extend(run)
        elif words := _without_fillers([word for said in run for word in said.words]):
            joined.append(Said(None, words))
    return joined


def _without_fillers(words: list[Word]) -> list[Word]:
    meant = [at for at, word in enumerate(words) if word.folded not in _FILLERS]
    return words[meant[0] : meant[-1] + 1] if meant else []


def _asked(heard: Sequence[Said], vocabulary: Vocabulary) -> tuple[Asked, list[Said]]:
    """The one KPI, and the other parts. Where none was read, a name that is a KPI's as well is the KPI."""
    only = _only(heard, Asked, "KPI")
    if only:
        return only[0], [said for said in heard if not isinstance(said.part, Asked)]
    for at, said in enumerate(heard):
        as_kpi = vocabulary.read_kpi(said.words)
        if as_kpi and as_kpi[1] == len(said.words):
            return as_kpi[0], [*heard[:at], *heard[at + 1 :]]
    raise no_kpi([said.words for said in heard if said.part is None], vocabulary)


def _read_as_name(said: Said, kpi: Kpi, by: tuple[By, str] | None, vocabulary: Vocabulary, roster: Roster) -> Said:
    """Words that say nothing by themselves as a part of somebody's name. A dimension is not taken for one."""
    dimension = said.words[0].kind is Kind.PLAIN and vocabulary.dimension(said.text)
    if dimension and by:
        raise not_one("breakdown", [by[1], f"by {dimension}"])
    who = None if dimension else roster.read_partly(said.words)
    if who is None:
        raise not_read(said.words, kpi, vocabulary, roster)
    return Said(who, said.words)


def _only(read: Sequence[Said], kind: type[P], what: str) -> tuple[P, str] | None:
    """The only part of its kind and its words, or None. QuestionError for more than one."""
    parts = [(said.part, said.text) for said in read if isinstance(said.part, kind)]
    if len(parts) > 1:
        raise not_one(what, [text for _, text in parts])
    return parts[0] if parts else None


def _dimension(kpi: Kpi, by: By, said: str) -> str:
    if by.dimension not in kpi.dimensions:
        raise no_breakdown(kpi, said.partition(" ")[2])
    return by.dimension
