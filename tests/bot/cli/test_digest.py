"""``kpi digest`` and ``kpi scorecard``: shown, and sent once to where they belong."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from bot.playground.workspace import SCOPES, Channel
from tests.bot.acme import BOT
from tests.bot.conftest import Ran

AT = ("--now", "2026-11-20T17:00:00Z")
WEEKLY = ("digest", "weekly", "--to", "team:T1", *AT)
SCORECARD = ("scorecard", "rep:R1", *AT)
POST = "chat.postMessage"

Kpi = Callable[..., Ran]


def direct(slack: SlackEmulator, user: str) -> list[str]:
    return [message.text for message in slack.direct_messages(user)]


def said(slack: SlackEmulator, channel: str = "CSALES") -> list[str]:
    return [message.text for message in slack.messages(channel)]


def test_a_digest_is_shown_as_slack_would_and_sends_nothing(kpi: Kpi, with_slack: SlackEmulator):
    ran = kpi(*WEEKLY)

    assert (ran.status, ran.err) == (0, "")
    assert "EMEA" in ran.out
    assert "$5,500" in ran.out
    assert "Ana Diaz" in ran.out
    assert with_slack.calls() == []


def test_a_scorecard_is_shown_with_what_its_target_still_needs(kpi: Kpi):
    ran = kpi(*SCORECARD)

    assert ran.status == 0
    assert "Ana Diaz" in ran.out
    assert "$2,000 to go to the target for November 2026" in ran.out


@pytest.mark.parametrize(
    ("command", "recipient", "period"),
    [
        (WEEKLY, "team:T1", "2026-W46"),
        (("digest", "monthly", "--to", "company", *AT), "company", "2026-10"),
        (("digest", "quarterly", "--to", "company", *AT), "company", "2026-Q3"),
        (("digest", "weekly", "--to", "team:T1", "--period", "2026-W47", *AT), "team:T1", "2026-W47"),
        (SCORECARD, "rep:R1", "2026-W46"),
        (("scorecard", "rep:ana@acme.example", "--cadence", "monthly", *AT), "rep:ana@acme.example", "2026-10"),
    ],
)
def test_the_json_holds_what_slack_gets_and_the_answers_in_it(kpi: Kpi, command: tuple, recipient: str, period: str):
    ran = kpi(*command, "--json")

    told = json.loads(ran.out)
    assert ran.status == 0
    assert {"text", "blocks", "period", "recipient", "readings"} <= told.keys()
    assert (told["recipient"], told["period"]["key"]) == (recipient, period)
    assert told["blocks"]
    assert {"kpi", "scope", "period", "value", "as_of", "now"} <= told["readings"][0].keys()


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (("digest", "weekly", "--to", "rep:R1"), "kpi scorecard rep:ID"),
        (("digest", "weekly", "--to", "T1"), "team:ID"),
        (("digest", "weekly", "--to", "team:"), "no team"),
        (("digest", "weekly", "--to", "team:T99"), "no team 'T99'"),
        (("digest", "daily", "--to", "team:T1"), "weekly"),
        (("digest", "weekly"), "--to"),
        (("scorecard", "R1"), "rep:ID"),
        (("scorecard", "rep:R99"), "no rep 'R99'"),
        (("scorecard", "rep:"), "no rep"),
        ((*WEEKLY, "--period", "2026-11"), "2026-W46"),
        ((*WEEKLY, "--period", "2026-W48"), "has not begun"),
        ((*WEEKLY, "--period", "someday"), "someday"),
        ((*WEEKLY, "--period", "2026-W60"), "2026-W60"),
        ((*SCORECARD, "--cadence", "monthly", "--period", "2026-W46"), "2026-10"),
        ((*WEEKLY, "--again"), "--send"),
        ((*WEEKLY, "--now", "yesterday-ish"), "2026-11-20T17:00:00Z"),
    ],
)
def test_what_cannot_be_reported_is_told_in_one_line(kpi: Kpi, command: tuple, advice: str):
    ran = kpi(*command)

    assert ran.status == 2
    assert ran.out == ""
    assert advice in ran.err
    assert ran.err.count("\n") == 1


def test_a_digest_goes_to_its_channel_once(kpi: Kpi, with_slack: SlackEmulator):
    first, second = kpi(*WEEKLY, "--send"), kpi(*WEEKLY, "--send")

    assert (first.status, second.status) == (0, 0)
    assert first.out.startswith("#sales: Sent to CSALES at ")
    assert second.out.startswith("#sales: Already sent to CSALES at ")
    (text,) = said(with_slack)
    assert "EMEA" in text
    assert "$5,500" in text


def test_each_digest_that_is_configured_for_a_team_is_sent(kpi: Kpi, with_slack: SlackEmulator, acme: Path):
    with (acme / "scoreline.toml").open("a") as file:
        file.write('\n[[digest]]\nid = "emea-manager"\ncadence = "weekly"\nto = "team:T1"\n')
    ran = kpi(*WEEKLY, "--send")

    assert ran.status == 0
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["#sales", "Mia Lang"]
    assert (len(said(with_slack)), len(direct(with_slack, "UMIA"))) == (1, 1)


def test_again_sends_it_once_more(kpi: Kpi, with_slack: SlackEmulator):
    kpi(*WEEKLY, "--send")
    again = kpi(*WEEKLY, "--send", "--again", "--json")

    assert again.status == 0
    assert [one["state"] for one in json.loads(again.out)["deliveries"]] == ["sent"]
    assert len(said(with_slack)) == 2


def test_a_digest_without_a_channel_goes_to_the_manager(kpi: Kpi, with_slack: SlackEmulator):
    ran = kpi("digest", "monthly", "--to", "team:T1", "--period", "2026-11", "--send", *AT)

    assert ran.status == 0
    assert ran.out.startswith("Mia Lang: Sent to D")
    (text,) = direct(with_slack, "UMIA")
    assert "66,7" in text  # in her language


def test_what_is_sent_of_a_running_period_leaves_the_whole_of_it_to_be_sent(kpi: Kpi, with_slack: SlackEmulator):
    week = ("digest", "weekly", "--to", "team:T1", "--period", "2026-W47", "--send")
    wednesday, friday = kpi(*week, "--now", "2026-11-18T17:00:00Z"), kpi(*week, *AT)
    monday = kpi(*week, "--now", "2026-11-23T17:00:00Z")

    assert wednesday.out.startswith("#sales: Sent to CSALES at ")
    assert friday.out.startswith("#sales: Already sent to CSALES at ")
    assert monday.out.startswith("#sales: Sent to CSALES at ")
    assert len(said(with_slack)) == 2


def test_a_scorecard_goes_to_the_rep_alone(kpi: Kpi, with_slack: SlackEmulator):
    ran, again = kpi(*SCORECARD, "--send"), kpi(*SCORECARD, "--send")

    assert (ran.status, again.status) == (0, 0)
    assert "Already sent" in again.out
    assert len(direct(with_slack, "UANA")) == 1
    assert len(with_slack.calls(POST)) == 1


def test_a_scorecard_goes_to_the_slack_user_of_the_configuration(kpi: Kpi, with_slack: SlackEmulator):
    ran = kpi("scorecard", "rep:R4", "--send", *AT)

    assert (ran.status, ran.err) == (0, "")
    assert len(direct(with_slack, "UALIAS")) == 1


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (("digest", "quarterly", "--to", "team:T2"), "has no channel and no manager"),
        (("digest", "weekly", "--to", "company"), "has no channel and no manager"),
        (("digest", "weekly", "--to", "team:T2"), "There is no channel CNOWHERE that I can see"),
        (("scorecard", "rep:R9"), "Ned Noslack is not in Slack under the email"),
        (("scorecard", "rep:R7"), "Lou Left is not in Slack"),
        (("scorecard", "rep:R6"), "no full member of the workspace"),
        (("digest", "monthly", "--to", "team:T2"), "of those it goes to may not see the figures of Americas"),
    ],
)
def test_without_anybody_who_may_get_it_nothing_is_sent(
    kpi: Kpi, with_slack: SlackEmulator, acme: Path, command: tuple, advice: str
):
    ran = kpi(*command, "--send", *AT)

    assert (ran.status, ran.out) == (2, "")
    assert advice in ran.err
    assert ran.err.count("\n") == 1
    assert with_slack.calls(POST) == []
    assert not (acme / "var" / "state.db").exists()


@pytest.mark.parametrize(
    "channel",
    [
        Channel("CSALES", "renamed", frozenset({BOT, "UANA"})),
        Channel("CSALES", "sales", frozenset({"UANA"}), is_private=True),
        Channel("CSALES", "sales", frozenset({BOT, "UANA"}), is_archived=True),
    ],
)
def test_a_channel_that_is_gone_is_told(kpi: Kpi, with_slack: SlackEmulator, channel: Channel):
    with_slack.change_channel(channel)

    ran = kpi(*WEEKLY, "--send")

    assert (ran.status, ran.out) == (2, "")
    assert "There is no channel #sales that I can see" in ran.err


def test_a_public_channel_without_the_bot_is_told(kpi: Kpi, with_slack: SlackEmulator):
    with_slack.change_channel(Channel("CSALES", "sales", frozenset({"UANA", "UBO"})))

    ran = kpi(*WEEKLY, "--send")

    assert ran.status == 3
    assert "/invite" in ran.out
    assert said(with_slack) == []


def test_a_digest_to_who_may_not_see_each_rep_leaves_the_table_out(kpi: Kpi, with_slack: SlackEmulator, acme: Path):
    path = acme / "scoreline.toml"
    path.write_text(path.read_text().replace('policy = "team"', 'policy = "own"'))
    kpi("digest", "monthly", "--to", "team:T1", "--period", "2026-11", "--send", *AT)
    (message,) = with_slack.direct_messages("UMIA")
    assert "Ana Diaz" in message.text  # who leads them sees them

    refused = kpi(*WEEKLY, "--send")

    assert refused.status == 2
    assert "2 of those it goes to may not see the figures of EMEA" in refused.err


def test_a_refused_token_is_told(kpi: Kpi, with_slack: SlackEmulator):
    with_slack.revoke_tokens()

    ran = kpi(*SCORECARD, "--send")

    assert (ran.status, ran.out) == (3, "")
    assert "token_revoked" in ran.err
    assert with_slack.bot_token not in ran.err


@pytest.mark.usefixtures("with_slack")
def test_without_a_token_it_says_so(kpi: Kpi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SLACK_BOT_TOKEN")

    ran = kpi(*SCORECARD, "--send")

    assert ran.status == 2
    assert "SLACK_BOT_TOKEN is not set" in ran.err


def test_a_post_that_broke_off_after_it_was_taken_is_one_message(kpi: Kpi, with_slack: SlackEmulator):
    with_slack.fault(POST, Fault.DROP_AFTER)

    ran = kpi(*SCORECARD, "--send")

    assert ran.status == 0
    assert "Ana Diaz: Sent to D" in ran.out
    assert len(direct(with_slack, "UANA")) == 1
    assert len(with_slack.calls(POST)) == 1


def test_a_post_of_which_nobody_can_tell_is_unknown_and_not_sent_again(kpi: Kpi, with_slack: SlackEmulator):
    with_slack.fault(POST, Fault.DROP_AFTER)
    with_slack.fault("conversations.history", Fault.ERROR, 9, error="missing_scope", details={"needed": "im:history"})

    ran, later = kpi(*SCORECARD, "--send"), kpi(*SCORECARD, "--send")

    assert (ran.status, later.status) == (4, 4)
    assert "Unknown whether it was sent" in ran.out
    assert "missing_scope" in later.out
    assert len(with_slack.calls(POST)) == 1

    again = kpi(*SCORECARD, "--send", "--again")
    assert again.status == 0
    assert len(direct(with_slack, "UANA")) == 2


@pytest.mark.usefixtures("with_slack")
def test_the_figures_that_were_sent_stand_in_the_ledger(kpi: Kpi, acme: Path):
    kpi(*SCORECARD, "--send")

    with sqlite3.connect(acme / "var" / "state.db") as state:
        ((figures,),) = state.execute("select figures from deliveries").fetchall()
    state.close()
    assert json.loads(figures)[0]["scope"]["id"] == "R1"
    assert (acme / "var" / "state.db").stat().st_mode & 0o077 == 0


def test_a_state_that_is_no_database_is_told(kpi: Kpi, with_slack: SlackEmulator, acme: Path):
    (acme / "var" / "state.db").write_bytes(b"no database at all, and long enough to be looked at" * 50)

    ran = kpi(*SCORECARD, "--send")

    assert ran.status == 3
    assert "state database" in ran.err
    assert ran.err.count("\n") == 1
    assert with_slack.calls(POST) == []


def test_the_scopes_of_the_emulator_are_those_of_the_manifest():
    from bot.slack_check import needed_scopes

    assert set(needed_scopes()) == SCOPES
