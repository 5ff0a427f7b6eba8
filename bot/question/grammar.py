"""``KPI [variant] [who] [when] [by DIMENSION [, DIMENSION]] [where DIMENSION=VALUE]... [vs PERIOD]``: parts in any
order, the longest words for one first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TypeVar

from bot.question.asked import Asked, Vocabulary
from bot.question.breakdown import MOST_DIMENSIONS, By, Top, read_by, read_next_by, read_top, top_of
from bot.question.misread import (
    no_breakdown,
    no_filter,
    no_further_value,
    no_kpi,
    not_one,
    not_read,
    nothing_asked,
    refuse_alone,
    too_many,
)
from bot.question.versus import Versus, read_versus
from bot.question.when import When, read_when
from bot.question.where import Campaigns, Filters, Where
from bot.question.who import Roster, Who
from bot.question.words import Kind, Word, read_words
from kpi.defaults import default_period
from kpi.model import Filter, Kpi, Request, Scope
from kpi.periods import Calendar
from kpi.scopes import Directory, Rep

_FILLERS = frozenset({"and", "for", "in", "of", "the"})

Part = Asked | Who | When | By | Top | Where | Versus
Reader = Callable[[Sequence[Word]], tuple[Part, int] | None]
P = TypeVar("P", Asked, Who, When, By, Top, Where, Versus)


@dataclass(frozen=True, slots=True)
class Names:
    """What a question can name: KPIs, people and teams, and campaigns (their names by stored id, called for only where
    a filter names one). ``rep_by_slack`` gives the rep whom a mentioned Slack user (by id) is."""

    kpis: Collection[Kpi]
    directory: Directory
    rep_by_slack: Callable[[str], Rep | None]
    campaigns: Campaigns = dict


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a question and the words that say it; None for words that say nothing by themselves."""

    part: Part | None
    words: Sequence[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def parse_question(
    text: str, names: Names, *, calendar: Calendar, now: datetime, asker: Rep | None, default_scope: Scope
) -> Request:
    """What a question asks. QuestionError, one line with what to write instead, where it is not understood.

    ``asker`` is whom ``me`` and ``my team`` mean, ``default_scope`` whose numbers are meant when nobody is named.
    """
    vocabulary, roster = Vocabulary(names.kpis), Roster(names.directory, asker, names.rep_by_slack)
    filters = Filters(vocabulary, roster, names.campaigns)
    readers: tuple[Reader, ...] = (
        partial(read_when, calendar=calendar, now=now),
        roster.read,
        vocabulary.read_kpi,
        partial(read_by, vocabulary=vocabulary),
        read_top,
        filters.read,
        partial(read_versus, calendar=calendar, now=now),
    )
    further: dict[type, Reader] = {By: partial(read_next_by, vocabulary=vocabulary), Where: filters.read_next}
    heard = _hear(read_words(text), readers, further)
    if not heard:
        raise nothing_asked()
    asked, others = _asked(heard, vocabulary)
    has_by = next((said.text for said in others if isinstance(said.part, By)), None)
    read = [said if said.part else _read_as_name(said, asked.kpi, has_by, vocabulary, roster) for said in others]
    who, when = _only(read, Who, "person or team"), _only(read, When, "period")
    top, versus = _only(read, Top, "top"), _only(read, Versus, "comparison")
    period = when[0].period if when else default_period(asked.kpi, calendar, now)
    by = _dimensions(asked.kpi, _parts(read, By))
    return Request(
        kpi=asked.kpi,
        scope=roster.the_one(*who) if who else default_scope,
        period=period,
        variant=asked.variant,
        by=by,
        where=tuple(_filter(asked.kpi, where) for where, _ in _parts(read, Where)),
        top=top_of(top[0], asked.kpi, by) if top else None,
        trend=when[0].trend if when else (),
        versus=versus[0].of(period, calendar) if versus else None,
    )


def _hear(words: Sequence[Word], readers: Sequence[Reader], further: Mapping[type, Reader]) -> list[Said]:
    """The question from its first word to its last, cut into parts and runs of words that are none. ``further`` reads
    what a comma or an ``and`` joins to a part of a kind."""
    heard: list[Said] = []
    at = 0
    while at < len(words):
        joined = _joined_to(heard, words[at])
        own = further.get(type(joined))
        found = [one for reader in ((own, *readers) if own else readers) if (one := reader(words[at:]))]
        if not found:
            refuse_alone(words[at])
            if isinstance(joined, Where) and words[at].folded not in _FILLERS:
                raise no_further_value(joined.said)
        part, size = max(found, key=lambda one: one[1], default=(None, 1))
        heard.append(Said(part, words[at : at + size]))
        at += size
    return _with_runs_joined(heard)


def _joined_to(heard: Sequence[Said], word: Word) -> Part | None:
    """The part that the word may continue, since a comma or an ``and`` stands between."""
    last, before = (*reversed(heard[-2:]), None, None)[:2]
    if last and before and last.part is None and [each.folded for each in last.words] == ["and"]:
        return before.part
    return last.part if last and "," in word.gap else None


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


def _read_as_name(said: Said, kpi: Kpi, by: str | None, vocabulary: Vocabulary, roster: Roster) -> Said:
    """Words that say nothing by themselves as a part of somebody's name. A dimension is not taken for one."""
    dimension = said.words[0].kind is Kind.PLAIN and vocabulary.dimension(said.text)
    if dimension and by:
        raise not_one("breakdown", [by, f"by {dimension}"])
    who = None if dimension else roster.read_partly(said.words)
    if who is None:
        raise not_read(said.words, kpi, vocabulary, roster)
    return Said(who, said.words)


def _parts(read: Sequence[Said], kind: type[P]) -> list[tuple[P, str]]:
    """The parts of a kind, each with its words."""
    return [(said.part, said.text) for said in read if isinstance(said.part, kind)]


def _only(read: Sequence[Said], kind: type[P], what: str) -> tuple[P, str] | None:
    """The only part of its kind and its words, or None. QuestionError for more than one."""
    parts = _parts(read, kind)
    if len(parts) > 1:
        raise not_one(what, [text for _, text in parts])
    return parts[0] if parts else None


def _dimensions(kpi: Kpi, asked: Sequence[tuple[By, str]]) -> tuple[str, ...]:
    """What the answer is broken down by, each dimension once."""
    if len(asked) > MOST_DIMENSIONS:
        raise too_many("breakdowns", MOST_DIMENSIONS, [text for _, text in asked])
    return tuple(dict.fromkeys(_dimension(kpi, by, text) for by, text in asked))


def _dimension(kpi: Kpi, by: By, said: str) -> str:
    if by.dimension not in kpi.dimensions:
        raise no_breakdown(kpi, said.removeprefix("by "))
    return by.dimension


def _filter(kpi: Kpi, where: Where) -> Filter:
    if where.dimension not in kpi.dimensions:
        raise no_filter(kpi, where.said)
    return Filter(where.dimension, where.values, where.excluded)
