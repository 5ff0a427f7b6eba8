import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from kpi.engines import Snapshots, open_engine, read_directory
from kpi.engines.base import NothingPublishedError, StoreBusyError, StoreError
from kpi.organisation import Organisation
from kpi.relations import Relation
from kpi.schema import TABLES
from kpi.scopes import Override
from kpi.store import open_writer
from kpi.store.status import Emptied, SetAsideRow, read_emptied, read_set_aside

from .conftest import BEGAN, NEW_YORK, URL, batch, deal, listing, rows_of

CLOSED = Relation("closed", "select id, $currency as currency from deals where status <> 'open'")
COUNTED = Relation("counted", "select count(*) as n from closed")


def publish(writer, sources=("files",), *, began_at=None, overrides=(), relations=()):
    began_at = dict.fromkeys(sources, BEGAN) if began_at is None else began_at
    return writer.publish(began_at, overrides, sources, relations=relations)


def test_every_table_of_the_schema_is_there_even_when_empty(published):
    engine = published(listing("deals", [deal("1")]))
    for table in TABLES.values():
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        assert len(engine.run(f"select {columns} from {table.name}")) == (table.name == "deals")


def test_relations_are_made_in_their_order_in_the_companys_currency(published):
    engine = published(listing("deals", [deal("1"), deal("2", status="open")]), relations=(CLOSED, COUNTED))
    assert engine.run("select * from closed") == [("files:1", "USD")]
    assert engine.run("select * from counted") == [(1,)]


def test_owners_become_reps_in_the_order_of_the_sources(writer, tmp_path):
    writer.load("hub", listing("owners", [{"id": "9", "name": "Ann Hub", "email": "ANN@x.example", "role": "ae"}]))
    writer.load("files", listing("owners", [{"id": "R1", "name": "Ann", "email": "ann@x.example", "team_id": "T2"}]))
    teams = [{"id": "T1", "name": "World"}, {"id": "T2", "name": "EMEA", "parent_id": "T1"}]
    writer.load("files", listing("teams", teams))
    publish(writer, ("files", "hub"), overrides=[Override("ann@x.example", role="manager")])
    engine = open_engine(URL, tmp_path)
    directory = read_directory(engine)
    (rep,) = directory.reps.values()
    assert (rep.id, rep.name, rep.team_id, rep.role, rep.active) == ("files:R1", "Ann", "files:T2", "manager", True)
    assert directory.sources == ("files", "hub")
    assert directory.ancestry("files:T2") == ("files:T2", "files:T1")
    assert sorted(engine.run("from rep_owners")) == [("files:R1", "files:R1"), ("hub:9", "files:R1")]
    assert sorted(engine.run("from team_closure")) == [
        ("files:T1", "files:T1", 0),
        ("files:T2", "files:T1", 1),
        ("files:T2", "files:T2", 0),
    ]
    engine.close()


def test_local_days_span_the_years_of_every_date_and_begin_at_local_midnight(published):
    rows = [deal("1", created_at="2018-01-01T00:00:00Z", close_date="2018-11-20")]
    engine = published(listing("deals", rows), listing("holidays", [{"date": "2018-12-30"}]))
    days = dict(engine.run("select * from local_days order by day"))
    assert list(days) == [date(2017, 1, 1) + timedelta(n) for n in range(365 + 365)]
    assert days[date(2018, 11, 4)] == datetime(2018, 11, 4, 4)
    assert days[date(2018, 11, 5)] == datetime(2018, 11, 5, 5)


def test_dates_that_are_slips_make_no_local_days(published):
    slips = [deal(str(n), close_date=day) for n, day in enumerate(["0201-05-03", "9999-12-31", "2026-01-31"])]
    slips.append(deal("9", created_at="9999-12-31T23:59:59Z", closed_at="0001-01-01"))
    engine = published(listing("deals", slips))
    assert engine.run("select count(*), min(day), max(day) from local_days") == [
        (365, date(2026, 1, 1), date(2026, 12, 31))
    ]
    assert engine.run("select count(*) from deals where close_date is not null") == [(3,)]


