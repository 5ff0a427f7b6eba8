"""The tour: a company is made and synced, and the real bot shows on a Slack of this machine what its people see."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.app import running_app
from bot.config import Config, load_config
from bot.demo.company import HEADING
from bot.demo.crm import connect_unlimited, running_crm
from bot.demo.staff import MEMBERS, Member
from bot.demo.workspace import demo_workspace, user_id
from bot.playground.emulator import SlackEmulator
from bot.reports import report_period
from bot.send import Sent, send_report
from bot.services import Desk, open_desk
from bot.sync import Progress, sync
from bot.terminal import print_message
from kpi.engines import open_engine
from kpi.model import Cadence, Scope

if TYPE_CHECKING:
    from bot.playground.interactions import Interaction
    from bot.playground.messages import Message

_REP, _MANAGER, _CHANNEL = "R1", "M2", "sales-emea"
# A team without sub-teams: everybody in its channel may see each other's lines.
_TEAM, _TEAM_MANAGER, _TEAM_CHANNEL = "T7", "M4", "sales-apac"
_ANSWERED_WITHIN_SECONDS = 20


class DemoError(Exception):
    """The tour cannot be given as asked. One line, with what to do."""


@contextmanager
def demo_folder(given: Path | None) -> Iterator[Path]:
    """The folder that the company is made in: the given one, made empty if a company of ours was there, or one that
    goes away. DemoError where something else is there."""
    if given is None:
        with tempfile.TemporaryDirectory(prefix="scoreline-demo-") as folder:
            yield Path(folder)
        return
    config = given / "scoreline.toml"
    if config.exists() and not config.read_text("utf-8").startswith(HEADING):
        raise DemoError(f"{given} holds a configuration that is no demo: name another folder.")
    if given.exists() and not config.exists() and any(given.iterdir()):
        raise DemoError(f"{given} is not empty: name another folder.")
    for made in ("var", "crm", "beside"):
        shutil.rmtree(given / made, ignore_errors=True)
    given.mkdir(parents=True, exist_ok=True)
    yield given


def give_tour(
    folder: Path, console: Console, clock: Callable[[], datetime], bar: AbstractContextManager[Progress]
) -> None:
    """Makes the company in the folder and shows it; ``bar`` is shown during the sync. Raises DemoError where an answer
    stays away."""
    began = time.perf_counter()
    _say(console, "Making a small company: two years of deals, activities and leads in a HubSpot on this machine")
    with running_crm(clock().date(), clock) as crm:
        crm.write(folder)
        config = load_config(folder / "scoreline.toml", crm.environ)
        with bar as progress:
            report = sync(config, only=None, full=False, clock=clock, progress=progress, connect=connect_unlimited)
    if report.stops:
        raise report.stops[0].error
    rows = sum(table.written for table in report.tables)
    aside = sum(table.set_aside for table in report.tables)
    _say(
        console,
        f"Pulled it from HubSpot, and its targets and holidays from files: {rows:,} rows, {aside} set aside, "
        f"{time.perf_counter() - began:.1f} s after the start",
    )
    workspace = demo_workspace()
    with SlackEmulator(workspace) as slack:
        tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        connected = replace(load_config(config.file, tokens), slack=replace(config.slack, api_url=slack.api_url))
        with running_app(connected, clock):
            shown = _Shown(console, slack, crm.ids.of("teams", _TEAM))
            shown.asks(_REP, _CHANNEL, "winrate")
            shown.asks(_MANAGER, _CHANNEL, "bookings my team last quarter by rep")
            shown.sends(connected, clock())
    _say(console, f"That was Scoreline, {time.perf_counter() - began:.1f} s in all.")


class _Shown:
    """What people do, and what they then see in Slack."""

    def __init__(self, console: Console, slack: SlackEmulator, team_id: str) -> None:
        self._console, self._slack, self._team_id = console, slack, team_id
        workspace = slack.workspace
        self._names = {user.id: user.real_name for user in workspace.users} | {
            channel.id: channel.name for channel in workspace.channels
        }
        self._channels = {channel.name: channel.id for channel in workspace.channels}

    def asks(self, member_id: str, channel: str, question: str) -> None:
        """A person types a slash command; the answer is theirs alone."""
        member = MEMBERS[member_id]
        _say(self._console, f"{member.name} types in #{channel}: /kpi {question}")
        interaction: Interaction = self._slack.command(user_id(member), self._channels[channel], "/kpi", question)
        answers = interaction.wait(_ANSWERED_WITHIN_SECONDS)
        if not answers:
            raise DemoError(f"No answer came to /kpi {question} ({interaction.error}): try again.")
        self._print(answers[0], f"#{channel}", member)

    def sends(self, config: Config, now: datetime) -> None:
        """A team's digest goes to its channel and a rep's scorecard to the rep; sent again, nothing happens."""
        engine = open_engine(config.store_url, config.base)
        try:
            desk = open_desk(config, engine, now)
            team = desk.directory.scope_of_team(desk.directory.find_team(self._team_id))
            member = MEMBERS[_REP]
            rep = desk.directory.scope_of_rep(desk.directory.find_rep(member.email))

            _say(self._console, f"kpi digest weekly --to team:{self._team_id} --send")
            self._told(_send(config, desk, team))
            posted = self._slack.messages(self._channels[_TEAM_CHANNEL])[-1]
            self._print(posted, f"#{_TEAM_CHANNEL}", MEMBERS[_TEAM_MANAGER])

            _say(self._console, f"kpi scorecard rep:{member.email} --send")
            self._told(_send(config, desk, rep))
            self._print(self._slack.direct_messages(user_id(member))[-1], f"direct message to {member.name}", member)

            _say(self._console, f"kpi scorecard rep:{member.email} --send, once more")
            self._told(_send(config, desk, rep))
        finally:
            engine.close()

    def _told(self, sent: list[Sent]) -> None:
        for one in sent:
            self._console.print(f"{one.recipient.name}: {one.outcome.told}", markup=False, highlight=False)
        self._console.print()

    def _print(self, message: Message, channel: str, reader: Member) -> None:
        print_message(
            self._console,
            {"text": message.text, "blocks": message.blocks},
            poster="Scoreline",
            at=datetime.fromtimestamp(float(message.ts), ZoneInfo(reader.timezone)),
            channel=channel,
            names=self._names,
            only_to_you=message.ephemeral_to is not None,
        )


def _send(config: Config, desk: Desk, scope: Scope) -> list[Sent]:
    return send_report(config, desk, Cadence.WEEKLY, scope, report_period(desk, Cadence.WEEKLY, None), again=False)


def _say(console: Console, text: str) -> None:
    console.print(f"▸ {text}", style="bold", markup=False, highlight=False)
