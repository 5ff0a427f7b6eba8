import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from kpi.engines import Snapshots
from kpi.engines.base import NothingPublishedError
from kpi.store import open_writer

from .conftest import NEW_YORK, URL
from .killed_sync import CHANGED, main

KILLS, GENERATIONS = 20, 4


# What is loaded, what is made of it as a whole and in part, and a view of that.
TOTALS = """
select
    min(name), max(name), count(*), (select count(*) from line_items), (select count(*) from generations),
    (select (count(*), min(name), max(family), count(*) filter (where product <> 'turn 0')) from deal_items),
    (select count(*) from line_items where product <> 'turn 0'), (select sum(items)::bigint from turns)
from deals
"""


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kpi.store.killed_sync", str(folder), str(GENERATIONS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


def kill_after(folder: Path, seconds: float) -> int:
    """Lets a sync write for so long, and gives its exit status: -9 where it was killed."""
    with start(folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.kill()
        return process.wait(timeout=30)


def contents(snapshot: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {
            name: connection.execute(f"select columns(lambda c: c <> '_pass') from {name} order by all").fetchall()
            for name in names
            if name not in ("set_aside", "made")  # which name passes
        } | {"set_aside": connection.execute("select id, row_number, reason from set_aside order by all").fetchall()}


class Reader(threading.Thread):
    """Reads what is published again and again; every answer must be of one whole generation."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._snapshots = Snapshots(URL, folder)
        self.done = threading.Event()
        self.seen: list[tuple] = []
        self.failures: list[Exception] = []

    def run(self) -> None:
        while not self.done.wait(0.005):
            try:
                self.read()
            except NothingPublishedError:
                assert not self.seen
            except Exception as error:  # noqa: BLE001 - whatever it is fails the test
                self.failures.append(error)
        self._snapshots.close()

    def read(self) -> None:
        engine = self._snapshots.engine()
        try:
            found = engine.run(TOTALS)
        finally:
            engine.close()
        self.seen += [row for row in found if row not in self.seen]


@pytest.mark.timeout(300)  # twenty processes, one after the other
def test_a_sync_killed_at_any_moment_goes_on_and_its_readers_never_see_half(tmp_path):
    moments = random.Random(7)  # noqa: S311 - the same moments on every run
    killed = tmp_path / "killed"
    reader = Reader(killed)
    reader.start()
    statuses = [kill_after(killed, moments.uniform(0, 0.5)) for _ in range(KILLS)]
    main(str(killed), str(GENERATIONS))
    reader.done.set()
    reader.join(timeout=30)

    assert reader.failures == []
    assert -9 in statuses
    for first, last, deals, items, generations, joined, turned, viewed in reader.seen:
        generation = int(first.removeprefix("g"))
        name, rows = f"g{generation}", 4 * (50 - generation % 3)
        assert (first, last, deals, items, generations) == (name, name, rows - 4, rows, 1)
        assert turned in (0, CHANGED)
        assert (*joined, viewed) == (deals, name, name, turned, deals)

    undisturbed = tmp_path / "undisturbed"
    main(str(undisturbed), str(GENERATIONS))
    snapshots = [sorted((folder / "var/crm.snapshots").glob("*.duckdb")) for folder in (killed, undisturbed)]
    assert contents(snapshots[0][-1]) == contents(snapshots[1][-1])
    assert len(snapshots[0]) == 2
    assert not list((killed / "var/crm.snapshots").glob("*.partial*"))


def test_a_killed_sync_does_not_keep_the_store_locked(tmp_path):
    assert kill_after(tmp_path, 0) == -9
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        assert set(writer.cursors("files")) <= {"deals", "line_items"}
