"""What an explanation is: plain, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpi.model import Reading

ADDS = "adds"  # the column of what a record adds to a sum, where no column of its own says that


class ExplainError(Exception):
    """There is no such measure, column or page. One line, with what to write instead."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which records to list: those of a ``measure`` (None: those that the answer's ``records`` counts), in the order of
    the column ``sort`` (``-value``: descending; None: the latest first), ``rows`` of them from the page of ``number``
    (from 1) on."""

    number: int = 1
    rows: int = 20
    sort: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """The words for a KPI, or for the variant of it that was asked for. ``redefined``: by the company."""

    what: str
    formula: str
    source: str
    redefined: bool


@dataclass(frozen=True, slots=True)
class Equation:
    """The formula with the numbers put in: ``template`` holds ``{}`` for each of ``numbers``. ``is_whole``: it comes to
    the value; else it tells the numbers that a longer way leads from."""

    template: str
    numbers: tuple[Decimal, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A number that the formula reads: without a unit, counted over ``records`` records of a ``table``, of the window
    ``[start, until)`` that belongs to the period of that key; of what is as it is at an instant, both are that instant.
    What is not counted over records has no ``records``, what is the same at any time no window."""

    name: str
    number: Decimal
    period: str | None = None
    start: datetime | None = None
    until: datetime | None = None
    records: int | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records that count not at all, or not as they might. Listed by ``name``."""

    name: str
    text: str
    records: int
    table: str


@dataclass(frozen=True, slots=True)
class Input:
    """What the KPI needs: a ``table`` or ``table.column``, or one of several; each with how many rows fill it."""

    filled: Mapping[str, int]

    @property
    def is_supplied(self) -> bool:
        return any(self.filled.values())


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its stored id, the name by which people know it, its owner, when it happened (UTC), and the values of
    further columns. Instants are aware; what never ends is None."""

    id: str | None
    name: str | None
    owner_id: str | None
    owner: str | None
    at: datetime | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """A page of the records behind a measure.

    ``dated_by`` says what a record's ``at`` is. ``columns`` are the further ones, of which ``id_columns`` hold stored
    ids; ``adds``, where a sum is told, is the column of what each record adds to it. ``total`` counts all records,
    ``hidden`` those among them that the asker may not see one by one.
    """

    measure: str
    table: str
    dated_by: str | None
    columns: tuple[str, ...]
    id_columns: frozenset[str]
    adds: str | None
    sort: str
    total: int
    hidden: int
    page: int
    pages: int
    rows: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What stands behind an answer. ``terms`` and ``equation`` are there where a value could be computed, ``records``
    where any can be listed. ``measures`` are the names whose records may be listed, ``ignored`` what of the question
    was left aside: an explanation is of the whole."""

    reading: Reading
    definition: Definition
    equation: Equation | None = None
    terms: tuple[Term, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    inputs: tuple[Input, ...] = ()
    measures: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    records: Records | None = None
    notes: tuple[str, ...] = field(default=())  # the answer's, but for what ``left_out`` says
