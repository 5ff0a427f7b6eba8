"""``kpi scorecard``: a person's own figures."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.errors import UsageError
from bot.cli.report import CADENCES, Wanted, report_options, run
from kpi.model import Cadence


@click.command(
    "scorecard",
    epilog="Examples: kpi scorecard rep:R1 · kpi scorecard rep:R1 --cadence monthly · kpi scorecard rep:R1 --send",
)
@click.argument("who", metavar="rep:ID")
@click.option("--cadence", type=CADENCES, default=Cadence.WEEKLY.value, show_default=True)
@report_options
def command(*, who: str, cadence: str, **asked: Any) -> int:
    """Show a person's scorecard, or send it to them by direct message. What was sent is not sent twice."""
    if not who.startswith("rep:"):
        raise UsageError(f"{who[:40]!r} is no person: write rep:ID, with an id or an email.")
    return run(Wanted(Cadence(cadence), who, **asked))
