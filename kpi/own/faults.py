"""Whether the store can compute a company's own KPI: what no check of its expressions finds, such as a sum of texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import duckdb

from kpi.engines.base import Engine
from kpi.model import Kpi, Measure
from kpi.own.shapes import SOURCE
from kpi.spans import Window
from kpi.sql import Cell, compose, shape_of

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 160
# Their messages tell the expression and its types; those of others may tell values of records.
_WITHOUT_VALUES = (duckdb.BinderException, duckdb.CatalogException, duckdb.NotImplementedException)


def is_own(kpi: Kpi) -> bool:
    """Whether a configuration has defined the KPI, anew or in place of a built-in one."""
    return kpi.source == SOURCE


def find_fault(engine: Engine, kpi: Kpi, now: datetime) -> str | None:
    """Why the snapshot cannot compute the KPI: the first measure that fails, and what the store says of it, in one line
    and without a value of any record. None where it can."""
    window = Window(_BEGINNING, now, now=now, is_current=True, day_at=now, today_at=now)
    for name, measure in kpi.measures.items():
        # Only of a number there is an absolute value.
        for each in (measure, replace(measure, expression=f"abs({measure.expression})")):
            fault = _fault(engine, each, window)
            if fault:
                return f"measure {name.partition('.')[0]}: {fault}"
    return None


def _fault(engine: Engine, measure: Measure, window: Window) -> str | None:
    cell = Cell(measure, window)
    try:
        engine.run(compose(shape_of(cell), [cell], owner="rep_id", reps=None, dialect=engine.dialect))
    except duckdb.Error as error:
        return _told(error)
    return None


def _told(error: duckdb.Error) -> str:
    first = f"{error}".strip().partition("\n")[0]
    kind, _, what = first.partition(": ")
    if not isinstance(error, _WITHOUT_VALUES):
        return f"{kind} (a value of the records does not fit)"
    return f"{kind}: {what[:_LONGEST]}"
