"""``kpi demo``: the first five minutes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.options import common, is_terminal
from bot.cli.progress import Bar


@click.command("demo", epilog="Examples: kpi demo · kpi demo --folder ~/scoreline-demo")
@click.option("--once", is_flag=True, help="Print and end (which it does in any case in this version).")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the company there, to try commands on; default: it goes away.",
)
@common
def command(*, once: bool, folder: Path | None, config_path: str | None) -> None:  # noqa: ARG001, shared with others
    """Make a small company, sync it, and show its answers, a digest and a scorecard as Slack would."""
    from rich.console import Console

    from bot.demo.tour import demo_folder, give_tour

    with demo_folder(folder) as made:
        give_tour(made, Console(), lambda: datetime.now(UTC), Bar(visible=is_terminal()))
    if folder:
        config = folder / "scoreline.toml"
        click.echo("Try it yourself:")
        click.echo(f"  {sys.argv[0]} ask --config {config} winrate company last quarter by rep")
        click.echo(f"  {sys.argv[0]} scorecard --config {config} rep:juergen@larkspur.example")
