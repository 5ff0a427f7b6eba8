import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kpi.engines import Snapshots, open_engine, read_directory
from kpi.engines.base import NothingPublishedError, StoreError
from tests.kpi.store.conftest import BEGAN, URL, deal, listing

from .conftest import publish_in

HOSTILE = [
    "select * from read_text('/etc/passwd')",
    "attach '/tmp/other.duckdb' as other",
    "copy deals to '/tmp/deals.csv'",
    "install httpfs",
    "set enable_external_access = true",
    "set threads = 1",
    "insert into deals (id) values ('x')",
    "drop table deals",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """One for all tests that only read."""
    folder = tmp_path_factory.mktemp("read")
    publish_in(folder)
    opened = open_engine(URL, folder)
    yield opened
    opened.close()


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_snapshot_is_read_and_nothing_else(engine, sql):
    with pytest.raises(duckdb.Error):
        engine.run(sql)
    assert engine.run("select name from deals") == [("Ann",)]


def test_rows_are_plain_python_values(engine):
    sql = "select 1.5::decimal(18,4), 7, 'x', true, date '2026-01-31', timestamp '2026-01-31 09:30:00', null"
    expected = (Decimal("1.5"), 7, "x", True, datetime(2026, 1, 31).date(), datetime(2026, 1, 31, 9, 30), None)
    assert engine.run(sql) == [expected]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_aware_instants_mean_what_they_say_whatever_the_machines_zone(publish, tmp_path, zone):
    publish()
    program = (
        "import sys; from datetime import *; from pathlib import Path; from kpi.engines import open_engine\n"
        f"engine = open_engine({URL!r}, Path(sys.argv[1]))\n"
        "sql = 'select count(*) from deals where created_at >= $a and created_at < $b'\n"
        "at = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)\n"
        "print(engine.run(sql, {'a': at, 'b': at + timedelta(seconds=1)})[0][0], engine.as_of())\n"
    )
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "1 2026-11-22 09:00:00+00:00\n"


def test_reading_imports_neither_pandas_nor_pyarrow(publish, tmp_path):
    publish()
    program = (
        "import sys; from pathlib import Path; from kpi.engines import open_engine, read_directory\n"
        f"read_directory(open_engine({URL!r}, Path(sys.argv[1])))\n"
        "print(sorted({'pandas', 'pyarrow', 'numpy', 'filelock', 'kpi.store'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_as_of_is_the_oldest_of_the_sources(engine):
    assert engine.as_of() == engine.as_of(["files"]) == BEGAN
    assert engine.as_of().tzinfo is UTC
    assert engine.as_of(["unknown"]) is None


def test_a_directory_without_people_is_empty(engine):
    directory = read_directory(engine)
    assert (dict(directory.reps), dict(directory.teams), directory.sources) == ({}, {}, ("files",))


def test_before_the_first_sync_the_answer_is_to_run_one(tmp_path):
    with pytest.raises(NothingPublishedError, match=r"Nothing has been synced yet: run kpi sync\."):
        open_engine(URL, tmp_path)
    with pytest.raises(NothingPublishedError):
        Snapshots(URL, tmp_path).engine()


def test_any_engines_of_one_process_share_a_snapshot(publish, tmp_path):
    publish()
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: open_engine(URL, tmp_path), range(16)))
    for each in engines:
        assert each.run("select count(*) from deals") == [(1,)]
        each.close()


@pytest.mark.parametrize("content", ["hello", "", "x" * 20_000])
def test_a_broken_snapshot_is_named(publish, tmp_path, content):
    publish().write_text(content)
    with pytest.raises(StoreError, match=r"000001\.duckdb cannot be read as a snapshot: run kpi sync"):
        open_engine(URL, tmp_path)


def test_a_missing_snapshot_is_named(publish, tmp_path):
    publish().unlink()
    with pytest.raises(StoreError, match=r"000001\.duckdb cannot be read"):
        open_engine(URL, tmp_path)


@pytest.mark.parametrize("content", [b"", b"../../etc/passwd\n", b"\xff\xfe", b"1.duckdb"])
def test_a_broken_pointer_is_named(publish, tmp_path, content):
    (publish().parent / "current").write_bytes(content)
    with pytest.raises(StoreError, match="run kpi sync"):
        open_engine(URL, tmp_path)


def test_a_snapshot_of_another_version_says_so(publish, tmp_path):
    with duckdb.connect(str(publish())) as connection:
        connection.execute("update layout set fingerprint = 'older'; drop table deals")
    engine = open_engine(URL, tmp_path)
    with pytest.raises(StoreError, match="another version of Scoreline: run kpi sync"):
        engine.run("select count(*) from deals")
    engine.close()


def test_other_stores_are_refused(tmp_path):
    with pytest.raises(StoreError, match="DuckDB is the store of this version"):
        open_engine("postgresql://crm@host/db", tmp_path)
    with pytest.raises(StoreError, match="DuckDB is the store of this version"):
        Snapshots("postgresql://crm@host/db", tmp_path)


def generation(name: str):
    return listing("deals", [deal("1", name=name)])


def test_a_staying_process_sees_what_is_published_next(publish, tmp_path):
    publish(generation("a"))
    snapshots = Snapshots(URL, tmp_path)
    first = snapshots.engine()
    publish(generation("b"))
    second = snapshots.engine()
    assert (first.run("select name from deals"), second.run("select name from deals")) == ([("a",)], [("b",)])
    snapshots.close()
    assert second.run("select name from deals") == [("b",)]
    first.close()
    second.close()


def open_files(folder: Path) -> set[str]:
    names = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing itself
            names.add(str(link.readlink()))
    return {name for name in names if str(folder) in name}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed by Linux only")
def test_old_snapshots_are_closed_when_nobody_reads_them(publish, tmp_path):
    snapshots = Snapshots(URL, tmp_path)
    readers = []
    for name in "abc":
        publish(generation(name))
        readers.append(snapshots.engine())
    assert len(open_files(tmp_path)) == 3
    for reader in readers:
        reader.close()
    assert len(open_files(tmp_path)) == 1
    snapshots.close()
    assert open_files(tmp_path) == set()


def test_a_snapshot_that_goes_while_it_is_opened_is_followed_to_the_next(publish, tmp_path, monkeypatch):
    publish(generation("a"))
    opened = []

    def open_late(path):
        if not opened:
            for name in "bcd":  # the one about to be opened is gone after two more
                publish(generation(name))
        opened.append(path.name)
        return original(path)

    from kpi.engines import duckdb as engines

    original = engines._open
    monkeypatch.setattr(engines, "_open", open_late)
    engine = open_engine(URL, tmp_path)
    assert engine.run("select name from deals") == [("d",)]
    assert opened == ["000001.duckdb", "000004.duckdb"]
    engine.close()


def test_many_threads_read_while_snapshots_change(publish, tmp_path):
    publish(generation("0"))
    snapshots = Snapshots(URL, tmp_path)

    def read(_: int) -> int:
        engine = snapshots.engine()
        try:
            (first,), (again,) = (engine.run("select name from deals")[0] for _ in range(2))
        finally:
            engine.close()
        assert first == again
        return int(first)

    with ThreadPoolExecutor(8) as pool:
        seen = pool.map(read, range(200))
        for n in range(1, 5):
            publish(generation(str(n)))
        assert set(seen) <= set(range(5))
    assert read(0) == 4
    snapshots.close()
