"""Values as SQL: how HubSpot writes instants and numbers, and what a mapping makes of a record's properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.mapping import FieldMap
from kpi.schema import Column, Type

NULL = "cast(null as varchar)"
COMPANY_CURRENCY = "(select currency from account limit 1)"  # what HubSpot means where it names none

# HubSpot writes an instant as ISO 8601 in UTC, or as milliseconds of the epoch; a date as its day. A bare date is the
# organisation's midnight, as it is in the store.
_MACROS = r"""
create or replace temp macro hs_is_epoch(value) as
    length(value) between 9 and 14 and try_cast(value as bigint) is not null;
create or replace temp macro hs_time(value) as case
    when hs_is_epoch(value) then strftime(epoch_ms(cast(value as bigint)), '%Y-%m-%dT%H:%M:%S.%gZ') else value end;
create or replace temp macro hs_instant(value) as case
    when value is null then null
    when suffix(value, 'Z') then try_cast(value as timestamp)
    when hs_is_epoch(value) then epoch_ms(cast(value as bigint))
    when length(value) = 10 then timezone('UTC', timezone({zone}, try_cast(value as timestamp)))
    else timezone('UTC', try_cast(value as timestamptz)) end;
create or replace temp macro hs_text(instant) as strftime(instant, '%Y-%m-%dT%H:%M:%S.%gZ');
create or replace temp macro hs_local_day(instant) as cast(timezone({zone}, timezone('UTC', instant)) as date);
create or replace temp macro hs_day(value) as case
    when length(value) = 10 and not hs_is_epoch(value) then value
    else coalesce(cast(hs_local_day(hs_instant(value)) as varchar), value) end;
create or replace temp macro hs_calendar_day(value) as
    coalesce(try_cast(left(hs_time(value), 10) as date), cast(hs_instant(value) as date));
create or replace temp macro hs_number(value) as try_cast(value as decimal(38, 8));
create or replace temp macro hs_months(period) as coalesce(
    try_cast(nullif(regexp_extract(period, '^P(\d+)M$', 1), '') as integer),
    12 * try_cast(nullif(regexp_extract(period, '^P(\d+)Y$', 1), '') as integer),
    cast(round(try_cast(nullif(regexp_extract(period, '^P(\d+)W$', 1), '') as integer) * 12 / 52) as integer),
    cast(round(try_cast(nullif(regexp_extract(period, '^P(\d+)D$', 1), '') as integer) * 12 / 365.25) as integer));
"""


def macros_sql(timezone: str) -> str:
    """The temporary macros that all selects of the translation use."""
    return _MACROS.replace("{zone}", literal(timezone))


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's or table's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def listed(values: Sequence[str]) -> str:
    return ", ".join(literal(value) for value in values)


@dataclass(frozen=True, slots=True)
class Property:
    """A property within a select. ``shown`` is SQL too: its label where it has any. ``labels``: label by value."""

    sql: str
    shown: str
    labels: Mapping[str, str]


def mapped_sql(field: FieldMap, column: Column, properties: Sequence[Property]) -> str:
    """What a mapping makes of the properties that it names, as connectors.translation does it with columns of a file:
    the first filled, a constant, or what ``values`` list; formats and zones of times are read afterwards."""
    if not field.columns:
        return literal(field.constant) if field.constant else NULL
    if field.values is not None:
        return _replaced(field, field.values, properties)
    texts = [each.shown if column.type is Type.TEXT and not column.values else each.sql for each in properties]
    return texts[0] if len(texts) == 1 else f"coalesce({', '.join(_filled(text) for text in texts)})"


def reads_formats(field: FieldMap | None, column: Column) -> bool:
    """Whether the column's texts are read by formats or a zone, which is not SQL's business."""
    dated = column.type in (Type.TIME, Type.DATE)
    return field is not None and dated and bool(field.formats or field.timezone) and field.values is None


def _filled(text: str) -> str:
    return f"nullif(trim({text}), '')"


def _replaced(field: FieldMap, values: Mapping[str, str], properties: Sequence[Property]) -> str:
    """An empty value stays empty, unless ``values`` lists the empty text. A key is the internal value, or the label
    that people see."""
    branches = []
    for each in properties:
        text = f"trim({each.sql})"
        listed_here = dict(values)
        for value, label in each.labels.items():
            if label.strip() in values:
                listed_here.setdefault(value.strip(), values[label.strip()])
        cases = " ".join(f"when {literal(key)} then {literal(to)}" for key, to in listed_here.items() if key)
        fallback = each.sql if field.otherwise is None else literal(field.otherwise)
        chosen = f"case {text} {cases} else {fallback} end" if cases else fallback
        branches.append(f"when {_filled(each.sql)} is not null then {chosen}")
    empty = literal(values[""]) if "" in values else "null"
    return f"nullif(case {' '.join(branches)} else {empty} end, '')"
