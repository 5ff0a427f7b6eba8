"""``kpi check``: one line each, ok or what to do, and nothing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from tests.bot.acme import add_rows, write_acme
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]


def lines(ran: Ran, level: str) -> list[str]:
    return [line.removeprefix(level).strip() for line in ran.out.splitlines() if line.startswith(level)]


def test_a_sound_set_up_is_fine_from_the_file_to_slack(kpi: Kpi, with_slack: SlackEmulator):
    ran = kpi("check")

    assert (ran.status, ran.err, lines(ran, "bad")) == (0, "", [])
    fine = "\n".join(lines(ran, "ok"))
    for told in (
        "configuration: ",
        "source files: deals: deals.csv gives id",
        "store: published, data as of 2026-11-20 16:55 UTC",
        "Slack: connected to Acme as scoreline",
        "Slack: the app has every scope it needs",
        "Slack: Socket Mode is open to the app",
    ):
        assert told in fine
    assert with_slack.bot_token not in ran.out


def test_the_json_is_a_list_of_the_same(kpi: Kpi):
    found = json.loads(kpi("check", "--json").out)

    assert all(list(check) == ["level", "subject", "detail"] for check in found)
    assert {check["level"] for check in found} == {"ok", "note"}


def test_rows_that_were_set_aside_are_listed_with_their_reason(kpi: Kpi, acme: Path):
    add_rows(acme, "deals", "D98,bad,R1,maybe,1,USD,new,2026-10-01T10:00:00Z,", *(
        f"E{n},bad,R1,won,1,USD,new,someday,2026-11-06T15:00:00Z" for n in range(25)
    ))  # fmt: skip
    assert "26 set aside" in kpi("sync").out

    ran = kpi("check")

    assert ran.status == 0
    assert any("set aside: files: deals, row 8: " in line and "maybe" in line for line in lines(ran, "note"))
    assert "set aside: and 6 more rows" in lines(ran, "note")


def test_before_the_first_sync_it_says_what_to_do(kpi: Kpi, tmp_path: Path):
    ran = kpi("check", config=write_acme(tmp_path / "new"))

    assert ran.status == 0
    assert "store: Nothing has been synced yet: run kpi sync." in lines(ran, "note")
    assert not (tmp_path / "new" / "var").exists()


def test_what_is_wrong_with_a_source_and_the_store_is_told_side_by_side(kpi: Kpi, acme: Path):
    (acme / "crm" / "deals.csv").write_text("id,state\nD1,won\n")
    (acme / "var" / "crm.snapshots" / "current").write_text("nothing")

    ran = kpi("check")

    assert (ran.status, ran.err) == (3, "")
    bad = "\n".join(lines(ran, "bad"))
    assert "source files: deals: " in bad
    assert "status" in bad
    assert "store: " in bad
    assert any(line.startswith("source files: owners") for line in lines(ran, "ok"))


def test_control_characters_of_a_file_reach_no_terminal(kpi: Kpi, acme: Path):
    (acme / "crm" / "deals.csv").write_text("id,\x1b[31mred\nD1,won\n")

    assert "\x1b" not in kpi("check").out


def test_a_wrong_token_is_told(kpi: Kpi, with_slack: SlackEmulator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-999-mistaken")

    ran = kpi("check")

    assert ran.status == 3
    assert lines(ran, "bad") == [
        "Slack: Slack refused (invalid_auth): the token is not valid: copy it again from the app's settings."
    ]
    assert "mistaken" not in ran.out
    assert with_slack.calls("apps.connections.open") == []


def test_the_tokens_in_each_others_place_are_told(kpi: Kpi, with_slack: SlackEmulator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_APP_TOKEN", with_slack.bot_token)

    ran = kpi("check")

    assert ran.status == 3
    assert "the app's with xapp-" in lines(ran, "bad")[0]


@pytest.mark.usefixtures("with_slack")
def test_a_token_that_is_none_is_told_and_not_shown(kpi: Kpi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret\nsecond")

    ran = kpi("check")

    assert ran.status == 2
    assert "SLACK_BOT_TOKEN holds blanks" in ran.err
    assert "secret" not in ran.out + ran.err


def test_missing_tokens_are_worth_a_note(kpi: Kpi):
    ran = kpi("check")

    assert ran.status == 0
    assert "Slack: SLACK_BOT_TOKEN is not set; it is needed to answer and post" in lines(ran, "note")


@pytest.mark.parametrize(
    ("fault", "options", "told"),
    [
        (Fault.HTML, {}, "may not be Slack"),
        (Fault.SERVER_ERROR, {"status": 503}, "Slack refused (HTTP 503)"),
        (Fault.ERROR, {"error": "missing_scope", "details": {"needed": "im:write"}}, "add the scope im:write"),
        (Fault.TRUNCATED, {}, "could not be reached"),
    ],
)
def test_what_slack_answers_instead_is_told_in_one_line(
    kpi: Kpi, with_slack: SlackEmulator, fault: Fault, options: dict, told: str
):
    with_slack.fault("auth.test", fault, **options)

    ran = kpi("check")

    assert ran.status == 3
    (bad,) = lines(ran, "bad")
    assert told in bad
    assert "<" not in bad


def test_missing_scopes_are_named(kpi: Kpi, acme: Path, monkeypatch: pytest.MonkeyPatch):
    from dataclasses import replace

    from tests.bot.acme import ACME, connect

    with SlackEmulator(replace(ACME, scopes=ACME.scopes - {"im:write", "groups:read"})) as slack:
        connect(acme, slack.api_url, {})
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        ran = kpi("check")

    assert ran.status == 3
    assert lines(ran, "bad") == ["Slack: the app lacks the scopes groups:read, im:write: add them and install it again"]


def test_against_the_crm_files_have_nothing_to_compare_with(kpi: Kpi):
    ran = kpi("check", "--against-crm")

    assert ran.status == 0
    assert "source files: files have no figures of their own to compare with" in lines(ran, "note")


def test_how_old_the_last_sync_is_goes_by_the_clock_that_is_given(kpi: Kpi):
    old, fresh = kpi("check", "--now", "2026-11-23T16:55:00Z"), kpi("check", "--now", "2026-11-20T17:00:00Z")

    assert any("sync: the last complete one is 72 hours old" in line for line in lines(old, "note"))
    assert not any("the last complete one" in line for line in lines(fresh, "note"))
