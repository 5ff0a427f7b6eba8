"""How many requests HubSpot takes: per ten seconds, searches per second, and per day of the account."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from enum import Enum
from itertools import takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from connectors.hubspot.emulator.account import Account


class Policy(Enum):
    """A limit, by the name that a refusal gives it."""

    BURST = "TEN_SECONDLY_ROLLING"
    SEARCH = "SECONDLY"
    DAILY = "DAILY"


class RetryAfter(Enum):
    """Which refusals tell when to come back."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"  # every other one, beginning without
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Limits:
    """``burst`` requests of a private app, ``oauth_burst`` of an OAuth app, in ``burst_seconds``; ``search`` searches
    in ``search_seconds``, which count under no burst; ``daily`` requests of private apps until the account's midnight.
    Shorter seconds make tests quick. ``names_policies``: whether refusals name theirs, as documented."""

    burst: int = 190
    oauth_burst: int = 110
    burst_seconds: float = 10.0
    search: int = 5
    search_seconds: float = 1.0
    daily: int = 650_000
    retry_after: RetryAfter = RetryAfter.ALWAYS
    names_policies: bool = True


UNLIMITED = Limits(burst=10**9, oauth_burst=10**9, search=10**9, daily=10**9)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is taken (``refused`` is None), what its answer tells of the limits, and, where it is refused,
    in how many seconds to come back and which policy it was, if the answer is to tell."""

    refused: Policy | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class DailyUse:
    limit: int
    used: int
    resets_at: datetime


class _Window:
    """Requests of the last seconds. Refused ones count too."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._times: deque[float] = deque()

    def add(self, now: float, count: int = 1) -> None:
        self._times.extend([now] * count)

    def used(self, now: float) -> int:
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        return len(self._times)

    def used_lately(self, now: float, seconds: float) -> int:
        """Of the requests within the window, those of its last seconds."""
        return sum(1 for _ in takewhile(lambda at: at > now - seconds, reversed(self._times)))

    def free_in(self, now: float) -> float:
        """Seconds until a full window takes one more, if nothing comes in between."""
        last_to_leave = min(self.used(now) - self.most, len(self._times) - 1)
        return self._times[last_to_leave] + self.seconds - now


class _Day:
    """Requests since the account's midnight."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._day: date | None = None
        self._used = 0

    def add(self, count: int = 1) -> None:
        self._used = self.used() + count

    def used(self) -> int:
        today = self._now().date()
        if today != self._day:
            self._day, self._used = today, 0
        return self._used

    def resets_at(self) -> datetime:
        now = self._now()
        midnight = datetime.combine(now.date() + timedelta(days=1), time_of_day(), now.tzinfo)
        return midnight.astimezone(UTC)

    def free_in(self) -> float:
        return (self.resets_at() - self._now()).total_seconds()

    def _now(self) -> datetime:
        return self._account.clock().astimezone(ZoneInfo(self._account.timezone))


class Meter:
    """Counts what an account's apps ask. Threads may share it. ``monotonic``: seconds, for the short limits; the daily
    one follows the account's clock."""

    def __init__(self, limits: Limits, account: Account, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._private = _Window(limits.burst, limits.burst_seconds)
        self._oauth = _Window(limits.oauth_burst, limits.burst_seconds)
        self._searches = _Window(limits.search, limits.search_seconds)
        self._day = _Day(account)
        self._refusals = 0

    def admit(self, *, is_oauth: bool, is_search: bool) -> Verdict:
        """Counts a request and says whether it is taken."""
        with self._lock:
            now = self._monotonic()
            window = self._searches if is_search else self._oauth if is_oauth else self._private
            window.add(now)
            if not is_oauth:
                self._day.add()
            # Answers of searches carry no headers of limits; OAuth apps are not told of the day.
            headers = {} if is_search else self._burst_headers(window, now)
            if not is_search and not is_oauth:
                headers |= self._daily_headers()
            if not is_oauth and self._day.used() > self._limits.daily:
                return self._refusal(Policy.DAILY, headers, self._day.free_in())
            if window.used(now) > window.most:
                policy = Policy.SEARCH if is_search else Policy.BURST
                return self._refusal(policy, headers, window.free_in(now))
            return Verdict(headers=headers)

    def consume(self, policy: Policy, count: int) -> None:
        """Other apps of the account ask ``count`` times, now."""
        with self._lock:
            if policy is Policy.DAILY:
                self._day.add(count)
                return
            now = self._monotonic()
            for window in (self._searches,) if policy is Policy.SEARCH else (self._private, self._oauth):
                window.add(now, count)

    def daily_use(self) -> DailyUse:
        with self._lock:
            return DailyUse(self._limits.daily, self._day.used(), self._day.resets_at())

    def _refusal(self, policy: Policy, headers: Mapping[str, str], seconds: float) -> Verdict:
        self._refusals += 1
        wanted = self._limits.retry_after
        is_told = wanted is RetryAfter.ALWAYS or (wanted is RetryAfter.SOMETIMES and self._refusals % 2 == 0)
        retry_after = max(1, math.ceil(seconds)) if is_told else None
        return Verdict(policy, headers, retry_after, self._limits.names_policies)

    def _burst_headers(self, window: _Window, now: float) -> dict[str, str]:
        # The limit per second is not enforced any more. HubSpot still tells it: a tenth of the burst.
        secondly = window.most // 10
        lately = window.used_lately(now, window.seconds / 10)
        return {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(round(window.seconds * 1000)),
            "X-HubSpot-RateLimit-Max": str(window.most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, window.most - window.used(now))),
            "X-HubSpot-RateLimit-Secondly": str(secondly),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, secondly - lately)),
        }

    def _daily_headers(self) -> dict[str, str]:
        return {
            "X-HubSpot-RateLimit-Daily": str(self._limits.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self._limits.daily - self._day.used())),
        }
