"""``kpi export``: whole files, in which no cell is a formula."""

from __future__ import annotations

import csv
import subprocess
import sys
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kpi.schema import TABLES
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

AT = ("--now", "2026-11-20T17:00:00Z")
NAMES = {"D1": "=1+1", "D2": "+1", "D3": "-1", "D4": "@sum", "D5": "\ttab", "D6": 'Comma, quote " and é', "D7": "plain"}


def test_a_table_as_csv_has_text_for_formulas(kpi: Kpi, tmp_path: Path):
    ran = kpi("export", "deals", "--to", str(tmp_path / "deals.csv"))

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"7 rows written to {tmp_path / 'deals.csv'}.\n"
    with (tmp_path / "deals.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert {id_: row["name"].removeprefix("'").strip() for id_, row in rows.items()} == {
        id_: name.strip() for id_, name in NAMES.items()
    }
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows.values() for cell in row.values())
    assert (rows["D1"]["amount"], rows["D1"]["closed_at"]) == ("1000", "2026-11-03T15:00:00Z")


def test_a_table_as_xlsx_has_text_for_formulas(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "deals.xlsx"
    assert kpi("export", "deals", "--to", str(path)).status == 0

    with zipfile.ZipFile(path) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
        texts = workbook.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert all(name in texts for name in ("=1+1", "+1", "@sum", "plain"))


def test_a_table_as_parquet_is_as_it_is_stored(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "deals.parquet"
    assert kpi("export", "deals", "--to", str(path)).status == 0

    rows = {row["id"]: row for row in pq.read_table(path).to_pylist()}
    assert {id_: (row["name"] or "").strip() for id_, row in rows.items()} == {
        id_: name.strip() for id_, name in NAMES.items()
    }
    assert rows["D1"]["amount"] == Decimal(1000)


@pytest.mark.parametrize(
    ("table", "suffix"),
    [
        *((table, ".parquet") for table in TABLES),
        ("activities", ".csv"),
        ("activities", ".xlsx"),
        ("holidays", ".xlsx"),
    ],
)
def test_every_table_can_be_written_in_every_format(kpi: Kpi, tmp_path: Path, table: str, suffix: str):
    ran = kpi("export", table, "--to", str(tmp_path / f"{table}{suffix}"))

    assert (ran.status, ran.err) == (0, "")
    assert (tmp_path / f"{table}{suffix}").stat().st_size > 0


def test_a_whole_number_stays_one_beside_a_gap(kpi: Kpi, tmp_path: Path):
    kpi("export", "accounts", "--to", str(tmp_path / "accounts.csv"))

    with (tmp_path / "accounts.csv").open(encoding="utf-8", newline="") as file:
        assert [row["employees"] for row in csv.DictReader(file)] == ["7", ""]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".CSV"])
@pytest.mark.parametrize(
    "question", ["winrate last quarter by rep", "bookings last 3 months", "attainment", "winrate 2020"]
)
def test_an_answer_can_be_written_in_every_format(kpi: Kpi, tmp_path: Path, question: str, suffix: str):
    path = tmp_path / f"answer{suffix}"

    assert kpi("export", question, "--to", str(path), *AT).status == 0
    if suffix == ".xlsx":
        with zipfile.ZipFile(path) as workbook:
            assert f">{question.split(maxsplit=1)[0]}<" in workbook.read("xl/sharedStrings.xml").decode()
        return
    frame = pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path)
    assert list(frame["kpi"].unique()) == [question.split(maxsplit=1)[0]]
    assert list(frame.columns)[:3] == ["kpi", "variant", "unit"]


def test_a_name_in_an_answer_is_no_formula(kpi: Kpi, tmp_path: Path, acme: Path):
    path = acme / "crm" / "owners.csv"
    path.write_text(path.read_text("utf-8").replace("Ana Diaz", "=cmd|' /C calc'!A1"), "utf-8")
    assert kpi("sync").status == 0
    kpi("export", "winrate by rep", "--to", str(tmp_path / "answer.csv"), *AT)

    assert "'=cmd|" in (tmp_path / "answer.csv").read_text("utf-8")


def test_a_file_of_an_unknown_kind_is_refused(kpi: Kpi, tmp_path: Path):
    for name in ("deals.pdf", "deals", "deals.csv.gz"):
        ran = kpi("export", "deals", "--to", str(tmp_path / name))
        assert (ran.status, ran.out) == (2, "")
        assert ".csv, .xlsx, .parquet" in ran.err
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("what", ["nosuchtable", "winrat", "deals; drop table deals", "../etc/passwd", ""])
def test_what_is_neither_table_nor_kpi_is_told_and_writes_nothing(kpi: Kpi, tmp_path: Path, what: str):
    ran = kpi("export", what, "--to", str(tmp_path / "x.csv"))

    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "x.csv").exists()


def test_a_file_that_is_there_is_replaced_whole(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "deals.csv"
    path.write_text("x" * 100_000)

    assert kpi("export", "deals", "--to", str(path)).status == 0
    assert path.read_text("utf-8").startswith("id,name,")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["acme", "deals.csv"]


def test_a_file_that_is_there_stays_when_the_new_one_cannot_be_made(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "deals.csv"
    path.write_text("what was there")

    assert kpi("export", "winrat", "--to", str(path)).status == 2
    assert path.read_text() == "what was there"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_disk_that_takes_no_more_is_told_and_what_was_there_stays(acme: Path, tmp_path: Path, suffix: str):
    path = tmp_path / f"deals{suffix}"
    path.write_text("what was there")
    config = str(acme / "scoreline.toml")
    command = [sys.executable, "-m", "bot.cli", "export", "deals", "--to", str(path), "--config", config]

    ran = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 1 && exec "$@"', "sh", *command],  # no file of more than a block of 512 bytes
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{path} cannot be written" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert path.read_text() == "what was there"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_folder_that_is_not_there_is_told(kpi: Kpi, tmp_path: Path):
    for place in (tmp_path / "nosuch" / "deals.csv", tmp_path / "acme" / "scoreline.toml" / "deals.csv", tmp_path):
        ran = kpi("export", "deals", "--to", str(place))
        assert ran.status == 2
        assert ran.err.count("\n") == 1
