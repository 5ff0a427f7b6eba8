"""``kpi digest``: a team's or the company's digest."""

from __future__ import annotations

from datetime import datetime

import click

from bot.cli.errors import UsageError
from bot.cli.options import common, json_option, now_option
from bot.cli.report import CADENCES, Wanted, run
from kpi.model import Cadence


@click.command(
    "digest",
    epilog="Examples: kpi digest weekly --to team:T1 · kpi digest monthly --to company --period 2026-10 · "
    "kpi digest weekly --to team:T1 --send",
)
@click.argument("cadence", type=CADENCES)
@click.option("--to", "to", required=True, metavar="team:ID|company", help="Whose digest.")
@click.option("--period", metavar="KEY", help="2026-W46, 2026-10 or 2026-Q3; default: the last finished one.")
@click.option("--send", is_flag=True, help="Send it now: to its channel, else to the team's managers.")
@click.option("--again", is_flag=True, help="With --send: once more, though it was sent.")
@json_option
@now_option
@common
def command(
    *,
    cadence: str,
    to: str,
    period: str | None,
    send: bool,
    again: bool,
    as_json: bool,
    now: datetime,
    config_path: str | None,
) -> int:
    """Show a team's or the company's digest, or send it. What was sent is not sent twice."""
    if to != "company" and not to.startswith("team:"):
        raise UsageError(f"--to {to[:40]!r} is no team: write team:ID or company (for a person: kpi scorecard rep:ID).")
    return run(Wanted(Cadence(cadence), to, period, send, again, as_json, now, config_path))
