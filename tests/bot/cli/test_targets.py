"""``kpi targets``: on the synced company, with a state of its own."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.acme import add_rows, publish
from tests.bot.conftest import Ran

AT = ("--now", "2026-11-20T17:00:00Z")

KPI = (sys.executable, "-m", "bot.cli")

Targets = Callable[..., Ran]


@pytest.fixture
def targets(kpi: Callable[..., Ran]) -> Targets:
    def run(*arguments: str, **more: Path) -> Ran:
        return kpi("targets", *arguments, *(AT if arguments[0] in ("set", "split", "suggest") else ()), **more)

    return run


def standing(targets: Targets, *options: str) -> dict[tuple[str, str], tuple[str, str]]:
    """What stands: name and period to value and origin."""
    told = json.loads(targets("list", "--json", *options).out)
    return {(one["scope"]["name"], one["period"]): (one["value"], one["origin"]) for one in told}


def told(ran: Ran) -> dict:
    assert ran.status == 0, ran.err
    return json.loads(ran.out)


def test_what_the_files_say_is_listed(targets: Targets):
    assert standing(targets) == {
        ("EMEA", "2026-11"): ("10000", "file"),
        ("Ana Diaz", "2026-11"): ("8000", "file"),
    }


def test_a_target_that_is_set_stands_before_the_files_row_and_says_what_it_was(targets: Targets):
    ran = targets("set", "bookings", "team:T1", "2026-11", "12000.50")

    assert (ran.status, ran.out) == (0, "Bookings, EMEA, 2026-11: $12,000.50\n")
    assert "It was $10,000 (files)." in ran.err
    assert standing(targets)["EMEA", "2026-11"] == ("12000.5", "set")


def test_a_target_that_is_removed_can_be_set_back_by_what_is_printed(targets: Targets):
    targets("set", "bookings", "team:T1", "2026-11", "12000.50")

    ran = targets("remove", "bookings", "team:T1", "2026-11")

    assert ran.out == "Removed: Bookings, EMEA, 2026-11: $12,000.50\n"
    assert ran.err.splitlines() == [
        "To set it back: kpi targets set bookings team:T1 2026-11 12000.50",
        "The row of the files stands again: $10,000.",
    ]
    assert standing(targets)["EMEA", "2026-11"] == ("10000", "file")


def test_a_yes_or_no_is_shown_and_set_back_as_one(targets: Targets):
    assert targets("set", "winrate", "ana@acme.example", "2026-W48", "no", "--kind", "yes_no").out.endswith(": no\n")

    told_back = targets("remove", "winrate", "rep:R1", "2026-W48").err

    assert told_back == "To set it back: kpi targets set winrate rep:R1 2026-W48 no --kind yes_no\n"


def test_a_percentage_is_written_in_either_way_and_never_in_doubt(targets: Targets):
    targets("set", "winrate", "company", "2026-12", "35.25%")
    targets("set", "win rate", "company", "2026", "0.4")
    assert standing(targets, "--kpi", "winrate") == {
        ("Company", "2026-12"): ("0.3525", "set"),
        ("Company", "2026"): ("0.4", "set"),
    }

    ran = targets("set", "winrate", "company", "2026-12", "35")
    assert (ran.status, ran.err) == (
        2,
        "kpi: Win rate is a percentage: write 35% for 35 per cent, 0.35 for 35%.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("set", "wirate", "company", "2026", "1"), "There is no KPI 'wirate'. Did you mean winrate?"),
        (("set", "winrate value", "company", "2026", "1"), "Targets are on a KPI's own formula: write winrate, with"),
        (("set", "deals", "nobody", "2026", "1"), "'nobody' names nobody: write company, team:ID or rep:ID."),
        (
            ("set", "deals", "x@y.example", "2026", "1"),
            "The CRM has nobody with the email 'x@y.example': write rep:ID.",
        ),
        (("set", "deals", "team:T9", "2026", "1"), "There is no team 'T9'."),
        (("set", "deals", "company", "2026-13", "1"), "There is no '2026-13'"),
        (("set", "deals", "company", "2026-01-01..2026-02-01", "1"), "A target is for a day, week, month, quarter or"),
        (("set", "deals", "company", "2026", "12,000"), "'12,000' is not a number: write 12000 or 12000.50"),
        (("set", "deals", "company", "2026", "1e5"), "'1e5' is not a number"),
        (("set", "deals", "company", "2026", "5%"), "Deals won is no percentage: write 5."),
        (("set", "deals", "company", "2026", "5", "--kind", "money"), "A target on deals is of kind number or yes_no"),
        (("set", "deals", "company", "2026", "5", "--kind", "yes_no"), "'5' is neither yes nor no."),
        (("remove", "deals", "company", "2026"), "There is no target on deals for Company in 2026."),
        (("remove", "bookings", "team:T1", "2026-11"), "This target, $10,000, is a row of the files: remove it there."),
        (("split", "deals", "company", "2026"), "Say how to split: --by equally, headcount or share, or --over days"),
        (("split", "deals", "company", "2026", "--by", "equally"), "There is no target on deals for Company in 2026:"),
        (("split", "winrate", "company", "2026", "--by", "share"), "Win rate does not add up"),
        (
            ("split", "pipeline", "company", "2026-Q4", "--over", "months"),
            "Open pipeline tells how things stand at the end",
        ),
        (("split", "bookings", "team:T1", "2026-11", "--over", "weeks"), "The weeks of 2026-11 lie across its ends"),
        (("split", "bookings", "rep:R1", "2026-11", "--by", "equally"), "There are no active reps beneath Ana Diaz"),
        (
            ("split", "bookings", "team:T1", "2026-11", "--by", "equally", "--depth", "teams"),
            "There are no teams with active reps beneath EMEA to split a target among.",
        ),
        (
            ("split", "bookings", "team:T1", "2026-11", "--by", "equally", "--role", "csm"),
            "There are no active reps with the role csm beneath EMEA",
        ),
        (("split", "bookings", "team:T1", "2026-11", "--over", "days", "--role", "ae"), "--role says among whom"),
        (("suggest", "winrate", "rep:R1"), "Win rate is no activity KPI: targets are suggested for what reps do"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(targets: Targets, arguments: tuple[str, ...], told: str):
    ran = targets(*arguments)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"kpi: {told}")
    assert ran.err.count("\n") == 1


def test_a_split_by_headcount_and_over_months_meets_its_whole_everywhere(targets: Targets):
    targets("set", "deals", "company", "2027-Q1", "100")

    split = told(targets("split", "deals", "company", "2027-Q1", "--by", "headcount", "--over", "months", "--json"))

    assert (split["written"], split["whole"]["value"]) == (True, "100")
    assert {part["whole"]["kpi"] for part in split["parts"]} == {"deals"}
    found = standing(targets, "--kpi", "deals")
    assert found["EMEA", "2027-Q1"] == ("55", "split")  # 6 of the 11 active reps: 54.5, the first of two halves
    assert found["Americas", "2027-Q1"] == ("36", "split")
    assert sum(int(found["Ana Diaz", month][0]) for month in ("2027-01", "2027-02", "2027-03")) == int(
        found["Ana Diaz", "2027-Q1"][0]
    )
    assert targets("check", "deals").out == "All parts meet their wholes.\n"


def test_a_split_by_share_follows_the_last_full_period_before(targets: Targets, acme: Path):
    add_rows(acme, "deals", "E1,,R3,won,1500,USD,new,2026-10-01T10:00:00Z,2026-10-03T15:00:00Z")
    add_rows(acme, "deals", "E2,,R2,won,500,USD,new,2026-10-01T10:00:00Z,2026-10-04T15:00:00Z")
    publish(acme)
    targets("set", "bookings", "team:T0", "2026-11", "1000.01")

    ran = targets("split", "bookings", "team:T0", "2026-11", "--by", "share", "--overwrite")

    assert "The shares are those of 2026-10." in ran.err
    assert "nothing in 2026-10, hence no share of it." in ran.err
    found = {name: value for (name, _), (value, _) in standing(targets).items()}
    assert (found["EMEA"], found["Americas"], found["Hugo Head"]) == ("250", "750.01", "0")
    assert (found["Bo Ek"], found["Cy Fox"], found["Ana Diaz"]) == ("250", "750.01", "0")


def test_a_split_without_any_share_is_refused_with_what_to_do(targets: Targets):
    targets("set", "newcustomers", "company", "2026-Q1", "5")
    ran = targets("split", "newcustomers", "company", "2026-Q1", "--by", "share")
    assert ran.status == 2
    assert ran.err.startswith("kpi: Nobody beneath Company has a share of the last period: split it --by headcount or")


def test_what_was_set_by_hand_is_kept_unless_it_is_to_be_overwritten(targets: Targets):
    """The files' rows count as set by hand."""
    kept = targets("split", "bookings", "team:T1", "2026-11", "--by", "equally")
    assert "Ana Diaz in 2026-11: set by hand, and kept. --overwrite replaces such parts." in kept.err
    assert standing(targets)["Ana Diaz", "2026-11"] == ("8000", "file")
    assert standing(targets)["Bo Ek", "2026-11"] == ("400", "split")

    targets("split", "bookings", "team:T1", "2026-11", "--by", "equally", "--overwrite")
    assert standing(targets)["Ana Diaz", "2026-11"] == ("1666.67", "split")

    targets("set", "bookings", "rep:R1", "2026-11", "5000")
    targets("split", "bookings", "team:T1", "2026-11", "--by", "equally")
    assert standing(targets)["Bo Ek", "2026-11"] == ("1000", "split")


