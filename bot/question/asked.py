"""KPIs, their variants and dimensions, by every word that people have for them."""

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.question.words import LONGEST_NAME, Kind, Word, fold, squash
from kpi.model import Kpi

_SUGGESTED = 3
_LONGEST_DIMENSION = 2  # words
_BEST_KNOWN = ("winrate", "bookings", "pipeline")
_SHORTEST_PART = 3  # of a name, that says enough to suggest it
_DIMENSION_WORDS = {
    "size": "segment",
    "owner": "rep",
    "person": "rep",
    "salesperson": "rep",
    "менеджер": "rep",
    "менеджерам": "rep",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI and its variant; ``None`` for the KPI's own formula."""

    kpi: Kpi
    variant: str | None = None


class Vocabulary:
    """The words for a set of KPIs. Ids go before names, earlier KPIs before later ones."""

    def __init__(self, kpis: Collection[Kpi]) -> None:
        self._kpis = kpis
        self._asked: dict[str, Asked] = {}
        for phrase, asked in (*self._phrases_with_ids(), *self._phrases_with_names()):
            self._asked.setdefault(squash(fold(phrase)), asked)
        self._dimensions = {squash(fold(dimension)): dimension for kpi in kpis for dimension in kpi.dimensions}

    def read_kpi(self, words: Sequence[Word]) -> tuple[Asked, int] | None:
        """The KPI (and variant) that the words begin with, by the longest name, and how many of them say it."""
        for size in range(min(LONGEST_NAME, len(words)), 0, -1):
            if all(word.kind is Kind.PLAIN or (size == 1 and word.kind is Kind.QUOTED) for word in words[:size]):
                asked = self._asked.get(squash("".join(word.folded for word in words[:size])))
                if asked is not None:
                    return asked, size
        return None

    def read_dimension(self, words: Sequence[Word]) -> tuple[str, int] | None:
        """The dimension, some KPI's, that the words begin with, and how many of them say it."""
        for size in range(min(_LONGEST_DIMENSION, len(words)), 0, -1):
            if all(word.kind is Kind.PLAIN for word in words[:size]):
                dimension = self.dimension("".join(word.folded for word in words[:size]))
                if dimension:
                    return dimension, size
        return None

    def dimension(self, said: str) -> str | None:
        """The dimension that has this name, some KPI's; ``said`` is folded."""
        said = squash(said)
        for name in (said, said.removesuffix("s"), _DIMENSION_WORDS.get(said, "")):
            if name in self._dimensions:
                return self._dimensions[name]
        return None

    def nearest(self, said: str) -> list[str]:
        """Up to three KPIs, by id (and variant), whose names are spelt like ``said`` (folded) or begin with it."""
        said = squash(said)
        close = difflib.get_close_matches(said, self._asked, n=4 * _SUGGESTED, cutoff=0.65)
        if not close and len(said) >= _SHORTEST_PART:
            close = [phrase for phrase in self._asked if phrase.startswith(said)]
        best: dict[str, Asked] = {}
        for phrase in close:
            best.setdefault(self._asked[phrase].kpi.id, self._asked[phrase])
        return [f"{id_} {asked.variant}" if asked.variant else id_ for id_, asked in best.items()][:_SUGGESTED]

    def examples(self) -> list[str]:
        """Up to three KPIs to ask for: those that most people ask for first."""
        ids = [kpi.id for kpi in self._kpis]
        return [*(id_ for id_ in _BEST_KNOWN if id_ in ids), *ids][:_SUGGESTED]

    def _phrases_with_ids(self) -> Iterator[tuple[str, Asked]]:
        for kpi in self._kpis:
            yield kpi.id, Asked(kpi)
            yield from _with_variants(kpi, kpi.id)

    def _phrases_with_names(self) -> Iterator[tuple[str, Asked]]:
        for kpi in self._kpis:
            for name in (kpi.name, *(name for names in kpi.names.values() for name in names)):
                yield name, Asked(kpi)
                yield from _with_variants(kpi, name)
            for variant in kpi.variants:
                for names in variant.names.values():
                    yield from ((name, Asked(kpi, variant.name)) for name in names)


def _with_variants(kpi: Kpi, name: str) -> Iterator[tuple[str, Asked]]:
    for variant in kpi.variants:
        yield f"{name} {variant.name}", Asked(kpi, variant.name)
    if kpi.default_variant:
        yield f"{name} {kpi.default_variant}", Asked(kpi)