def test_a_store_without_dates_has_no_local_days(published):
    engine = published(listing("owners", [{"id": "1", "name": "Ann"}]))
    assert engine.run("select count(*) from local_days") == [(0,)]


def test_a_rate_holds_from_local_midnight_until_the_next(published):
    rates = [
        {"currency": "EUR", "date": "2026-03-09", "rate": "1.2"},
        {"currency": "eur", "date": "2026-03-07", "rate": "1.1"},
        {"currency": "EUR", "date": "2026-03-07", "rate": "9"},
        {"currency": "VND", "date": "1900-01-01", "rate": "0.00003934"},
    ]
    engine = published(listing("fx_rates", rates))
    forever = datetime.max  # noqa: DTZ901 - instants are stored without a zone
    assert engine.run("select * from fx_intervals order by currency, from_at") == [
        ("EUR", datetime(2026, 3, 7, 5), datetime(2026, 3, 9, 4), Decimal("1.1")),
        ("EUR", datetime(2026, 3, 9, 4), forever, Decimal("1.2")),
        ("VND", datetime(1900, 1, 1, 5), forever, Decimal("0.00003934")),
    ]
    at = "select rate from fx_intervals where currency = 'EUR' and $at >= from_at and $at < until_at"
    assert engine.run(at, {"at": datetime(2026, 3, 9, 3, 59, 59)}) == [(Decimal("1.1"),)]
    assert engine.run(at, {"at": datetime(2026, 3, 9, 4)}) == [(Decimal("1.2"),)]
    assert engine.run(at, {"at": datetime(2026, 3, 7, 4)}) == []


def test_what_was_supplied_is_counted_by_column(published):
    engine = published(listing("deals", [deal("1", amount="5"), deal("2", amount="?")]))
    filled = {(table, column): n for table, column, n in engine.run("from supplied")}
    assert filled["deals", ""] == 2
    assert filled["deals", "amount"] == 1
    assert filled["deals", "mrr"] == filled["spend", ""] == 0
    assert len(filled) == sum(len(table.columns) + 1 for table in TABLES.values())


def test_what_could_not_be_used_is_told_and_its_raw_text_is_not_published(writer, tmp_path):
    secret = "very-private-text"
    rows = [deal("1", amount="lots"), deal("2", status="?", name=secret), deal("3", amount=secret)]
    writer.load("files", listing("deals", rows))
    path = publish(writer)
    engine = open_engine(URL, tmp_path)
    reason = "status '?' is not one of open, won, lost"
    assert read_set_aside(engine, 10).rows == (SetAsideRow("files", "deals", 2, "files:2", reason),)
    assert (read_set_aside(engine, 0).rows, read_set_aside(engine, 0).count) == ((), 1)
    assert read_emptied(engine) == [Emptied("files", "deals", "amount", 2)]
    engine.close()
    assert secret.encode() not in path.read_bytes()
    assert rows_of(writer, "select raw ->> 'name' from _raw.rows") == [(secret,)]


def test_raw_text_goes_with_the_row_it_belongs_to(writer):
    writer.load("files", listing("deals", [deal("1", status="?", amount="lots")]))
    writer.load("files", listing("deals", [deal("1")]))
    publish(writer)
    assert rows_of(writer, "select count(*) from _raw.rows") == [(0,)]


def test_rows_without_ids_are_numbered_in_the_order_of_the_sources(writer, tmp_path):
    target = {"kpi": "bookings", "scope": "company", "period": "2026"}
    writer.load("b", listing("targets", [target | {"value": "3"}]))
    writer.load("a", listing("targets", [target | {"value": "1"}, target | {"value": "2"}]))
    for sources, values in ((("a", "b"), [1, 2, 3]), (("b", "a"), [3, 1, 2])):
        publish(writer, sources)
        engine = open_engine(URL, tmp_path)
        assert [int(value) for (value,) in engine.run("select value from targets order by row_number")] == values
        engine.close()


