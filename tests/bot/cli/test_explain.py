"""``kpi explain``: what stands behind an answer, in the terminal and as JSON, with the rights of who asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.acme import HOSTILE_NAME, TABLES
from tests.bot.cli.test_ask import HEAVY
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

AT = ("--now", "2026-11-20T17:00:00Z")
KEYS = ["answer", "definition", "equation", "terms", "left_out", "inputs", "measures", "ignored", "records"]


def explained(kpi: Kpi, *arguments: str) -> dict:
    ran = kpi("explain", *arguments, "--json", *AT)
    assert (ran.status, ran.err) == (0, "")
    return json.loads(ran.out)


def ids(told: dict) -> list[str]:
    return [row["id"] for row in told["records"]["rows"]]


def test_it_is_told_in_words_with_the_numbers_and_the_records(kpi: Kpi):
    ran = kpi("explain", "winrate", *AT)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("Win rate: 57.1%\n")
    assert "57.1% = 4 / 7: won deals / (won + lost deals)" in ran.out
    assert "Of the deals closed in the period, how many were won." in ran.out
    assert "2026-11-20 16:55 UTC" in ran.out
    assert "Records of closed: deals" in ran.out
    assert "7 records." in ran.out
    assert "2026-11-03 10:00" in ran.out  # on the organisation's clocks
    assert "Link" not in ran.out


def test_the_json_has_the_promised_keys(kpi: Kpi):
    told = explained(kpi, "winrate")

    assert list(told) == KEYS
    assert (told["equation"], told["answer"]["numerator"]) == ("4 / 7", "4")
    assert told["measures"] == ["won", "closed"]
    assert ids(told) == ["D4", "D3", "D6", "D5", "D2", "D7", "D1"]


def test_the_records_of_a_number_are_sorted_and_paged(kpi: Kpi):
    first = explained(kpi, "winrate", "--measure", "won", "--sort", "-id", "--rows", "3")
    second = explained(kpi, "winrate", "--measure", "won", "--sort", "-id", "--rows", "3", "--page", "2")

    assert (ids(first), ids(second)) == (["D5", "D3", "D2"], ["D1"])
    assert (first["records"]["total"], first["records"]["pages"], first["records"]["sort"]) == (4, 2, "-id")
    assert "Page 2 of 2." in kpi("explain", "winrate", "--measure", "won", "--rows", "3", "--page", "2", *AT).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sort", "statsu"], "kpi: There is no column 'statsu' to sort by; did you mean \"status\"?"),
        (["--measure", "wonn"], "kpi: There is no measure 'wonn' in winrate; did you mean \"won\"?"),
        (["--page", "2"], "kpi: There is no page 2: 7 records make 1 page of 20."),
        (["--page", "0"], "kpi: Invalid value for '--page'"),
        (["--rows", "0"], "kpi: Invalid value for '--rows'"),
    ],
)
def test_what_is_not_there_is_one_line_and_status_2(kpi: Kpi, arguments: list[str], said: str):
    ran = kpi("explain", "winrate", *arguments, *AT)

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(said)


@pytest.mark.parametrize(
    ("email", "seen", "hidden"),
    [
        ("ana@acme.example", ["D4", "D3", "D6", "D5", "D2", "D1"], 1),
        ("cy@acme.example", ["D7"], 6),
        ("hugo@acme.example", ["D4", "D3", "D6", "D5", "D2", "D7", "D1"], 0),
        ("ops@acme.example", ["D4", "D3", "D6", "D5", "D2", "D7", "D1"], 0),
    ],
)
def test_only_records_of_people_whose_figures_one_may_see_are_listed(
    kpi: Kpi, email: str, seen: list[str], hidden: int
):
    told = explained(kpi, "winrate", "--as", email)

    assert (ids(told), told["records"]["hidden"], told["records"]["total"]) == (seen, hidden, 7)


def test_how_many_may_not_be_seen_is_said(kpi: Kpi):
    out = kpi("explain", "winrate", "--as", "cy@acme.example", *AT).out

    assert "7 records. 6 records are of people whose figures you may not see one by one." in out


def test_records_without_an_owner_are_for_who_may_see_everybody(kpi: Kpi, acme: Path):
    path = acme / "crm" / "deals.csv"
    path.write_text(path.read_text("utf-8").replace("D7,plain,R3", "D7,plain,"), "utf-8")
    assert kpi("sync").status == 0

    assert "D7" not in ids(explained(kpi, "winrate", "--as", "ana@acme.example"))
    assert "D7" in ids(explained(kpi, "winrate"))


def test_who_may_not_see_the_figure_gets_the_words_alone(kpi: Kpi):
    told = explained(kpi, "winrate rep:R3 by rep", "--as", "ana@acme.example")

    assert told["answer"]["reason"] == "not_permitted"
    assert told["definition"]["formula"] == "won deals / (won + lost deals)"
    assert (told["terms"], told["left_out"], told["inputs"], told["measures"], told["records"]) == (
        [],
        [],
        [],
        [],
        None,
    )
    assert "you may not see these numbers" in kpi("explain", "winrate rep:R3", "--as", "ana@acme.example", *AT).out


def test_a_stranger_learns_nothing(kpi: Kpi):
    for question in ("winrate", "winrate rep:R1", "winrate Ana"):
        ran = kpi("explain", question, "--as", "nobody@acme.example", *AT)
        assert (ran.status, ran.out) == (2, "")
        assert "You are not among the people of the CRM" in ran.err


@pytest.mark.parametrize(
    ("question", "aside"),
    [("winrate by rep", "by rep"), ("winrate last 3 months", "trend"), ("winrate vs last year", "vs 2025-11")],
)
def test_a_breakdown_a_trend_and_a_comparison_are_left_aside_and_said_so(kpi: Kpi, question: str, aside: str):
    assert explained(kpi, question)["ignored"] == [aside]
    assert f"{aside}: the whole is explained" in kpi("explain", question, *AT).out


def test_what_is_left_out_is_named_and_listed(kpi: Kpi, acme: Path):
    with (acme / "crm" / "deals.csv").open("a", encoding="utf-8") as file:
        file.write("D8,undated,R1,won,5,USD,new,2026-10-01T10:00:00Z,\n")
    assert kpi("sync").status == 0

    out = kpi("explain", "winrate", *AT).out
    assert "left-out:1  1 won deal is closed without a date and counts in no period" in out
    assert ids(explained(kpi, "winrate", "--measure", "left-out:1")) == ["D8"]


def test_records_are_linked_to_where_the_crm_shows_them(kpi: Kpi, acme: Path):
    path = acme / "scoreline.toml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('path = "crm"', 'path = "crm"\nrecord_url = "https://crm.example/{table}/{id}"'), "utf-8"
    )

    assert explained(kpi, "winrate", "--rows", "1")["records"]["rows"][0]["url"] == "https://crm.example/deals/D4"
    assert "https://crm.example/deals/D4" in kpi("explain", "winrate", *AT).out


def test_hostile_names_do_nothing(kpi: Kpi, acme: Path):
    path = acme / "crm" / "deals.csv"
    path.write_text(path.read_text("utf-8").replace("D7,plain,R3", '"x\'; drop--",[red]\x1b[2J,R5'), "utf-8")
    assert kpi("sync").status == 0

    assert HOSTILE_NAME in TABLES["owners"]
    out = kpi("explain", "winrate", "--sort", "id", *AT).out
    assert "\x1b" not in out
    assert "[red][2J" in out
    assert "x'; drop--" in ids(explained(kpi, "winrate"))


def test_json_imports_nothing_that_it_does_not_need(acme: Path):
    import subprocess
    import sys

    script = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "explain", "winrate", "--json", "--config", str(acme / "scoreline.toml")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert HEAVY & set(ran.stderr.split()) == set()
