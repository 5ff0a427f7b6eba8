"""Acme synced once and copied for each test, its Slack on loopback, the real bot in it, and the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import running_app
from bot.cli import main
from bot.config import Config
from bot.playground.emulator import SlackEmulator
from bot.playground.interactions import Interaction
from tests.bot.acme import ACME, NOW, connect, publish, write_acme


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class RunningBot:
    """The bot, connected to its Slack."""

    slack: SlackEmulator
    config: Config
    folder: Path

    def asks(self, user: str, text: str, channel: str = "CEVERY") -> str:
        """What somebody is answered to ``/kpi``, in words."""
        return self.answer(user, text, channel).text

    def answer(self, user: str, text: str, channel: str = "CEVERY"):
        asked = self.command(user, text, channel)
        answers = asked.wait(10)
        assert answers, f"no answer to {text[:40]!r}: {asked.error}"
        return answers[0]

    def command(self, user: str, text: str, channel: str = "CEVERY") -> Interaction:
        return self.slack.command(user, channel, "/kpi", text)


def tokens_of(slack: SlackEmulator) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}


@pytest.fixture(scope="session")
def synced_acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("acme")
    write_acme(folder)
    publish(folder)
    return folder


@pytest.fixture
def acme(synced_acme: Path, tmp_path: Path) -> Path:
    """The company's folder, synced, for the test alone."""
    folder = tmp_path / "acme"
    shutil.copytree(synced_acme, folder)
    return folder


@pytest.fixture
def acme_slack() -> Iterator[SlackEmulator]:
    with SlackEmulator(ACME, rate_limits=False) as emulator:
        yield emulator


@pytest.fixture(scope="module")  # and no longer: its threads draw random numbers, which Hypothesis must not meet
def shared_bot(synced_acme: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    folder = tmp_path_factory.mktemp("bot") / "acme"
    shutil.copytree(synced_acme, folder)
    with SlackEmulator(ACME, rate_limits=False) as slack:
        config = connect(folder, slack.api_url, tokens_of(slack))
        with running_app(config, lambda: NOW, ping_seconds=0.5):
            assert slack.wait_for_socket(count=2)
            yield RunningBot(slack, config, folder)


@pytest.fixture
def bot(shared_bot: RunningBot) -> Iterator[RunningBot]:
    """The same bot for the tests of a file, without the faults of others. It keeps what it learns of people for ten minutes."""
    assert shared_bot.slack.wait_for_socket()
    yield shared_bot
    shared_bot.slack.clear_faults()


@pytest.fixture
def kpi(
    acme: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """Runs a command in this process, on Acme and at ``NOW`` unless it says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCORELINE_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str, config: Path | None = None) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--config", str(config or acme / "scoreline.toml")])
        written = capsys.readouterr()
        return Ran(int(ended.value.code or 0), written.out, written.err)

    return run


@pytest.fixture
def with_slack(acme: Path, acme_slack: SlackEmulator, monkeypatch: pytest.MonkeyPatch) -> SlackEmulator:
    """A Slack that the commands of ``kpi`` talk to."""
    connect(acme, acme_slack.api_url, {})
    for name, token in tokens_of(acme_slack).items():
        monkeypatch.setenv(name, token)
    return acme_slack