@pytest.mark.parametrize(
    ("batches", "sources", "message"),
    [
        ([batch("deals", [deal("1")], starts=True)], ["files"], "deals of source 'files' is not complete"),
        ([listing("deals", []), batch("deals", [deal("1")])], ["files"], "deals of source 'files' is not complete"),
        ([listing("deals", [])], ["files", "hub"], "Source 'hub' has not been pulled"),
    ],
)
def test_only_what_is_complete_is_published(writer, tmp_path, batches, sources, message):
    for each in batches:
        writer.load("files", each)
    with pytest.raises(StoreError, match=message):
        publish(writer, sources)
    with pytest.raises(NothingPublishedError, match="run kpi sync"):
        open_engine(URL, tmp_path)


def test_a_source_that_was_not_synced_now_keeps_its_time(writer, tmp_path):
    for source in ("a", "b"):
        writer.load(source, listing("deals", [deal("1")]))
    with pytest.raises(StoreError, match="Source 'b' has never been synced"):
        publish(writer, ("a", "b"), began_at={"a": BEGAN})
    publish(writer, ("a", "b"), began_at={"a": BEGAN, "b": BEGAN})
    publish(writer, ("a", "b"), began_at={"b": BEGAN + timedelta(hours=3)})
    engine = open_engine(URL, tmp_path)
    assert engine.as_of() == engine.as_of(["a"]) == BEGAN
    assert engine.as_of(["b"]) == datetime(2026, 11, 22, 12, tzinfo=UTC)
    engine.close()


def test_the_same_rows_give_the_same_snapshot(writer):
    writer.load("files", listing("deals", [deal(str(n), amount=str(n)) for n in range(50)]))
    writer.load("files", listing("owners", [{"id": str(n), "name": f"N{n}"} for n in range(50)]))
    contents = []
    for _ in range(2):
        with duckdb.connect(str(publish(writer, relations=(CLOSED,))), read_only=True) as connection:
            tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
            contents.append({name: connection.execute(f"from {name}").fetchall() for name in sorted(tables)})
    assert contents[0] == contents[1]


def test_two_snapshots_are_kept_and_left_overs_removed(writer):
    writer.load("files", listing("deals", [deal("1")]))
    folder = publish(writer).parent
    (folder / "000009.partial").write_text("cut short")
    (folder / "000009.partial.tmp").mkdir()
    (folder / "current.partial").write_text("cut short")
    for _ in range(3):
        publish(writer)
    assert sorted(path.name for path in folder.iterdir()) == ["000003.duckdb", "000004.duckdb", "current"]
    assert (folder / "current").read_text() == "000004.duckdb\n"


def test_an_open_reader_keeps_the_snapshot_it_began_with(writer, tmp_path):
    snapshots = Snapshots(URL, tmp_path)
    opened = []
    for n in range(4):
        writer.load("files", listing("deals", [deal("1", name=f"generation {n}")]))
        publish(writer)
        opened.append(snapshots.engine())
    for n, engine in enumerate(opened):
        assert engine.run("select name from deals") == [(f"generation {n}",)]
        engine.close()
    snapshots.close()


def test_everything_is_for_its_owner_alone(tmp_path):
    (tmp_path / "var").mkdir(mode=0o755)
    mask = os.umask(0o022)
    try:
        with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
            writer.load("files", listing("deals", [deal("1"), deal("2", status="?")]))
            assert (tmp_path / "var/crm.duckdb.wal").exists()
            modes = {path: path.stat().st_mode & 0o077 for path in (tmp_path / "var").rglob("*")}
            publish(writer)
        modes |= {path: path.stat().st_mode & 0o077 for path in (tmp_path / "var").rglob("*")}
        (tmp_path / "afterwards").touch()
    finally:
        os.umask(mask)
    assert len(modes) > 6
    assert set(modes.values()) == {0}
    assert (tmp_path / "afterwards").stat().st_mode & 0o777 == 0o644


def test_a_second_writer_is_refused_at_once(writer, tmp_path):
    with pytest.raises(StoreBusyError, match="Another sync is writing"):
        open_writer(URL, NEW_YORK, base=tmp_path)
    writer.close()
    with open_writer(URL, NEW_YORK, base=tmp_path) as second:
        assert second.cursors("files") == {}


