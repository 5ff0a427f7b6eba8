"""``kpi digest``: a team's or the company's digest."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.errors import UsageError
from bot.cli.report import CADENCES, Wanted, report_options, run
from kpi.model import Cadence


@click.command(
    "digest",
    epilog="Examples: kpi digest weekly --to team:T1 · kpi digest monthly --to company --period 2026-10 · "
    "kpi digest weekly --to team:T1 --send",
)
@click.argument("cadence", type=CADENCES)
@click.option("--to", "to", required=True, metavar="team:ID|company", help="Whose digest.")
@report_options
def command(*, cadence: str, to: str, **asked: Any) -> int:
    """Show a team's or the company's digest, or send it: to its channel, else to the team's managers.

    What was sent is not sent twice.
    """
    if to != "company" and not to.startswith("team:"):
        raise UsageError(f"--to {to[:40]!r} is no team: write team:ID or company (for a person: kpi scorecard rep:ID).")
    return run(Wanted(Cadence(cadence), to, **asked))
