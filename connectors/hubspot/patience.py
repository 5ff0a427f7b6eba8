"""How long to try again: a number of times, and seconds in all, with waits that grow and differ by chance."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_FAULTS = 8
MOST_REFUSALS = 30  # of requests that came too fast: others may use the account as well
LONGEST = 300.0  # seconds after the first fault
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Timing:
    """What waiting is made of. ``chance`` gives 0 to 1."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


REAL_TIMING = Timing()


@dataclass(slots=True)
class Patience:
    """For one thing that is tried. Many that fail at once shall not come back at once: hence the chance."""

    timing: Timing
    faults: int = 0
    refusals: int = 0
    began: float | None = None

    def wait_after_fault(self, asked: float | None = None) -> float | None:
        """The seconds to wait before the next try; None: it is enough. ``asked``: how long the server asks for."""
        self.faults += 1
        if self.faults >= MOST_FAULTS:
            return None
        grown = min(_FIRST_WAIT * 2.0 ** (self.faults - 1), _LONGEST_WAIT)
        return self._within(grown * (1 + self.timing.chance()) / 2 if asked is None else asked)

    def allows_another_refusal(self, asked: float | None = None) -> bool:
        """Whether to try again what came too fast. The limiter does the waiting."""
        self.refusals += 1
        return self.refusals < MOST_REFUSALS and self._within(asked or 0.0) is not None

    def _within(self, wait: float) -> float | None:
        now = self.timing.monotonic()
        self.began = now if self.began is None else self.began
        return wait if now + wait - self.began <= LONGEST else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that an answer asks to wait; None where it does not say so in either of HTTP's forms."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isdecimal() and len(value) < 10:  # noqa: PLR2004 (digits: no number that overflows)
        return float(value)
    until = http_date(value)
    return None if until is None else max((until - now).total_seconds(), 0.0)


def http_date(value: str | None) -> datetime | None:
    """An instant as HTTP's headers write it (aware, UTC)."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
