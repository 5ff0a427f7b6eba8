"""DataFrames as files: csv, xlsx, parquet. A cell's text is never taken for a formula."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi.answer import instant, number

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".parquet")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS = 1_048_575


class ExportError(Exception):
    """A file cannot be written as asked. One line, with what to do instead."""


def check_suffix(path: Path) -> None:
    """ExportError where the file's name does not say how to write it."""
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"{path.name!r} says no format: end its name in {', '.join(SUFFIXES)}.")


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
