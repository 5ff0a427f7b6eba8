"""A company's own KPIs, from its ``scoreline.toml`` to the answers: wherever a built-in one can be asked for."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import running_app
from bot.config import ConfigError, load_config
from bot.playground.emulator import SlackEmulator
from tests.bot.acme import ACME, NOW, connect
from tests.bot.conftest import Ran, tokens_of

Kpi = Callable[..., Ran]

AT = ("--now", NOW.isoformat())
BIG = """
[[kpi]]
id = "bigdeals"
names = {en = ["large deals"], ru = ["крупные сделки"]}
[kpi.measures.big]
relation = "closed_deals"
expression = "count(*) filter (where status = 'won' and value >= 1000)"
dated_by = "closed_instant"
"""
REDEFINED = """
[[kpi]]
id = "deals"
measures.won = {expression = "count(*) filter (where status = 'won' and value >= 1000)"}
"""
BROKEN = """
[[kpi]]
id = "broken"
measures.texts = {relation = "closed_deals", expression = "sum(status)"}
"""
REDEFINED_SAID = "deals is defined by this company's configuration, not by Scoreline"
BROKEN_SAID = "broken cannot be computed as this company's configuration defines it: measure texts: Binder Error: "


def add(acme: Path, *blocks: str) -> Path:
    """More blocks in the company's configuration."""
    with (acme / "scoreline.toml").open("a", encoding="utf-8") as file:
        file.writelines(blocks)
    return acme / "scoreline.toml"


