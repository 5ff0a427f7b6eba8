"""Scripts read what the command line answers, from the same configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import kpi as sales
from bot.config import ConfigError
from bot.scripting import open_company
from kpi.engines.base import NothingPublishedError
from tests.bot.acme import NOW, write_acme
from tests.bot.conftest import Ran

QUESTIONS = {
    "winrate team:T1 2026-11 by rep": {"kpi": "winrate", "who": "team:T1", "when": "2026-11", "by": "rep"},
    "bookings 2026-11 by team, type": {"kpi": "bookings", "when": "2026-11", "by": ["team", "type"]},
    "deals where type=new where rep!=R1": {"kpi": "deals", "where": {"type": "new"}, "where_not": {"rep": "R1"}},
    "attainment rep:R1": {"kpi": "attainment", "who": "rep:R1"},
    "magic": {"kpi": "magic"},
}


def cells(frame: pd.DataFrame) -> list[dict[str, object]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_script_reads_what_the_command_line_writes(
    kpi: Callable[..., Ran], acme: Path, tmp_path: Path, question: str
):
    path = tmp_path / "answer.parquet"
    assert kpi("export", question, "--to", str(path), "--now", NOW.isoformat()).status == 0
    written = pd.read_parquet(path)

    with open_company(acme / "scoreline.toml", now=NOW) as company:
        asked = dict(QUESTIONS[question])
        read = sales.read(asked.pop("kpi"), company, **asked)

    assert list(read.columns) == list(written.columns)
    assert cells(read) == cells(written)


def test_a_value_is_as_exact_as_in_json(kpi: Callable[..., Ran], acme: Path):
    answer = json.loads(kpi("ask", "winrate", "--json", "--now", NOW.isoformat()).out)

    with open_company(acme / "scoreline.toml", now=NOW) as company:
        assert sales.read("winrate", company).loc[0, "value"] == Decimal(answer["value"])


def test_a_target_that_was_set_counts(kpi: Callable[..., Ran], acme: Path):
    assert kpi("targets", "set", "deals", "company", "2026-11", "8", "--now", NOW.isoformat()).status == 0

    with open_company(acme / "scoreline.toml", now=NOW) as company:
        whole = sales.read("deals", company).loc[0]
    assert (whole["target"], whole["attainment"]) == (Decimal(8), Decimal("0.5"))


def test_a_kpi_of_the_companys_own_is_read_like_any_other(acme: Path):
    file = acme / "scoreline.toml"
    own = """
        [[kpi]]
        id = "bigdeals"
        [kpi.measures.big]
        relation = "closed_deals"
        expression = "count(*) filter (where status = 'won' and value >= 2000)"
        dated_by = "closed_instant"
    """
    file.write_text(file.read_text("utf-8") + own, "utf-8")

    with open_company(file, now=NOW) as company:
        assert sales.read("bigdeals", company, when="2026-11").loc[0, "value"] == 2


def test_the_clock_is_that_of_the_machine_unless_given(acme: Path):
    with open_company(acme / "scoreline.toml") as company:
        assert sales.read("deals", company, when="1999").loc[0, "reason"] is None
        assert sales.read("deals", company, when="2999").loc[0, "reason"] == "not_begun"


def test_a_company_that_is_closed_answers_no_more(acme: Path):
    with open_company(acme / "scoreline.toml") as company:
        pass
    with pytest.raises(duckdb.ConnectionException):
        sales.table("deals", company)


def test_what_is_missing_is_told_as_on_the_command_line(tmp_path: Path):
    with pytest.raises(ConfigError, match="There is no configuration"):
        open_company(tmp_path / "scoreline.toml")
    write_acme(tmp_path)
    with pytest.raises(NothingPublishedError, match="kpi sync"):
        open_company(tmp_path / "scoreline.toml")


def test_importing_the_package_reads_nothing_but_its_names():
    script = "import sys, kpi; print(*(name for name in sys.modules if name.startswith('kpi.') or name == 'pandas'))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == ""
