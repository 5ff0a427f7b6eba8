"""``kpi check``: looks at everything, changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain

import click

from bot.against_crm import against_crm
from bot.checks import Check, Level, run_checks
from bot.cli.errors import REFUSED
from bot.cli.options import common, json_option, load, now_option, print_json


@click.command("check", epilog="Examples: kpi check · kpi check --json")
@click.option("--against-crm", "with_crm", is_flag=True, help="Hold won deals and amounts against the CRM's own.")
@json_option
@now_option
@common
def command(*, with_crm: bool, as_json: bool, now: datetime, config_path: str | None) -> int:
    """Check configuration, sources and their mapping, store and Slack: one line each, ok or what to do.

    Lists the rows that were set aside and the values that could not be read.
    """
    config = load(config_path)
    checks = chain(run_checks(config, now, _clock), against_crm(config, now, _clock) if with_crm else ())
    found = []
    for check in checks:
        found.append(check)
        if not as_json:
            click.echo(_line(check))
    if as_json:
        print_json([asdict(check) for check in found])
    return REFUSED if any(check.level is Level.BAD for check in found) else 0


def _clock() -> datetime:
    return datetime.now(UTC)


def _line(check: Check) -> str:
    text = f"{check.level:<5}{check.subject}: {check.detail}"
    return "".join(character if character.isprintable() else " " for character in text)
