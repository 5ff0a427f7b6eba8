"""Loading a HubSpot account: all deals, beside other ways to load them; and whether memory grows with the account."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import urllib3

from bench.company import CURRENCY, TIMEZONE
from bench.hubspot_loads import ADDRESS
from bench.hubspot_server import serving
from bench.processes import Worker
from bench.told import ratio, say
from bot.config import Config, load_config
from bot.demo.crm import connect_unlimited
from bot.sync import SilentProgress, sync

ROUNDS = {"small": 1, "medium": 3, "large": 3}
DEALS = {"small": 20_000, "medium": 200_000, "large": 200_000}
_LARGER = 5  # times as many deals, by which memory must not grow
_WAYS = ("ours", "dlt-rest", "dlt-arrow", "plain")
_MOST_MIB = 300
_RECORDS = {"small": 50_000, "medium": 1_000_000, "large": 1_000_000}
_CHANGES = (100, 1_000, 10_000)
_WITHIN_SECONDS = 3
_TOLD = {
    "ours": "HubSpot deals",
    "dlt-rest": "  dlt, its REST source",
    "dlt-arrow": "  dlt, Arrow by hand",
    "plain": "  fetched and parsed",
}


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    peak_mib: float


def measure(size: str) -> None:
    """RuntimeError where one of the ways brought other deals than there are."""
    _measure_loads(size)
    with serving("account", _RECORDS[size]) as address, tempfile.TemporaryDirectory() as folder:
        _measure_changes(address, Path(folder), _RECORDS[size])


def _measure_changes(address: str, folder: Path, records: int) -> None:
    """Whole syncs, histories, associations and publishing included, after nothing and after more and more changes."""
    config = _config(address, folder)
    seconds, requests = _sync(config, address)
    say(f"{records:,} records", f"synced and published in {seconds:.0f} s with {requests:,} requests")
    idle_seconds, idle = _sync(config, address)
    say("  no changes", f"{idle_seconds:.2f} s with {idle:,} requests")
    for changes in _CHANGES:
        _post(address, changes)
        seconds, requests = _sync(config, address)
        promised = f" (promised: at most {_WITHIN_SECONDS} s)" if changes == 1_000 else ""  # noqa: PLR2004
        more = f"{(requests - idle) / changes * 100:.1f} more for each 100"
        say(f"  {changes:,} changes", f"{seconds:.2f} s{promised} with {requests:,} requests, {more}")


def _sync(config: Config, address: str) -> tuple[float, int]:
    """The seconds until all is published, without HubSpot's limits, and how many requests it took."""
    before, began = _requests(address), time.perf_counter()
    report = sync(
        config,
        only=None,
        full=False,
        clock=lambda: datetime.now(UTC),
        progress=SilentProgress(),
        connect=connect_unlimited,
    )
    seconds = time.perf_counter() - began
    if report.stops or report.snapshot is None:
        raise RuntimeError(f"the sync stopped: {report.stops}")
    return seconds, _requests(address) - before


def _config(address: str, folder: Path) -> Config:
    file = folder / "scoreline.toml"
    file.write_text(
        f'[organisation]\ntimezone = "{TIMEZONE}"\ncurrency = "{CURRENCY}"\n\n'
        f'[[source]]\ntype = "hubspot"\napi_url = "{address}"\n',
        encoding="utf-8",
    )
    return load_config(file, {"HUBSPOT_ACCESS_TOKEN": "made-up"})


def _post(address: str, changes: int) -> None:
    urllib3.request("POST", f"{address}/change?count={changes}")


def _requests(address: str) -> int:
    return int(urllib3.request("GET", f"{address}/requests").json()["requests"])


def _measure_loads(size: str) -> None:
    deals = DEALS[size]
    with serving("deals", deals) as address:
        rounds = [{way: _run(way, address, deals) for way in _WAYS} for _ in range(ROUNDS[size])]
    seconds = {way: statistics.median(runs[way].seconds for runs in rounds) for way in _WAYS}
    peaks = {way: max(runs[way].peak_mib for runs in rounds) for way in _WAYS}
    for way in _WAYS:
        rate = f"{deals / seconds[way]:,.0f} a second"
        say(_TOLD[way], f"{deals:,} in {seconds[way]:.1f} s, {rate}, peak memory {peaks[way]:.0f} MiB")
    ours = seconds["ours"]
    say("  beside the REST source", f"{seconds['dlt-rest'] / ours:.1f} times as fast (promised: at least 5)")
    say("  beside Arrow by hand", f"{seconds['dlt-arrow'] / ours:.1f} times as fast (promised: more than 1)")
    say("  beside bare reading", ratio(ours, seconds["plain"], "at most 4"))
    with serving("deals", deals * _LARGER) as address:
        larger = _run("ours", address, deals * _LARGER)
    say(
        f"{deals * _LARGER:,} deals",
        f"in {larger.seconds:.1f} s, peak memory {larger.peak_mib:.0f} MiB beside {peaks['ours']:.0f} "
        f"(promised: at most {_MOST_MIB}, however many)",
    )


def _run(way: str, address: str, deals: int) -> _Run:
    """One load, by a process of its own into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ADDRESS).write_text(address, "ascii")
        with Worker(way, Path(folder)) as worker:
            run = _Run(worker.run(), worker.peak_mib())
            if worker.results() != [deals]:
                raise RuntimeError(f"{way} brought {worker.results()} deals of {deals}")
    return run
