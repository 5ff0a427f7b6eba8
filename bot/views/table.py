"""An answer as rows of text: for tables in Slack and in the terminal."""

from __future__ import annotations

from bot.views.facts import facts, share_of, shown, title, when, whose
from bot.views.labels import period_label
from bot.views.mrkdwn import plain
from bot.views.numbers import amount
from bot.views.reasons import NO_VALUE
from kpi.model import Amount, Reading, Unit


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
    keys = [key.dimension.capitalize() for key in (reading.by[0].key, reading.by[0].second) if key]
    told = [name.replace("_", " ").capitalize() for name in reading.by[0].extras]
    head = [*keys, title(reading), "Of" if reading.unit is Unit.PERCENT else "Records", *told]
    rows = (
        [
            *(plain(key.name or key.key) for key in (line.key, line.second) if key),
            shown(line.value, reading, locale),
            share_of(line, reading, locale) or f"{line.records:,}",
            *(_told(extra, reading, locale) for extra in line.extras.values()),
        ]
        for line in reading.by
    )
    return [head, *rows]


def _told(extra: Amount, reading: Reading, locale: str) -> str:
    return NO_VALUE if extra.value is None else amount(extra.value, extra.unit, reading.currency, locale)


def trend_rows(reading: Reading, locale: str) -> list[list[str]]:
    """The trend below a head, oldest first: period and value; nothing where the answer has none."""
    if not reading.trend:
        return []
    rows = (
        [period_label(figure.period, reading.now, locale), shown(figure.value, reading, locale)]
        for figure in reading.trend
    )
    return [["Period", title(reading)], *rows]
