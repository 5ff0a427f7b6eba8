"""The button "Share in channel": the answer is asked again with the clicker's rights, and shown to the channel only if
each of its people may see it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.listening import Body, Listening, run_once
from bot.members import TooManyMembersError
from bot.services import Desk
from bot.views.answer import SHARE_ACTION, shared_message
from bot.views.help import error_message
from kpi.catalogue import CATALOGUE
from kpi.model import Request, Scope, ScopeType
from kpi.periods import PeriodError
from kpi.scopes import COMPANY, Directory, ScopeError

if TYPE_CHECKING:
    from slack_bolt import Ack, App

_UNSEEN = ("channel_not_found", "not_in_channel", "method_not_supported_for_channel_type", "missing_scope")


def share_value(request: Request, now: datetime) -> str:
    """What the button brings back: the request, and the clock it was answered by."""
    return json.dumps(
        {
            "kpi": request.kpi.id,
            "variant": request.variant,
            "scope": [request.scope.type.value, request.scope.id],
            "period": request.period.key,
            "by": request.by,
            "trend": [period.key for period in request.trend],
            "now": now.isoformat(),
        }
    )


def read_value(value: str, desk: Desk) -> Request:
    """The request of a button. ScopeError where its rep or team is gone."""
    kept: dict[str, Any] = json.loads(value)
    calendar = desk.context.calendar
    return Request(
        kpi=CATALOGUE[kept["kpi"]],
        scope=_scope(kept["scope"], desk.directory),
        period=calendar.parse(kept["period"]),
        variant=kept["variant"],
        by=kept["by"],
        trend=tuple(calendar.parse(key) for key in kept["trend"]),
    )


def register(app: App, listening: Listening) -> None:
    app.action(SHARE_ACTION)(ack=_ack, lazy=[run_once(listening, handle_share)])


def _ack(ack: Ack) -> None:
    ack()


def handle_share(listening: Listening, body: Body) -> None:
    """Shares one answer, or tells the clicker why not."""
    now = datetime.fromisoformat(json.loads(body["value"])["now"])
    with listening.desk(now) as desk:
        try:
            request = read_value(body["value"], desk)
        except (ScopeError, PeriodError):
            listening.reply(body, error_message("What this answer was about is no longer there. Ask again."))
            return
        viewer = listening.members.viewer(body["user_id"], desk.directory)
        refusal = None if desk.access.may_see_request(viewer, request) else "You may not see this figure any more."
        refusal = refusal or _refusal(listening, desk, request, body["channel_id"])
        reading = None if refusal else desk.answer(request, viewer)
    if reading is None:
        listening.reply(body, error_message(refusal or ""))
        return
    shared = shared_message(reading, by=body["user_id"], locale=listening.config.organisation.locale)
    if listening.reply(body, shared, in_channel=True):
        return
    listening.reply(
        body,
        error_message("Slack did not confirm that the answer was shared. Look in the channel before you try again."),
    )


def _refusal(listening: Listening, desk: Desk, request: Request, channel_id: str) -> str | None:
    """Why the channel may not see the answer, or None."""
    try:
        people = listening.members.of_channel(channel_id)
    except TooManyMembersError:
        return "This channel has too many members to check who may see the figure, so it is not shared here."
    except SlackApiError as error:
        if error.response["error"] not in _UNSEEN:
            raise
        return "I can't see who is in this conversation, so I don't share here. Invite me to the channel and try again."
    barred = sum(
        not desk.access.may_see_request(viewer, request) for viewer in listening.members.viewers(people, desk.directory)
    )
    if not barred:
        return None
    who = "1 person here" if barred == 1 else f"{barred} people here"
    return f"{who} may not see this figure, so it is not shared."


def _scope(kept: list[str | None], directory: Directory) -> Scope:
    kind, stored_id = kept
    if kind == ScopeType.TEAM:
        return directory.scope_of_team(directory.find_team(stored_id or ""))
    if kind == ScopeType.REP:
        return directory.scope_of_rep(directory.find_rep(stored_id or ""))
    return COMPANY
