"""Loading a HubSpot account: all deals, beside other ways to load them; and whether memory grows with the account."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.hubspot_loads import ADDRESS
from bench.hubspot_server import serving
from bench.processes import Worker
from bench.told import ratio, say

ROUNDS = {"small": 1, "medium": 3, "large": 3}
DEALS = {"small": 20_000, "medium": 200_000, "large": 200_000}
_LARGER = 5  # times as many deals, by which memory must not grow
_WAYS = ("ours", "dlt-rest", "dlt-arrow", "plain")
_MOST_MIB = 300
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
    deals = DEALS[size]
    with serving(deals) as address:
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
    with serving(deals * _LARGER) as address:
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
