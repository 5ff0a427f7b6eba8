"""``kpi sync``: what it says, where it shows a bar, and what a kill leaves."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config import load_config
from kpi.store import open_writer
from tests.bot.acme import add_rows, write_acme
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

AT = ("--now", "2026-11-20T17:00:00Z")
NEW_DEAL = "D99,new,R3,won,1,USD,new,2026-10-01T10:00:00Z,2026-11-06T15:00:00Z"
REPORT = ["source", "table", "pulled", "written", "deleted", "set_aside", "complete", "resume_at"]


def command(acme: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot.cli", *arguments, "--config", str(acme / "scoreline.toml")]


def winrate(kpi: Kpi) -> str:
    return json.loads(kpi("ask", "winrate", "--json", *AT).out)["denominator"]


def test_the_json_has_a_line_per_source_and_table(kpi: Kpi, tmp_path: Path):
    config = write_acme(tmp_path / "new")
    add_rows(tmp_path / "new", "deals", "D98,bad,R1,maybe,1,USD,new,2026-10-01T10:00:00Z,")

    ran = kpi("sync", "--json", config=config)

    assert (ran.status, ran.err) == (0, "")
    lines = {line["table"]: line for line in json.loads(ran.out)}
    assert all(list(line) == REPORT for line in lines.values())
    assert lines["deals"] == {
        "source": "files", "table": "deals", "pulled": 8, "written": 7, "deleted": 0, "set_aside": 1,
        "complete": True, "resume_at": None,
    }  # fmt: skip


def test_a_second_sync_pulls_what_changed_and_full_pulls_all(kpi: Kpi, acme: Path):
    add_rows(acme, "deals", NEW_DEAL)

    changed = {line["table"]: line["pulled"] for line in json.loads(kpi("sync", "--json").out)}
    unchanged = kpi("sync")
    full = {line["table"]: line["pulled"] for line in json.loads(kpi("sync", "--full", "--json").out)}

    assert (changed["deals"], changed["owners"]) == (8, 0)
    assert "files: deals: up to date" in unchanged.out
    assert unchanged.out.endswith("Published.\n")
    assert (full["deals"], full["owners"]) == (8, 11)
    assert winrate(kpi) == "8"


def test_two_sources_are_one_company_in_which_people_are_told_by_their_email(kpi: Kpi, acme: Path):
    (acme / "more").mkdir()
    (acme / "more" / "owners.csv").write_text("id,name,email\n7,A. Diaz,ANA@acme.example\n8,Zoe,zoe@acme.example\n")
    (acme / "more" / "deals.csv").write_text(
        "id,owner_id,status,created_at,closed_at\nX1,7,lost,2026-10-01T10:00:00Z,2026-11-04T15:00:00Z\n"
    )
    config = acme / "scoreline.toml"
    config.write_text(config.read_text() + '\n[[source]]\nname = "other"\ntype = "files"\npath = "more"\n')

    refused = kpi("sync", "--source", "files")
    assert refused.status == 3
    assert "'other' has not been pulled yet" in refused.err
    both = {(line["source"], line["table"]) for line in json.loads(kpi("sync", "--json").out)}
    one = {line["source"] for line in json.loads(kpi("sync", "--source", "other", "--json").out)}

    assert {("files", "deals"), ("other", "deals")} <= both
    assert one == {"other"}
    answer = json.loads(kpi("ask", "winrate rep:ana@acme.example", "--json", *AT).out)
    assert (answer["numerator"], answer["denominator"], answer["scope"]["id"]) == ("3", "5", "files:R1")
    assert json.loads(kpi("ask", "winrate rep:7", "--json", *AT).out)["denominator"] == "5"


def add_other_source(acme: Path) -> None:
    (acme / "more").mkdir()
    (acme / "more" / "accounts.csv").write_text("id,name\nX1,Nine\n")
    config = acme / "scoreline.toml"
    config.write_text(config.read_text() + '\n[[source]]\nname = "other"\ntype = "files"\npath = "more"\n')


def test_a_broken_source_keeps_no_other_from_being_published(kpi: Kpi, acme: Path):
    add_other_source(acme)
    kpi("sync")
    (acme / "more" / "accounts.csv").write_text("id\tname\nX1\n\tNine")
    (acme / "more" / "accounts.csv").rename(acme / "more" / "unknown.csv")
    add_rows(acme, "deals", NEW_DEAL)

    ran = kpi("sync")

    assert ran.status == 3
    assert ran.err.startswith("kpi: Source other: ")
    assert ran.err.count("\n") == 1
    assert ran.out.endswith("Published; other as it was when it was last complete.\n")
    assert winrate(kpi) == "8"


def test_a_source_that_was_never_complete_keeps_all_from_being_published(kpi: Kpi, tmp_path: Path):
    config = write_acme(tmp_path / "new")
    add_other_source(tmp_path / "new")
    (tmp_path / "new" / "more" / "accounts.csv").unlink()

    ran = kpi("sync", config=config)

    assert ran.status == 3
    assert "Published" not in ran.out
    assert not (tmp_path / "new" / "var" / "crm.snapshots").exists()


def test_a_second_sync_at_the_same_time_is_refused(kpi: Kpi, acme: Path):
    config = load_config(acme / "scoreline.toml", {})
    with open_writer(config.store_url, config.organisation, base=config.base):
        ran = kpi("sync")

    assert (ran.status, ran.out) == (3, "")
    assert "Another sync is writing" in ran.err
    assert kpi("sync").status == 0


def test_in_a_pipe_there_is_no_bar(acme: Path):
    ran = subprocess.run(command(acme, "sync", "--full"), capture_output=True, timeout=60, check=True)

    assert ran.stderr == b""
    assert b"\x1b" not in ran.stdout
    assert b"files: deals: 7 rows read, 7 written" in ran.stdout


def test_on_a_terminal_there_is_a_bar(acme: Path):
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(
        command(acme, "sync", "--full"), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment
    ) as child:
        os.close(theirs)
        shown = _read_all(ours)
        out = child.stdout.read() if child.stdout else b""
        assert child.wait(60) == 0

    assert "rows" in shown
    assert "\x1b[" in shown
    assert b"\x1b" not in out


def _read_all(terminal: int) -> str:
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and select.select([terminal], [], [], 60)[0]:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # what Linux gives at the end of a terminal
            break
        if not read:
            break
        shown += read
    os.close(terminal)
    return shown.decode()


@pytest.fixture
def slow_acme(acme: Path) -> Path:
    """Acme with so many activities that a sync takes a while."""
    path = acme / "crm" / "activities.csv"
    lines = (f"B{n},call,R1,2025-{n % 12 + 1:02}-10T10:00:00Z\n" for n in range(100_000))
    path.write_text("id,type,owner_id,at\n" + "".join(lines))
    add_rows(acme, "deals", NEW_DEAL)
    return acme


def test_a_sync_that_is_killed_leaves_what_was_published_and_the_next_goes_on(kpi: Kpi, slow_acme: Path):
    for seconds in (0.45, 0.7):
        with subprocess.Popen(command(slow_acme, "sync"), stdout=subprocess.DEVNULL) as child:
            time.sleep(seconds)
            child.kill()
            status = child.wait()
        assert winrate(kpi) in ("7", "8") if status == 0 else "7"
        assert kpi("check").status == 0

    assert kpi("sync").status == 0
    assert winrate(kpi) == "8"
    snapshots = slow_acme / "var" / "crm.snapshots"
    assert not list(snapshots.glob("*.partial*"))


def test_ctrl_c_ends_a_sync_in_one_line(slow_acme: Path, kpi: Kpi):
    with subprocess.Popen(command(slow_acme, "sync"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        _wait_for(slow_acme / "var" / "crm.duckdb.wal")
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)

    assert (child.returncode, err.decode().strip()) == (130, "kpi: Stopped.")
    assert winrate(kpi) == "7"
    assert kpi("sync").status == 0


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.005)


def test_the_store_is_for_its_owner_alone(kpi: Kpi, tmp_path: Path):
    config = write_acme(tmp_path / "new")
    kpi("sync", config=config)

    files = [path for path in (tmp_path / "new" / "var").rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []
