"""An answer as rows of text: for tables in Slack and in the terminal."""

from __future__ import annotations

from bot.views.facts import NO_NAMES, PREVIOUS, ValueNames, facts, only, share_of, shown, title, when, whose
from bot.views.labels import period_label
from bot.views.mrkdwn import plain
from bot.views.numbers import amount, change
from bot.views.reasons import NO_VALUE
from kpi.model import Line, Reading, Unit


def answer_table(reading: Reading, locale: str, names: ValueNames = NO_NAMES) -> list[list[str]]:
    """The answer without its breakdown and trend: rows of two cells, what and the words for it."""
    filtered = only(reading, names)
    rows = [
        [title(reading), shown(reading.value, reading, locale)],
        ["Who", whose(reading)],
        ["When", when(reading, locale)],
        *([["Only", filtered]] if filtered else []),
        *([fact.label, fact.text] for fact in facts(reading, locale)),
        *(["Note", note] for note in reading.notes),
    ]
    if reading.as_of:
        rows.append(["Data as of", f"{reading.as_of:%Y-%m-%d %H:%M} UTC"])
    return [[plain(cell) for cell in row] for row in rows]


def name_columns(reading: Reading) -> int:
    """How many of the first columns of the breakdown name what a row stands for: one for each dimension."""
    return 2 if reading.by and reading.by[0].second else 1


def breakdown_rows(reading: Reading, locale: str) -> list[list[str]]:
    """The lines of the breakdown below a head: what each stands for, value, the records that it stands on (``7 of 10``
    where it is a share, ``few`` where they are too few to compare it), and its further figures; nothing where the
    answer has none."""
    if not reading.by:
        return []
    first = reading.by[0]
    extras = list(first.extras)
    head = [
        *(_heading(key.dimension) for key in (first.key, first.second) if key),
        title(reading),
        "Of" if reading.unit is Unit.PERCENT else "Records",
        *("Change" if extra == PREVIOUS else _heading(extra) for extra in extras),
    ]
    rows = (
        [
            *(plain(key.name or key.key) for key in (line.key, line.second) if key),
            shown(line.value, reading, locale),
            _stands_on(line, reading, locale),
            *(_extra(extra, line, reading, locale) for extra in extras),
        ]
        for line in reading.by
    )
    return [head, *rows]


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _stands_on(line: Line, reading: Reading, locale: str) -> str:
    records = share_of(line, reading, locale) or f"{line.records:,}"
    return f"{records}, few" if line.is_small and line.value is not None else records


def _extra(name: str, line: Line, reading: Reading, locale: str) -> str:
    """A further figure of a line, the value of the period before as the change from it."""
    extra = line.extras.get(name)
    if extra is None or extra.value is None:
        return NO_VALUE
    if name != PREVIOUS:
        return amount(extra.value, extra.unit, reading.currency, locale)
    if line.value is None:
        return NO_VALUE
    return change(line.value, extra.value, extra.unit, reading.currency, locale)


def trend_rows(reading: Reading, locale: str) -> list[list[str]]:
    """The trend below a head, oldest first: period and value; nothing where the answer has none."""
    if not reading.trend:
        return []
    rows = (
        [period_label(figure.period, reading.now, locale), shown(figure.value, reading, locale)]
        for figure in reading.trend
    )
    return [["Period", title(reading)], *rows]
