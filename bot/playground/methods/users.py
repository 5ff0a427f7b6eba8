"""Who is who: users.* methods."""

from __future__ import annotations

from typing import Any

from bot.playground.errors import SlackError
from bot.playground.methods.base import Call, Method
from bot.playground.rate_limits import Tier
from bot.playground.workspace import User


def _shown(call: Call, user: User, *, with_locale: bool = False) -> dict[str, Any]:
    workspace = call.backend.workspace
    return user.as_slack(
        workspace.id,
        call.backend.clock(),
        with_email="users:read.email" in workspace.scopes and not user.is_stranger,
        with_locale=with_locale,
    )


def _info(call: Call) -> dict[str, Any]:
    return {"user": _shown(call, call.user(), with_locale=call.flag("include_locale"))}


def _lookup_by_email(call: Call) -> dict[str, Any]:
    """Members and guests by email; deactivated people, bots and strangers are not found."""
    email = call.text("email").strip().casefold()
    for user in call.backend.conversations.users.values():
        findable = not (user.deleted or user.is_bot or user.is_stranger)
        if findable and user.email and user.email.casefold() == email:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


def _list(call: Call) -> dict[str, Any]:
    users = [user for user in call.backend.conversations.users.values() if not user.is_stranger]
    page, metadata = call.page(sorted(users, key=lambda user: user.id))
    members = [_shown(call, user, with_locale=call.flag("include_locale")) for user in page]
    return {"members": members, "cache_ts": int(call.backend.clock()), **metadata}


USERS = (
    Method("users.info", _info, Tier.FOUR, ("users:read",)),
    Method("users.lookupByEmail", _lookup_by_email, Tier.THREE, ("users:read.email",)),
    Method("users.list", _list, Tier.TWO, ("users:read",)),
)
