"""Faults on demand: what goes wrong between Slack and the bot, a set number of times."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import Enum
from typing import Any

RESPONSE_URL = "response_url"
"""The name under which faults of response URLs are asked for."""


class Fault(Enum):
    """What goes wrong. The options of each, with their defaults, stand beside it."""

    DROP_BEFORE = "drop_before"  # the connection is reset, nothing was done
    DROP_AFTER = "drop_after"  # the call was done, then the connection is reset
    RATE_LIMITED = "rate_limited"  # HTTP 429; retry_after=1
    SERVER_ERROR = "server_error"  # status=500, accepted=False
    HTML = "html"  # a page instead of JSON; status=200, accepted=False
    TRUNCATED = "truncated"  # the call was done, the answer's JSON breaks off
    SLOW = "slow"  # the call was done, the answer comes later; seconds=1.0
    ERROR = "error"  # error="internal_error", accepted=False, and details of the answer


_DEFAULTS: dict[Fault, dict[str, Any]] = {
    Fault.DROP_BEFORE: {},
    Fault.DROP_AFTER: {},
    Fault.RATE_LIMITED: {"retry_after": 1},
    Fault.SERVER_ERROR: {"status": 500, "accepted": False},
    Fault.HTML: {"status": 200, "accepted": False},
    Fault.TRUNCATED: {},
    Fault.SLOW: {"seconds": 1.0},
    Fault.ERROR: {"error": "internal_error", "accepted": False, "details": {}},
}
_ACCEPTED = frozenset({Fault.DROP_AFTER, Fault.TRUNCATED, Fault.SLOW})


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault that is still to happen."""

    fault: Fault
    options: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the call is carried out in spite of it."""
        return self.fault in _ACCEPTED or bool(self.options.get("accepted"))


class FaultPlan:
    """The faults to come, by method, first asked for first."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[PlannedFault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int, options: dict[str, Any]) -> None:
        """Plans a fault for the method's next calls. ValueError for an option that the fault has not."""
        if unknown := options.keys() - _DEFAULTS[fault].keys():
            raise ValueError(f"{fault.name} has no option {', '.join(sorted(unknown))}")
        planned = PlannedFault(fault, _DEFAULTS[fault] | options)
        self._planned[method].extend([planned] * times)

    def take(self, method: str) -> PlannedFault | None:
        """The fault of this call, or None."""
        waiting = self._planned.get(method)
        return waiting.popleft() if waiting else None

    def clear(self) -> None:
        self._planned.clear()
