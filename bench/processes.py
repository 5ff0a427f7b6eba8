"""Whole processes, by the operating system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Sequence


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system time of a command and its children. CalledProcessError where it fails."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603, our own
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime


def side_by_side(first: Sequence[str], second: Sequence[str], runs: int) -> tuple[float, float]:
    """The medians of both commands' CPU seconds, run in turn, so that a slow moment meets both; one warm-up each."""
    cpu_seconds(first), cpu_seconds(second)
    pairs = [(cpu_seconds(first), cpu_seconds(second)) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
