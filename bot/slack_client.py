"""The client to Slack's Web API, and what its errors mean, in words."""

from __future__ import annotations

import re
from http.client import HTTPException
from json import JSONDecodeError
from typing import TYPE_CHECKING

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler

from bot.config import ConfigError

if TYPE_CHECKING:
    from bot.config import Config

SLACK_ERRORS = (OSError, HTTPException, JSONDecodeError, SlackClientError)
"""What a call raises where Slack refuses it, breaks off or cannot be reached."""

_CALL_SECONDS = 10
_RETRIES = 2
_TOKEN = re.compile(r"[!-~]+")  # what a header takes: the SDK logs the whole of one that it does not

_TO_DO = {
    "invalid_auth": "the token is not valid: copy it again from the app's settings",
    "not_authed": "the token is empty: set it in the environment",
    "token_revoked": "the token was revoked: install the app again and set the new token",
    "token_expired": "the token has expired: install the app again and set the new token",
    "account_inactive": "the app was removed from the workspace: install it again",
    "not_allowed_token_type": "this is another kind of token: the bot's begins with xoxb-, the app's with xapp-",
    "ratelimited": "it has had too many calls: try again in a few minutes",
}


class SlackUnreachableError(Exception):
    """Slack refused or could not be reached. One line that says what to do, without a token."""


def make_client(config: Config, *, longest_wait: float = 60) -> WebClient:
    """The bot's client: a call is made again when its connection fails, or when Slack asks to wait for no longer than
    ``longest_wait`` seconds. So it is for reads: posts go through the ledger, or are made once."""
    return WebClient(
        token=token_of(config, "SLACK_BOT_TOKEN", "to talk to Slack"),
        base_url=config.slack.api_url,
        timeout=_CALL_SECONDS,
        retry_handlers=[ConnectionErrorRetryHandler(max_retry_count=_RETRIES), _BriefWaits(longest_wait)],
    )


def token_of(config: Config, name: str, purpose: str) -> str:
    """A token from the environment. ConfigError where it is not set, or cannot be a token."""
    token = config.secrets.require(name, purpose)
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"{name} holds blanks or characters that no token has: copy it again from the app's settings."
        )
    return token


def workspace_of(client: WebClient) -> str:
    """The id of the workspace that the client's token is for. Raises SLACK_ERRORS."""
    return str(client.auth_test()["team_id"])


def code_of(error: BaseException) -> str:
    """What went wrong in a word, for messages and the log: Slack's own code, else the kind of error."""
    if not isinstance(error, SlackApiError):
        return type(getattr(error, "reason", error)).__name__ if isinstance(error, OSError) else type(error).__name__
    code = error.response.get("error")
    # Where a page came instead of an answer, the SDK puts the page there.
    return code if code and re.fullmatch(r"[a-z0-9_]+", code) else f"HTTP {error.response.status_code}"


def explain_slack(error: BaseException, api_url: str) -> SlackUnreachableError:
    """Slack's answer, or its silence, in words that say what to do."""
    code = code_of(error)
    if not isinstance(error, SlackApiError):
        return SlackUnreachableError(
            f"Slack at {api_url} could not be reached ({code}): check the network and [slack] api_url."
        )
    needed = error.response.get("needed")
    if needed:
        to_do = f"add the scope {needed} and install the app again"
    elif code.startswith("HTTP"):
        to_do = f"what answered at {api_url} may not be Slack; check [slack] api_url and the proxy, then try again"
    else:
        to_do = _TO_DO.get(code, "see Slack's status, then try again")
    return SlackUnreachableError(f"Slack refused ({code}): {to_do}.")


class _BriefWaits(RateLimitErrorRetryHandler):
    """Waits as Slack asks, unless that is longer than whoever waits for the answer would."""

    def __init__(self, longest: float) -> None:
        super().__init__(max_retry_count=_RETRIES)
        self._longest = longest

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or not super()._can_retry(state=state, request=request, response=response, error=error):
            return False
        asked = [values[0] for name, values in response.headers.items() if name.lower() == "retry-after"]
        return not asked or float(asked[0]) <= self._longest
