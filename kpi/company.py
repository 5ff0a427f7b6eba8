"""For scripts: the KPIs and tables of a company as DataFrames. ``kpi.read`` and ``kpi.table`` are these functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kpi.compute import read as read_answers
from kpi.defaults import default_period
from kpi.engines.base import Engine
from kpi.frames import answers_frame, floats_for_decimals, table_frame
from kpi.model import Filter, Kpi, Request
from kpi.nearest import did_you_mean
from kpi.periods import Grain
from kpi.plan import PEOPLE, Context
from kpi.schema import TABLES
from kpi.scopes import NONE, UNASSIGNED, Directory

if TYPE_CHECKING:
    import pandas as pd

Words = str | Iterable[str]
Values = str | None | Iterable[str | None]

_MOST_DIMENSIONS = 2


class ReadError(Exception):
    """What is asked for does not exist. One line, with what there is instead."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company's published snapshot, and what its answers depend on. Close it after use; ``with`` does that."""

    engine: Engine
    context: Context

    def last(self, n: int, grain: str) -> tuple[str, ...]:
        """The keys of the last ``n`` finished periods, oldest first: ``last(13, "month")``."""
        return tuple(period.key for period in self.context.calendar.trend(Grain(grain), n, self.context.now))

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(
    kpi: Words,
    company: Company,
    *,
    who: Words = "company",
    when: Words | None = None,
    by: Words = (),
    where: Mapping[str, Values] | None = None,
    where_not: Mapping[str, Values] | None = None,
    as_floats: bool = False,
) -> pd.DataFrame:
    """The answers to a question, or to all that several KPIs, scopes and periods make, as rows (``kpi.frames``).

    ``kpi`` is an id, with a variant after a blank (``"winrate value"``). ``who`` is ``company``, ``team:ID`` or
    ``rep:ID``; ``when`` a key such as ``2026-Q3``, by default the running period of the KPI's own cadence. ``by``
    names up to two dimensions. ``where`` takes only the records with one of these values of a dimension, ``where_not``
    those with none of them; None stands for no value, reps and teams go by their ids. ``as_floats`` gives float64
    columns for those of Decimals.

    It is the operator's view: no rights are asked for. Raises ReadError, ScopeError and PeriodError.
    """
    context = company.context
    scopes = [context.directory.find_scope(word) for word in _words(who)]
    periods = [context.calendar.parse(key) for key in _words(when)] if when is not None else [None]
    requests = [
        Request(
            kpi=asked,
            scope=scope,
            period=period or default_period(asked, context.calendar, context.now),
            variant=variant,
            by=_dimensions(asked, _words(by)),
            where=(*_filters(company, asked, where), *_filters(company, asked, where_not, excluded=True)),
        )
        for (asked, variant), scope, period in product(
            [_find_kpi(word, context.catalogue) for word in _words(kpi)], scopes, periods
        )
    ]
    frame = answers_frame(read_answers(company.engine, requests, context), context.directory)
    return floats_for_decimals(frame) if as_floats else frame


def table(name: str, company: Company, *, as_floats: bool = False) -> pd.DataFrame:
    """A table of the schema as it was published. Raises ReadError for a name that is none."""
    if name not in TABLES:
        raise ReadError(f"There is no table {name!r}: {did_you_mean(name, TABLES)}")
    frame = table_frame(company.engine, name, company.context.directory)
    return floats_for_decimals(frame) if as_floats else frame


def _words(given: Words) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _find_kpi(said: str, catalogue: Mapping[str, Kpi]) -> tuple[Kpi, str | None]:
    """A KPI and the name of its variant, None for its own formula."""
    id_, _, variant = said.partition(" ")
    if id_ not in catalogue:
        raise ReadError(f"There is no KPI {id_!r}: {did_you_mean(id_, catalogue)}")
    kpi = catalogue[id_]
    try:
        kpi.variant(variant or None)
    except KeyError:
        known = [each.name for each in kpi.variants]
        raise ReadError(f"{kpi.id} has no variant {variant!r}: {did_you_mean(variant, known)}") from None
    return kpi, None if variant == kpi.default_variant else variant or None


def _dimensions(kpi: Kpi, asked: tuple[str, ...]) -> tuple[str, ...]:
    if len(asked) > _MOST_DIMENSIONS:
        raise ReadError(f"An answer breaks down by {_MOST_DIMENSIONS} dimensions at most, not by {', '.join(asked)}.")
    return tuple(_dimension(kpi, name) for name in dict.fromkeys(asked))


def _dimension(kpi: Kpi, name: str) -> str:
    if name not in kpi.dimensions:
        raise ReadError(f"{kpi.id} has no dimension {name!r}: {did_you_mean(name, kpi.dimensions)}")
    return name


def _filters(
    company: Company, kpi: Kpi, wanted: Mapping[str, Values] | None, *, excluded: bool = False
) -> Iterator[Filter]:
    for name, values in (wanted or {}).items():
        several = (values,) if values is None or isinstance(values, str) else values
        stored = tuple(_stored(company, _dimension(kpi, name), value) for value in several)
        yield Filter(name, stored, excluded)


def _stored(company: Company, dimension: str, value: str | None) -> str:
    """A value as the records hold it: ids with the name of their source."""
    directory = company.context.directory
    if value is None:
        return UNASSIGNED if dimension in PEOPLE else NONE
    if dimension == "rep":
        return directory.find_rep(value).id
    if dimension == "team":
        return directory.find_team(value).id
    return _stored_campaign(company.engine, value, directory) if dimension == "campaign" else value


def _stored_campaign(engine: Engine, given: str, directory: Directory) -> str:
    known = {id_ for (id_,) in engine.run("select id from campaigns")}
    found = [id_ for id_ in (given, *(f"{source}:{given}" for source in directory.sources)) if id_ in known]
    if len(found) != 1:
        raise ReadError(f"There {'is no campaign' if not found else 'are several campaigns'} {given!r}.")
    return found[0]
