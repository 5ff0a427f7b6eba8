"""Who a Slack user is to Scoreline: matched to a rep by email, and nobody where Slack says guest, bot or stranger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.access import STRANGER, Viewer, viewer_of
from bot.slack_client import code_of
from kpi.scopes import Directory, Rep

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.config import Config

_KEPT_SECONDS = 600.0
_MEMBERS_CHECKED = 200
_PAGE = 200
_OUTSIDE = ("deleted", "is_restricted", "is_ultra_restricted", "is_stranger")


class TooManyMembersError(Exception):
    """A channel has more members than are looked up one by one."""


@dataclass(frozen=True, slots=True)
class Member:
    """A Slack user as far as rights are concerned. ``email`` is None for guests, bots, strangers and the deactivated:
    whoever is not a full member of this workspace."""

    id: str
    email: str | None
    is_bot: bool
    locale: str | None


class Members:
    """Looks users of a workspace (its id) up, and keeps what it learned for ten minutes. Safe to use from many
    threads."""

    def __init__(
        self, client: WebClient, config: Config, workspace: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._workspace = workspace
        self._admins = config.access.admins
        self._email_by_slack = {person.slack: person.email for person in config.people if person.slack}
        self._slack_by_email = {person.email.casefold(): person.slack for person in config.people if person.slack}
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Member]] = {}

    def member(self, user_id: str) -> Member:
        """The user as Slack knows them now, or knew them within the last ten minutes. Raises SlackApiError."""
        with self._lock:
            kept = self._kept.get(user_id)
        if kept and self._clock() - kept[0] < _KEPT_SECONDS:
            return kept[1]
        answer = self._client.users_info(user=user_id, include_locale=True)
        member = self._read(answer["user"])
        with self._lock:
            self._kept[user_id] = (self._clock(), member)
        return member

    def viewer(self, user_id: str, directory: Directory) -> Viewer:
        """The rights of a Slack user; a stranger's for whoever is not a full member or unknown to the CRM."""
        email = self.member(user_id).email
        return viewer_of(email, directory, self._admins) if email else STRANGER

    def rep(self, user_id: str, directory: Directory) -> Rep | None:
        """The rep whom a mention of this user means; None for whoever Slack or the CRM does not know."""
        try:
            return self.viewer(user_id, directory).rep
        except SlackApiError as error:
            if code_of(error) in ("user_not_found", "user_not_visible"):
                return None
            raise

    def slack_id(self, email: str) -> str | None:
        """The user with that email: as configured, else as Slack knows them; None where there is none."""
        configured = self._slack_by_email.get(email.casefold())
        if configured:
            return configured
        try:
            answer = self._client.users_lookupByEmail(email=email)
        except SlackApiError as error:
            if code_of(error) == "users_not_found":
                return None
            raise
        user_id: str = answer["user"]["id"]
        return user_id

    def of_channel(self, channel_id: str) -> list[Member]:
        """The people of a channel, bots left out. Raises SlackApiError, and TooManyMembersError over 200 members."""
        user_ids: list[str] = []
        cursor: str | None = None
        while len(user_ids) <= _MEMBERS_CHECKED:
            page = self._client.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor)
            user_ids += page["members"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor or not page["members"]:
                break
        if len(user_ids) > _MEMBERS_CHECKED:
            raise TooManyMembersError
        return [member for member in map(self.member, user_ids) if not member.is_bot]

    def viewers(self, members: Iterable[Member], directory: Directory) -> list[Viewer]:
        return [viewer_of(member.email, directory, self._admins) if member.email else STRANGER for member in members]

    def _read(self, user: Mapping[str, Any]) -> Member:
        is_bot = bool(user.get("is_bot")) or user["id"] == "USLACKBOT"
        is_full = not is_bot and not any(user.get(mark) for mark in _OUTSIDE) and self._is_ours(user)
        email = self._email_by_slack.get(user["id"]) or (user.get("profile") or {}).get("email")
        return Member(user["id"], email if is_full else None, is_bot, user.get("locale"))

    def _is_ours(self, user: Mapping[str, Any]) -> bool:
        """Whether the user belongs to the workspace: people of others share channels with it by Slack Connect, and
        whom the bot shares a channel with is no stranger to Slack."""
        workspaces = (user.get("enterprise_user") or {}).get("teams") or [user.get("team_id")]
        return self._workspace in workspaces
