"""Tables and answers as files: csv, xlsx, parquet, made with pandas. A cell's text is never taken for a formula."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi.answer import instant, number, shown_key
from kpi.engines.base import Engine
from kpi.model import Line, Reading
from kpi.schema import TABLES, Table, Type
from kpi.scopes import Directory

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".parquet")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS = 1_048_575
_NULLABLE = {Type.INT: "Int64", Type.BOOL: "boolean"}  # with gaps, and still no floats


class ExportError(Exception):
    """A file cannot be written as asked. One line, with what to do instead."""


def check_suffix(path: Path) -> None:
    """ExportError where the file's name does not say how to write it."""
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"{path.name!r} says no format: end its name in {', '.join(SUFFIXES)}.")


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


def answer_frame(reading: Reading, directory: Directory) -> pd.DataFrame:
    """An answer as rows: the whole first, then each line of its breakdown, then each period of its trend."""
    import pandas as pd

    return pd.DataFrame(answer_rows(reading, directory), dtype=object)


def answer_rows(reading: Reading, directory: Directory) -> list[dict[str, Any]]:
    """The rows of ``answer_frame``; percent values are fractions, money is in the company's currency."""
    whole: dict[str, Any] = {
        "kpi": reading.kpi,
        "variant": reading.variant,
        "unit": reading.unit.value,
        "scope": reading.scope.type.value,
        "scope_id": reading.scope.id and directory.shown_id(reading.scope.id),
        "scope_name": reading.scope.name,
        "period": reading.period.key,
        "dimension": None,
        "key": None,
        "name": None,
        "second_dimension": None,
        "second_key": None,
        "second_name": None,
    }
    rows = [whole | _figures(reading)]
    for line in reading.by:
        rows.append(whole | _keys(line, directory) | _figures(line))
    rows += [whole | {"period": figure.period.key} | _figures(figure) for figure in reading.trend]
    return rows


def _keys(line: Line, directory: Directory) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for prefix, key in (("", line.key), ("second_", line.second)):
        if key:
            shown = shown_key(key.dimension, key.key, directory)
            keys |= {f"{prefix}dimension": key.dimension, f"{prefix}key": shown, f"{prefix}name": key.name}
    return keys


def _figures(part: Any) -> dict[str, Any]:
    names = ("value", "numerator", "denominator", "records", "reason")
    return {name: getattr(part, name) for name in names}


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Writes the frame as the file's name says, whole or not at all. ExportError where that cannot be."""
    check_suffix(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx" and len(frame) > _SHEET_ROWS:
        raise ExportError(f"{len(frame):,} rows do not fit into an xlsx sheet: write .csv or .parquet instead.")
    try:
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=suffix)
    except OSError as error:
        raise ExportError(f"Cannot write to {path.parent}: {error.strerror}.") from None
    os.close(handle)
    try:
        _WRITERS[suffix](frame, Path(partial))
        Path(partial).replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ExportError(f"{path} cannot be written ({reason}): make room, or name another place.") from None
    finally:
        Path(partial).unlink(missing_ok=True)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.map(_csv_cell).to_csv(path, index=False)


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    import pandas as pd
    from xlsxwriter.exceptions import XlsxFileError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
            frame.map(_sheet_cell).to_excel(writer, index=False)
    except XlsxFileError as error:
        raise OSError(f"{error}") from error


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


_WRITERS = {".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}


def _csv_cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return instant(value.replace(tzinfo=UTC))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value  # spreadsheets take the rest as text
    return value


def _sheet_cell(value: Any) -> Any:
    return instant(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else value


def _id_columns(table: Table) -> Sequence[str]:
    return [column.name for column in table.columns if column.type is Type.ID and column.name != "scope_id"]
