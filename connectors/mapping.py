"""How a source's own columns become the schema's: the ``[source.map.TABLE]`` blocks as data, and reading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from connectors.base import MappingError
from connectors.suggestion import did_you_mean
from kpi.schema import TABLES, Column, Type


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where one schema column comes from: the first filled of ``columns``, or ``constant``; then ``values`` (with
    ``otherwise`` for the rest), or ``formats`` (strptime) read in ``timezone``. A timezone without formats reads
    ISO 8601."""

    columns: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    formats: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class TableMap:
    """One ``[source.map.TABLE]`` block. ``file``: read that file, not the one named like the table. ``distinct``: rows
    that repeat an id are one row (a list of owners read out of a list of deals), rows without an id are none."""

    fields: Mapping[str, FieldMap]
    file: str | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What counts: ``[source.include]`` and ``[source.exclude]``. Empty means no filter."""

    pipelines: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    excluded_owners: tuple[str, ...] = ()  # emails
    excluded_domains: tuple[str, ...] = ()
    excluded_pipelines: tuple[str, ...] = ()
    excluded_names: tuple[str, ...] = ()  # globs, of deals, accounts, and the emails of leads


@dataclass(frozen=True, slots=True)
class ActivityRule:
    """Which meetings, calls and tasks are of one kind (a demo, say): those whose type or title fits one of these
    globs (see ``connectors.globs``)."""

    types: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


DEMO = ActivityRule(types=("*demo*",))
ONBOARDING = ActivityRule(types=("*onboarding*",))


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One ``[[source]]`` block, checked. ``name`` is the prefix of its ids. The rest, by type: ``path`` of files;
    of a CRM ``api_url``, ``api_version``, the ``env_prefix`` of its secrets and ``share``, the fraction of the
    account's limits that we use."""

    name: str
    type: str
    path: Path | None = None
    filters: Filters = Filters()
    maps: Mapping[str, TableMap] = field(default_factory=dict)
    api_url: str | None = None
    env_prefix: str = ""
    api_version: str = ""
    share: float = 0.9
    demo: ActivityRule = DEMO
    onboarding: ActivityRule = ONBOARDING


_BLOCK_KEYS = ("file", "distinct")  # of files alone
_FIELD_KEYS = ("column", "values", "otherwise", "format", "timezone", "constant")
_DATED = (Type.TIME, Type.DATE)


def parse_table_map(table: str, raw: Mapping[str, Any], *, of_files: bool = True) -> TableMap:
    """A ``[source.map.TABLE]`` block as TOML gives it, of a files source or another. Raises MappingError naming the
    entry and what was meant."""
    if table not in TABLES:
        raise MappingError(f"[source.map.{table}]: there is no such table; {did_you_mean(table, TABLES)}")
    if not isinstance(raw, Mapping):
        raise MappingError(f"source.map.{table} must be a table: [source.map.{table}], then one line per column.")
    columns = {column.name: column for column in TABLES[table].columns}
    fields = {}
    for key, value in raw.items():
        where = f"[source.map.{table}] {key}"
        if key in _BLOCK_KEYS:
            if not of_files:
                raise MappingError(f'{where}: this is for a source of type "files"; take it out.')
            continue
        if key not in columns:
            known = [*columns, *(_BLOCK_KEYS if of_files else ())]
            raise MappingError(f"{where}: {table} have no such column; {did_you_mean(key, known)}")
        fields[key] = _parse_field(where, columns[key], value)
    return TableMap(fields, file=_parse_file(table, raw.get("file")), distinct=_parse_distinct(table, raw))


def _parse_file(table: str, raw: Any) -> str | None:
    if raw is None or (isinstance(raw, str) and raw.strip()):
        return raw
    raise MappingError(f'[source.map.{table}] file: write the name of a file in quotes, such as "export.csv".')


def _parse_distinct(table: str, raw: Mapping[str, Any]) -> bool:
    distinct = raw.get("distinct", False)
    if not isinstance(distinct, bool):
        raise MappingError(f"[source.map.{table}] distinct: write true or false, without quotes.")
    return distinct


