"""``kpi serve``: runs until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import threading

import click

from bot.cli.errors import UsageError
from bot.cli.options import common, load


@click.command("serve", epilog="Example: SLACK_BOT_TOKEN=… SLACK_APP_TOKEN=… kpi serve")
@click.option("--no-sync", is_flag=True, help="Answer only; something else runs kpi sync.")
@click.option("--no-schedule", is_flag=True, help="Send no digests by schedule (this version schedules none).")
@common
def command(*, no_sync: bool, no_schedule: bool, config_path: str | None) -> None:  # noqa: ARG001, nothing is scheduled yet
    """Run the Slack bot and the periodic sync until SIGTERM or Ctrl-C."""
    config = load(config_path)
    if config.slack.mode != "socket":
        raise UsageError('[slack] mode = "http" is not available in this version: use mode = "socket".')
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for stopping in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stopping, lambda _number, _frame: stop.set())
    from bot.app import BOLT_LOG
    from bot.serve import serve

    BOLT_LOG.setLevel(logging.WARNING)
    serve(config, with_sync=not no_sync, stop=stop, environ=os.environ)
