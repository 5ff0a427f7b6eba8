"""On the demo's company: how soon the command line answers, and how soon a busy bot acks."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import side_by_side
from bench.told import ratio, say
from bot.app import running_app
from bot.config import Config, load_config
from bot.demo.company import write_export
from bot.demo.workspace import demo_workspace
from bot.playground.emulator import SlackEmulator
from bot.sync import SilentProgress, sync

RUNS = 10
ROUNDS, AT_ONCE = 20, 50
ANSWERED_WITHIN_SECONDS = 60


def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_export(Path(folder), today=datetime.now(UTC).date())
        made = time.perf_counter()
        config = load_config(Path(folder) / "scoreline.toml", os.environ)
        sync(config, only=None, full=False, clock=lambda: datetime.now(UTC), progress=SilentProgress())
        synced = time.perf_counter()
        say("demo company", f"made in {made - began:.2f} s, synced and published in {synced - made:.2f} s")
        _cold_start(config)
        _acks(config)


def _cold_start(config: Config) -> None:
    ask = [str(Path(sys.executable).with_name("kpi")), "ask", "winrate", "--config", str(config.file)]
    ours, pandas = side_by_side(ask, [sys.executable, "-c", "import pandas"], RUNS)
    say("kpi ask winrate", f"{ours * 1000:.0f} ms CPU as a whole process, median of {RUNS}")
    say("import pandas", f"{pandas * 1000:.0f} ms CPU as a whole process, median of {RUNS}")
    say("", ratio(ours, pandas, "at most 1"))


def _acks(config: Config) -> None:
    workspace = demo_workspace()
    with SlackEmulator(workspace, rate_limits=False) as slack:
        tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        connected = replace(load_config(config.file, tokens), slack=replace(config.slack, api_url=slack.api_url))
        users = [user.id for user in workspace.users if user.email]
        with running_app(connected):
            slowest, answered = [], []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                asked = [
                    slack.command(users[n % len(users)], workspace.channels[0].id, "/kpi", "winrate")
                    for n in range(AT_ONCE)
                ]
                for interaction in asked:
                    if not interaction.wait(ANSWERED_WITHIN_SECONDS):
                        raise TimeoutError("a slash command was not answered")
                slowest.append(max(interaction.ack_seconds or float("inf") for interaction in asked))
                answered.append(time.perf_counter() - began)
    say("acks", f"{AT_ONCE} commands at once, {ROUNDS} rounds: slowest {max(slowest):.3f} s (promised: within 1 s)")
    say(
        "answers", f"all {AT_ONCE} within {statistics.median(answered):.2f} s (median), {max(answered):.2f} s (slowest)"
    )
