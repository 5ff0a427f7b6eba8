"""A digest's figures: read by the project, by SQL that was written by hand for exactly them, and by pandas."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.processes import Worker
from bench.told import ratio, say

ROUNDS = 15
_CLOSE = 1e-9  # relative: pandas has floats


def measure(base: Path) -> None:
    """RuntimeError where the three do not agree."""
    with Worker("figures", base) as ours, Worker("sql", base) as sql, Worker("pandas", base) as pandas:
        workers = (ours, sql, pandas)
        for worker in workers:
            worker.run()  # the first run reads the disk
        rounds = [[worker.run() for worker in workers] for _ in range(ROUNDS)]
        figures, *others = (worker.results() for worker in workers)
        for other in others:
            _require_same(figures, other)
        seconds = [statistics.median(times) for times in zip(*rounds, strict=True)]
        peaks = [worker.peak_mib() for worker in workers]
    for name, median, peak in zip(("digest", "  SQL by hand", "  pandas"), seconds, peaks, strict=True):
        say(name, f"{median * 1000:.0f} ms (median of {ROUNDS}), peak memory {peak:.0f} MiB")
    say("  figures", f"{len(figures):,}, the same in all three")
    say("  beside SQL", ratio(seconds[0], seconds[1], "at most 1.5"))
    say("  beside pandas", f"{seconds[2] / seconds[0]:.1f} times as fast (promised: at least 3)")
    say("  memory beside pandas", ratio(peaks[0], peaks[2], "at most 0.25"))


def _require_same(ours: Iterable[Sequence[object]], theirs: Iterable[Sequence[object]]) -> None:
    """Whether rows of ``bench.asked.Row`` are the same, in any order."""
    one, other = (sorted(rows, key=lambda row: [str(each) for each in row[:3]]) for rows in (ours, theirs))
    if len(one) != len(other):
        raise RuntimeError(f"{len(one)} figures are not {len(other)}")
    for row, beside in zip(one, other, strict=True):
        if row[:3] != beside[:3] or not all(map(_is_close, row[3:], beside[3:])):
            raise RuntimeError(f"{row} is not {beside}")


def _is_close(one: object, other: object) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= _CLOSE * max(1.0, abs(one))
    return one is other
