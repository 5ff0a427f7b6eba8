"""Requests to HubSpot: within the account's limits, and again where that may help."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

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

MOST_FAULTS = 8
MOST_REFUSALS = 30  # of requests that came too fast: others may use the account as well
LONGEST = 300.0  # seconds from the first try after which there is no other
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_PASSING = (408, 423, 425, 477)  # 423: locked for a moment; 477: the account moves to another data centre
_TOO_MANY = 429
_SIGN_IN = 401


@dataclass(frozen=True, slots=True)
class Reply:
    """``body``: a JSON object. ``at``: HubSpot's clock when it answered (aware, UTC)."""

    body: Any
    at: datetime
    status: int


class _FaultError(Exception):
    """What may pass: ``fault`` in words, ``wait``: the seconds that HubSpot asks for."""

    def __init__(self, fault: str, wait: float | None = None) -> None:
        super().__init__(fault)
        self.fault, self.wait = fault, wait


class _TooFastError(Exception):
    """The request came too fast; the limiter knows. ``wait``: the seconds that HubSpot asks for."""

    def __init__(self, wait: float | None) -> None:
        super().__init__()
        self.wait = wait


class HubspotClient:
    """Gets and posts, for any number of threads. All POSTs read, so they too are tried again.

    ``timezone`` gives the account's zone, once it is known: a daily limit ends at its midnight. ``secret`` gives an
    environment variable's value: HTTPS_PROXY and the like. ``clock`` is ours (aware); ``chance`` gives 0 to 1.
    """

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        limiter: Limiter,
        *,
        paths: Paths,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
        timezone: Callable[[], str | None] = lambda: None,
        secret: Callable[[str], str | None] = lambda _name: None,
    ) -> None:
        self.paths = paths
        self._tokens = tokens
        self._limiter = limiter
        self._sleep = sleep
        self._monotonic = monotonic
        self._clock = clock
        self._chance = chance
        self._timezone = timezone
        self._transport = Transport(api_url, secret=secret)

    def get(self, path: str, query: Mapping[str, str | Sequence[str]] | None = None) -> Reply:
        """HubSpot's answer. A query's sequence gives its name several times. Raises RefusedError,
        MissingScopesError, NotFoundError, SignInError, UnreachableError; IncompleteError at the daily limit."""
        return self._persist(BURST, "GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any], *, is_search: bool = False) -> Reply:
        """As ``get``, of a JSON body that asks for records. ``is_search``: counts under the limit of searches."""
        return self._persist(SEARCH if is_search else BURST, "POST", path, body=body)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()
