"""``kpi serve`` as a process of its own: answers, syncs in a child, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.playground.emulator import SlackEmulator
from tests.bot.acme import add_rows, connect, write_acme
from tests.bot.conftest import tokens_of

SECONDS = 30


def served(folder: Path, slack: SlackEmulator, *options: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bot.cli", "serve", "--config", str(folder / "scoreline.toml"), *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | tokens_of(slack) | environment,
    )


@contextmanager
def serving(folder: Path, slack: SlackEmulator, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process, connected; killed if the test leaves it running."""
    connect(folder, slack.api_url, {})
    process = served(folder, slack, *options)
    try:
        assert slack.wait_for_socket(SECONDS, count=2), process.communicate(timeout=1)[1]
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Asks it to end; its status and what it said."""
    began = time.monotonic()
    process.send_signal(by)
    _, said = process.communicate(timeout=SECONDS)
    assert time.monotonic() - began < SECONDS / 2
    return process.returncode, said


def children_of(process: subprocess.Popen[str]) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{process.pid}/task").glob("*/children")
        for child in task.read_text().split()
    ]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answer(slack: SlackEmulator) -> str:
    (message,) = slack.command("UANA", "CSALES", "/kpi", "winrate company 2026-11").wait(SECONDS)
    return message.text


def test_it_syncs_answers_and_ends(acme_slack: SlackEmulator, tmp_path: Path):
    folder = tmp_path / "new"
    write_acme(folder)
    with serving(folder, acme_slack) as process:
        wait_until((folder / "var" / "crm.snapshots" / "current").exists)
        assert "4 of 7" in answer(acme_slack)
        status, said = ended(process)

    assert status == 0
    assert "Connected to Slack" in said
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert not any(token in said for token in tokens_of(acme_slack).values())
    assert "Ana" not in said


def test_without_sync_it_only_answers_until_ctrl_c(acme: Path, acme_slack: SlackEmulator):
    add_rows(acme, "deals", "D99,new,R3,won,1,USD,new,2026-10-01T10:00:00Z,2026-11-06T15:00:00Z")
    with serving(acme, acme_slack, "--no-sync", "--no-schedule") as process:
        assert "4 of 7" in answer(acme_slack)
        assert children_of(process) == []
        status, said = ended(process, signal.SIGINT)

    assert status == 0
    assert "Published" not in said
    assert "Traceback" not in said


@pytest.fixture
def slow_acme(acme: Path) -> Path:
    lines = (f"B{n},call,R1,2025-{n % 12 + 1:02}-10T10:00:00Z\n" for n in range(250_000))
    (acme / "crm" / "activities.csv").write_text("id,type,owner_id,at\n" + "".join(lines))
    return acme


def test_it_answers_during_a_sync_and_ends_it_when_told_to(slow_acme: Path, acme_slack: SlackEmulator):
    with serving(slow_acme, acme_slack) as process:
        wait_until(lambda: children_of(process))
        (child,) = children_of(process)
        environment = Path(f"/proc/{child}/environ").read_text()
        assert "4 of 7" in answer(acme_slack)
        assert children_of(process) == [child]
        status, said = ended(process)

    assert status == 0
    assert not Path(f"/proc/{child}").exists()
    assert "PATH=" in environment
    assert "SLACK_" not in environment
    assert "The sync ended" not in said


def test_a_sync_that_fails_is_told_and_does_not_end_it(acme: Path, acme_slack: SlackEmulator):
    (acme / "crm" / "deals.csv").unlink()
    (acme / "crm" / "deals.csv").mkdir()
    config = acme / "scoreline.toml"
    config.write_text(config.read_text().replace('path = "crm"', 'path = "nosuch"'))
    with serving(acme, acme_slack) as process:
        wait_until(lambda: not children_of(process))
        assert process.stderr
        while "The sync ended" not in (line := process.stderr.readline()):
            assert line
        assert "4 of 7" in answer(acme_slack)
        status, said = ended(process)

    assert status == 0
    assert "with status 3; the next one is tried in 15 min" in line
    assert "Stopping" in said


def test_a_wrong_token_ends_it_at_once(acme: Path, acme_slack: SlackEmulator):
    connect(acme, acme_slack.api_url, {})
    process = served(acme, acme_slack, "--no-sync", SLACK_APP_TOKEN="xapp-1-mistaken")

    _, said = process.communicate(timeout=SECONDS)

    assert process.returncode == 3
    assert said.splitlines()[-1].startswith("kpi: Slack refused (invalid_auth): ")
    assert "Traceback" not in said
    assert "mistaken" not in said