def test_a_yes_or_no_among_the_parts_is_not_replaced_unasked(targets: Targets):
    targets("set", "bookings", "rep:R2", "2026-11", "yes", "--kind", "yes_no")

    ran = targets("split", "bookings", "team:T1", "2026-11", "--by", "equally")
    assert ran.err == "kpi: Bo Ek has a yes or no for a target in 2026-11: write --overwrite to replace it.\n"
    assert targets("split", "bookings", "rep:R2", "2026-11", "--over", "days").err == "kpi: A yes or no has no parts.\n"


def test_a_dry_run_shows_the_parts_and_writes_nothing(targets: Targets, acme: Path):
    ran = targets("split", "bookings", "team:T1", "2026-11", "--over", "days", "--dry-run")

    assert ran.out.startswith("Bookings, EMEA, 2026-11: $10,000\n")
    assert "2026-11-30" in ran.out
    assert "2026-11-29" not in ran.out
    assert ran.err.splitlines()[-1] == "Nothing was written."
    assert not (acme / "var" / "state.db").exists()


def test_a_split_at_a_lesser_depth_takes_the_deeper_parts_away(targets: Targets):
    targets("set", "deals", "company", "2026-12", "90")
    targets("split", "deals", "company", "2026-12", "--by", "equally")

    ran = targets("split", "deals", "company", "2026-12", "--by", "equally", "--depth", "teams")

    assert "11 parts of earlier splits stand no longer." in ran.err
    assert standing(targets, "--kpi", "deals", "--period", "2026-12").keys() == {
        (name, "2026-12") for name in ("Company", "Sales", "EMEA", "Americas")
    }


