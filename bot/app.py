"""The Slack app: Bolt with our listeners, connected by Socket Mode."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot import actions, commands
from bot.listening import Listening
from bot.members import Members
from bot.seen import Seen
from bot.slack_client import SLACK_ERRORS, explain_slack, make_client, token_of, workspace_of
from kpi.engines import Snapshots

if TYPE_CHECKING:
    from bot.config import Config

log = logging.getLogger(__name__)

BOLT_LOG = logging.getLogger("slack_bolt")  # its level is Bolt's and the sockets'

_SOCKETS = 2  # while one is being replaced the other one serves
_PING_SECONDS = 2  # one that broke off without a word is noticed after five pings
_ACKING = 32  # as many acks may be under way at once
_ANSWERING = 6  # more would only keep the acks waiting
_LONGEST_WAIT = 5  # seconds that an answer waits where Slack asks for patience


@contextmanager
def running_app(
    config: Config,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    *,
    ping_seconds: float = _PING_SECONDS,
) -> Iterator[App]:
    """The app, connected and answering until the block is left; what is being answered then is finished first.

    Raises ConfigError without tokens, SlackUnreachableError where Slack refuses them or is not there.
    """
    client = make_client(config, longest_wait=_LONGEST_WAIT)
    app_token = token_of(config, "SLACK_APP_TOKEN", "to connect by Socket Mode")
    snapshots = Snapshots(config.store_url, config.base)
    acking = ThreadPoolExecutor(max_workers=_ACKING, thread_name_prefix="ack")
    answering = ThreadPoolExecutor(max_workers=_ANSWERING, thread_name_prefix="answer")
    handlers: list[SocketModeHandler] = []
    try:
        try:
            members = Members(client, config, workspace_of(client))
            app = App(client=client, logger=BOLT_LOG, listener_executor=acking, raise_error_for_unhandled_request=False)
            listening = Listening(config, client, snapshots, members, Seen(), clock, answering)
            commands.register(app, listening)
            actions.register(app, listening)
            for _ in range(_SOCKETS):
                handlers.append(SocketModeHandler(app, app_token, ping_interval=ping_seconds, concurrency=_ACKING))
                handlers[-1].connect()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped
        except SLACK_ERRORS as error:
            raise explain_slack(error, config.slack.api_url) from None
        log.info("Connected to Slack")
        yield app
    finally:
        _close(handlers)
        acking.shutdown(wait=True)
        answering.shutdown(wait=True)
        snapshots.close()


def _close(handlers: Sequence[SocketModeHandler]) -> None:
    if handlers:
        with ThreadPoolExecutor(max_workers=len(handlers)) as closing:  # each takes a second
            list(closing.map(SocketModeHandler.close, handlers))
