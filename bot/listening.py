"""What every Slack listener works with, and the way a listener is run: always answered, never twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slack_sdk.webhook import WebhookClient

from bot.deliveries.calls import single_call_client
from bot.members import Members
from bot.question import QuestionError
from bot.seen import Seen
from bot.services import Desk, NotPermittedError, open_desk
from bot.slack_client import SLACK_ERRORS, code_of
from bot.views.help import error_message, unknown_person_message
from kpi.engines import Snapshots
from kpi.engines.base import NothingPublishedError, StoreError
from kpi.own.errors import OwnKpiError
from kpi.periods import PeriodError
from kpi.scopes import ScopeError

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.config import Config

log = logging.getLogger(__name__)

_REPLY_SECONDS = 10
_ATTEMPTS = 2
_GONE = (404, 410)

Message = dict[str, Any]
Body = dict[str, Any]

# What a person can do something about: they are told in its own words.
_TOLD = (QuestionError, PeriodError, ScopeError, NothingPublishedError, OwnKpiError)


class Reply(Enum):
    """What became of a reply."""

    TAKEN = auto()
    REFUSED = auto()  # it is not there
    TOO_LATE = auto()  # nor is it, for the way was closed by then
    IN_DOUBT = auto()  # it may be there


@dataclass(frozen=True, slots=True)
class Listening:
    """The configuration, what is published, who is who, and what was handled already. ``answering`` runs the answers:
    few at once, so that they leave the acks of others their turn."""

    config: Config
    client: WebClient
    snapshots: Snapshots
    members: Members
    seen: Seen
    clock: Callable[[], datetime]
    answering: Executor

    @contextmanager
    def desk(self, now: datetime | None = None) -> Iterator[Desk]:
        """A desk on what is current now; ``now`` is the clock of the question, default the real one."""
        engine = self.snapshots.engine()
        try:
            yield open_desk(self.config, engine, now or self.clock())
        finally:
            engine.close()

    def reply(self, body: Body, message: Message, *, in_channel: bool = False) -> Reply:
        """Answers where the person is, seen by them alone unless ``in_channel``; by direct message where that way is
        closed. What others see is not tried again while it may have got through, since they might see it twice."""
        payload = {
            **message,
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": False,
        }
        reply = Reply.REFUSED
        for _ in range(_ATTEMPTS):
            reply = _respond(body["response_url"], payload)
            if reply in (Reply.TAKEN, Reply.TOO_LATE) or (in_channel and reply is Reply.IN_DOUBT):
                break
            if reply is Reply.REFUSED:
                payload.pop("blocks", None)  # the text says the same
        if reply is not Reply.TAKEN and not in_channel:
            return self._reply_by_dm(body["user_id"], message)
        return reply

    def _reply_by_dm(self, user_id: str, message: Message) -> Reply:
        try:
            channel = self.client.conversations_open(users=[user_id])["channel"]["id"]
            # A post is not tried again blindly: it might be there already.
            single_call_client(self.client, _REPLY_SECONDS).chat_postMessage(channel=channel, **message)
        except SLACK_ERRORS as error:
            log.warning("A reply could not be sent by direct message either: %s", code_of(error))
            return Reply.REFUSED
        return Reply.TAKEN


Handler = Callable[[Listening, Body], None]


def run_once(listening: Listening, handle: Handler) -> Callable[[Body], None]:
    """The lazy half of a listener: handles what Slack brings twice once, and answers whatever happens."""

    def run(body: Body) -> None:
        body = _flat(body)
        if listening.seen.is_new(body["once"]):
            listening.answering.submit(answer, body)

    def answer(body: Body) -> None:
        try:
            handle(listening, body)
        except Exception as error:  # noqa: BLE001, whoever asked gets an answer
            listening.reply(body, _told(error))

    return run


def _told(error: Exception) -> Message:
    """What whoever asked is told of an error. The log tells no text of it, which may name people."""
    if isinstance(error, NotPermittedError):
        return unknown_person_message()
    if isinstance(error, _TOLD):
        return error_message(str(error))
    if isinstance(error, StoreError):
        log.error("The store cannot be read: %s", error)
        return error_message("The numbers cannot be read at the moment. Tell your admin: kpi check says why.")
    if isinstance(error, SLACK_ERRORS):
        log.warning("Slack refused what an answer needs: %s", code_of(error))
        return error_message(f"Slack did not give what the answer needs ({code_of(error)}). Try again in a minute.")
    log.error("A defect: %s at %s", type(error).__name__, _place(error))
    return error_message("Something in Scoreline went wrong. Try again, and tell your admin.")


def _respond(response_url: str, payload: Message) -> Reply:
    """One use of a response URL."""
    try:
        status = WebhookClient(response_url, timeout=_REPLY_SECONDS, retry_handlers=[]).send_dict(payload).status_code
    except SLACK_ERRORS as error:
        log.warning("A reply broke off: %s", code_of(error))
        return Reply.IN_DOUBT
    if status < 300:  # noqa: PLR2004, HTTP's own border
        return Reply.TAKEN
    log.warning("Slack refused a reply with HTTP %d", status)
    if status in _GONE:
        return Reply.TOO_LATE
    return Reply.REFUSED if status < 500 else Reply.IN_DOUBT  # noqa: PLR2004, HTTP's own border


def _flat(body: Body) -> Body:
    """Commands and clicks carry the same facts in different places."""
    if "user" not in body:
        return {**body, "once": f"command {body['trigger_id']}"}
    action = body["actions"][0]
    return {
        "user_id": body["user"]["id"],
        "channel_id": body["channel"]["id"],
        "response_url": body["response_url"],
        "message_ts": body["container"]["message_ts"],
        "value": action.get("value", ""),
        "once": f"click {body['user']['id']} {action['action_id']} {action['action_ts']}",
    }


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