def test_a_part_that_is_changed_by_hand_is_told_by_the_check(targets: Targets):
    targets("set", "deals", "team:T1", "2027-Q1", "12")
    targets("split", "deals", "team:T1", "2027-Q1", "--over", "months")
    targets("set", "deals", "team:T1", "2027-02", "9")

    differences = told(targets("check", "deals", "--json"))

    assert differences == [
        {
            "kpi": "deals",
            "scope": {"type": "team", "id": "T1", "name": "EMEA"},
            "period": "2027-Q1",
            "across": "months",
            "whole": "12",
            "parts": "17",
            "missing": "-5",
            "count": 3,
        }
    ]
    assert "3 months" in targets("check").out


def test_the_last_change_is_undone_with_all_its_parts(targets: Targets):
    targets("set", "deals", "team:T1", "2026-12", "12")
    before = standing(targets)
    targets("split", "deals", "team:T1", "2026-12", "--by", "equally")

    assert len(told(targets("undo", "--json"))) == 6
    assert standing(targets) == before
    assert "none" in targets("undo").out  # which is the split again
    assert len(standing(targets)) == len(before) + 6


def test_with_nothing_to_undo_it_says_so(targets: Targets):
    assert targets("undo").out == "There is nothing to undo.\n"


def test_a_target_far_beyond_history_is_pointed_out_and_stands(targets: Targets):
    ran = targets("set", "bookings", "rep:R2", "2026-W48", "751")
    assert ran.err == (
        "$751 for Bo Ek in 2026-W48 is far beyond history: more than 1.5 times the best of the last 8 weeks, $500.\n"
    )
    assert standing(targets)["Bo Ek", "2026-W48"] == ("751", "set")

    assert targets("set", "bookings", "rep:R2", "2026-W48", "750").err == "It was $751 (set).\n"


