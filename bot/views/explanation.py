"""An explanation as sections of rows of text: for the terminal, and for tables elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from bot.views.facts import shown, title, when, whose
from bot.views.mrkdwn import plain
from bot.views.numbers import locale_of, minutes
from bot.views.reasons import explanation as reason_words
from kpi.explain import Explanation, Record, Records, Term
from kpi.scopes import Directory

_MICROSECONDS = "_us"
_MICROSECONDS_A_MINUTE = 60_000_000
_DIGITS = 76  # as many as any sum has
_NOTHING = ""

Link = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows below a title. ``head`` names the columns of a table, of which ``numbers`` (from 0) hold numbers; without a
    head the rows are pairs of a label and its words."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """For whom it is written: their locale, the organisation's zone, how ids are shown, where records are."""

    locale: str
    timezone: str
    directory: Directory
    link: Link


def explanation_sections(told: Explanation, style: Style) -> list[Section]:
    """The answer and its definition, the numbers, what is left out, the inputs, and a page of records; those that there
    are. All texts are plain: one line, without control characters."""
    sections = [_summary(told, style), _numbers(told, style), _left_out(told), _inputs(told, style)]
    if told.records:
        sections.append(_records(told.records, style))
    return [_plain(section) for section in sections if section.rows or section.foot]


def sentence(told: Explanation, locale: str) -> str:
    """The formula with the numbers put in: ``57.1% = 4 / 7: won deals / (won + lost deals)``."""
    value, formula, equation = shown(told.reading.value, told.reading, locale), told.definition.formula, told.equation
    if equation is None:
        return f"{value}: {formula}"
    numbers = _words(equation.template).format(*(figure(one, locale) for one in equation.numbers))
    return f"{value} = {numbers}: {formula}" if equation.is_whole else f"{value}: {formula}; with {numbers}"


def figure(number: Decimal, locale: str) -> str:
    """A number without a unit: whole, else with two decimals, more where it is small."""
    places = 0 if number == number.to_integral_value() else 2 if abs(number) >= 1 else 6
    with localcontext(prec=_DIGITS):
        rounded = number.quantize(Decimal(1).scaleb(-places))
        pattern = "#,##0" + (f".{'#' * places}" if places else "")
        return str(format_decimal(rounded, pattern, locale=locale_of(locale)))


def _summary(told: Explanation, style: Style) -> Section:
    reading, definition, locale = told.reading, told.definition, style.locale
    rows = [
        ("Who", whose(reading)),
        ("When", when(reading, locale)),
        *([("Why", reason_words(reading.reason))] if reading.value is None else []),
        ("What", definition.what),
        ("Formula", sentence(told, locale) if told.terms else definition.formula),
        ("Source", definition.source),
        *([("Left aside", f"{', '.join(told.ignored)}: the whole is explained")] if told.ignored else []),
        *(("Note", note) for note in told.notes),
        *([("Data as of", f"{reading.as_of:%Y-%m-%d %H:%M} UTC")] if reading.as_of else []),
    ]
    return Section(f"{title(reading)}: {shown(reading.value, reading, locale)}", tuple(rows))


def _numbers(told: Explanation, style: Style) -> Section:
    def row(term: Term) -> tuple[str, ...]:
        records = figure(Decimal(term.records), style.locale) if term.records is not None else _NOTHING
        return term.name, figure(term.number, style.locale), records, term.table or _NOTHING, _window(term, style)

    return Section("Numbers", tuple(map(row, told.terms)), ("Number", "Is", "Records", "Of", "When"), numbers=(1, 2))


def _window(term: Term, style: Style) -> str:
    """The period; where the window is another one, its instants."""
    if term.start is None or term.until is None:
        return term.period or "at any time"
    first, last = _local(term.start, style), _local(term.until, style)
    if first == last:
        return f"at {last}"
    return f"{term.period}: until {last}" if term.start.year <= 1 else f"{first} to {last}"


