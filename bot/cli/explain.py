"""``kpi explain``: what stands behind an answer, down to the records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bot.access import ADMIN, viewer_of
from bot.cli.errors import UsageError
from bot.cli.options import common, json_option, load, now_option, print_json
from bot.explaining import explain_request, record_links
from bot.services import Asker, open_desk
from kpi.engines import open_engine
from kpi.explain import ExplainError, Page, explanation_json
from kpi.scopes import COMPANY

if TYPE_CHECKING:
    from bot.views.explanation import Section

_MOST_ROWS = 10_000


@click.command(
    "explain",
    epilog='Examples: kpi explain winrate · kpi explain "bookings last quarter" --sort -value · '
    "kpi explain winrate --measure won --page 2",
)
@click.argument("question", nargs=-1, required=True)
@click.option("--measure", metavar="NAME", help="List the records of this number, or of left-out:1.")
@click.option("--sort", metavar="COLUMN", help="Sort the records by this column; -COLUMN: descending.")
@click.option(
    "--page", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Which page of the records."
)
@click.option(
    "--rows", type=click.IntRange(1, _MOST_ROWS), default=20, show_default=True, help="How many records a page has."
)
@click.option("--as", "email", metavar="EMAIL", help="Ask with this person's rights; default: as an admin.")
@json_option
@now_option
@common
def command(
    question: tuple[str, ...],
    *,
    email: str | None,
    as_json: bool,
    now: datetime,
    config_path: str | None,
    **page: Any,
) -> None:
    """Explain the answer to QUESTION: definition, formula with its numbers, what is left out, and the records.

    The question is as for "kpi ask"; a breakdown, a trend or a comparison is left aside.
    """
    config = load(config_path)
    engine = open_engine(config.store_url, config.base)
    try:
        desk = open_desk(config, engine, now)
        viewer = viewer_of(email, desk.directory, config.access.admins) if email else ADMIN
        request = desk.parse(" ".join(question), Asker(viewer, default=COMPANY))
        told = explain_request(desk, request, viewer, Page(**page))
    except ExplainError as error:
        raise UsageError(str(error)) from error
    finally:
        engine.close()
    link = record_links(config.record_urls)
    if as_json:
        print_json(explanation_json(told, desk.directory, link))
        return
    from bot.views.explanation import Style, explanation_sections

    locale = (viewer.rep.locale if viewer.rep else None) or config.organisation.locale
    _print(explanation_sections(told, Style(locale, config.organisation.timezone, desk.directory, link)))


def _print(sections: Sequence[Section]) -> None:
    """The sections below each other. Their texts hold no control characters and no markup."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for section in sections:
        console.print(Text(section.title, style="bold"))
        table = Table(box=SIMPLE_HEAD) if section.head else Table.grid(padding=(0, 2))
        for n, name in enumerate(section.head):
            table.add_column(Text(name), justify="right" if n in section.numbers else "left", overflow="fold")
        for row in section.rows:
            table.add_row(*map(Text, row))
        if section.rows:
            console.print(table)
        if section.foot:
            console.print(Text(section.foot, style="dim"))
        if not section.head:
            console.print()