def test_history_is_what_lies_before_the_target(targets: Targets):
    """In the weeks before that of 9 November Bo won nothing."""
    assert "the last 8 weeks, $0." in targets("set", "bookings", "rep:R2", "2026-W46", "1").err


def test_parts_far_beyond_history_are_pointed_out_the_first_of_them_by_name(targets: Targets):
    targets("set", "deals", "company", "2026-12", "900")

    ran = targets("split", "deals", "company", "2026-12", "--by", "equally")

    assert "300 for EMEA in 2026-12 is far beyond history" in ran.err
    assert ran.err.count("is far beyond history") == 5
    assert "9 more are far beyond history." in ran.err


def test_a_suggestion_is_the_mean_of_the_weeks_that_worked(targets: Targets):
    """Of 13 weeks Ana won a deal in the weeks of 2 and 9 November: nothing was done in the first, 2 calls in the other."""
    suggested = told(targets("suggest", "activities", "ana@acme.example", "--json"))

    assert suggested == [
        {
            "scope": {"type": "rep", "id": "R1", "name": "Ana Diaz"},
            "value": "1",
            "weeks": 13,
            "weeks_worked": 2,
            "median_won": 0,
        }
    ]


def test_for_a_team_there_is_a_suggestion_for_each_of_its_active_reps(targets: Targets):
    shown = targets("suggest", "activities", "team:T1").out
    assert [name for name in ("Mia Lang", "Ana Diaz", "Bo Ek", "Cy Fox") if name in shown] == [
        "Mia Lang",
        "Ana Diaz",
        "Bo Ek",
    ]
    assert "2 of 13" in shown
    assert "n/a" in shown


def test_the_list_can_be_narrowed(targets: Targets):
    targets("set", "deals", "team:T1", "2026-11-30", "1")
    targets("set", "deals", "company", "2026", "1")

    assert standing(targets, "--period", "2026-Q4", "--to", "team:T1").keys() == {
        ("EMEA", "2026-11"),
        ("EMEA", "2026-11-30"),
    }
    assert standing(targets, "--to", "company").keys() == {("Company", "2026")}
    assert targets("list", "--period", "2025").out == "There is no such target.\n"


def test_the_history_tells_what_no_longer_stands(targets: Targets):
    targets("set", "deals", "company", "2026", "1")
    targets("set", "deals", "company", "2026", "2")

    first, second = told(targets("list", "--history", "--json"))

    assert (first["value"], first["ended_by"]) == ("1", second["set_by"])
    assert first["ended_at"] == second["set_at"]
    assert (second["value"], second["ended_at"]) == ("2", None)
    assert "Until" in targets("list", "--history").out


def test_a_target_on_a_kpi_that_is_gone_stays_in_the_history(targets: Targets, acme: Path):
    targets("set", "deals", "company", "2026", "1")
    with sqlite3.connect(acme / "var" / "state.db") as connection:
        connection.execute("update targets set kpi = 'former'")
    connection.close()

    assert "former" in targets("list", "--history").out
    assert "former" not in targets("list").out
    assert "former" in targets("undo").out


def test_the_configuration_may_be_named_before_the_subcommand(acme: Path):
    ran = subprocess.run(
        [*KPI, "targets", "--config", str(acme / "scoreline.toml"), "list"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "EMEA" in ran.stdout


def test_sets_at_once_are_all_remembered_and_one_stands(targets: Targets, acme: Path):
    config = ("--config", str(acme / "scoreline.toml"))
    children = [
        subprocess.Popen(
            [*KPI, "targets", "set", "deals", "company", "2026", str(n), *AT, *config],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(1, 4)
    ]
    ended = [child.communicate(timeout=120) for child in children]

    assert [child.returncode for child in children] == [0, 0, 0], ended
    assert len(told(targets("list", "--history", "--json"))) == 3
    assert len(standing(targets, "--kpi", "deals")) == 1


@pytest.mark.parametrize("name", ["list", "set", "remove", "undo", "split", "check", "suggest"])
def test_every_subcommand_has_help_with_an_example(targets: Targets, name: str):
    ran = targets(name, "--help")
    assert ran.status == 0
    assert f"kpi targets {name}" in ran.out.partition("Example")[2]
