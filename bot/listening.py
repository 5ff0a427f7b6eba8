"""What every Slack listener works with, and the way a listener is run: always answered, never twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.access import Policy
from bot.members import Members
from bot.question import QuestionError
from bot.seen import Seen
from bot.services import Desk, NotPermittedError
from bot.views.help import error_message, unknown_person_message
from kpi.catalogue import CATALOGUE
from kpi.engines import Snapshots
from kpi.engines.base import StoreError
from kpi.periods import PeriodError
from kpi.scopes import ScopeError

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.config import Config

log = logging.getLogger(__name__)

_REPLY_SECONDS = 10
_GONE = (404, 410)

Message = dict[str, Any]
Body = dict[str, Any]

# What a person can do something about: they are told in its own words.
_TOLD = (QuestionError, PeriodError, ScopeError, StoreError)


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
            config = self.config
            policy = Policy(config.access.policy)
            yield Desk(engine, config.organisation, CATALOGUE, policy, now or self.clock())
        finally:
            engine.close()

    def reply(self, body: Body, message: Message, *, in_channel: bool = False, replaces: bool = False) -> bool:
        """Answers where the person is, seen by them alone unless ``in_channel``; in a DM where that way is closed by
        now. Whether Slack took it: one attempt for what others see, since a second might double it."""
        attempts = 1 if in_channel else 2
        payload = {
            **message,
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replaces,
        }
        for attempt in range(attempts):
            webhook = WebhookClient(body["response_url"], timeout=_REPLY_SECONDS, retry_handlers=[])
            try:
                status = webhook.send_dict(payload).status_code
            except (OSError, SlackClientError) as error:
                log.warning("A reply broke off: %s", type(error).__name__)
                time.sleep(0.2 * attempt)
                continue
            if status < 300:  # noqa: PLR2004, HTTP's own border
                return True
            log.warning("Slack refused a reply with HTTP %d", status)
            if status in _GONE and not in_channel:
                return self._reply_by_dm(body["user_id"], message)
            if "blocks" in payload:
                payload.pop("blocks")  # the text says the same
        return False

    def _reply_by_dm(self, user_id: str, message: Message) -> bool:
        try:
            channel = self.client.conversations_open(users=[user_id])["channel"]["id"]
            self.client.chat_postMessage(channel=channel, **message)
        except (OSError, SlackClientError) as error:
            log.warning("A reply could not be sent as a DM either: %s", _code(error))
            return False
        return True


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
        except NotPermittedError:
            listening.reply(body, unknown_person_message())
        except _TOLD as error:
            listening.reply(body, error_message(str(error)))
        except (OSError, SlackClientError) as error:
            log.warning("Slack refused what an answer needs: %s", _code(error))
            listening.reply(body, error_message(f"Slack refused what the answer needs ({_code(error)}). Try again."))
        except Exception as error:  # noqa: BLE001, whoever asked gets an answer
            log.error("A defect: %s at %s", type(error).__name__, _place(error))  # noqa: TRY400, the text may name people
            listening.reply(body, error_message("Something in Scoreline went wrong. Try again, and tell your admin."))

    return run


def _flat(body: Body) -> Body:
    """Commands and clicks carry the same facts in different places."""
    if "user" not in body:
        return {**body, "once": f"command {body['trigger_id']}"}
    action = body["actions"][0]
    return {
        "user_id": body["user"]["id"],
        "channel_id": body["channel"]["id"],
        "response_url": body["response_url"],
        "value": action.get("value", ""),
        "once": f"click {body['user']['id']} {action['action_id']} {action['action_ts']}",
    }


def _code(error: BaseException) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
