"""A process that does one thing whenever it is told to: ``python -m bench.worker ROLE FOLDER``.

A line ``run`` on standard input has it done, and answered with the seconds that it took; ``peak`` with the most memory
that the process has had; ``results`` with what the last run gave.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from bench.processes import peak_mib

Job = tuple[Callable[[], Any], Callable[[Any], Iterable[Any]]]  # what is done, and its results as rows


def _figures(base: Path) -> Job:
    from bench.asked import open_store, read_digest, rows_of

    engine, context = open_store(base)
    return lambda: read_digest(engine, context), rows_of


def _sql(base: Path) -> Job:
    from bench.hand_written import digest_query, open_snapshot

    cursor, (sql, parameters) = open_snapshot(base), digest_query()
    return lambda: cursor.execute(sql, parameters).fetchall(), lambda rows: rows


def _pandas(base: Path) -> Job:
    from bench.frames import compute_digest, read_frames, rows_of

    frames = read_frames(base)
    return lambda: compute_digest(frames), rows_of


def _question(base: Path) -> Job:
    from bench.asked import open_store, questions
    from kpi.compute import read

    def answer() -> list[Any]:
        engine, context = open_store(base)
        readings = read(engine, [questions(context)["winrate of a rep"]], context)
        engine.close()
        return readings

    return answer, lambda readings: [str(reading.value) for reading in readings]


def _load(way: str, base: Path) -> Job:
    from bench.hubspot_loads import WAYS

    return WAYS[way](base), lambda count: [count]


_ROLES: dict[str, Callable[[Path], Job]] = {
    "figures": _figures,
    "sql": _sql,
    "pandas": _pandas,
    "question": _question,
    **{way: partial(_load, way) for way in ("ours", "dlt-rest", "dlt-arrow", "plain")},
}


def main(role: str, base: str) -> None:
    run, rows_of = _ROLES[role](Path(base))
    result: Any = None
    for line in sys.stdin:
        match line.strip():
            case "run":
                began = time.perf_counter()
                result = run()
                _say(time.perf_counter() - began)
            case "peak":
                _say(peak_mib())
            case "results":
                _say(list(rows_of(result)))


def _say(answer: Any) -> None:
    print(json.dumps(answer, default=float), flush=True)  # noqa: T201, this is how it is heard


main(*sys.argv[1:])