def refusal(acme: Path, block: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(add(acme, block), {})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("question", ["bigdeals", "large deals", "big deals this month", "крупные сделки"])
def test_an_own_kpi_is_asked_by_its_id_and_by_its_names(kpi: Kpi, acme: Path, question: str):
    add(acme, BIG)
    answer = json.loads(kpi("ask", question, "--json", *AT).out)
    assert (answer["kpi"], answer["value"], answer["notes"]) == ("bigdeals", "3", [])


def test_its_breakdown_filter_and_trend_are_those_of_any_kpi(kpi: Kpi, acme: Path):
    add(acme, BIG)
    by_rep = json.loads(kpi("ask", "bigdeals team:T1 by rep vs target", "--json", *AT).out)
    assert {line["key"]: line["value"] for line in by_rep["by"]}["R1"] == "3"
    assert json.loads(kpi("ask", "bigdeals where type=renewal", "--json", *AT).out)["value"] == "0"
    assert len(json.loads(kpi("ask", "bigdeals last 3 months", "--json", *AT).out)["trend"]) == 3


def test_rights_hold_for_own_kpis(kpi: Kpi, acme: Path):
    add(acme, BIG)
    refused = json.loads(kpi("ask", "bigdeals rep:R3", "--as", "ana@acme.example", "--json", *AT).out)
    assert (refused["value"], refused["reason"]) == (None, "not_permitted")


def test_it_is_listed_checked_and_exported(kpi: Kpi, acme: Path, tmp_path: Path):
    add(acme, BIG, REDEFINED)
    entries = {entry["kpi"]: entry for entry in json.loads(kpi("catalogue", "--json").out)}
    assert entries["bigdeals"]["source"] == "this company's configuration"
    assert [id_ for id_, entry in entries.items() if entry["redefined"]] == ["deals"]

    checked = kpi("check").out
    assert "ok   [[kpi]] bigdeals: is computed\n" in checked
    assert "ok   [[kpi]] deals: is computed in place of the built-in one\n" in checked

    file = tmp_path / "big.csv"
    assert kpi("export", "bigdeals by team", "--to", str(file), *AT).status == 0
    assert next(csv.DictReader(file.read_text("utf-8").splitlines()))["value"] == "3"


def test_what_a_redefined_kpi_answers_says_so_in_reports_too(kpi: Kpi, acme: Path):
    add(acme, REDEFINED)
    answer = json.loads(kpi("ask", "deals", "--json", *AT).out)
    assert (answer["value"], answer["notes"]) == ("3", [REDEFINED_SAID])
    report = json.loads(kpi("digest", "monthly", "--to", "company", "--period", "2026-11", "--json", *AT).out)
    (deals,) = [reading for reading in report["readings"] if reading["kpi"] == "deals"]
    assert (deals["value"], deals["notes"]) == ("3", [REDEFINED_SAID])


def test_what_the_store_cannot_compute_is_one_line_and_no_defect(kpi: Kpi, acme: Path):
    add(acme, BROKEN)
    asked = kpi("ask", "broken", *AT)
    assert asked.status == 2
    assert asked.err.startswith(f"kpi: {BROKEN_SAID}")
    assert asked.err.count("\n") == 1
    assert kpi("explain", "broken", *AT).err == asked.err

    checked = kpi("check")
    assert checked.status == 3
    assert "bad  [[kpi]] broken: measure texts: Binder Error: " in checked.out
    assert kpi("ask", "deals", *AT).status == 0


def test_in_slack_own_kpis_are_listed_answered_and_faults_told(acme: Path):
    add(acme, BIG, BROKEN, REDEFINED)
    with SlackEmulator(ACME, rate_limits=False) as slack:
        config = connect(acme, slack.api_url, tokens_of(slack))
        with running_app(config, lambda: NOW, ping_seconds=0.5):
            assert slack.wait_for_socket(count=2)

            def told(text: str) -> str:
                (answer, *_) = slack.command("UANA", "CEVERY", "/kpi", text).wait(10)
                return json.dumps([answer.text, answer.blocks], ensure_ascii=False)

            assert "Bigdeals: 3" in told("bigdeals")
            assert "bigdeals" in told("list")
            assert BROKEN_SAID in told("broken")
            assert REDEFINED_SAID in told("deals")


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ('id = "X"', "[[kpi]] 1 id: 'X' is no name: write small letters, digits and '_', a letter first."),
        ('name = "x"', "[[kpi]] 1: id is missing"),
        ('id = "x"\nunits = "count"', "[[kpi]] 1: unknown key 'units'; did you mean \"unit\"?"),
        ('id = "x"\nunit = "euros"', "[[kpi]] 1 unit: 'euros' is not one of its values"),
        ('id = "x"\nmeasures = 1', "[[kpi]] 1 measures: must be a block with keys of its own"),
        ('id = "x"\nmeasures.a = 1', "[[kpi]] 1 measures.a: must be a block with keys of its own"),
        ('id = "x"\nmeasures.a = {expresion = "count(*)"}', "[[kpi]] 1 measures.a: unknown key 'expresion'; did you mean"),
        ('id = "x"\nmeasures.a = {relation = "deals", expression = "count(*)"}', "[[kpi]] 1 measures.a.relation: there is no"),
        ('id = "x"\nnames = {en = "big"}', "[[kpi]] 1 names.en: must be a list"),
        ('id = "x"\nnames = {en = [1]}', "[[kpi]] 1 names.en: must be a text in quotes"),
        ('id = "x"\nname = "a\\nb"', "[[kpi]] 1 name: 'a\\nb' must be one line"),
        ('id = "x"\nvariants = [{name = "a"}]', "[[kpi]] 1 variants[1]: value is missing"),
        (
            """id = "x"\nmeasures.a = {relation = "deal_records", expression = "max(read_text('/etc/passwd'))"}""",
            "[[kpi]] 1 measures.a.expression: the function 'read_text' may not be used",
        ),
        (
            'id = "x"\nmeasures.a = {relation = "deal_records", expression = "sum((select 1))"}',
            "[[kpi]] 1 measures.a.expression: (SELECT 1): a query of its own",
        ),
        (
            'id = "x"\nmeasures.a = {relation = "deal_records", expression = "sum(amuont)"}',
            "[[kpi]] 1 measures.a.expression: there is no column 'amuont' here; did you mean \"amount\"?",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_place(acme: Path, block: str, said: str):
    assert said in refusal(acme, f"\n[[kpi]]\n{block}\n")


def test_two_blocks_have_two_ids_and_two_words(acme: Path):
    other = BIG.replace('"bigdeals"', '"other"')
    assert "[[kpi]] 2 names.en: 'large deals' means bigdeals already" in refusal(acme, BIG + other)
    assert "two [[kpi]] blocks have the id 'bigdeals'" in refusal(acme, BIG)


def test_the_words_of_a_kpi_are_no_secrets_but_secrets_in_them_are(acme: Path):
    tokens = BIG.replace("measures.big", "measures.tokens_sold")
    assert load_config(add(acme, tokens), {}).kpis[0].measures.keys() == {"tokens_sold"}
    assert "a secret does not belong" in refusal(acme, '\n[[kpi]]\nid = "x"\nname = "xoxb-1-2-three"\n')


def test_a_configured_capacity_stands_in_place_of_the_best_day(kpi: Kpi, acme: Path):
    best_day = json.loads(kpi("ask", "aecapacity 2026-11", "--json", *AT).out)["value"]
    add(acme, "\n[capacity]\ndeals_per_day = 7\n")
    configured = json.loads(kpi("ask", "aecapacity 2026-11", "--json", *AT).out)["value"]
    assert (best_day, configured) == ("189", "1323")


def test_ranks_and_old_data_are_told_as_configured(kpi: Kpi, acme: Path):
    later = ("--now", "2026-11-22T17:00:00Z")
    old = "The last complete sync is 2 days old"
    asked = json.loads(kpi("ask", "winrate by rep", "--json", *later).out)
    assert old in asked["notes"]
    assert {line["key"]: line["small"] for line in asked["by"]}["R1"]

    add(acme, "\n[ranking]\nsmallest = 4\n[sync]\nstale_after_hours = 72\n")
    asked = json.loads(kpi("ask", "winrate by rep", "--json", *later).out)
    assert old not in asked["notes"]
    assert not {line["key"]: line["small"] for line in asked["by"]}["R1"]

    path = acme / "scoreline.toml"
    path.write_text(path.read_text("utf-8").replace("stale_after_hours = 72", "stale_after_hours = 0"), "utf-8")
    assert json.loads(kpi("ask", "winrate 2026-11", "--json", "--now", "2027-11-22T17:00:00Z").out)["notes"] == []
