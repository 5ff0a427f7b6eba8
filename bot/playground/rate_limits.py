"""Slack's rate limits: calls a minute by method, messages a second by channel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.playground.errors import RateLimitedError


@dataclass(frozen=True, slots=True)
class Allowance:
    """``burst`` calls at once, refilled at ``per_minute``."""

    burst: int
    per_minute: float


class Tier(Enum):
    """Slack's tiers: calls a minute, per method and workspace."""

    ONE = Allowance(10, 1)  # the first ten at once: an app may hold ten connections and opens each with such a call
    TWO = Allowance(20, 20)
    THREE = Allowance(50, 50)
    FOUR = Allowance(100, 100)
    SPECIAL = Allowance(600, 600)


POSTS_PER_CHANNEL = Allowance(3, 60)
POSTS_PER_WORKSPACE = Allowance(300, 300)


class RateLimits:
    """Counts calls against allowances; each key has a bucket of its own."""

    def __init__(self, clock: Callable[[], float], *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._levels: dict[tuple[str, ...], tuple[float, float]] = {}

    def spend(self, allowance: Allowance, *key: str) -> None:
        """Takes one call from the key's allowance. Raises RateLimitedError when none is left."""
        if not self._enforced:
            return
        now = self._clock()
        level, since = self._levels.get(key, (float(allowance.burst), now))
        level = min(allowance.burst, level + (now - since) * allowance.per_minute / 60)
        if level < 1:
            raise RateLimitedError(max(1, math.ceil((1 - level) * 60 / allowance.per_minute)))
        self._levels[key] = (level - 1, now)
