"""Calls of Slack's Web API that are made once, and what each answer says about whether it took effect."""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

_MAY_HAVE_SUCCEEDED = frozenset({"fatal_error", "internal_error", "service_unavailable"})
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
_CLIENT_ERROR = 400
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_REQUEST_TIMEOUT = 408
_RETRY_AFTER_SECONDS = 30  # where Slack names none


@dataclass(frozen=True, slots=True)
class Done:
    """Slack took the call."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack did not do it, and says why."""

    code: str
    needed: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Slack did not do it and may after that many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unreached:
    """The call never got to Slack."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Slack may have done it or may still do it. ``why`` is for the log: no content."""

    why: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a history, by Slack's timestamps, both included."""

    oldest: str
    latest: str


Answer = Done | Refused | RateLimited | Unreached | Ambiguous


def single_call_client(client: WebClient, timeout_seconds: int) -> WebClient:
    """A client for the same workspace that makes each call once and logs nothing: the SDK logs what it sends."""
    silent = logging.getLogger(f"{__name__}.transport")
    silent.disabled = True
    return WebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=timeout_seconds,
        ssl=client.ssl,
        proxy=client.proxy,
        headers=dict(client.headers),
        team_id=client.default_params.get("team_id"),
        retry_handlers=[],
        logger=silent,
    )


def post_message(
    client: WebClient, channel: str, text: str, blocks: list[dict[str, Any]] | None, metadata: dict[str, Any]
) -> Answer:
    """``chat.postMessage``, once; Done has ``channel`` and ``ts``."""
    body = {
        "channel": channel,
        "text": text,
        "metadata": metadata,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    answer = _call(client, "chat.postMessage", json=body | ({"blocks": blocks} if blocks else {}))
    if isinstance(answer, Done) and not isinstance(answer.data.get("ts"), str):
        return Ambiguous("an answer without a timestamp")
    return answer


def open_conversation(client: WebClient, user: str) -> Answer:
    """``conversations.open``: Done has the direct message's ``channel``."""
    return _call(client, "conversations.open", json={"users": user})


def read_history(client: WebClient, channel: str, span: Span | None, cursor: str | None) -> Answer:
    """A page of ``conversations.history`` (all of it, or the span), newest message first, with metadata."""
    params = {"channel": channel, "include_all_metadata": "true", "limit": "200"}
    if span:
        params |= {"oldest": span.oldest, "latest": span.latest, "inclusive": "true"}
    return _call(client, "conversations.history", params=params | ({"cursor": cursor} if cursor else {}))


def _call(
    client: WebClient, method: str, *, json: dict[str, Any] | None = None, params: dict[str, Any] | None = None
) -> Answer:
    try:
        response = client.api_call(method, http_verb="GET" if json is None else "POST", json=json, params=params)
    except SlackApiError as error:
        return _refusal(error.response)
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError):
            return Unreached()
        return Ambiguous(type(error.reason).__name__, timed_out=isinstance(error.reason, TimeoutError))
    except (OSError, HTTPException, ValueError, AttributeError) as error:  # the SDK trips over odd answers in many ways
        return Ambiguous(type(error).__name__, timed_out=isinstance(error, TimeoutError))
    data = response.data
    return Done(data) if isinstance(data, Mapping) else Ambiguous("an answer that is no object")


def _refusal(response: SlackResponse) -> Answer:
    data = response.data if isinstance(response.data, Mapping) else {}
    code = data.get("error")
    if response.status_code == _TOO_MANY_REQUESTS or code in _RATE_LIMITED:
        return RateLimited(_retry_after(response))
    if response.status_code >= _SERVER_ERROR or response.status_code == _REQUEST_TIMEOUT:
        return Ambiguous(f"HTTP {response.status_code}")
    if not isinstance(code, str) or not re.fullmatch(r"[a-z0-9_]{1,80}", code):  # a page, or half an answer
        if response.status_code >= _CLIENT_ERROR:
            return Refused(f"http_{response.status_code}")
        return Ambiguous("an answer that can't be read")
    if code in _MAY_HAVE_SUCCEEDED:
        return Ambiguous(code)
    return Refused(code, data.get("needed"))


def _retry_after(response: SlackResponse) -> float:
    told = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "")
    return float(told) if told.isdigit() else _RETRY_AFTER_SECONDS
