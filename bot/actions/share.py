"""The button "Share in channel": the answer is asked again with the clicker's rights, and shown to the channel only if
each of its people may see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from bot.listening import Body, Listening, Reply, run_once
from bot.members import TooManyMembersError
from bot.services import Desk
from bot.slack_client import code_of
from bot.views.answer import SHARE_ACTION, shared_message
from bot.views.help import error_message
from kpi.model import Filter, Request, Scope, ScopeType
from kpi.periods import PeriodError
from kpi.scopes import COMPANY, Directory, ScopeError

if TYPE_CHECKING:
    from slack_bolt import Ack, App

_WHY_NOT: Mapping[Reply, str | None] = {
    Reply.TAKEN: None,
    Reply.REFUSED: "Slack did not take the answer, so it is not shared. Try again.",
    Reply.TOO_LATE: "Slack did not take the answer any more, so it is not shared. Ask again, and share that one.",
    Reply.IN_DOUBT: "Slack did not confirm that the answer was shared. Look in the channel before you try again.",
}
_UNSEEN = ("channel_not_found", "not_in_channel", "method_not_supported_for_channel_type", "missing_scope")


class StaleError(Exception):
    """What a button was about is not there any more."""


def share_value(request: Request, now: datetime) -> str:
    """What the button brings back: the request, and the clock it was answered by."""
    return json.dumps(
        {
            "kpi": request.kpi.id,
            "variant": request.variant,
            "scope": [request.scope.type.value, request.scope.id],
            "period": request.period.key,
            "by": request.by,
            "where": [[each.dimension, each.values, each.excluded] for each in request.where],
            "top": request.top,
            "versus": request.versus and request.versus.key,
            "trend": [period.key for period in request.trend],
            "now": now.isoformat(),
        }
    )


def read_value(value: str, desk: Desk) -> Request:
    """The request of a button. StaleError where there is no such thing any more, or where another version made it."""
    try:
        kept: dict[str, Any] = json.loads(value)
        kpi, calendar = desk.context.catalogue[kept["kpi"]], desk.context.calendar
        request = Request(
            kpi=kpi,
            scope=_scope(kept["scope"], desk.directory),
            period=calendar.parse(str(kept["period"])),
            variant=kept["variant"],
            by=tuple(kept["by"]),
            where=tuple(Filter(dimension, tuple(values), excluded) for dimension, values, excluded in kept["where"]),
            top=kept["top"],
            versus=kept["versus"] and calendar.parse(kept["versus"]),
            trend=tuple(calendar.parse(str(key)) for key in kept["trend"]),
        )
    except (ScopeError, PeriodError, KeyError, TypeError, ValueError) as error:
        raise StaleError from error
    variants = {None, *(variant.name for variant in kpi.variants)}
    dimensions = {*request.by, *(each.dimension for each in request.where)}
    if request.variant not in variants or not dimensions <= set(kpi.dimensions):
        raise StaleError
    return request


def read_clock(value: str) -> datetime:
    """When the answer of a button was given. StaleError as for ``read_value``."""
    try:
        clock = datetime.fromisoformat(json.loads(value)["now"])
    except (KeyError, TypeError, ValueError) as error:
        raise StaleError from error
    if clock.tzinfo is None:
        raise StaleError
    return clock


def register(app: App, listening: Listening) -> None:
    app.action(SHARE_ACTION)(ack=_ack, lazy=[run_once(listening, handle_share)])


def _ack(ack: Ack) -> None:
    ack()


def handle_share(listening: Listening, body: Body) -> None:
    """Shares one answer, or tells the clicker why not. However often the button is clicked, it is shared once."""
    once = f"share {body['channel_id']} {body['message_ts']}"
    if not listening.seen.is_new(once):
        listening.reply(body, error_message("This answer is shared here already, or is just being shared."))
        return
    refusal: str | None = None
    is_shared = False
    try:
        refusal = _share(listening, body)
        is_shared = refusal is None
    except StaleError:
        refusal = "What this answer was about is no longer there. Ask again."
    finally:
        if not is_shared:
            listening.seen.forget(once)  # it may be tried again
    if refusal:
        listening.reply(body, error_message(refusal))


def _share(listening: Listening, body: Body) -> str | None:
    """Shares the answer; why not, if not."""
    with listening.desk(read_clock(body["value"])) as desk:
        request = read_value(body["value"], desk)
        viewer = listening.members.viewer(body["user_id"], desk.directory)
        if not desk.access.may_see_request(viewer, request):
            return "You may not see this figure any more."
        refusal = _refusal(listening, desk, request, body["channel_id"])
        if refusal:
            return refusal
        reading = desk.answer(request, viewer)
        names = desk.value_names(reading.where)
    locale = listening.config.organisation.locale
    shared = shared_message(reading, by=body["user_id"], locale=locale, names=names)
    return _WHY_NOT[listening.reply(body, shared, in_channel=True)]


def _refusal(listening: Listening, desk: Desk, request: Request, channel_id: str) -> str | None:
    """Why the channel may not see the answer, or None."""
    try:
        people = listening.members.of_channel(channel_id)
    except TooManyMembersError:
        return "This channel has too many members to check who may see the figure, so it is not shared here."
    except SlackApiError as error:
        if code_of(error) not in _UNSEEN:
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