def _left_out(told: Explanation) -> Section:
    rows = ((one.name, one.text) for one in told.left_out)
    return Section("Left out, or counted otherwise", tuple(rows))


def _inputs(told: Explanation, style: Style) -> Section:
    def filled(name: str, rows: int) -> str:
        return f"{name} {figure(Decimal(rows), style.locale)}"

    rows = (
        (
            "supplied" if one.is_supplied else "not supplied",
            " or ".join(filled(name, rows) for name, rows in one.filled.items()),
        )
        for one in told.inputs
    )
    return Section("Inputs, and how many rows fill them", tuple(rows))


def _records(records: Records, style: Style) -> Section:
    """The page, without columns that are empty in all of its rows."""
    links = [style.link(records.table, record.id) if record.id else None for record in records.rows]
    dated = _heading(records.dated_by) if records.dated_by else "When"
    head = ("Id", "Name", "Owner", dated, *map(_heading, records.columns), "Link")
    rows = [_record(record, link, records, style) for record, link in zip(records.rows, links, strict=True)]
    filled = [n for n in range(len(head)) if any(row[n] for row in rows)]
    first = head.index("Link") - len(records.columns)
    numbers = [first + n for n, column in enumerate(records.columns) if _holds_numbers(records, column)]
    return Section(
        f"Records of {records.measure}: {records.table}",
        tuple(tuple(row[n] for n in filled) for row in rows),
        tuple(head[n] for n in filled),
        numbers=tuple(place for place, n in enumerate(filled) if n in numbers),
        foot=_foot(records, style.locale),
    )


def _record(record: Record, link: str | None, records: Records, style: Style) -> tuple[str, ...]:
    return (
        style.directory.shown_id(record.id) if record.id else _NOTHING,
        record.name or _NOTHING,
        record.owner or _NOTHING,
        _local(record.at, style) if record.at else _NOTHING,
        *(_cell(column, record.values.get(column), records, style) for column in records.columns),
        link or _NOTHING,
    )


def _cell(column: str, value: Any, records: Records, style: Style) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal)):
        if column.endswith(_MICROSECONDS):
            return minutes(Decimal(value) / _MICROSECONDS_A_MINUTE, style.locale)
        return figure(Decimal(value), style.locale)
    if isinstance(value, datetime):
        return _local(value, style)
    if isinstance(value, str) and column in records.id_columns:
        return style.directory.shown_id(value)
    return _NOTHING if value is None else str(value)


def _foot(records: Records, locale: str) -> str:
    """How many there are, which of them are shown, and who is not."""
    return " ".join(_foot_parts(records, locale))


def _foot_parts(records: Records, locale: str) -> Iterator[str]:
    total = figure(Decimal(records.total), locale)
    yield "1 record." if records.total == 1 else f"{total} records."
    if records.hidden:
        one = "1 record is" if records.hidden == 1 else f"{figure(Decimal(records.hidden), locale)} records are"
        yield f"{one} of people whose figures you may not see one by one."
    if records.pages > 1:
        yield f"Page {records.page} of {figure(Decimal(records.pages), locale)}."
    if records.adds:
        yield f"The sum is that of {_heading(records.adds)}."


def _holds_numbers(records: Records, column: str) -> bool:
    values = (record.values.get(column) for record in records.rows)
    return any(isinstance(value, (int, Decimal)) and not isinstance(value, bool) for value in values)


def _heading(name: str) -> str:
    return _words(name).capitalize()


def _words(name: str) -> str:
    return name.removesuffix(_MICROSECONDS).replace("_", " ")


def _local(instant: datetime, style: Style) -> str:
    """An instant on the organisation's clocks."""
    return f"{instant.astimezone(ZoneInfo(style.timezone)):%Y-%m-%d %H:%M}"


def _plain(section: Section) -> Section:
    def line(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(plain(text) for text in texts)

    return Section(
        plain(section.title), tuple(map(line, section.rows)), line(section.head), section.numbers, plain(section.foot)
    )
