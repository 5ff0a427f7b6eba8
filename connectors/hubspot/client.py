"""Requests to HubSpot: within the account's limits, and again where that may help."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from connectors.base import IncompleteError
from connectors.hubspot.auth import Tokens
from connectors.hubspot.errors import (
    HubspotError,
    MissingScopesError,
    NotFoundError,
    RefusedError,
    SignInError,
    UnreachableError,
    refusal,
)
from connectors.hubspot.paths import Paths
from connectors.hubspot.patience import REAL_TIMING, Patience, Timing, http_date, retry_after
from connectors.hubspot.transport import Answer, Transport, UnansweredError
from connectors.limiter import BURST, DAILY, SEARCH, Limiter, QuotaSpentError, Ticket

__all__ = [
    "HubspotClient",
    "HubspotError",
    "MissingScopesError",
    "NotFoundError",
    "RefusedError",
    "Reply",
    "SignInError",
    "UnreachableError",
]

logger = logging.getLogger(__name__)

_PASSING = (408, 423, 425, 477)  # 423: locked for a moment; 477: the account moves to another data centre
_TOO_MANY = 429
_SIGN_IN = 401
_SERVER_FAULTS = range(500, 600)
_FINE = range(200, 300)
_SIGN_IN_ADVICE = (
    "HubSpot does not take the token (any more): look whether the app is still connected to the account, "
    "set a new token in the environment, then run kpi check."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """``body``: a JSON object. ``at``: HubSpot's clock when it answered (aware, UTC)."""

    body: Any
    at: datetime
    status: int


@dataclass(frozen=True, slots=True)
class _Failure:
    """What may pass. ``fault`` in a few words; ``wait``: the seconds that HubSpot asks for."""

    fault: str
    wait: float | None = None
    came_too_fast: bool = False
    is_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
    policy: str
    method: str
    path: str
    query: Mapping[str, str | Sequence[str]] | None = None
    body: Mapping[str, Any] | None = None

    @property
    def told(self) -> str:
        """The path without its query, for logs and errors."""
        return self.path.partition("?")[0]


class HubspotClient:
    """Gets and posts, for any number of threads. All POSTs read, so they too are tried again.

    ``clock`` is ours (aware). ``timezone`` gives the account's zone, where its day ends; None until it is known: UTC.
    ``secret`` gives an environment variable's value: HTTPS_PROXY and the like.
    """

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        limiter: Limiter,
        *,
        paths: Paths,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timezone: Callable[[], str | None] = lambda: None,
        secret: Callable[[str], str | None] = lambda _name: None,
        timing: Timing = REAL_TIMING,
    ) -> None:
        self.paths = paths
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._timezone = timezone
        self._timing = timing
        self._transport = Transport(api_url, secret=secret)

    def get(self, path: str, query: Mapping[str, str | Sequence[str]] | None = None) -> Reply:
        """HubSpot's answer. A query's sequence gives its name several times. Raises RefusedError,
        MissingScopesError, NotFoundError, SignInError, UnreachableError; IncompleteError at the daily limit."""
        return self._persist(_Request(BURST, "GET", path, query=query))

    def post(self, path: str, body: Any, *, is_search: bool = False) -> Reply:
        """As ``get``, of an object as JSON that asks for records. ``is_search``: counts under the limit of searches."""
        return self._persist(_Request(SEARCH if is_search else BURST, "POST", path, body=body))

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def _persist(self, request: _Request) -> Reply:
        patience = Patience(self._timing)
        rejected: str | None = None
        while True:
            token = self._tokens.current() if rejected is None else self._tokens.renew(rejected)
            if token is None:
                raise SignInError(_SIGN_IN_ADVICE)
            outcome = self._try(request, token)
            if isinstance(outcome, Reply):
                return outcome
            if outcome.is_sign_in:
                if rejected is not None:
                    raise SignInError(_SIGN_IN_ADVICE)
                rejected = token
            elif outcome.came_too_fast:
                if not patience.allows_another_refusal(outcome.wait):
                    raise UnreachableError(request.told, outcome.fault)
            else:
                wait = patience.wait_after_fault(outcome.wait)
                if wait is None:
                    raise UnreachableError(request.told, outcome.fault)
                self._timing.sleep(wait)

    def _try(self, request: _Request, token: str) -> Reply | _Failure:
        try:
            ticket = self._limiter.acquire(request.policy)
        except QuotaSpentError:
            raise self._day_is_over("our share of HubSpot's daily limit") from None
        headers: Mapping[str, str] = {}
        try:
            answer = self._send(request, token)
            if answer.status == _TOO_MANY:
                return self._slow_down(answer, ticket)
            headers = answer.headers
        except UnansweredError as error:
            if error.is_lasting:
                raise UnreachableError(request.told, str(error), "check the network, then run kpi sync again") from None
            return _Failure(str(error))
        finally:
            self._limiter.learn(headers, ticket)
        return self._judge(request, answer)

    def _send(self, request: _Request, token: str) -> Answer:
        started = self._timing.monotonic()
        told = "no answer"
        try:
            answer = self._transport.send(
                request.method,
                request.path,
                headers={"Authorization": f"Bearer {token}"},
                query=request.query,
                body=request.body,
            )
            told = str(answer.status)
        except UnansweredError as error:
            told = str(error)
            raise
        finally:
            milliseconds = round((self._timing.monotonic() - started) * 1000)
            logger.debug("%s %s: %s, %d ms", request.method, request.told, told, milliseconds)
        return answer

    def _judge(self, request: _Request, answer: Answer) -> Reply | _Failure:
        status = answer.status
        if status == _SIGN_IN:
            return _Failure("it does not take the token", is_sign_in=True)
        if status in _SERVER_FAULTS or status in _PASSING:
            return _Failure(f"status {status}", wait=retry_after(answer.headers, self._clock()))
        body = answer.json()
        if status not in _FINE:
            raise refusal(request.told, status, body)
        if not isinstance(body, dict):
            return _Failure("an answer that is not whole, or not HubSpot's")
        return Reply(body, http_date(answer.headers.get("Date")) or self._clock(), status)

    def _slow_down(self, answer: Answer, ticket: Ticket) -> _Failure:
        body = answer.json()
        told = body if isinstance(body, dict) else {}
        policy = str(told.get("policyName") or "").upper()
        wait = retry_after(answer.headers, self._clock())
        if policy.startswith("DAILY") or "daily limit" in str(told.get("message") or "").casefold():
            self._limiter.refused(DAILY, None, ticket)
            raise self._day_is_over("HubSpot's daily limit")
        limit = BURST if policy.startswith("TEN_SECONDLY") else ticket.policy
        self._limiter.refused(limit, wait, ticket)
        return _Failure("requests come too fast for the account, others' included", wait, came_too_fast=True)

    def _day_is_over(self, limit: str) -> IncompleteError:
        midnight = next_midnight(self._clock(), _zone(self._timezone()))
        told = midnight.strftime("%Y-%m-%d %H:%M UTC")
        return IncompleteError(f"{limit[0].upper()}{limit[1:]} is used up: kpi sync goes on from {told}.", midnight)


def next_midnight(now: datetime, zone: tzinfo) -> datetime:
    """The next midnight of a zone after ``now`` (aware, UTC)."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time_of_day.min, tzinfo=zone).astimezone(UTC)


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError):  # no name of a zone
        return UTC
