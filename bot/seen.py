"""Remembers what has been handled, for Slack may bring a command or a click twice."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_KEPT_SECONDS = 600.0
_KEPT_MOST = 10_000


class Seen:
    """The keys of the last ten minutes, at most ten thousand. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: OrderedDict[str, float] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """True once for a key, then False."""
        now = self._clock()
        with self._lock:
            while self._keys and now - next(iter(self._keys.values())) > _KEPT_SECONDS:
                self._keys.popitem(last=False)
            if key in self._keys:
                return False
            self._keys[key] = now
            if len(self._keys) > _KEPT_MOST:
                self._keys.popitem(last=False)
            return True

    def forget(self, key: str) -> None:
        """The key is new once more."""
        with self._lock:
            self._keys.pop(key, None)
