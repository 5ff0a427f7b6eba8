"""Which records count: ``where type=new``, ``where region is not EMEA, APAC``, ``where rep=me``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.question.asked import Vocabulary
from bot.question.misread import no_campaign, no_value
from bot.question.who import Roster
from bot.question.words import Kind, QuestionError, Word, fold
from kpi.model import ScopeType
from kpi.plan import PEOPLE
from kpi.scopes import NONE, UNASSIGNED, bare_id

_NOTHING = frozenset({"", NONE, UNASSIGNED})
_ENDS = frozenset({"where", "by", "vs", "versus", "and", "or"})
_LONGEST_DIMENSION = 3  # words, also of one that is none

Campaigns = Callable[[], Mapping[str, str]]  # the names of campaigns by their stored ids


@dataclass(frozen=True, slots=True)
class Where:
    """A filter on records, its values as they are stored. ``dimension`` is None for a word that is no KPI's, ``said``
    is that word."""

    dimension: str | None
    said: str
    values: tuple[str, ...]
    excluded: bool


class Filters:
    """Reads filters. The campaigns are looked at only where a filter names one."""

    def __init__(self, vocabulary: Vocabulary, roster: Roster, campaigns: Campaigns) -> None:
        self._vocabulary, self._roster, self._read_campaigns = vocabulary, roster, campaigns

    def read(self, words: Sequence[Word]) -> tuple[Where, int] | None:
        """The filter that the words begin with, with or without ``where``, and how many of them say it, or None.
        QuestionError for a value that is none."""
        if words[0].kind is Kind.PLAIN and words[0].folded == "where":
            after = self.read_next(words[1:])
            return (after[0], 1 + after[1]) if after else None
        found = self._vocabulary.read_dimension(words)
        size = found[1] if found else 1
        if words[0].kind is not Kind.PLAIN or len(words) <= size or words[size].kind is not Kind.IS:
            return None
        is_kpi = not found and self._vocabulary.read_kpi(words[:1])
        return None if is_kpi else self._read(words, size)

    def read_next(self, words: Sequence[Word]) -> tuple[Where, int] | None:
        """As ``read``, where it is known that a filter comes; ``is`` and ``is not`` are understood as well."""
        if words and words[0].folded == "where":
            return None
        for size, word in enumerate(words[: _LONGEST_DIMENSION + 1]):
            if size and (word.kind is Kind.IS or (word.kind is Kind.PLAIN and word.folded == "is")):
                return self._read(words, size)
            if word.kind is not Kind.PLAIN:
                break
        return None

    def _read(self, words: Sequence[Word], size: int) -> tuple[Where, int]:
        """The filter whose dimension is said by the first ``size`` words, and how many say all of it."""
        said = " ".join(word.text for word in words[:size])
        dimension = self._vocabulary.dimension(fold(said))
        excluded, at = words[size].text == "!=", size + 1
        if words[size].kind is Kind.PLAIN and at < len(words) and words[at].folded == "not":
            excluded, at = True, at + 1
        values, taken = self._values(dimension, said, words[at:])
        at += taken
        while (next_at := _next_value(words, at)) is not None:
            further, taken = self._values(dimension, said, words[next_at:])
            values, at = values + further, next_at + taken
        return Where(dimension, said, tuple(dict.fromkeys(values)), excluded), at

    def _values(self, dimension: str | None, said: str, words: Sequence[Word]) -> tuple[tuple[str, ...], int]:
        """What the first words mean as a value of the dimension, as it is stored, and how many of them say it."""
        if not words or (words[0].kind is Kind.PLAIN and words[0].folded in _ENDS):
            raise no_value(said)
        word = words[0]
        if word.folded in _NOTHING or (word.folded == "none" and word.kind is Kind.PLAIN):
            return (UNASSIGNED if dimension in PEOPLE else NONE,), 1
        if dimension in PEOPLE:
            scope, size = self._roster.read_as(words, ScopeType(dimension))
            return (scope.id or "",), size
        if dimension == "campaign":
            return self._campaigns_called(word), 1
        return (word.text,), 1

    def _campaigns_called(self, word: Word) -> tuple[str, ...]:
        """The campaign of that id, else all of that name."""
        for named in (self._ids, self._names):
            if found := named.get(word.folded):
                return found
        raise no_campaign(word.text, list(self._campaigns.values()))

    @cached_property
    def _campaigns(self) -> Mapping[str, str]:
        return self._read_campaigns()

    @cached_property
    def _ids(self) -> Mapping[str, tuple[str, ...]]:
        return _by_folded([(given, id_) for id_ in self._campaigns for given in (id_, bare_id(id_))])

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        return _by_folded([(name, id_) for id_, name in self._campaigns.items()])


def _by_folded(pairs: Sequence[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text, id_ in pairs:
        found[fold(text)] = (*found.get(fold(text), ()), id_)
    return found


def _next_value(words: Sequence[Word], at: int) -> int | None:
    """Where a further value of the filter that ends at ``at`` stands, or None."""
    if at >= len(words) or (at + 1 < len(words) and words[at + 1].kind is Kind.IS):
        return None
    if words[at].gap == ",":
        return at
    if words[at].kind is not Kind.PLAIN or words[at].folded != "or":
        return None
    if at + 2 < len(words) and words[at + 2].kind is Kind.IS:
        raise QuestionError(
            "Filters hold all together: or stands between values only, as in where type=new or renewal."
        )
    return at + 1