def test_a_store_is_gone_on_with_after_it_was_closed(tmp_path):
    for number in ("1", "2"):
        with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
            writer.load(
                "files", batch("deals", [deal(number)], starts=number == "1", ends=number == "2", cursor=number)
            )
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        assert writer.cursors("files") == {"deals": "2"}
        assert rows_of(writer, "select id from deals order by id") == [("files:1",), ("files:2",)]


def test_tables_of_another_version_are_pulled_anew(tmp_path):
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        writer.load("files", listing("deals", [deal("1")]))
        writer._connection.execute("update layout set fingerprint = 'older'; alter table deals drop column mrr")
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        assert writer.cursors("files") == {}
        assert writer.load("files", listing("deals", [deal("1", mrr="5")])).written == 1


@pytest.mark.parametrize("url", ["postgresql://crm@host/db", "sqlite:///x.db", "duckdb:///", "crm.duckdb"])
def test_other_stores_are_refused_with_what_to_write(tmp_path, url):
    with pytest.raises(StoreError, match=r"duckdb:///var/crm\.duckdb"):
        open_writer(url, NEW_YORK, base=tmp_path)


def test_four_slashes_are_an_absolute_path(tmp_path):
    with open_writer(f"duckdb:///{tmp_path}/else/where.duckdb", Organisation(), base=tmp_path / "base"):
        assert (tmp_path / "else/where.duckdb").exists()


@pytest.mark.parametrize("name", ["it's; drop.duckdb", "日本 語.duckdb", "raw.duckdb", "temp.duckdb", "crm"])
def test_any_file_name_will_do(tmp_path, name):
    with open_writer(f"duckdb:///{name}", NEW_YORK, base=tmp_path) as writer:
        writer.load("files", listing("deals", [deal("1")]))
        publish(writer)
    engine = open_engine(f"duckdb:///{name}", tmp_path)
    assert engine.run("select id from deals") == [("files:1",)]
    engine.close()


def test_a_file_that_is_no_store_is_named(tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var/crm.duckdb").write_text("hello")
    with pytest.raises(StoreError, match=r"crm\.duckdb cannot be opened as a store"):
        open_writer(URL, NEW_YORK, base=tmp_path)
    (tmp_path / "var/crm.duckdb").unlink()
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        assert writer.cursors("files") == {}


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "var").write_text("a file")
    with pytest.raises(StoreError, match="cannot be made"):
        open_writer(URL, NEW_YORK, base=tmp_path)


def test_a_full_disk_is_told_in_one_line_and_loses_nothing(tmp_path):
    """A limit on the size of files stands for a disk that is full."""
    program = (
        "import resource, sys; from pathlib import Path; from kpi.engines.base import StoreError\n"
        "from kpi.store import open_writer; from tests.kpi.store.conftest import *\n"
        "with open_writer(URL, NEW_YORK, base=Path(sys.argv[1])) as writer:\n"
        "    writer.load('files', listing('deals', [deal('1')], cursor='first'))\n"
        "    writer.publish({'files': BEGAN}, [], ['files'], relations=())\n"
        "    size = writer._files.database.stat().st_size\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 300_000, resource.RLIM_INFINITY))\n"
        "    for act in (lambda: writer.publish({'files': BEGAN}, [], ['files'], relations=()),\n"
        "                lambda: writer.load('files', listing('deals', [deal(str(n), name='x' * 5000) for n in range(9999)]))):\n"
        "        try: act()\n"
        "        except StoreError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    told = done.stdout.splitlines()
    assert len(told) == 2
    assert all("crm.duckdb cannot be written" in line and "File too large" in line for line in told)
    assert not list((tmp_path / "var/crm.snapshots").glob("*.partial*"))
    with open_writer(URL, NEW_YORK, base=tmp_path) as writer:
        assert writer.cursors("files") == {"deals": "first"}
    engine = open_engine(URL, tmp_path)
    assert engine.run("select id from deals") == [("files:1",)]
    engine.close()
