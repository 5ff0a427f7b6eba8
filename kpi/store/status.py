"""What a sync could not use, as published: rows that were set aside, values that count as empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpi.engines.base import Engine


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A row that was set aside. ``row`` is its number in its table at the source, ``id`` is as stored."""

    source: str
    table: str
    row: int
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """The first rows that were set aside, and how many there are in all."""

    rows: tuple[SetAsideRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many values of an optional column could not be read, and count as empty."""

    source: str
    table: str
    column: str
    count: int


def read_set_aside(engine: Engine, limit: int) -> SetAside:
    """The rows that were set aside, at most ``limit`` of them, by source, table and row."""
    rows = engine.run(
        "select source, table_name, row_number, id, reason from set_aside order by all limit $limit", {"limit": limit}
    )
    ((count,),) = engine.run("select count(*) from set_aside")
    return SetAside(tuple(SetAsideRow(*row) for row in rows), count)


def read_emptied(engine: Engine) -> Sequence[Emptied]:
    """The columns with values that could not be read."""
    rows = engine.run("select source, table_name, column_name, cells from emptied order by all")
    return [Emptied(*row) for row in rows]