def _parse_field(where: str, column: Column, raw: Any) -> FieldMap:
    if isinstance(raw, (str, list)):
        return FieldMap(columns=_parse_names(where, raw))
    if not isinstance(raw, Mapping):
        raise MappingError(f"{where}: write the name of a column of the source, or {{constant = ...}}.")
    for key in raw:
        if key not in _FIELD_KEYS:
            raise MappingError(f'{where}: unknown key "{key}"; {did_you_mean(key, _FIELD_KEYS)}')
    _refuse_contradictions(where, column, raw)
    if "constant" in raw:
        return FieldMap(constant=_parse_value(where, column, raw["constant"]))
    return FieldMap(
        columns=_parse_names(where, raw["column"]),
        values=_parse_values(where, column, raw.get("values")),
        otherwise=_parse_value(where, column, raw["otherwise"]) if "otherwise" in raw else None,
        formats=_parse_formats(where, raw.get("format", [])),
        timezone=_parse_timezone(where, raw.get("timezone")),
    )


def _refuse_contradictions(where: str, column: Column, raw: Mapping[str, Any]) -> None:
    if "constant" in raw and len(raw) > 1:
        raise MappingError(f"{where}: a constant stands alone; take out the other keys.")
    if "constant" not in raw and "column" not in raw:
        raise MappingError(f'{where}: say where it comes from: column = "..." or constant = "...".')
    if "otherwise" in raw and "values" not in raw:
        raise MappingError(f'{where}: "otherwise" is for what "values" does not list; add values = {{...}}.')
    if "values" in raw and ("format" in raw or "timezone" in raw):
        raise MappingError(f"{where}: either values or a format, not both.")
    if ("format" in raw or "timezone" in raw) and column.type not in _DATED:
        raise MappingError(f"{where}: a format and a timezone are for instants and dates; this is {column.type}.")


def _parse_names(where: str, raw: Any) -> tuple[str, ...]:
    names = [raw] if isinstance(raw, str) else raw
    if isinstance(names, list) and names and all(isinstance(name, str) and name.strip() for name in names):
        return tuple(names)
    raise MappingError(f"{where}: write a column's name in quotes, or a list of such names.")


def _parse_values(where: str, column: Column, raw: Any) -> Mapping[str, str] | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or not raw:
        raise MappingError(f'{where}: write values as {{"in the source" = "here", ...}}.')
    return {key.strip(): _parse_value(where, column, value) for key, value in raw.items()}


def _parse_value(where: str, column: Column, raw: Any) -> str:
    text = _text(where, raw)
    if column.values and text and text not in column.values:
        raise MappingError(f'{where}: it cannot be "{text}"; {did_you_mean(text, column.values)}')
    return text


def _text(where: str, raw: Any) -> str:
    match raw:
        case str():
            return raw.strip()
        case bool():
            return "true" if raw else "false"
        case int():
            return str(raw)
        case float():
            return format(Decimal(repr(raw)), "f")
        case datetime() | date():
            return raw.isoformat()
    raise MappingError(f"{where}: a value must be a text, a number, true or false, or a date.")


def _parse_formats(where: str, raw: Any) -> tuple[str, ...]:
    formats = [raw] if isinstance(raw, str) else raw
    if not isinstance(formats, list) or not all(isinstance(one, str) for one in formats):
        raise MappingError(f'{where}: write a format such as "%d.%m.%Y %H:%M", or a list of them.')
    for one in formats:
        _refuse_bad_format(where, one)
    return tuple(formats)


def _refuse_bad_format(where: str, format_: str) -> None:
    """A format must read back what it writes, and say at least the year and the month."""
    sample = datetime(2004, 2, 28, 13, 45, 59)  # noqa: DTZ001 (only written and read back)
    try:
        parsed = datetime.strptime(sample.strftime(format_), format_)  # noqa: DTZ007 (see above)
    except ValueError:
        parsed = None
    if parsed is None:
        raise MappingError(f'{where}: "{format_}" is not a format; write one such as "%d.%m.%Y %H:%M".')
    if (parsed.year, parsed.month) != (sample.year, sample.month):
        raise MappingError(f'{where}: "{format_}" has no year or no month; write one such as "%d.%m.%Y".')


def _parse_timezone(where: str, raw: Any) -> str | None:
    if raw is None:
        return None
    try:
        return ZoneInfo(raw).key
    except (KeyError, ValueError, TypeError, AttributeError, OSError):  # all that ZoneInfo makes of what is no zone
        meant = did_you_mean(str(raw), sorted(available_timezones()))
        raise MappingError(f'{where}: there is no time zone "{raw}"; {meant}') from None
