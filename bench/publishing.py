"""Loading a company and publishing it: whole, and after changes; and what readers notice of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.asked import ORGANISATION, STORE
from bench.company import NOW, Size, write_company, write_configuration
from bench.processes import Worker
from bench.told import ratio, say
from bot.config import load_config
from bot.sync import SilentProgress, sync
from connectors.base import Batch
from kpi.store import Writer, open_writer

CHANGED = 10_000
READS = 20
_SOURCE = "files"


class _Clock(SilentProgress):
    """Notes when a sync begins to publish."""

    published_from = 0.0

    def publishing(self) -> None:
        self.published_from = time.perf_counter()


def make_store(base: Path, size: Size) -> tuple[float, float]:
    """Makes a company, and a store of it through the files connector; gives the seconds of loading and publishing."""
    rows = write_company(base / "crm", size)
    config = load_config(write_configuration(base, base / "crm"), os.environ)
    clock, began = _Clock(), time.perf_counter()
    sync(config, only=None, full=False, clock=lambda: datetime.now(UTC), progress=clock)
    loading, publishing = clock.published_from - began, time.perf_counter() - clock.published_from
    say(f"{size.name} company", f"{rows:,} rows loaded in {loading:.1f} s, published in {publishing:.1f} s")
    return loading, publishing


def measure(base: Path, loading: float, publishing: float) -> None:
    """``loading`` and ``publishing``: the seconds that ``make_store`` gave."""
    say("publishing", ratio(publishing, loading, "at most a third of the load's time"))
    with open_writer(STORE, ORGANISATION, base=base) as writer, Worker("question", base) as reader:
        some, others = (_changed_deals(base, seed) for seed in (7, 8))
        began = time.perf_counter()
        _change(writer, some)
        seconds = time.perf_counter() - began
        alone = max(reader.run() for _ in range(READS))
        beside, slowest = _while_reading(lambda: _change(writer, others), reader)
    say(f"{CHANGED:,} changed deals", f"loaded and published in {seconds:.2f} s (promised: at most 3)")
    say(
        "  while they are read",
        f"{beside:.2f} s; the slowest answer of a process that opens the store for each took {slowest * 1000:.0f} ms, "
        f"{alone * 1000:.0f} ms while nobody writes",
    )


def _while_reading(write: Callable[[], None], reader: Worker) -> tuple[float, float]:
    """How long writing took, and the slowest read meanwhile, in seconds."""
    seconds = []

    def timed() -> None:
        began = time.perf_counter()
        write()
        seconds.append(time.perf_counter() - began)

    thread = threading.Thread(target=timed)
    thread.start()
    slowest = 0.0
    while thread.is_alive():
        slowest = max(slowest, reader.run())
    thread.join()
    if not seconds:
        raise RuntimeError("nothing was published")
    return seconds[0], slowest


def _change(writer: Writer, deals: Batch) -> None:
    """Loads what a connector brings that asks for changes, and publishes it."""
    writer.load(_SOURCE, deals)
    writer.publish({_SOURCE: NOW}, (), [_SOURCE])


def _changed_deals(base: Path, seed: int) -> Batch:
    """Deals from all three years with another amount, as text."""
    with duckdb.connect() as connection:
        rows: pa.Table = connection.sql(
            "select columns(*)::varchar, row_number() over () as _row from "
            f"(select * replace (amount + {seed} as amount) from '{base / 'crm' / 'deals.parquet'}' "
            f"using sample reservoir({CHANGED} rows) repeatable ({seed}))"
        ).to_arrow_table()
    return Batch("deals", rows, "", rows.num_rows, ends=True)
