"""``kpi sync``: pulls what changed and publishes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.cli.errors import INCOMPLETE, note
from bot.cli.options import common, is_terminal, json_option, load, print_json
from bot.cli.progress import Bar
from bot.sync import SyncReport, sync


@click.command("sync", epilog="Examples: kpi sync · kpi sync --full · kpi sync --source hubspot --json")
@click.option("--source", metavar="NAME", help="Only this source; default: all.")
@click.option("--full", is_flag=True, help="Pull everything anew, not only what changed.")
@json_option
@common
def command(*, source: str | None, full: bool, as_json: bool, config_path: str | None) -> int:
    """Pull what changed from the sources and publish it for everybody who asks."""
    config = load(config_path)
    with Bar(visible=is_terminal()) as bar:
        report = sync(config, only=source, full=full, clock=lambda: datetime.now(UTC), progress=bar)
    for notice in report.notices:
        note(notice)
    if as_json:
        print_json([asdict(table) for table in report.tables])
    else:
        _print(report)
    return 0 if all(table.complete for table in report.tables) else INCOMPLETE


def _print(report: SyncReport) -> None:
    for table in report.tables:
        parts = [f"{table.pulled:,} rows read", f"{table.written:,} written"] if table.pulled else ["up to date"]
        parts += [f"{table.deleted:,} gone"] if table.deleted else []
        parts += [f"{table.set_aside:,} set aside"] if table.set_aside else []
        click.echo(f"{table.source}: {table.table}: {', '.join(parts)}")
    if any(table.set_aside for table in report.tables):
        click.echo('"kpi check" says which rows were set aside, and why.')
    click.echo("Published.")
