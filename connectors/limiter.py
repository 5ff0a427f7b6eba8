"""How fast requests may go: one limiter for each account, shared by all threads that ask it something.

A window rolls: in no stretch of its length does the server count more requests than the limit. When it counted one is
not known here, only that it was between sending and answer; so a request leaves our window a whole length after its
*answer*, and a network that is slow now and fast then pushes none of them together. What the server says is left
counts what others send as well; it holds us back where they take more than we leave them.
"""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

BURST = "burst"
SEARCH = "search"
DAILY = "daily"

_PREFIX = "x-hubspot-ratelimit-"
_MOST = 1_000_000_000
_SHORTEST, _LONGEST = 0.1, 600.0  # seconds that a server may call a window
_ROUNDING = 1e-9  # 100 times 0.29 is 28.999999999999996
_RESERVE = 0.02  # of the limit: what others may send while an answer is on its way
_LOOK_AGAIN = 0.05  # seconds; where only an answer that is under way can tell more
_LONGEST_PAUSE = 120.0
_NEWS_HOLDS = 3600.0  # seconds for which what a server said of a whole day is believed


class QuotaSpentError(Exception):
    """Our share of the account's day is used up."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The leave to send one request. Hand it back once, with what came of it."""

    policy: str
    number: int
    at: float


@dataclass(slots=True)
class _Window:
    """The requests of one policy, as far as they still count. Knows no clock and no lock."""

    limit: int
    interval: float
    share: float = 1.0
    under_way: set[int] = field(default_factory=set)
    answered: list[tuple[float, float]] = field(default_factory=list)  # heap: when it leaves; when it was sent
    left: int | None = None  # by the server's count, others' requests included
    left_at: float = 0.0
    left_by: int = -1
    paused_until: float = 0.0
    paused_at: float = -math.inf
    refusals: int = 0

    def delay(self, now: float) -> float:
        """The seconds until the next request may go, or until it is worth looking again. 0: now."""
        self._forget(now)
        if now < self.paused_until:
            return self.paused_until - now
        ours = max(1, math.floor(self.limit * self.share + _ROUNDING))
        if len(self.under_way) + len(self.answered) >= ours:
            return self._until_one_leaves(now)
        if self.left is not None and self.left <= math.ceil(self.limit * _RESERVE):
            return min(self._until_one_leaves(now), max(self.left_at + self.interval - now, _LOOK_AGAIN))
        return 0.0

    def send(self, ticket: Ticket) -> None:
        self.under_way.add(ticket.number)
        if self.left is not None:
            self.left -= 1

    def settle(self, ticket: Ticket, now: float) -> None:
        if ticket.number in self.under_way:
            self.under_way.remove(ticket.number)
            heapq.heappush(self.answered, (now + self.interval, ticket.at))

    def learn(self, ticket: Ticket, limit: int | None, interval: float | None, left: int | None, now: float) -> None:
        self.refusals = 0
        self.limit = limit or self.limit
        self.interval = interval or self.interval
        if left is not None and ticket.number > self.left_by:
            self.left, self.left_at, self.left_by = left - len(self.under_way), now, ticket.number

    def pause(self, ticket: Ticket, retry_after: float | None, now: float) -> None:
        """Holds all back: for as long as the server says, else longer each time."""
        if ticket.at >= self.paused_at:  # else: sent before the others knew; one reason is told by many
            self.paused_at = now
            self.refusals += 1
        pause = retry_after if retry_after is not None else self.interval / 4 * 2 ** min(self.refusals - 1, 3)
        self.paused_until = max(self.paused_until, now + min(max(pause, _LOOK_AGAIN), _LONGEST_PAUSE))

    def _forget(self, now: float) -> None:
        while self.answered and self.answered[0][0] <= now:
            _, sent_at = heapq.heappop(self.answered)
            if self.left is not None and sent_at + self.interval > self.left_at:
                self.left += 1  # it surely still counted when the server told what was left
        if self.left is not None and now - self.left_at >= self.interval and not self.under_way:
            self.left = None

    def _until_one_leaves(self, now: float) -> float:
        until = self.answered[0][0] - now if self.answered else math.inf
        return min(until, _LOOK_AGAIN) if self.under_way else until


class _Queue:
    """One after another, in the order they came; a plain lock may pass over one for long."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        mine = object()
        with self._changed:
            self._waiting.append(mine)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting[0] is mine)
            yield
        finally:  # also of who was interrupted while waiting
            with self._changed:
                self._waiting.remove(mine)
                self._changed.notify_all()


class Limiter:
    """The limits of one account. ``share`` (above 0, at most 1): how much of the burst and of the day is ours; the rest
    is left to others. ``burst`` and ``search``: requests in ``interval`` seconds and in one, until headers say
    otherwise."""

    def __init__(
        self,
        share: float = 1.0,
        *,
        burst: int = 100,
        interval: float = 10.0,
        search: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError("A share is above 0 and at most 1.")
        self._share = share
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._number = 0
        self._windows = {BURST: _Window(burst, interval, share), SEARCH: _Window(search, 1.0)}
        self._queues = {policy: _Queue() for policy in self._windows}
        self._spent_at: float | None = None

    def acquire(self, policy: str) -> Ticket:
        """Waits until a request may go. Raises QuotaSpentError when our share of the day is used up."""
        with self._queues[policy].turn():
            while True:
                answer = self.ask(policy)
                if isinstance(answer, Ticket):
                    return answer
                self._sleep(answer)

    def ask(self, policy: str) -> Ticket | float:
        """As ``acquire``, without waiting: the seconds after which to ask again."""
        with self._lock:
            now = self._monotonic()
            if self._spent_at is not None and now - self._spent_at < _NEWS_HOLDS:
                raise QuotaSpentError
            window = self._windows[policy]
            delay = window.delay(now)
            if delay > 0:
                return delay
            self._number += 1
            ticket = Ticket(policy, self._number, now)
            window.send(ticket)
            return ticket

    def learn(self, headers: Mapping[str, str], ticket: Ticket) -> None:
        """Hands a ticket back with the headers of the answer; none where there was no answer."""
        said = {name.lower().removeprefix(_PREFIX): value for name, value in headers.items()}
        limit, left = _count(said.get("max"), least=1), _count(said.get("remaining"))
        interval = _count(said.get("interval-milliseconds"), least=1)
        day, day_left = _count(said.get("daily"), least=1), _count(said.get("daily-remaining"))
        with self._lock:
            now = self._monotonic()
            window = self._windows[ticket.policy]
            window.settle(ticket, now)
            if headers and ticket.policy == BURST:
                seconds = min(max(interval / 1000, _SHORTEST), _LONGEST) if interval else None
                window.learn(ticket, limit, seconds, left, now)
            elif headers:
                window.learn(ticket, None, None, None, now)
            if day_left is not None:
                is_spent = day_left == 0 or (day is not None and day - day_left >= day * self._share)
                self._spent_at = now if is_spent else None

    def refused(self, policy: str, retry_after: float | None, ticket: Ticket) -> None:
        """Hands a ticket back that was refused under ``policy``: all threads wait. ``retry_after``: seconds."""
        with self._lock:
            now = self._monotonic()
            self._windows[ticket.policy].settle(ticket, now)
            if policy == DAILY:
                self._spent_at = now
            else:
                self._windows[policy].pause(ticket, retry_after, now)


def _count(value: str | None, least: int = 0) -> int | None:
    """A whole number of a header; None where it is none that can be meant."""
    if value is None or not value.strip().isdecimal() or len(value) > len(str(_MOST)):
        return None
    number = int(value)
    return number if least <= number <= _MOST else None
