"""Answers and tables as pandas DataFrames, exact: numbers are Decimals, in columns of type object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi.answer import number, shown_key
from kpi.engines.base import Engine
from kpi.model import Amount, Figure, Filter, Line, Reading
from kpi.schema import TABLES, Table, Type
from kpi.scopes import Directory

if TYPE_CHECKING:
    import pandas as pd

_NULLABLE = {Type.INT: "Int64", Type.BOOL: "boolean"}  # with gaps, and still no floats
_EXACT = (Type.MONEY, Type.DECIMAL, Type.PROBABILITY)
_EXTRA = "extra_"

_ASKED = ("kpi", "variant", "unit", "scope", "scope_id", "scope_name", "where", "period")
_KEYS = tuple(f"{which}{part}" for which in ("", "second_") for part in ("dimension", "key", "name"))
_FIGURES = ("value", "numerator", "denominator", "interval_low", "interval_high")
_COMPARED = (
    *("previous_value", "previous_to_date_value", "versus_value"),
    *("benchmark", "target", "attainment", "pace"),
)
COLUMNS = (*_ASKED, *_KEYS, *_FIGURES, "records", "reason", *_COMPARED, "notes")


def answer_frame(reading: Reading, directory: Directory) -> pd.DataFrame:
    """One answer as rows, see ``answers_frame``."""
    return answers_frame([reading], directory)


def answers_frame(readings: Iterable[Reading], directory: Directory) -> pd.DataFrame:
    """Answers as rows: of each the whole first, then the lines of its breakdown, then the periods of its trend.

    The columns are ``COLUMNS`` and one for each figure that is told beside a value, as ``extra_median``. Percentages
    are fractions, money is in the company's currency, ids are as people see them; what is not there is None. All are
    of type object, but for ``records``, which is Int64.
    """
    import pandas as pd

    rows = [
        {name: _without_zeros(cell) for name, cell in row.items()}
        for reading in readings
        for row in _answer_rows(reading, directory)
    ]
    extras = dict.fromkeys(name for row in rows for name in row if name.startswith(_EXTRA))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, *extras], dtype=object)
    return frame.where(frame.notna(), None).astype({"records": "Int64"})


def table_frame(engine: Engine, table: str, directory: Directory) -> pd.DataFrame:
    """A schema table: text, Decimal, Int64, boolean, date and naive UTC datetime columns, ids as people see them."""
    import pandas as pd

    shape = TABLES[table]
    columns = ", ".join(f'"{name}"' for name in shape.column_names)  # "at" is a keyword
    rows = engine.run(f"select {columns} from {table} order by all")
    frame = pd.DataFrame(rows, columns=list(shape.column_names), dtype=object)
    for column in _id_columns(shape):
        frame[column] = frame[column].map(directory.shown_id, na_action="ignore")
    whole = {column.name: _NULLABLE[column.type] for column in shape.columns if column.type in _NULLABLE}
    return frame.astype(whole)


def floats_for_decimals(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with float64 columns for those of Decimals: quicker to compute with, and no longer exact."""
    of_tables = {column.name for table in TABLES.values() for column in table.columns if column.type in _EXACT}
    exact = {*_FIGURES, *_COMPARED, *of_tables}
    return frame.astype({name: "float64" for name in frame if name in exact or str(name).startswith(_EXTRA)})


def _answer_rows(reading: Reading, directory: Directory) -> list[dict[str, Any]]:
    asked = {
        "kpi": reading.kpi,
        "variant": reading.variant,
        "unit": reading.unit.value,
        "scope": reading.scope.type.value,
        "scope_id": reading.scope.id and directory.shown_id(reading.scope.id),
        "scope_name": reading.scope.name,
        "where": "; ".join(_filter(each, directory) for each in reading.where) or None,
        "period": reading.period.key,
    }
    whole = _figures(reading) | _interval(reading.interval) | _compared(reading) | _extras(reading.extras)
    lines = [
        _keys(line, directory) | _figures(line) | _interval(line.interval) | _extras(line.extras) for line in reading.by
    ]
    trend = [{"period": figure.period.key} | _figures(figure) for figure in reading.trend]
    return [asked | own for own in ({**whole, "notes": "; ".join(reading.notes) or None}, *lines, *trend)]


def _without_zeros(cell: Any) -> Any:
    """A Decimal without the zeros at its end, of which money has many."""
    return Decimal(number(cell) or 0) if isinstance(cell, Decimal) else cell


def _filter(each: Filter, directory: Directory) -> str:
    dimension, values = each.dimension, each.values  # noqa: PD011, of a filter, not of a frame
    shown = ",".join(shown_key(dimension, value, directory) for value in values)
    return f"{dimension}{'!=' if each.excluded else '='}{shown}"


def _keys(line: Line, directory: Directory) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for which, key in (("", line.key), ("second_", line.second)):
        if key:
            shown = shown_key(key.dimension, key.key, directory)
            keys |= {f"{which}dimension": key.dimension, f"{which}key": shown, f"{which}name": key.name}
    return keys


def _figures(part: Reading | Line | Figure) -> dict[str, Any]:
    return {name: getattr(part, name) for name in ("value", "numerator", "denominator", "records", "reason")}


def _interval(interval: tuple[Decimal, Decimal] | None) -> dict[str, Decimal]:
    return dict(zip(("interval_low", "interval_high"), interval, strict=True)) if interval else {}


def _compared(reading: Reading) -> dict[str, Decimal | None]:
    others = {name: getattr(reading, name) for name in ("previous", "previous_to_date", "versus")}
    target = reading.target
    return {
        **{f"{name}_value": figure.value for name, figure in others.items() if figure},
        "benchmark": reading.benchmark,
        **({"target": target.value, "attainment": target.attainment, "pace": target.pace} if target else {}),
    }


def _extras(extras: Mapping[str, Amount]) -> dict[str, Decimal | None]:
    return {f"{_EXTRA}{name}": amount.value for name, amount in extras.items()}


def _id_columns(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if column.type is Type.ID and column.name != "scope_id"]
