"""``kpi sync``: pulls what changed and publishes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from bot.cli.errors import INCOMPLETE, REFUSED, exit_status, explain, note
from bot.cli.options import common, is_terminal, json_option, load, print_json
from bot.cli.progress import Bar
from bot.sync import Stop, SyncReport, sync
from connectors.base import IncompleteError


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
        _print_tables(report)
    for stop in report.stops:
        note(_told(stop, config.organisation.timezone))
    if not as_json and (outcome := _outcome(report)):
        click.echo(outcome)
    return _status(report)


def _print_tables(report: SyncReport) -> None:
    stopped = {stop.source for stop in report.stops}
    for table in report.tables:
        if table.source in stopped and not table.pulled:
            continue
        parts = [f"{table.pulled:,} rows read", f"{table.written:,} written"] if table.pulled else ["up to date"]
        parts += [f"{table.deleted:,} gone"] if table.deleted else []
        parts += [f"{table.set_aside:,} set aside"] if table.set_aside else []
        click.echo(f"{table.source}: {table.table}: {', '.join(parts)}")
    if any(table.set_aside for table in report.tables):
        click.echo('"kpi check" says which rows were set aside, and why.')


def _told(stop: Stop, timezone: str) -> str:
    if isinstance(stop.error, IncompleteError):
        resume_at = stop.error.resume_at.astimezone(ZoneInfo(timezone))
        return f"{stop.source}: incomplete, resumes at {resume_at:%Y-%m-%d %H:%M} ({timezone}). {stop.error}"
    return f"kpi: Source {stop.source}: {explain(stop.error).removeprefix('kpi: ')}"


def _outcome(report: SyncReport) -> str:
    if report.snapshot is not None:
        stopped = ", ".join(stop.source for stop in report.stops)
        return f"Published; {stopped} as it was when it was last complete." if stopped else "Published."
    if not any(isinstance(stop.error, IncompleteError) for stop in report.stops):
        return ""  # the errors say it all
    if report.is_answering:
        return "Nothing new is published: questions are answered from what was complete before."
    return "Nothing is published yet: that needs every source to have come to its end once."


def _status(report: SyncReport) -> int:
    """What is wrong stands before what goes on by itself."""
    wrong = [stop.error for stop in report.stops if not isinstance(stop.error, IncompleteError)]
    if wrong:
        return max(map(exit_status, wrong), default=REFUSED)
    return 0 if all(table.complete for table in report.tables) and not report.stops else INCOMPLETE
