"""Whole processes, by the operating system's own accounting, and workers that do one thing again and again."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self


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


def forget_peak() -> None:
    """Lets ``peak_mib`` count from now on, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def peak_mib() -> float:
    """The most memory that this process has had, in MiB: since ``forget_peak``, where the system can."""
    with suppress(OSError):
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Worker:
    """A process of ``bench.worker``, which does its one thing whenever it is told to."""

    def __init__(self, role: str, base: Path) -> None:
        command = [sys.executable, "-m", "bench.worker", role, str(base)]
        self._process = subprocess.Popen(  # noqa: S603, our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self) -> float:
        """Has it done once more; gives the seconds that it took."""
        return float(self._ask("run"))

    def peak_mib(self) -> float:
        """The most memory that the process has had so far, at the workers' own choice since when."""
        return float(self._ask("peak"))

    def results(self) -> Any:
        """What the last run gave."""
        return self._ask("results")

    def _ask(self, what: str) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise TypeError("a worker has pipes")
        print(what, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self._process.wait()}")
        return json.loads(line)
