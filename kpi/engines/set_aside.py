"""What a sync could not use, as published: rows that were set aside, values that count as empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpi.engines.base import Engine


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was set aside. ``row`` is its number in its table at the source, ``id`` as stored, where it has one."""

    source: str
    table: str
    row: int
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SetAsideCount:
    source: str
    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many values of an optional column could not be read, and count as empty."""

    source: str
    table: str
    column: str
    cells: int


def read_set_aside(engine: Engine, limit: int) -> Sequence[SetAside]:
    """The first ``limit`` rows that were set aside, by source, table and row."""
    rows = engine.run(
        "select source, table_name, row_number, id, reason from set_aside order by all limit $limit", {"limit": limit}
    )
    return [SetAside(*row) for row in rows]


def count_set_aside(engine: Engine) -> Sequence[SetAsideCount]:
    """How many rows were set aside, by source and table; those without any are not listed."""
    rows = engine.run("select source, table_name, count(*) from set_aside group by all order by all")
    return [SetAsideCount(*row) for row in rows]


def read_emptied(engine: Engine) -> Sequence[Emptied]:
    """The columns with values that could not be read."""
    rows = engine.run("select source, table_name, column_name, cells from emptied order by all")
    return [Emptied(*row) for row in rows]
