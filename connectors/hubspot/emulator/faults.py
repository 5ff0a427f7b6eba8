"""Faults on demand: what goes wrong between HubSpot and its client, and at which requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, Self

from connectors.hubspot.emulator.limits import Policy


class Fault(Enum):
    """What goes wrong. The options of each stand beside it, with their defaults."""

    RESET = "reset"  # the connection is reset instead of an answer
    RESET_IN_BODY = "reset_in_body"  # the connection is reset after half of the body
    TRUNCATED = "truncated"  # half of the JSON, as if it were all
    PAGE = "page"  # HTML of a server before the API; status=502
    ERROR = "error"  # an error of the API; status=500
    RATE_LIMIT = "rate_limit"  # 429; policy=Policy.BURST, retry_after=None (seconds), is_named=True
    SLOW = "slow"  # the answer comes later; seconds=1.0
    TRICKLE = "trickle"  # the body comes in pieces; seconds=1.0 in all, pieces=10
    EMPTY = "empty"  # 200 without a body
    WRONG_TYPE = "wrong_type"  # the answer within a list
    REPEATED_CURSOR = "repeated_cursor"  # the next page is the one that was asked for
    EXPIRED_CURSOR = "expired_cursor"  # 400: the cursor is too old
    DATE = "date"  # the Date header is wrong; hours=5.0
    UNAUTHORIZED = "unauthorized"  # 401: the token has expired
    FORBIDDEN = "forbidden"  # 403; scopes=("crm.objects.contacts.read",)
    MIGRATING = "migrating"  # 477: the account moves to another data centre; retry_after=60
    CALL = "call"  # nothing goes wrong, but function() is run first, in a thread of its own


_DEFAULTS: Mapping[Fault, Mapping[str, Any]] = {
    Fault.PAGE: {"status": 502},
    Fault.ERROR: {"status": 500},
    Fault.RATE_LIMIT: {"policy": Policy.BURST, "retry_after": None, "is_named": True},
    Fault.SLOW: {"seconds": 1.0},
    Fault.TRICKLE: {"seconds": 1.0, "pieces": 10},
    Fault.DATE: {"hours": 5.0},
    Fault.FORBIDDEN: {"scopes": ("crm.objects.contacts.read",)},
    Fault.MIGRATING: {"retry_after": 60},
    Fault.CALL: {"function": lambda: None},
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request, as a fault may look at it. ``number``: 1 for the first since the emulator started."""

    method: str
    path: str
    number: int


Predicate = Callable[[Incoming], bool]


@dataclass(frozen=True, slots=True)
class PlannedFault:
    fault: Fault
    options: Mapping[str, Any]

    @classmethod
    def of(cls, fault: Fault, options: Mapping[str, Any]) -> Self:
        """ValueError for an option that the fault has not."""
        known = _DEFAULTS.get(fault, {})
        if unknown := options.keys() - known.keys():
            raise ValueError(f"{fault.name} has no option {', '.join(sorted(unknown))}")
        return cls(fault, {**known, **options})


@dataclass(frozen=True, slots=True)
class Rule:
    """``planned`` befalls a request that ``is_meant``, if its place among those, from 1, ``is_due``."""

    planned: PlannedFault
    is_meant: Predicate
    is_due: Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults befall which requests: ``Faults.at(3, Fault.RESET) | Faults.every(50, Fault.PAGE, status=503)``.

    Requests are counted from 1 since the faults were given to the emulator; with ``path``, a glob, only those on it.
    Several faults may befall one request. Keywords besides ``path`` are the fault's options.
    """

    rules: tuple[Rule, ...] = ()

    @classmethod
    def at(cls, number: int, fault: Fault, *, path: str = "*", **options: Any) -> Self:
        """At this request and no other."""
        return cls((Rule(PlannedFault.of(fault, options), _on(path), lambda place: place == number),))

    @classmethod
    def every(cls, step: int, fault: Fault, *, path: str = "*", **options: Any) -> Self:
        """At each ``step``-th request; 1 for all."""
        return cls((Rule(PlannedFault.of(fault, options), _on(path), lambda place: place % step == 0),))

    @classmethod
    def when(cls, predicate: Predicate, fault: Fault, *, times: int | None = None, **options: Any) -> Self:
        """At the requests that the predicate wants, the first ``times`` of them."""
        return cls((Rule(PlannedFault.of(fault, options), predicate, lambda place: times is None or place <= times),))

    @classmethod
    def call_at(cls, number: int, function: Callable[[], object], *, path: str = "*") -> Self:
        """Run a function before this request is answered: a person edits the account between two pages."""
        return cls.at(number, Fault.CALL, path=path, function=function)

    def __or__(self, other: Faults) -> Self:
        return type(self)((*self.rules, *other.rules))


def _on(path: str) -> Predicate:
    return lambda incoming: fnmatchcase(incoming.path, path)


class FaultPlan:
    """The rules, and how many requests each was asked about. Threads may share it."""

    def __init__(self, faults: Faults) -> None:
        self._lock = threading.Lock()
        self._counted: list[tuple[Rule, list[int]]] = []
        self.add(faults)

    def add(self, faults: Faults) -> None:
        with self._lock:
            self._counted.extend((rule, [0]) for rule in faults.rules)

    def clear(self) -> None:
        with self._lock:
            self._counted.clear()

    def take(self, incoming: Incoming) -> tuple[PlannedFault, ...]:
        """What befalls this request."""
        with self._lock:
            return tuple(rule.planned for rule, count in self._counted if _is_struck(rule, count, incoming))


def _is_struck(rule: Rule, count: list[int], incoming: Incoming) -> bool:
    if not rule.is_meant(incoming):
        return False
    count[0] += 1
    return rule.is_due(count[0])
