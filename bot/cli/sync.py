"""``kpi sync``: pulls what changed and publishes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from bot.cli.errors import INCOMPLETE, note
from bot.cli.options import common, is_terminal, json_option, load, print_json
from bot.sync import SyncReport, sync

if TYPE_CHECKING:
    from rich.progress import TaskID


@click.command("sync", epilog="Examples: kpi sync · kpi sync --full · kpi sync --source hubspot --json")
@click.option("--source", metavar="NAME", help="Only this source; default: all.")
@click.option("--full", is_flag=True, help="Pull everything anew, not only what changed.")
@json_option
@common
def command(*, source: str | None, full: bool, as_json: bool, config_path: str | None) -> int:
    """Pull what changed from the sources and publish it for everybody who asks."""
    config = load(config_path)
    with _Bar(visible=is_terminal()) as bar:
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


class _Bar:
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} rows"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not self._visible,
            transient=True,
        )
        self._task: TaskID | None = None
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def source(self, name: str, rows: int | None) -> None:
        self._task = self._progress.add_task(name, total=rows)

    def advance(self, table: str, rows: int) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=rows, description=table)

    def publishing(self) -> None:
        self._progress.add_task("publishing", total=None)
