"""The Slack app: Bolt with our listeners, connected by Socket Mode."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler

from bot import actions, commands
from bot.listening import Listening
from bot.members import Members
from bot.seen import Seen
from kpi.engines import Snapshots

if TYPE_CHECKING:
    from bot.config import Config

log = logging.getLogger(__name__)

CALL_SECONDS = 10
_SOCKETS = 2  # a socket that the server closes is noticed after 10 s: the other one serves meanwhile
_ACKING = 32  # as many acks may be under way at once
_ANSWERING = 6  # more would only keep the acks waiting

_TO_DO = {
    "invalid_auth": "the token is not valid: copy it again from the app's settings",
    "not_authed": "the token is empty: set it in the environment",
    "token_revoked": "the token was revoked: install the app again and set the new token",
    "token_expired": "the token has expired: install the app again and set the new token",
    "account_inactive": "the app was removed from the workspace: install it again",
    "not_allowed_token_type": "this is another kind of token: the bot's begins with xoxb-, the app's with xapp-",
}


class SlackUnreachableError(Exception):
    """Slack refused or could not be reached. One line that says what to do, without a token."""


def make_client(config: Config) -> WebClient:
    """The bot's client: reads are tried again when a connection fails or Slack asks to wait. Posts of digests are not
    its business: they go through the ledger."""
    return WebClient(
        token=config.secrets.require("SLACK_BOT_TOKEN", "to talk to Slack"),
        base_url=config.slack.api_url,
        timeout=CALL_SECONDS,
        retry_handlers=[ConnectionErrorRetryHandler(max_retry_count=2), RateLimitErrorRetryHandler(max_retry_count=2)],
    )


def explain_slack(error: BaseException, api_url: str) -> SlackUnreachableError:
    """Slack's answer, or its silence, in words that say what to do."""
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error") or f"HTTP {error.response.status_code}")
        needed = error.response.get("needed")
        to_do = (
            f"add the scope {needed} and install the app again" if needed else _TO_DO.get(code, "see Slack's status")
        )
        return SlackUnreachableError(f"Slack refused ({code}): {to_do}.")
    return SlackUnreachableError(
        f"Slack at {api_url} could not be reached ({type(error).__name__}): check the network and [slack] api_url."
    )


@contextmanager
def running_app(config: Config, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[App]:
    """The app, connected and answering until the block is left; what is being answered then is finished first.

    Raises ConfigError without tokens, SlackUnreachableError where Slack refuses them or is not there.
    """
    client = make_client(config)
    app_token = config.secrets.require("SLACK_APP_TOKEN", "to connect by Socket Mode")
    snapshots = Snapshots(config.store_url, config.base)
    acking = ThreadPoolExecutor(max_workers=_ACKING, thread_name_prefix="ack")
    answering = ThreadPoolExecutor(max_workers=_ANSWERING, thread_name_prefix="answer")
    listening = Listening(config, client, snapshots, Members(client, config), Seen(), clock, answering)
    handlers: list[SocketModeHandler] = []
    try:
        try:
            app = App(client=client, listener_executor=acking, raise_error_for_unhandled_request=False)
            app.client.auth_test()
            commands.register(app, listening)
            actions.register(app, listening)
            for _ in range(_SOCKETS):
                handlers.append(SocketModeHandler(app, app_token, concurrency=_ACKING))
                handlers[-1].connect()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped
        except (OSError, SlackClientError) as error:
            raise explain_slack(error, config.slack.api_url) from None
        log.info("Connected to Slack")
        yield app
    finally:
        for handler in handlers:
            handler.close()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped
        acking.shutdown(wait=True)
        answering.shutdown(wait=True)
        snapshots.close()
