"""The commands as a whole: help, the catalogue, the manifest, and what each imports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.cli import COMMANDS, main
from kpi.catalogue import CATALOGUE
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

SLACK = {"slack_bolt", "slack_sdk", "aiohttp"}
STATE = {"sqlalchemy", "alembic"}
TABLES = {"pandas", "pyarrow"}
UNNEEDED = {
    "catalogue": SLACK | STATE | TABLES | {"rich"},
    "check": STATE | {"pandas", "slack_bolt", "slack_sdk", "aiohttp"},
    "digest": SLACK | STATE | TABLES,
    "export": SLACK | STATE,
    "manifest": SLACK | STATE | TABLES | {"duckdb", "sqlglot", "rich"},
    "sync": SLACK | STATE | {"jinja2"},  # pyarrow brings pandas
}
CALLS = {
    "catalogue": ["catalogue"],
    "check": ["check"],
    "digest": ["digest", "weekly", "--to", "team:T1", "--json"],
    "export": ["export", "deals", "--to", "deals.parquet"],
    "manifest": ["manifest"],
    "sync": ["sync"],
}


def call(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Ran:
    """A command without ``--config``."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    written = capsys.readouterr()
    return Ran(int(ended.value.code or 0), written.out, written.err)


def test_alone_it_lists_the_commands(capsys: pytest.CaptureFixture[str]):
    ran = call(capsys=capsys)

    assert ran.status == 0
    assert all(f"  {name} " in ran.out for name in COMMANDS)
    assert "kpi demo" in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]):
    ran = call(name, "--help", capsys=capsys)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: kpi {name}")
    assert "Example" in ran.out
    assert f"kpi {name}" in ran.out.partition("Example")[2]
    assert "--config FILE" in ran.out
    assert call(name, "-h", capsys=capsys).out == ran.out


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]):
    assert call("--version", capsys=capsys).out.startswith("kpi, version ")


def test_the_manifest_is_printed_for_both_ways_to_connect(capsys: pytest.CaptureFixture[str]):
    socket = yaml.safe_load(call("manifest", capsys=capsys).out)
    http = yaml.safe_load(call("manifest", "--http", "https://kpi.example.com", capsys=capsys).out)

    assert socket["settings"]["socket_mode_enabled"]
    assert not http["settings"]["socket_mode_enabled"]
    assert http["settings"]["interactivity"]["request_url"].startswith("https://kpi.example.com/")


def test_the_catalogue_tells_what_each_kpi_needs_and_whether_it_is_there(kpi: Kpi):
    entries = {entry["kpi"]: entry for entry in json.loads(kpi("catalogue", "--json").out)}
    shown = kpi("catalogue")

    assert list(entries) == list(CATALOGUE)
    assert all(
        {"name", "unit", "definition", "formula", "inputs", "supplied", "missing"} <= one.keys()
        for one in entries.values()
    )
    assert entries["winrate"]["supplied"] is True
    assert shown.status == 0
    assert all(f"{kpi_id} · " in shown.out for kpi_id in CATALOGUE)


def test_the_catalogue_can_be_read_without_a_store(kpi: Kpi, tmp_path: Path):
    ran = kpi("catalogue", config=tmp_path / "none.toml")

    assert ran.status == 0
    assert "winrate · " in ran.out
    assert "is not known: There is no configuration" in ran.out


@pytest.mark.parametrize("name", UNNEEDED)
def test_a_command_imports_nothing_that_it_has_no_use_for(acme: Path, name: str):
    script = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *CALLS[name], "--config", str(acme / "scoreline.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=acme,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert UNNEEDED[name] & set(ran.stderr.split()) == set()


def test_the_configuration_may_be_named_by_the_environment(
    acme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCORELINE_CONFIG", str(acme / "scoreline.toml"))
    assert call("ask", "winrate", capsys=capsys).status == 0

    monkeypatch.delenv("SCORELINE_CONFIG")
    assert call("ask", "winrate", capsys=capsys).status == 2
    monkeypatch.chdir(acme)
    assert call("ask", "winrate", capsys=capsys).status == 0
