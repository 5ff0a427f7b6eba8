"""The connected bot answers whatever happens between it and Slack."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import running_app
from bot.config import ConfigError, load_config
from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from bot.slack_client import SlackUnreachableError
from tests.bot.acme import NOW, add_rows, connect, publish, write_acme
from tests.bot.conftest import RunningBot, tokens_of

REPLY = "response_url"


def test_a_reply_comes_by_direct_message_once_its_url_has_expired(bot: RunningBot):
    bot.slack.fault(REPLY, Fault.SERVER_ERROR, status=404)
    before = len(bot.slack.direct_messages("UBO"))

    asked = bot.command("UBO", "winrate")

    direct = bot.slack.direct_channel("UBO")
    messages = bot.slack.wait_for_messages(direct, before + 1)
    assert "1 of 2" in messages[-1].text
    assert len(messages) == before + 1
    assert asked.answers == []


def test_a_reply_whose_blocks_are_refused_comes_as_text(bot: RunningBot):
    bot.slack.fault(REPLY, Fault.SERVER_ERROR, status=400)

    answer = bot.answer("UANA", "winrate")

    assert "3 of 4" in answer.text
    assert not answer.blocks


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.SERVER_ERROR])
def test_a_reply_that_broke_off_is_sent_a_second_time(bot: RunningBot, fault: Fault):
    bot.slack.fault(REPLY, fault)

    answer = bot.answer("UANA", "winrate")

    assert "3 of 4" in answer.text
    assert answer.blocks


def test_a_reply_that_broke_off_after_it_was_taken_comes_at_most_twice(bot: RunningBot):
    bot.slack.fault(REPLY, Fault.DROP_AFTER)

    asked = bot.command("UANA", "winrate")

    assert len(asked.wait(5, count=2)) == 2
    assert bot.asks("UANA", "deals")
    assert len(asked.answers) == 2


def test_a_reply_that_breaks_off_again_and_again_comes_by_direct_message(bot: RunningBot):
    bot.slack.fault(REPLY, Fault.DROP_BEFORE, times=2)
    direct = bot.slack.direct_channel("UMIA")
    before = len(bot.slack.messages(direct))

    bot.command("UMIA", "winrate")

    assert "EMEA" in bot.slack.wait_for_messages(direct, before + 1)[-1].text


def test_a_direct_message_is_never_posted_twice(bot: RunningBot):
    bot.slack.fault(REPLY, Fault.SERVER_ERROR, status=404)
    bot.slack.fault("chat.postMessage", Fault.DROP_AFTER)
    direct = bot.slack.direct_channel("UCY")

    bot.command("UCY", "winrate")

    assert len(bot.slack.wait_for_messages(direct)) == 1
    assert bot.asks("UCY", "winrate")
    assert len(bot.slack.messages(direct)) == 1


@pytest.mark.parametrize(
    ("fault", "times", "options"),
    [
        (Fault.RATE_LIMITED, 1, {"retry_after": 60}),
        (Fault.SERVER_ERROR, 1, {}),
        (Fault.HTML, 1, {}),
        (Fault.DROP_BEFORE, 3, {}),
        (Fault.ERROR, 1, {"error": "internal_error"}),
        (Fault.TRUNCATED, 1, {}),
    ],
)
def test_who_asks_is_told_when_slack_does_not_say_who_they_are(
    bot: RunningBot, fault: Fault, times: int, options: dict, caplog: pytest.LogCaptureFixture
):
    bot.slack.fault("users.info", fault, times, **options)

    text = bot.asks("UFRESH0", "winrate company")

    assert "Slack did not give what the answer needs" in text
    assert "Try again in a minute" in text
    assert "<" not in text
    assert "defect" not in caplog.text
    assert "Ana" not in caplog.text


def test_a_short_rate_limit_is_waited_for(bot: RunningBot):
    bot.slack.fault("users.info", Fault.RATE_LIMITED, retry_after=1)

    assert "3 of 4" in bot.asks("UFRESH1", "winrate")


def test_a_command_that_slack_brings_twice_is_answered_once(bot: RunningBot):
    asked = bot.command("UANA", "winrate")
    asked.wait(5)
    bot.slack.redeliver(asked)
    bot.slack.redeliver(asked)
    assert bot.asks("UANA", "deals")

    assert asked.deliveries == 3
    assert len(asked.answers) == 1


def test_fifty_commands_at_once_are_all_acknowledged_in_time_and_answered(bot: RunningBot):
    asked = [bot.command("UANA", f"winrate last {n + 1} weeks") for n in range(50)]

    answers = [each.wait(20) for each in asked]

    assert [each.error for each in asked] == [None] * 50  # a late ack would be operation_timeout
    assert all(len(texts) == 1 for texts in answers)


def test_lost_connections_are_made_anew(bot: RunningBot):
    assert bot.slack.drop_sockets() >= 1

    assert bot.slack.wait_for_socket(10)
    assert "3 of 4" in bot.asks("UANA", "winrate")


def test_connections_that_slack_refreshes_are_made_anew(bot: RunningBot):
    bot.slack.refresh_sockets()

    assert bot.slack.wait_for_socket(10)
    assert "3 of 4" in bot.asks("UANA", "winrate")


def test_the_next_answer_is_from_what_was_published_meanwhile(bot: RunningBot):
    assert "n/a" in bot.asks("UCY", "winrate 2025-02")

    add_rows(bot.folder, "deals", "D90,new,R3,won,1,USD,new,2025-01-01T10:00:00Z,2025-02-03T15:00:00Z")
    publish(bot.folder)

    assert "1 of 1" in bot.asks("UCY", "winrate 2025-02")


def test_before_the_first_sync_everybody_is_told_so(acme_slack: SlackEmulator, tmp_path: Path):
    write_acme(tmp_path / "new")
    config = connect(tmp_path / "new", acme_slack.api_url, tokens_of(acme_slack))
    with running_app(config, lambda: NOW):
        asked = acme_slack.command("UANA", "CSALES", "/kpi", "winrate")
        (answer,) = asked.wait(10)

    assert answer.text == "Nothing has been synced yet: run kpi sync."


def test_whoever_asks_is_not_told_where_a_broken_store_lies(
    acme: Path, acme_slack: SlackEmulator, caplog: pytest.LogCaptureFixture
):
    for snapshot in acme.glob("var/**/*.duckdb"):
        snapshot.write_bytes(b"garbage")
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    with running_app(config, lambda: NOW):
        (answer,) = acme_slack.command("UANA", "CSALES", "/kpi", "winrate").wait(10)

    assert answer.text == "The numbers cannot be read at the moment. Tell your admin: kpi check says why."
    assert str(acme) in caplog.text


def test_what_is_being_answered_is_answered_before_the_app_ends(acme: Path, acme_slack: SlackEmulator):
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    acme_slack.fault("users.info", Fault.SLOW, seconds=1.0)
    with running_app(config, lambda: NOW):
        asked = acme_slack.command("UANA", "CSALES", "/kpi", "winrate")
        assert asked.wait_for_ack() is not None

    assert ["3 of 4" in answer.text for answer in asked.answers] == [True]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("token_revoked", "install the app again"),
        ("account_inactive", "install it again"),
    ],
)
def test_refused_tokens_are_told_in_one_line(acme: Path, acme_slack: SlackEmulator, code: str, advice: str):
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    acme_slack.revoke_tokens(code)

    with pytest.raises(SlackUnreachableError) as refused, running_app(config):
        pass

    assert code in str(refused.value)
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)
    assert acme_slack.bot_token not in str(refused.value)


def test_tokens_in_each_others_place_are_told(acme: Path, acme_slack: SlackEmulator):
    tokens = {"SLACK_BOT_TOKEN": acme_slack.bot_token, "SLACK_APP_TOKEN": acme_slack.bot_token}
    config = connect(acme, acme_slack.api_url, tokens)

    with (
        pytest.raises(SlackUnreachableError, match="the bot's begins with xoxb-, the app's with xapp-"),
        running_app(config),
    ):
        pass


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.SERVER_ERROR])
def test_what_is_not_slack_is_told_in_one_line(acme: Path, acme_slack: SlackEmulator, fault: Fault):
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    acme_slack.fault("auth.test", fault)

    with pytest.raises(SlackUnreachableError) as refused, running_app(config):
        pass

    assert "may not be Slack" in str(refused.value)
    assert "DOCTYPE" not in str(refused.value)


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_a_token_that_is_none_is_refused_and_not_shown(acme: Path, name: str, caplog: pytest.LogCaptureFixture):
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"} | {name: "xoxb-secret\nsecond-line"}
    config = connect(acme, "http://127.0.0.1:9/api/", tokens)

    with pytest.raises(ConfigError, match=f"{name} holds blanks") as refused, running_app(config):
        pass

    assert "secret" not in f"{refused.value}{caplog.text}"


def test_without_tokens_it_says_which_is_missing(acme: Path):
    config = load_config(acme / "scoreline.toml", {})

    with pytest.raises(ConfigError, match="SLACK_BOT_TOKEN is not set"), running_app(config):
        pass
