"""Reading text as the schema's types, set-wise: the SQL that turns a batch of text columns into typed ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kpi.schema import SQL_TYPES, Column, Table, Type

# `read_...` gives NULL for what cannot be read. A time without an offset is UTC, to which the session's zone is set; a
# bare date is the organisation's midnight, which only Python's calendar knows. Years are those that Python has.
MACROS = r"""
create or replace temp macro read_number(text) as case when regexp_full_match(text, '-?\d+(\.\d+)?') then text end;
create or replace temp macro read_money(text) as try_cast(read_number(text) as decimal(18, 4));
create or replace temp macro read_decimal(text) as try_cast(read_number(text) as decimal(18, 8));
create or replace temp macro read_probability(text) as
    case when try_cast(read_number(text) as decimal(9, 8)) between 0 and 1 then try_cast(text as decimal(9, 8)) end;
create or replace temp macro read_int(text) as
    case when regexp_full_match(text, '-?\d+(\.0+)?') then try_cast(split_part(text, '.', 1) as bigint) end;
create or replace temp macro read_bool(text) as
    case when lower(text) in ('true', '1', 'yes') then true when lower(text) in ('false', '0', 'no') then false end;
create or replace temp macro read_date(text) as
    case when regexp_full_match(text, '\d{4}-\d\d-\d\d') and text >= '0001' then try_cast(text as date) end;
create or replace temp macro within_calendar(instant) as
    case when instant >= timestamp '0001-01-01' and instant < timestamp '10000-01-01' then instant end;
create or replace temp macro read_time(text) as within_calendar(case when regexp_full_match(
        text, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?'
    ) then cast(try_cast(text as timestamptz) as timestamp) end);
create or replace temp macro shown(text) as
    '''' || regexp_replace(if(length(text) > 80, left(text, 79) || '…', text), '\p{C}', '?', 'g') || '''';
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """The source that rows come from, and the other ones that are configured, whose ids the rows may name."""

    name: str
    others: tuple[str, ...] = ()


_WORDS = {
    Type.TIME: "a time like 2026-01-31T09:30:00Z",
    Type.DATE: "a date like 2026-01-31",
    Type.MONEY: "a number like -1234.56",
    Type.DECIMAL: "a number like -1234.56",
    Type.PROBABILITY: "a number from 0 to 1",
    Type.INT: "a whole number",
    Type.BOOL: "true or false",
}


def quoted(name: str) -> str:
    """A column's or table's name as SQL."""
    return f'"{name}"'


def bit(table: Table, column: Column) -> int:
    """The bit of ``_emptied`` that says that a row's value in this column could not be read."""
    return 1 << table.columns.index(column)


def is_checked(column: Column) -> bool:
    """Whether there are texts that the column cannot hold."""
    return bool(column.values) or column.type not in (Type.ID, Type.TEXT)


def bare_dates_sql(table: Table) -> str | None:
    """The select over ``staged`` that gives the distinct bare dates in its time columns; None without such columns."""
    columns = [quoted(column.name) for column in table.columns if column.type is Type.TIME]
    if not columns:
        return None
    days = " union all ".join(f"select {name} as day from staged where length({name}) = 10" for name in columns)
    return f"select distinct read_date(day) from ({days}) where read_date(day) is not null order by all"


def typing_sql(table: Table, others: Collection[str], *, with_midnights: bool) -> str:
    """The select over ``staged`` that gives, in its order, ``ordinal``, ``row_number``, the typed columns, ``_emptied``
    (a bit for each optional column whose value could not be read) and ``reason`` (why the row is set aside; NULL: it is
    good). ``with_midnights``: bare dates are looked up in ``midnights`` (day as text, starts_at). ``others``: the other
    sources that ids may name. Parameter ``$source``."""
    timed = [column.name for column in table.columns if column.type is Type.TIME] if with_midnights else []
    read = ", ".join(
        f"{_read_sql(column, others, is_joined=column.name in timed)} as {quoted('=' + column.name)}"
        for column in table.columns
    )
    joins = " ".join(
        f"left join midnights as {quoted('@' + name)} on {quoted('@' + name)}.day = staged.{quoted(name)}"
        for name in timed
    )
    columns = ", ".join(f"{_value_sql(column)} as {quoted(column.name)}" for column in table.columns)
    order = "order by ordinal" if joins else ""  # which a join does not keep
    return (
        f"select ordinal, row_number, {columns}, {_emptied_sql(table)} as _emptied, {_reason_sql(table)} as reason "
        f"from (select staged.*, {read} from staged {joins}) {order}"
    )


def stored_id_sql(text: str, column: Column, others: Collection[str]) -> str:
    """An id as it is stored: with its source's name before it, ``$source``. One that refers to another table may name
    another source itself; and ``scope_id`` may be an owner's email, whatever the source."""
    own = f"$source || ':' || {text}"
    if column.name == "id":
        return own
    stands = [f"starts_with({text}, {_literal(name + ':')})" for name in others]
    if column.name == "scope_id":
        stands.append(f"contains({text}, '@')")
    return f"case when {' or '.join(stands)} then {text} else {own} end" if stands else own


def _read_sql(column: Column, others: Collection[str], *, is_joined: bool) -> str:
    text = f"staged.{quoted(column.name)}"
    if column.type is Type.ID:
        return stored_id_sql(text, column, others)
    if column.values:
        return f"case when {text} in ({_listed(column)}) then {text} end"
    if column.type is Type.TEXT:
        return text
    if column.type is Type.TIME:
        read = f"read_time({text})"
        return f"coalesce({read}, {quoted('@' + column.name)}.starts_at)" if is_joined else read
    return f"read_{column.type}({text})"


def _value_sql(column: Column) -> str:
    read = quoted("=" + column.name)
    if column.default is None:
        return read
    return f"coalesce({read}, cast({_literal(column.default)} as {SQL_TYPES[column.type]}))"


def _emptied_sql(table: Table) -> str:
    bits = [
        f"case when {_is_unreadable(column)} then {bit(table, column)} else 0 end"
        for column in table.columns
        if is_checked(column) and not column.required
    ]
    return f"cast({' + '.join(bits) or '0'} as bigint)"


def _reason_sql(table: Table) -> str:
    cases = []
    for column in table.columns:
        if column.required:
            cases.append(f"when {quoted(column.name)} is null then {_literal(column.name + ' is empty')}")
            if is_checked(column):
                wrong = f"{_literal(column.name + ' ')} || shown({quoted(column.name)}) || {_literal(_fault(column))}"
                cases.append(f"when {_is_unreadable(column)} then {wrong}")
    return f"case {' '.join(cases)} end"


def _is_unreadable(column: Column) -> str:
    return f"({quoted(column.name)} is not null and {quoted('=' + column.name)} is null)"


def _fault(column: Column) -> str:
    return f" is not one of {', '.join(column.values)}" if column.values else f" is not {_WORDS[column.type]}"


def _listed(column: Column) -> str:
    return ", ".join(_literal(value) for value in column.values)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
