"""Sends a report where it belongs, once: a digest to its channel or the team's managers, a scorecard to its rep."""

from __future__ import annotations

import os
import re
import socket
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.access import Viewer
from bot.deliver import Outcome, OutgoingMessage, deliver
from bot.members import Members, TooManyMembersError
from bot.reports import Report, compose_report
from bot.slack_client import SLACK_ERRORS, code_of, explain_slack, make_client, workspace_of
from bot.state import DeliveryKey, open_state
from kpi.answer import answer_json
from kpi.model import Cadence, Scope, ScopeType
from kpi.scopes import Rep, ScopeError

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.config import Config, DigestSettings
    from bot.services import Desk
    from kpi.periods import Period

_PAGE = 200
_PAGES = 50
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]+")  # a channel's name has no capitals


class NoRecipientError(Exception):
    """There is nobody and no channel to send to. One line that says what to configure."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A conversation or a person: its Slack id, how it is named to people, who will read, and their language.
    ``digest_id`` is the ``[[digest]]`` that names it; None where none does."""

    to: str
    name: str
    viewers: tuple[Viewer, ...]
    locale: str
    digest_id: str | None = None

    @property
    def key(self) -> str:
        """What the ledger knows it by."""
        return f"{'user' if self.to[:1] in 'UW' else 'channel'}:{self.to}"


@dataclass(frozen=True, slots=True)
class Sent:
    recipient: Recipient
    outcome: Outcome


def digest_settings(config: Config, desk: Desk, cadence: Cadence, scope: Scope) -> list[DigestSettings]:
    """The ``[[digest]]`` blocks that configure this cadence and scope."""
    return [one for one in config.digests if one.cadence == cadence.value and _names(one.to, scope, desk)]


def send_report(
    config: Config, desk: Desk, cadence: Cadence, scope: Scope, period: Period, *, again: bool
) -> list[Sent]:
    """Sends the report to everybody it is for, once each; ``again`` sends it once more.

    Raises NoRecipientError, NotPermittedError, ConfigError without a token, SlackUnreachableError, StateError.
    """
    client = make_client(config)
    try:
        workspace = workspace_of(client)
        recipients = _Recipients(config, desk, client, workspace).find(cadence, scope)
    except SLACK_ERRORS as error:
        raise explain_slack(error, config.slack.api_url) from None
    reports = [
        compose_report(desk, cadence, scope, period, viewers=recipient.viewers, locale=recipient.locale)
        for recipient in recipients
    ]
    state = open_state(config.state_url, config.base)
    try:
        return [
            Sent(
                recipient,
                deliver(
                    state,
                    client,
                    _outgoing(desk, workspace, recipient, report),
                    again=again,
                    clock=_utc_now,
                    sleep=time.sleep,
                    claimant=f"{socket.gethostname()}:{os.getpid()}",
                ),
            )
            for recipient, report in zip(recipients, reports, strict=True)
        ]
    finally:
        state.close()


def _outgoing(desk: Desk, workspace: str, recipient: Recipient, report: Report) -> OutgoingMessage:
    subject = report.scope.id or report.scope.type.value
    named = recipient.digest_id or f"{report.cadence.value}:{report.scope.type.value}:{subject}"
    # What is sent of a period that still runs is no reason not to send the whole of it later.
    so_far = desk.context.calendar.is_running(report.period, desk.context.now)
    return OutgoingMessage(
        key=DeliveryKey(
            workspace,
            f"{named}:so-far" if so_far else named,
            report.period.key,
            recipient.key,
        ),
        to=recipient.to,
        text=report.message["text"],
        blocks=report.message["blocks"],
        figures=[answer_json(reading, desk.directory) for reading in report.readings],
    )


class _Recipients:
    """Finds whom a report is for, and who will read it."""

    def __init__(self, config: Config, desk: Desk, client: WebClient, workspace: str) -> None:
        self._config, self._desk, self._client = config, desk, client
        self._members = Members(client, config, workspace)

    def find(self, cadence: Cadence, scope: Scope) -> list[Recipient]:
        """Each channel that a ``[[digest]]`` names, and the people it is for where one names none or there is none."""
        settings = digest_settings(self._config, self._desk, cadence, scope)
        found = [replace(self._channel(one.channel), digest_id=one.id) for one in settings if one.channel]
        without_channel = [one.id for one in settings if not one.channel]
        if without_channel or not settings:
            digest_id = without_channel[0] if without_channel else None
            found += [replace(person, digest_id=digest_id) for person in self._people(scope)]
        return found

    def _people(self, scope: Scope) -> list[Recipient]:
        directory = self._desk.directory
        if scope.type is ScopeType.REP:
            return [self._person(directory.reps[scope.id or ""])]
        managers = directory.managers_of_team(scope.id) if scope.id else ()
        if not managers:
            raise NoRecipientError(
                f"{scope.name} has no channel and no manager to send to: add a [[digest]] with its channel."
            )
        return [self._person(manager) for manager in managers]

    def _person(self, rep: Rep) -> Recipient:
        user_id = self._members.slack_id(rep.email) if rep.email else None
        if user_id is None:
            raise NoRecipientError(
                f"{rep.name} is not in Slack under the email that the CRM knows: "
                "correct it there, or name the Slack user in a [[person]]."
            )
        member = self._members.member(user_id)
        if member.email is None:
            raise NoRecipientError(
                f"{rep.name}'s Slack account is no full member of the workspace (deactivated, a guest, a bot or of "
                "another company): name another Slack user in a [[person]]."
            )
        viewers = self._members.viewers([member], self._desk.directory)
        return Recipient(user_id, rep.name, tuple(viewers), member.locale or self._config.organisation.locale)

    def _channel(self, given: str) -> Recipient:
        channel_id = self._channel_id(given)
        try:
            people = self._members.of_channel(channel_id)
        except SlackApiError as error:
            if code_of(error) != "channel_not_found":
                raise
            raise _no_channel(given) from None
        except TooManyMembersError:
            raise NoRecipientError(
                f"{given} has too many members to check who may see the figures: choose a smaller channel."
            ) from None
        viewers = self._members.viewers(people, self._desk.directory)
        return Recipient(channel_id, given, tuple(viewers), self._config.organisation.locale)

    def _channel_id(self, given: str) -> str:
        if _CHANNEL_ID.fullmatch(given):
            return given
        name, cursor = given.removeprefix("#"), ""
        for _ in range(_PAGES):
            page = self._client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=_PAGE, cursor=cursor or None
            )
            for channel in page["channels"]:
                if channel["name"] == name:
                    found: str = channel["id"]
                    return found
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        raise _no_channel(given)


def _no_channel(given: str) -> NoRecipientError:
    return NoRecipientError(f"There is no channel {given} that I can see: correct its name, or invite me there.")


def _names(to: str, scope: Scope, desk: Desk) -> bool:
    try:
        return desk.directory.find_scope(to) == scope
    except ScopeError:  # kpi check tells of it
        return False


def _utc_now() -> datetime:
    return datetime.now(UTC)
