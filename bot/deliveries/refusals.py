"""What Slack's error codes mean for a delivery, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorClass(StrEnum):
    TARGET_GONE = "target_gone"  # pause what goes there, tell its owner once
    WORKSPACE_GONE = "workspace_gone"  # stop sending to the workspace
    PASSING = "passing"  # try again later
    OURS = "ours"  # a defect


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something was not sent. ``told`` is one line: what happened, what to do."""

    error_class: ErrorClass
    code: str
    told: str


_TARGET_GONE = {
    "is_archived": "the channel is archived: unarchive it or choose another",
    "channel_not_found": "no such channel, or a private one without the app: check its id, /invite the app there",
    "not_in_channel": "the app is not in the channel: /invite it there",
    "restricted_action": "the workspace's settings forbid the app to post there: ask a workspace admin",
    "restricted_action_read_only_channel": "the channel is read-only for the app: ask a workspace admin",
    "user_not_found": "there is no such person in the workspace: check the Slack id or email",
    "user_disabled": "the person's Slack account is deactivated: send to somebody else",
    "messages_tab_disabled": "the app's messages tab is off: switch it on under App Home in the app's settings",
    "cannot_dm_bot": "a bot can't get direct messages: send to a person",
    "user_not_visible": "the app can't see that person: send to a member of the workspace",
}
_WORKSPACE_GONE = {
    "token_revoked": "the bot token was revoked: install the app again and set the new SLACK_BOT_TOKEN",
    "token_expired": "the bot token has expired: install the app again and set the new SLACK_BOT_TOKEN",
    "invalid_auth": "the bot token is not valid: set SLACK_BOT_TOKEN to the one of the installed app",
    "not_authed": "there is no bot token: set SLACK_BOT_TOKEN",
    "account_inactive": "the app was removed from the workspace: install it again and set the new SLACK_BOT_TOKEN",
    "team_added_to_org": "the workspace has joined an organisation: install the app again there",
}
_PASSING = {
    "ratelimited": "the app has sent too much for now: try again in a few minutes",
    "unreachable": "Slack could not be reached: check the network, then try again",
    "request_timeout": "the request reached Slack incompletely: try again",
    "not_settled": "Slack did not take the message in several tries: try again later",
}


def failure(code: str, needed: str | None = None) -> Failure:
    """What an error code means: Slack's, or ours above; ``needed`` is the scope that a missing_scope names."""
    if code == "missing_scope":
        scope = needed or "another scope"
        return Failure(
            ErrorClass.WORKSPACE_GONE,
            code,
            f"the app lacks {scope}: add it to the app's scopes and install the app again",
        )
    for error_class, advice in (
        (ErrorClass.TARGET_GONE, _TARGET_GONE),
        (ErrorClass.WORKSPACE_GONE, _WORKSPACE_GONE),
        (ErrorClass.PASSING, _PASSING),
    ):
        if code in advice:
            return Failure(error_class, code, advice[code])
    if code.startswith("http_"):
        told = (
            f"something answered for Slack with {code.replace('_', ' ').upper()}: check [slack] api_url and the proxy"
        )
        return Failure(ErrorClass.PASSING, code, told)
    return Failure(ErrorClass.OURS, code, f"Slack refused the message with {code}: this is a defect, please report it")
