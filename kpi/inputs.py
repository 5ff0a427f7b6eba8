"""What a company's sources supply: which tables and columns, and the days on which nobody works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kpi.engines.base import Engine
from kpi.model import Kpi
from kpi.targets import StatedTarget


def missing_input(needs: Sequence[str], supplied: Mapping[str, int]) -> str | None:
    """The first need that nothing supplies: the table, where that is empty, else the column."""
    for need in needs:
        inputs = need.split("|")
        if not any(supplied.get(one, 0) for one in inputs):
            table = inputs[0].partition(".")[0]
            return inputs[0] if supplied.get(table, 0) else table
    return None


def read_holidays(engine: Engine) -> frozenset[date]:
    """The days on which nobody is expected to work."""
    return frozenset(day for (day,) in engine.run("select date from holidays"))


def read_supplied(engine: Engine, stated: Sequence[StatedTarget] = ()) -> Mapping[str, int]:
    """How many rows fill each ``table.column``, and how many rows each ``table`` has; targets that are stated count."""
    supplied = {
        f"{table}.{column}" if column else table: filled
        for table, column, filled in engine.run("select table_name, column_name, filled from supplied")
    }
    return {**supplied, "targets": supplied.get("targets", 0) + len(stated)}


def standing_variant(kpi: Kpi, variant: str | None, supplied: Mapping[str, int]) -> str | None:
    """The variant that is meant: the one asked for, or what stands where the KPI's own formula lacks its input."""
    if variant is None and kpi.without and missing_input(kpi.without[:1], supplied):
        return kpi.without[1]
    return variant
