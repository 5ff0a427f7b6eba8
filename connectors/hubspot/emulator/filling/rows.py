"""The rows that an account is filled with, read: typed values, and only what the schema would keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kpi.schema import TABLES, Column, Type

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]


def read_tables(tables: Mapping[str, Iterable[Mapping[str, object]]]) -> Tables:
    """Every table of the schema, with values as Python has them (None: empty). Values may be texts, as files hold
    them. A row without what its table requires is left out, and one whose id was there before."""
    return {name: _read_rows(name, tables.get(name, ())) for name in TABLES}


def _read_rows(table: str, rows: Iterable[Mapping[str, object]]) -> list[Row]:
    columns, required = TABLES[table].columns, TABLES[table].required
    read = ({column.name: _read(column, row.get(column.name)) for column in columns} for row in rows)
    kept = [row for row in read if None not in [row[name] for name in required]]
    if not TABLES[table].has_id:
        return kept
    first: dict[str, Row] = {}
    for row in kept:
        first.setdefault(row["id"], row)
    return list(first.values())


def _read(column: Column, value: object) -> Any:
    if value is None or value == "":
        return _DEFAULTS.get(column.default or "")
    read = _READERS[column.type](value) if isinstance(value, str) else _PYTHON.get(type(value), _same)(value)
    return None if column.values and read not in column.values else read


def _same(value: Any) -> Any:
    return value


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_DEFAULTS: Mapping[str, bool] = {"true": True}
_PYTHON: Mapping[type, Callable[[Any], Any]] = {int: Decimal, float: lambda value: Decimal(repr(value))}
_READERS: Mapping[Type, Callable[[str], Any]] = {
    Type.ID: str,
    Type.TEXT: str,
    Type.TIME: _instant,
    Type.DATE: date.fromisoformat,
    Type.MONEY: Decimal,
    Type.DECIMAL: Decimal,
    Type.PROBABILITY: Decimal,
    Type.INT: Decimal,
    Type.BOOL: lambda text: text == "true",
}


def midnight(day: date, timezone: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def local_day(moment: datetime, timezone: str) -> date:
    """The day of an instant in a zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def held(moment: datetime) -> datetime:
    """An instant as HubSpot keeps it: to the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


MILLISECOND = timedelta(milliseconds=1)
