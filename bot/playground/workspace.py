"""The people, channels and rights of a workspace, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

SCOPES = frozenset(
    {
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "users:read",
        "users:read.email",
    }
)
"""What the bot may do unless a workspace says otherwise."""


@dataclass(frozen=True, slots=True)
class User:
    """A member, guest, bot, or stranger from a connected workspace."""

    id: str
    name: str
    real_name: str = ""
    email: str | None = None
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    is_admin: bool = False
    tz: str = "America/New_York"
    locale: str = "en-US"
    team_id: str | None = None  # None: the workspace's own

    def as_slack(self, team_id: str, now: float, *, with_email: bool, with_locale: bool) -> dict[str, Any]:
        """The user as ``users.info`` gives it, ``now`` in seconds since 1970."""
        profile: dict[str, Any] = {"real_name": self.real_name or self.name, "display_name": self.name}
        if with_email and self.email and not self.is_bot:
            profile["email"] = self.email
        offset = datetime.fromtimestamp(now, tz=UTC).astimezone(ZoneInfo(self.tz)).utcoffset()
        user: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id or team_id,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name or self.name,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
        }
        if not self.deleted:
            user |= {
                "tz": self.tz,
                "tz_label": self.tz,
                "tz_offset": int(offset.total_seconds()) if offset else 0,
                "is_admin": self.is_admin,
                "is_owner": False,
                "is_restricted": self.is_restricted or self.is_ultra_restricted,
                "is_ultra_restricted": self.is_ultra_restricted,
            }
        if self.is_stranger:
            user["is_stranger"] = True
        if with_locale:
            user["locale"] = self.locale
        return user


@dataclass(frozen=True, slots=True)
class Channel:
    """A public or private channel; ``members`` are ids of users, the bot's own among them where it was invited."""

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace with this app installed. ``bot_user_id`` need not be among ``users``."""

    users: tuple[User, ...]
    channels: tuple[Channel, ...] = ()
    id: str = "T0SCORELINE"
    name: str = "Acme"
    domain: str = "acme"
    app_id: str = "A0SCORELINE"
    bot_id: str = "B0SCORELINE"
    bot_user_id: str = "U0SCORELINE"
    bot_name: str = "scoreline"
    scopes: frozenset[str] = SCOPES

    def all_users(self) -> tuple[User, ...]:
        """Everybody, the bot included."""
        if any(user.id == self.bot_user_id for user in self.users):
            return self.users
        bot = User(self.bot_user_id, self.bot_name, real_name=self.bot_name.title(), is_bot=True)
        return (*self.users, bot)
