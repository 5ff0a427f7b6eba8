"""Folders, and what is wrong with them."""

import os
from pathlib import Path
from typing import Any

import pytest

from connectors import open_connector
from connectors.base import SourceError
from connectors.files.folder import SourceFile
from connectors.mapping import SourceSettings
from tests.connectors.files.export import DEALS, OWNERS, Export
from tests.connectors.surroundings import surroundings


def refusal(export: Export) -> str:
    with pytest.raises(SourceError) as caught:
        export.pull()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_every_table_is_found_in_the_order_of_the_schema(export: Export) -> None:
    export.write("deals.csv.gz", DEALS)
    export.write("Owners.CSV", OWNERS)
    export.write("accounts.csv", "id\nA1\n")
    export.write("notes.txt", "not a table")
    assert [batch.table for batch in export.pull()] == ["owners", "accounts", "deals"]


def test_a_folder_that_is_not_there(export: Export) -> None:
    export.path /= "nowhere"
    assert "There is no folder" in refusal(export)


def test_a_file_in_place_of_a_folder(export: Export) -> None:
    folder = export.path
    export.path = export.write("deals.csv", DEALS)
    assert f'path = "{folder}"' in refusal(export)


def test_a_source_without_a_path() -> None:
    connector = open_connector(SourceSettings("crm", "files"), surroundings())
    with pytest.raises(SourceError, match='"crm" has no path'):
        list(connector.pull({}, full=False))


def test_a_folder_without_tables(export: Export) -> None:
    assert "it holds nothing" in refusal(export)
    export.write("Deals Export.xlsx", b"PK")
    assert "it holds Deals Export.xlsx. Put files named like deals.csv" in refusal(export)


@pytest.mark.parametrize("second", ["deals.csv.gz", "deals.parquet", "Deals.csv.gz"])
def test_a_table_in_two_forms(export: Export, second: str) -> None:
    export.write("deals.csv", DEALS)
    export.write(second, DEALS)
    message = refusal(export)
    assert "deals twice" in message
    assert "deals.csv and" in message or "and deals.csv" in message


def test_a_table_without_its_required_columns(export: Export) -> None:
    export.write("deals.csv", "Id,Stage,Created Time,\nD1,Won,2026-01-01,x\n")
    assert refusal(export) == (
        f"{export.path}/deals.csv has no column status and no created_at, which deals need. "
        'It has: Id, Stage, Created Time. Rename the columns, or say which they are: '
        '[source.map.deals] status = "Stage" created_at = "Created Time"'
    )  # fmt: skip


def test_nothing_is_pulled_while_one_table_is_wrong(export: Export) -> None:
    export.write("owners.csv", OWNERS)
    export.write("deals.csv", "id\nD1\n")
    batches = export.connector().pull({}, full=False)
    with pytest.raises(SourceError, match="no column status"):
        next(batches)


def test_a_hostile_header_stays_one_short_line(export: Export) -> None:
    header = ",".join(f'"{"x" * 500}\n{number}"' for number in range(200))
    export.write("deals.csv", f"{header}\n")
    message = refusal(export)
    assert "and 170 more" in message
    assert len(message) < 3_000


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"file": "Deals.csv"}, 'did you mean "export-deals.csv"'),
        ({"file": "export-deals.xlsx"}, "ends in .csv, .csv.gz or .parquet"),
        ({"name": "Name"}, "put accounts.csv into"),
        ({"file": "export-deals.csv", "id": "Idd"}, 'did you mean "Id"'),
    ],
)
def test_a_mapping_that_does_not_fit_the_folder(export: Export, block: dict[str, Any], told: str) -> None:
    export.write("export-deals.csv", "Id,Name\nD1,a\n")
    export.maps = {"accounts": block}
    message = refusal(export)
    assert told in message
    assert "[source.map.accounts]" in message


def test_a_file_in_a_folder_below_can_be_named(export: Export) -> None:
    (export.path / "raw").mkdir()
    export.write("raw/clients.csv", "Id\nA1\n")
    export.maps = {"accounts": {"file": "raw/clients.csv"}}
    assert export.column("accounts", "id") == ["A1"]


def test_a_file_that_cannot_be_opened(export: Export) -> None:
    path = export.write("deals.csv", DEALS)
    file = SourceFile.at(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(SourceError, match=r"deals\.csv cannot be read: "):
        file.open()


def _append(path: Path) -> None:
    with path.open("a") as file:
        file.write("A9\n")


def _replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    os.replace(other, path)  # noqa: PTH105 (the way exports are put in place)


@pytest.mark.parametrize(
    ("change", "told"), [(_append, "changed while"), (_replace, "changed while"), (Path.unlink, "went away")]
)
def test_a_file_that_changes_while_it_is_read(export: Export, change: Any, told: str) -> None:
    path = export.write("accounts.csv", "id\n" + "".join(f"A{number}\n" for number in range(120_000)))
    batches = export.connector().pull({}, full=False)
    assert not next(batches).ends
    change(path)
    with pytest.raises(SourceError, match=told):
        list(batches)


def test_the_size_is_about_the_number_of_rows(export: Export) -> None:
    export.write("owners.csv", OWNERS)
    assert export.connector().size() == 3
    rows = "".join(f"A{number},{number * 7919 % 10007}\n" for number in range(200_000))
    export.write("accounts.csv", f"id,name\n{rows}")
    export.write("campaigns.csv.gz", f"id,name\n{rows}")
    assert export.connector().size() == pytest.approx(400_003, rel=0.05)
