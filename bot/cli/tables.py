"""Answers as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.views.facts import NO_NAMES, ValueNames
from bot.views.table import answer_table, breakdown_rows, name_columns, trend_rows
from kpi.model import Reading


def print_answer(reading: Reading, locale: str, names: ValueNames = NO_NAMES) -> None:
    """The answer, then its breakdown, then its trend. Texts hold no control characters and no markup."""
    console = Console()
    first, *rest = answer_table(reading, locale, names)
    console.print(Text(": ".join(first), style="bold"))
    facts = Table.grid(padding=(0, 2))
    for name, value in rest:
        facts.add_row(Text(name, style="dim"), Text(value))
    console.print(facts)
    for rows, columns in ((breakdown_rows(reading, locale), name_columns(reading)), (trend_rows(reading, locale), 1)):
        if rows:
            console.print(_table(rows, columns))


def _table(rows: Sequence[Sequence[str]], names: int) -> Table:
    head, *body = rows
    table = Table(box=SIMPLE)
    for n, title in enumerate(head):
        table.add_column(Text(title), justify="left" if n < names else "right")
    for row in body:
        table.add_row(*map(Text, row))
    return table
