"""Single answers on an open snapshot, beside SQL that was written by hand for the bare figures of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.asked import open_store, questions
from bench.hand_written import query_of
from bench.told import say
from kpi.compute import read

ROUNDS = 25


def measure(large: Path, small: Path) -> None:
    """Two stores: the one that matters, and a small one to hold it against."""
    times, at_small = _times(large), _times(small)
    for name, (ours, by_hand) in times.items():
        more = round((ours - by_hand) * 1000)
        growth = ours / at_small[name][0]
        say(
            name,
            f"{ours * 1000:.0f} ms, SQL by hand {by_hand * 1000:.0f} ms: {more} ms more (promised: at most 20); "
            f"{growth:.1f} times the small company's (promised: at most 5)",
        )


def _times(base: Path) -> Mapping[str, tuple[float, float]]:
    """The median seconds of each question: ours, and by hand; in turn."""
    engine, context = open_store(base)
    found = {}
    for name, request in questions(context).items():
        sql, parameters = query_of(request)
        ways = (
            lambda request=request: read(engine, [request], context),
            lambda sql=sql, parameters=parameters: engine.run(sql, parameters),
        )
        rounds = [[_seconds(way) for way in ways] for _ in range(ROUNDS)]
        ours, by_hand = (statistics.median(times) for times in zip(*rounds, strict=True))
        found[name] = (ours, by_hand)
    engine.close()
    return found


def _seconds(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began
