"""However a listener ends, whoever asked is answered, and the log names nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.listening import Body, Listening, Reply, run_once
from bot.members import Members
from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from bot.seen import Seen
from bot.slack_client import make_client
from kpi.engines import Snapshots
from tests.bot.acme import ACME, NOW, connect
from tests.bot.conftest import tokens_of

ANSWER = {"text": "Win rate 75 %", "blocks": [{"type": "divider"}]}


@pytest.fixture
def listening(acme: Path, acme_slack: SlackEmulator) -> Iterator[Listening]:
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    client = make_client(config)
    snapshots = Snapshots(config.store_url, config.base)
    with ThreadPoolExecutor(2) as answering:
        yield Listening(config, client, snapshots, Members(client, config, ACME.id), Seen(), lambda: NOW, answering)
    snapshots.close()


@pytest.fixture
def command(acme_slack: SlackEmulator) -> Callable[[], Body]:
    """The body of a new command of Ana's; nobody is connected to take it."""

    def new() -> Body:
        return dict(acme_slack.command("UANA", "CSALES", "/kpi", "winrate").payload)

    return new


def answers(slack: SlackEmulator) -> list[str]:
    return [message.text for message in slack.ephemerals("UANA")]


def test_a_defect_is_answered_and_logged_without_what_it_says(
    listening: Listening, acme_slack: SlackEmulator, command: Callable[[], Body], caplog: pytest.LogCaptureFixture
):
    def fail(_listening: Listening, _body: Body) -> None:
        raise ZeroDivisionError("Ana Diaz has 75 %")

    run_once(listening, fail)(command())
    listening.answering.shutdown()

    assert answers(acme_slack) == ["Something in Scoreline went wrong. Try again, and tell your admin."]
    (logged,) = caplog.messages
    assert logged.startswith("A defect: ZeroDivisionError at test_listening.py:")
    assert "Ana" not in caplog.text


def test_the_same_command_is_handled_once_and_another_again(listening: Listening, command: Callable[[], Body]):
    handled = []
    run = run_once(listening, lambda _listening, body: handled.append(body["trigger_id"]))
    first, second = command(), command()

    for body in (first, second, first, first):
        run(body)
    listening.answering.shutdown()

    assert sorted(handled) == sorted([first["trigger_id"], second["trigger_id"]])


def test_a_broken_snapshot_is_told_in_words(listening: Listening, acme: Path, acme_slack: SlackEmulator, command):
    for snapshot in (acme / "var" / "crm.snapshots").glob("*.duckdb"):
        snapshot.write_bytes(b"garbage" * 1000)

    def look(listening: Listening, _body: Body) -> None:
        with listening.desk():
            raise AssertionError("the snapshot is broken")

    run_once(listening, look)(command())
    listening.answering.shutdown()

    (text,) = answers(acme_slack)
    assert "cannot be read at the moment" in text


def test_a_reply_says_whether_slack_took_it(listening: Listening, acme_slack: SlackEmulator, command):
    assert listening.reply(command(), ANSWER) is Reply.TAKEN
    acme_slack.fault("response_url", Fault.DROP_BEFORE)
    assert listening.reply(command(), ANSWER, in_channel=True) is Reply.IN_DOUBT
    acme_slack.fault("response_url", Fault.SERVER_ERROR)
    assert listening.reply(command(), ANSWER, in_channel=True) is Reply.IN_DOUBT
    acme_slack.fault("response_url", Fault.SERVER_ERROR, times=2, status=400)
    assert listening.reply(command(), ANSWER, in_channel=True) is Reply.REFUSED
    assert acme_slack.messages("CSALES") == []


def test_a_response_url_that_was_used_up_is_told_apart(listening: Listening, acme_slack: SlackEmulator, command):
    body = command()
    for _ in range(5):
        listening.reply(body, ANSWER)

    assert listening.reply(body, ANSWER, in_channel=True) is Reply.TOO_LATE
    assert listening.reply(body, ANSWER) is Reply.TAKEN
    assert [message.text for message in acme_slack.direct_messages("UANA")] == ["Win rate 75 %"]


def test_who_can_get_no_direct_message_is_given_up(
    listening: Listening, acme_slack: SlackEmulator, command, caplog: pytest.LogCaptureFixture
):
    acme_slack.fault("response_url", Fault.SERVER_ERROR, status=404)
    acme_slack.fault("conversations.open", Fault.ERROR, error="user_disabled")

    assert listening.reply(command(), ANSWER) is Reply.REFUSED
    assert caplog.messages[-1] == "A reply could not be sent by direct message either: user_disabled"


def test_a_response_url_is_in_no_log(
    listening: Listening, acme_slack: SlackEmulator, command, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    acme_slack.fault("response_url", Fault.DROP_BEFORE, times=2)
    body = command()
    listening.reply(body, ANSWER)

    secret = body["response_url"].rpartition("/")[2]
    assert caplog.messages
    assert secret not in caplog.text
    assert acme_slack.bot_token not in caplog.text
