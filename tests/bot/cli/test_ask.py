"""``kpi ask``: the answer as a table, as JSON, as Slack's payload, as a file."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.views.limits import problems
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

AT = ("--now", "2026-11-20T17:00:00Z")
KEYS = [
    "kpi", "variant", "unit", "better", "scope", "period", "value", "numerator", "denominator", "records", "reason",
    "interval", "extras", "previous", "previous_to_date", "benchmark", "target", "by", "trend", "versus",
    "where", "maturing", "noise", "notes", "as_of", "now",
]  # fmt: skip
HEAVY = {"aiohttp", "jinja2", "numpy", "pandas", "pyarrow", "rich", "slack_bolt", "slack_sdk", "sqlalchemy"}


def asked(kpi: Kpi, *question: str) -> dict:
    ran = kpi("ask", *question, "--json", *AT)
    assert (ran.status, ran.err) == (0, "")
    return json.loads(ran.out)


def test_an_answer_is_the_companys_unless_the_question_says_whose(kpi: Kpi):
    ran = kpi("ask", "winrate", *AT)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("Win rate: 57.1%")
    assert "4 of 7" in ran.out
    assert "2026-11-20 16:55 UTC" in ran.out


def test_the_words_of_a_question_need_no_quotes(kpi: Kpi):
    assert "1 of 2" in kpi("ask", "winrate", "rep:R2", "this", "month", *AT).out


def test_the_json_has_the_promised_keys_and_unrounded_numbers(kpi: Kpi):
    answer = asked(kpi, "winrate", "team:T1", "by", "rep")

    assert list(answer) == KEYS
    assert answer["scope"] == {"type": "team", "id": "T1", "name": "EMEA"}
    assert answer["value"] == "0.6666666666666666666666666667"
    assert (answer["numerator"], answer["denominator"], answer["records"]) == ("4", "6", 6)
    assert answer["period"] == {
        "key": "2026-11",
        "start": "2026-11-01T04:00:00Z",
        "end": "2026-12-01T05:00:00Z",
        "to_date": True,
    }
    assert (answer["as_of"], answer["now"]) == ("2026-11-20T16:55:00Z", "2026-11-20T17:00:00Z")
    line = next(line for line in answer["by"] if line["key"] == "R1")
    assert line == {
        "dimension": "rep", "key": "R1", "name": "Ana Diaz", "value": "0.75", "numerator": "3", "denominator": "4",
        "records": 4, "reason": None, "interval": line["interval"], "small": True, "extras": {},
    }  # fmt: skip
    assert [bound[:5] for bound in line["interval"]] == ["0.300", "0.954"]


def test_an_answer_without_a_value_is_one(kpi: Kpi):
    answer = asked(kpi, "winrate 2020")

    assert (answer["value"], answer["reason"]) == (None, "zero_denominator")
    assert list(answer) == KEYS


def test_a_filter_takes_only_some_records(kpi: Kpi):
    answer = asked(kpi, "winrate where rep=ana@acme.example,'Bo Ek' where type=NEW")

    assert (answer["numerator"], answer["denominator"]) == ("4", "6")
    assert answer["where"] == [
        {"dimension": "rep", "values": ["R1", "R2"], "excluded": False},
        {"dimension": "type", "values": ["NEW"], "excluded": False},
    ]
    assert asked(kpi, "winrate where team!=T1")["denominator"] == "1"
    assert asked(kpi, "winrate where type=(none)")["value"] is None


def test_a_filter_is_told_by_name(kpi: Kpi):
    ran = kpi("ask", "winrate where team=T1 and rep!=R2", *AT)

    assert "team = EMEA; rep not Bo Ek" in ran.out
    assert "3 of 4" in ran.out


def test_two_dimensions_are_two_columns(kpi: Kpi):
    answer = asked(kpi, "winrate by team, rep")

    assert [(line["key"], line["second"]["key"]) for line in answer["by"] if line["records"]] == [
        ("T0", "R1"),
        ("T0", "R2"),
        ("T0", "R3"),
    ]
    assert "Team" in kpi("ask", "winrate by team, rep", *AT).out


def test_the_others_stand_together_below_the_top(kpi: Kpi):
    answer = asked(kpi, "winrate by rep top 1")

    assert [(line["key"], line["records"]) for line in answer["by"]] == [("R1", 4), ("(other)", 3)]


def test_an_answer_is_held_against_another_period(kpi: Kpi):
    answer = asked(kpi, "winrate 2026-W46 vs 2026-W45")

    assert (answer["versus"]["period"]["key"], answer["versus"]["value"]) == ("2026-W45", "0.5")
    assert asked(kpi, "winrate vs last year")["versus"]["period"]["key"] == "2025-11"
    assert "Against the same part of November 2025" in kpi("ask", "winrate vs last year", *AT).out


def test_who_may_not_see_a_rep_learns_nothing_by_leaving_them_out(kpi: Kpi):
    answer = asked(kpi, "winrate where rep!=cy@acme.example", "--as", "ana@acme.example")

    assert (answer["value"], answer["reason"]) == (None, "not_permitted")


def test_a_trend_has_a_figure_for_each_period(kpi: Kpi):
    answer = asked(kpi, "bookings last 3 months")

    assert [figure["period"]["key"] for figure in answer["trend"]] == ["2026-08", "2026-09", "2026-10"]


@pytest.mark.parametrize(
    ("email", "question", "value", "reason"),
    [
        ("ana@acme.example", "winrate me", "0.75", None),
        ("ANA@acme.example", "winrate bo@acme.example", "0.5", None),
        ("ana@acme.example", "winrate cy@acme.example", None, "not_permitted"),
        ("ana@acme.example", "winrate", "0.5714285714285714285714285714", None),
        ("hugo@acme.example", "winrate rep:R3", "0", None),
        ("ops@acme.example", "winrate rep:R3", "0", None),
        ("nobody@acme.example", "winrate", None, "not_permitted"),
    ],
)
def test_as_somebody_it_is_answered_with_their_rights(
    kpi: Kpi, email: str, question: str, value: str | None, reason: str | None
):
    answer = asked(kpi, question, "--as", email)

    assert (answer["value"], answer["reason"]) == (value, reason)
    if reason:
        assert (answer["numerator"], answer["records"], answer["by"]) == (None, 0, [])


def test_a_stranger_learns_no_name(kpi: Kpi):
    ran = kpi("ask", "winrate Anna", "--as", "nobody@acme.example", *AT)

    assert ran.status == 2
    assert "Ana" not in ran.err
    assert kpi("ask", "winrate", "rep:R1", "--as", "nobody@acme.example", "--json", *AT).out.count("Ana") == 0


def test_blocks_are_what_slack_takes(kpi: Kpi):
    message = json.loads(kpi("ask", "winrate by rep", "--blocks", *AT).out)

    assert problems(message) == []
    assert "4 of 7" in message["text"]


def test_csv_writes_the_answer_line_by_line(kpi: Kpi, tmp_path: Path):
    ran = kpi("ask", "winrate by rep", "--csv", str(tmp_path / "answer.csv"), *AT)

    rows = list(csv.DictReader((tmp_path / "answer.csv").read_text("utf-8").splitlines()))
    assert ran.status == 0
    assert (rows[0]["scope"], rows[0]["numerator"], rows[0]["denominator"]) == ("company", "4", "7")
    assert {row["key"]: row["value"] for row in rows[1:]}["R1"] == "0.75"


def test_a_csv_file_of_an_unknown_kind_is_refused_before_the_answer(kpi: Kpi, tmp_path: Path):
    ran = kpi("ask", "winrate", "--csv", str(tmp_path / "answer.txt"), *AT)

    assert (ran.status, ran.out) == (2, "")
    assert ".csv" in ran.err


def test_a_locale_that_is_none_does_no_harm(kpi: Kpi, acme: Path):
    path = acme / "crm" / "owners.csv"
    head, *lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{head},locale", *(f"{line},klingon" for line in lines)]) + "\n", "utf-8")
    assert kpi("sync").status == 0

    ran = kpi("ask", "winrate me by type", "--as", "ana@acme.example", *AT)

    assert ran.status == 0
    assert "3 of 4" in ran.out


def test_json_imports_nothing_that_it_does_not_need(acme: Path):
    script = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    for question in ("winrate", "bookings by rep last 3 months", "winrate where type=new vs last year"):
        command = [sys.executable, "-c", script, "ask", question, "--json", "--config", str(acme / "scoreline.toml")]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(ran.stdout)["kpi"] == question.split()[0]
        assert HEAVY & set(ran.stderr.split()) == set()
