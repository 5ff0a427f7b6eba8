"""An answer as rows of text: for a table in the terminal and for CSV."""

from __future__ import annotations

from collections.abc import Iterator

from bot.views.facts import facts, share_of, shown, title, when, whose
from bot.views.labels import period_label
from bot.views.mrkdwn import plain
from kpi.model import Figure, Line, Reading, Unit

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_CSV_HEAD = (
    "kpi", "variant", "unit", "scope", "scope_id", "period", "dimension", "key", "name",
    "value", "numerator", "denominator", "records", "reason",
)  # fmt: skip


def answer_table(reading: Reading, locale: str) -> list[list[str]]:
    """The answer without its breakdown and trend: rows of two cells, what and the words for it."""
    rows = [
        [title(reading), shown(reading.value, reading, locale)],
        ["Who", whose(reading)],
        ["When", when(reading, locale)],
        *([fact.label, fact.text] for fact in facts(reading, locale)),
        *(["Note", note] for note in reading.notes),
    ]
    if reading.as_of:
        rows.append(["Data as of", f"{reading.as_of:%Y-%m-%d %H:%M} UTC"])
    return [[plain(cell) for cell in row] for row in rows]


def breakdown_rows(reading: Reading, locale: str) -> list[list[str]]:
    """The lines of the breakdown below a head: name, value, and the records it stands on (``7 of 10`` where it is a
    share); nothing where the answer has none."""
    if not reading.by:
        return []
    head = [reading.by[0].dimension.capitalize(), title(reading), "Of" if reading.unit is Unit.PERCENT else "Records"]
    rows = (
        [
            plain(line.name or line.key),
            shown(line.value, reading, locale),
            share_of(line, reading, locale) or f"{line.records:,}",
        ]
        for line in reading.by
    )
    return [head, *rows]


def trend_rows(reading: Reading, locale: str) -> list[list[str]]:
    """The trend below a head, oldest first: period and value; nothing where the answer has none."""
    if not reading.trend:
        return []
    rows = (
        [period_label(figure.period, reading.now, locale), shown(figure.value, reading, locale)]
        for figure in reading.trend
    )
    return [["Period", title(reading)], *rows]


def csv_rows(reading: Reading) -> list[list[str]]:
    """The answer for a spreadsheet, below a head: one row for the whole, one per line of the breakdown and per period
    of the trend. Numbers are exact and plain, and no text begins like a formula."""
    return [list(_CSV_HEAD), *_csv_lines(reading)]


def _csv_lines(reading: Reading) -> Iterator[list[str]]:
    yield _csv_line(reading, reading.period.key, ("", "", ""), reading)
    for line in reading.by:
        yield _csv_line(reading, reading.period.key, (line.dimension, line.key, line.name), line)
    for figure in reading.trend:
        yield _csv_line(reading, figure.period.key, ("", "", ""), figure)


def _csv_line(reading: Reading, period: str, of: tuple[str, str, str], part: Reading | Line | Figure) -> list[str]:
    scope = reading.scope
    texts = (reading.kpi, reading.variant, reading.unit.value, scope.name, scope.id, period, *of)
    numbers = (part.value, part.numerator, part.denominator)
    return [
        *(_text(text or "") for text in texts),
        *("" if number is None else f"{number:f}" for number in numbers),
        str(part.records),
        part.reason or "",
    ]


def _text(text: str) -> str:
    """The text as a cell: a spreadsheet takes one that begins like a formula for one."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
