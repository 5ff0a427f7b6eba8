"""Going on after an interruption, and what has not changed."""

import json
from pathlib import Path

import pytest

from connectors.files import csv_reader, reader
from connectors.mapping import Filters
from tests.connectors.files.export import DEALS, OWNERS, Export, cursors_of, rows_of


@pytest.fixture
def many(export: Export, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Files of several batches each, of every kind: plain, distinct, with made ids, with broken rows, filtered."""
    monkeypatch.setattr(reader, "BATCH_ROWS", 10)
    monkeypatch.setattr(csv_reader, "_CHUNK_ROWS", 4)
    export.write("accounts.csv", "id,name\n" + "".join(f"A{n},name {n}\n" if n % 7 else "broken\n" for n in range(45)))
    export.write("export.csv", "Owner,Amount\n" + "".join(f"R{n % 13},{n % 3}\n" for n in range(45)))
    export.write("deals.csv", "id,status,created_at,pipeline\n" + "".join(
        f"D{n},open,2026-01-01,{'Sales' if n % 2 else 'Partner'}\n" for n in range(45)
    ))  # fmt: skip
    export.filters = Filters(pipelines=("Sales",))
    export.maps = {
        "owners": {"file": "export.csv", "distinct": True, "id": "Owner", "name": "Owner"},
        "spend": {
            "file": "export.csv",
            "date": {"constant": "2026-01-01"},
            "category": {"constant": "sales"},
            "amount": "Amount",
        },
    }
    return export


def test_going_on_from_any_batch_gives_what_an_undisturbed_pull_gives(many: Export) -> None:
    whole = many.pull()
    tables = dict.fromkeys(batch.table for batch in whole)
    assert list(tables) == ["owners", "accounts", "deals", "spend"]
    assert len(whole) > 15
    for stopped in range(1, len(whole)):
        begun = whole[:stopped]
        rest = many.pull(cursors_of(begun))
        both = [*begun, *rest]
        for table in tables:
            assert rows_of(both, table) == rows_of(whole, table)
            mine = [batch for batch in both if batch.table == table]
            assert [batch.starts for batch in mine].index(True) == 0
            assert sum(batch.starts for batch in mine) == 1
            assert sum(batch.pulled for batch in mine) == 45
            assert mine[-1].ends
            unreadable = [one for batch in mine for one in batch.unreadable]
            assert len(unreadable) == (7 if table == "accounts" else 0)


def test_the_cursor_is_behind_the_rows_of_its_batch(many: Export) -> None:
    for batch in many.pull():
        cursor = json.loads(batch.cursor)
        assert cursor["done"] == batch.ends
        assert max(batch.rows["_row"].to_pylist(), default=0) <= cursor["row"]


def test_what_has_not_changed_is_one_empty_batch_with_the_same_cursor(many: Export) -> None:
    cursors = cursors_of(many.pull())
    again = many.pull(cursors)
    assert cursors_of(again) == cursors
    assert {(batch.starts, batch.ends, batch.pulled, batch.rows.num_rows) for batch in again} == {(False, True, 0, 0)}
    assert len(again) == len(cursors)


def test_full_reads_everything_anew(many: Export) -> None:
    first = many.pull()
    again = many.pull(cursors_of(first), full=True)
    assert [batch.cursor for batch in again] == [batch.cursor for batch in first]
    assert again[0].starts


def tables_read_again(export: Export, cursors: dict[str, str]) -> set[str]:
    return {batch.table for batch in export.pull(cursors) if batch.starts}


def test_a_changed_file_is_listed_anew_and_no_other(many: Export) -> None:
    cursors = cursors_of(many.pull())
    many.write("accounts.csv", "id,name\nA1,other\n")
    assert tables_read_again(many, cursors) == {"accounts"}


def test_a_file_changed_in_the_middle_of_its_listing_begins_anew(many: Export) -> None:
    begun = [batch for batch in many.pull() if batch.table == "accounts"][:2]
    many.write("accounts.csv", "id,name\nA1,other\n")
    rest = [batch for batch in many.pull(cursors_of(begun)) if batch.table == "accounts"]
    assert rest[0].starts
    assert [row["id"] for row in rows_of(rest, "accounts")] == ["A1"]


def test_a_changed_mapping_lists_its_table_anew(many: Export) -> None:
    cursors = cursors_of(many.pull())
    many.maps["spend"]["category"] = {"constant": "marketing"}
    assert tables_read_again(many, cursors) == {"spend"}


def test_a_changed_zone_or_filter_lists_anew(many: Export) -> None:
    cursors = cursors_of(many.pull())
    many.timezone = "UTC"
    assert tables_read_again(many, cursors) == set(cursors)
    many.timezone = "Europe/Berlin"
    many.filters = Filters(pipelines=("Partner",))
    assert "deals" in tables_read_again(many, cursors)


def test_a_touched_file_is_not_a_changed_one(many: Export) -> None:
    cursors = cursors_of(many.pull())
    (many.path / "accounts.csv").touch()
    assert tables_read_again(many, cursors) == set()


def test_what_is_left_out_elsewhere_lists_dependent_tables_anew(export: Export) -> None:
    export.filters = Filters(excluded_owners=("test@acme.example",))
    export.write("owners.csv", OWNERS)
    export.write("deals.csv", "id,status,created_at,owner_id\nD1,open,2026-01-05,R2\n")
    export.write("teams.csv", "id,name\nX,EMEA\n")
    cursors = cursors_of(export.pull())
    export.write("owners.csv", OWNERS.replace("R2,Bo,bo@acme.example", "R2,Bo,test@acme.example"))
    assert tables_read_again(export, cursors) == {"owners", "deals"}


def test_a_file_that_went_away_takes_its_rows_along_once(export: Export) -> None:
    export.write("deals.csv", DEALS)
    path: Path = export.write("owners.csv", OWNERS)
    cursors = cursors_of(export.pull())
    path.unlink()
    gone = next(batch for batch in export.pull(cursors) if batch.table == "owners")
    assert (gone.starts, gone.ends, gone.rows.num_rows) == (True, True, 0)
    assert "the file is gone" in gone.notices[0]
    cursors |= cursors_of([gone])
    still = next(batch for batch in export.pull(cursors) if batch.table == "owners")
    assert (still.starts, still.ends, still.notices, still.cursor) == (False, True, (), gone.cursor)
    export.write("owners.csv", OWNERS)
    assert tables_read_again(export, cursors) == {"owners"}


@pytest.mark.parametrize("cursor", ["", "x", "[]", "5", '{"row": 1}', '{"fingerprint": "f", "place": 1}'])
def test_a_cursor_of_another_version_begins_anew(export: Export, cursor: str) -> None:
    export.write("deals.csv", DEALS)
    assert tables_read_again(export, {"deals": cursor}) == {"deals"}


def test_batches_have_a_bound(export: Export) -> None:
    export.write("accounts.csv", "id\n" + "".join(f"A{number}\n" for number in range(120_001)))
    batches = export.pull()
    assert [batch.rows.num_rows for batch in batches] == [50_000, 50_000, 20_001]
    assert [batch.starts for batch in batches] == [True, False, False]
    assert [batch.ends for batch in batches] == [False, False, True]


def test_long_cells_make_smaller_batches(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_BATCH_BYTES", 10_000)
    monkeypatch.setattr(csv_reader, "_CHUNK_CHARACTERS", 5_000)
    export.write("accounts.csv", "id,name\n" + f"A,{'x' * 1_000}\n" * 50)
    sizes = [batch.rows.num_rows for batch in export.pull()]
    assert sum(sizes) == 50
    assert max(sizes) < 12
