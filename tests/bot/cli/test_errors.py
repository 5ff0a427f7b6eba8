"""Whatever is wrong, a command ends with one line that says what to do, and the status that goes with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.errors import exit_status, explain
from tests.bot.acme import write_acme
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

ASK = ("ask", "winrate")


def one_line(ran: Ran, status: int, *advice: str) -> None:
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith("kpi: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert "defect" not in ran.err
    for words in advice:
        assert words in ran.err


def configured(acme: Path, old: str, new: str) -> None:
    path = acme / "scoreline.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("command", [ASK, ("sync",), ("check",), ("digest", "weekly", "--to", "company"), ("serve",)])
def test_without_a_configuration(kpi: Kpi, tmp_path: Path, command: tuple):
    one_line(kpi(*command, config=tmp_path / "none.toml"), 2, "There is no configuration at", "kpi demo")


def test_a_configuration_that_is_no_toml(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "bad.toml"
    path.write_text("[store\nurl =", "utf-8")
    one_line(kpi(*ASK, config=path), 2, "bad.toml: is not TOML", "line 1")


def test_a_configuration_that_is_no_text(kpi: Kpi, tmp_path: Path):
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe\x00")
    one_line(kpi(*ASK, config=path), 2, "is not UTF-8 text")


def test_a_configuration_that_is_a_folder(kpi: Kpi, tmp_path: Path):
    one_line(kpi(*ASK, config=tmp_path), 2, "cannot be read")


def test_an_unknown_key_names_the_nearest(kpi: Kpi, acme: Path):
    configured(acme, "timezone =", "timezon =")
    one_line(kpi(*ASK), 2, "[organisation]", "unknown key 'timezon'", 'did you mean "timezone"?')


def test_a_secret_in_the_configuration_is_refused_and_not_shown(kpi: Kpi, acme: Path):
    configured(acme, "[state]", '[slack]\nbot_token = "xoxb-123-abc"\n\n[state]')
    ran = kpi(*ASK)
    one_line(ran, 2, "a secret does not belong into the file")
    assert "xoxb" not in ran.err


def test_a_folder_that_is_not_there(kpi: Kpi, acme: Path):
    configured(acme, 'path = "crm"', 'path = "nosuch"')
    one_line(kpi("sync"), 3, "There is no folder", "nosuch", "correct the path")


def test_a_folder_without_tables(kpi: Kpi, acme: Path):
    (acme / "empty").mkdir()
    (acme / "empty" / "readme.txt").write_text("nothing", "utf-8")
    configured(acme, 'path = "crm"', 'path = "empty"')
    one_line(kpi("sync"), 3, "There is no table in the folder", "readme.txt", "deals.csv")


def test_a_table_without_a_required_column(kpi: Kpi, acme: Path):
    (acme / "crm" / "deals.csv").write_text("id,state,created_at\nD1,won,2026-01-01\n", "utf-8")
    one_line(kpi("sync"), 3, "deals.csv has no column status", "[source.map.deals]")
    assert "4 of 7" in kpi(*ASK, "--now", "2026-11-20T17:00:00Z").out  # what was published stays


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("winrat", "winrate"),
        ("nosuchkpi", "Ask for example for"),
        ("winrate rep:R99", "There is no rep 'R99'"),
        ("winrate nobody@acme.example", "nobody with the email 'nobody@acme.example'"),
        ("winrate Zaphod", "'Zaphod'"),
        ("winrate 2026-13", "2026-13"),
        ("winrate 2026-02-30", "2026-02-30"),
        ("winrate 2026-12-31..2026-01-01", "2026"),
        ("winrate last 0 weeks", "last 8 weeks"),
        ("winrate me", "does not know who asks"),
        ("", "winrate"),
        ("<!channel>", "<!channel>"),
        ("'; drop table deals; --", "quote"),
        ("winrate " + "x" * 3_000, "at most 500"),
        ("\x1b[31mred", "red"),
    ],
)
def test_a_question_that_makes_no_sense(kpi: Kpi, question: str, advice: str):
    ran = kpi("ask", question)
    one_line(ran, 2, advice)
    assert all(sign.isprintable() for sign in ran.err.rstrip("\n"))


@pytest.mark.parametrize(
    "now",
    ["nonsense", "2026-13-01", "", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
     "9999-12-31T23:59:59Z", "12", "2026-11-20T17:00:00Z; drop"],
)  # fmt: skip
def test_a_clock_that_makes_no_sense(kpi: Kpi, now: str):
    one_line(kpi(*ASK, "--now", now), 2, "2026-11-20T17:00:00Z")


def test_nothing_synced_yet(kpi: Kpi, tmp_path: Path):
    config = write_acme(tmp_path / "new")
    for command in (ASK, ("export", "deals", "--to", "deals.csv"), ("digest", "weekly", "--to", "company")):
        one_line(kpi(*command, config=config), 3, "Nothing has been synced yet: run kpi sync.")


def test_a_store_that_is_garbage(kpi: Kpi, acme: Path):
    (acme / "var" / "crm.duckdb").write_bytes(b"garbage" * 1000)
    one_line(kpi("sync"), 3, "cannot be opened as a store", "run kpi sync")
    assert kpi(*ASK).status == 0


def test_a_snapshot_that_is_garbage_is_made_anew_by_the_next_sync(kpi: Kpi, acme: Path):
    for snapshot in (acme / "var" / "crm.snapshots").glob("*.duckdb"):
        snapshot.write_bytes(b"garbage" * 1000)
    one_line(kpi(*ASK), 3, "cannot be read as a snapshot: run kpi sync")
    assert kpi("sync").status == 0
    assert kpi(*ASK).status == 0


def test_a_pointer_that_is_garbage_is_made_anew_by_the_next_sync(kpi: Kpi, acme: Path):
    (acme / "var" / "crm.snapshots" / "current").write_bytes(b"../../etc/passwd\xff")
    one_line(kpi(*ASK), 3, "run kpi sync")
    assert kpi("sync").status == 0
    assert kpi(*ASK).status == 0


def test_a_store_where_no_folder_can_be_made(kpi: Kpi, acme: Path):
    configured(acme, "duckdb:///var/crm.duckdb", "duckdb:///scoreline.toml/below/crm.duckdb")
    one_line(kpi("sync"), 3, "The store cannot be made in")


def test_a_store_of_a_kind_that_is_not_supported_yet(kpi: Kpi, acme: Path):
    configured(acme, "duckdb:///var/crm.duckdb", "postgresql://user@127.0.0.1/crm")
    for command in (ASK, ("sync",)):
        one_line(kpi(*command), 3, "DuckDB is the store of this version")


def test_a_source_of_a_kind_that_is_not_supported_yet(kpi: Kpi, acme: Path):
    configured(acme, 'type = "files"\npath = "crm"', 'type = "salesforce"')
    one_line(kpi("sync"), 3, "not supported in this version")


def test_a_source_that_is_not_configured(kpi: Kpi):
    one_line(kpi("sync", "--source", "hubspot"), 2, "'hubspot'", "files")


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("sinc",), "Did you mean sync?"),
        (("frobnicate",), "There are demo, check"),
        (("ask",), "QUESTION"),
        (("ask", "winrate", "--jsn"), "--json"),
        (("export", "deals"), "--to"),
        (("manifest", "--http", "http://kpi.example.com"), "https"),
    ],
)
def test_a_command_that_is_called_wrongly(kpi: Kpi, arguments: tuple, advice: str):
    one_line(kpi(*arguments), 2, advice)


def test_a_server_that_does_not_answer(kpi: Kpi, acme: Path, monkeypatch: pytest.MonkeyPatch):
    configured(acme, "[state]", '[slack]\napi_url = "http://127.0.0.1:9/api/"\n\n[state]')
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-secret")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-secret")
    ran = kpi("scorecard", "rep:R1", "--send")

    one_line(ran, 3, "Slack at http://127.0.0.1:9/api/ could not be reached (ConnectionRefusedError)")
    assert "secret" not in ran.err


def test_serving_over_http_is_told_to_be_missing(kpi: Kpi, acme: Path):
    configured(acme, "[state]", '[slack]\nmode = "http"\n\n[state]')
    one_line(kpi("serve"), 2, 'mode = "socket"')


def test_verbose_shows_the_traceback_as_well(kpi: Kpi):
    ran = kpi("ask", "nosuchkpi", "--verbose")

    assert ran.status == 2
    assert "Traceback (most recent call last)" in ran.err
    assert ran.err.rstrip().splitlines()[-1].startswith("kpi: ")


def test_what_is_not_foreseen_is_a_defect():
    error = ZeroDivisionError("a\nb\x1b[31m")

    assert exit_status(error) == 1
    assert explain(error) == (
        "kpi: A defect in Scoreline: ZeroDivisionError: a b [31m. Run it again with --verbose and report what it prints."
    )


def test_bytes_that_are_no_text_are_no_defect(acme: Path):
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli", "ask", b"winrate \xff\xfe", "--config", str(acme / "scoreline.toml")],
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
