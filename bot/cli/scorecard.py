"""``kpi scorecard``: a person's own figures."""

from __future__ import annotations

from datetime import datetime

import click

from bot.cli.errors import UsageError
from bot.cli.options import common, json_option, now_option
from bot.cli.report import CADENCES, Wanted, run
from kpi.model import Cadence


@click.command(
    "scorecard",
    epilog="Examples: kpi scorecard rep:R1 · kpi scorecard rep:R1 --cadence monthly · kpi scorecard rep:R1 --send",
)
@click.argument("who", metavar="rep:ID")
@click.option("--cadence", type=CADENCES, default=Cadence.WEEKLY.value, show_default=True)
@click.option("--period", metavar="KEY", help="2026-W46, 2026-10 or 2026-Q3; default: the last finished one.")
@click.option("--send", is_flag=True, help="Send it now, by direct message.")
@click.option("--again", is_flag=True, help="With --send: once more, though it was sent.")
@json_option
@now_option
@common
def command(
    *,
    who: str,
    cadence: str,
    period: str | None,
    send: bool,
    again: bool,
    as_json: bool,
    now: datetime,
    config_path: str | None,
) -> int:
    """Show a person's scorecard, or send it to them. What was sent is not sent twice."""
    if not who.startswith("rep:"):
        raise UsageError(f"{who[:40]!r} is no person: write rep:ID, with an id or an email.")
    return run(Wanted(Cadence(cadence), who, period, send, again, as_json, now, config_path))
