"""The button "Share in channel": only where everybody may see the figure, and once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.playground.faults import Fault
from bot.playground.messages import Message
from bot.playground.workspace import Channel
from bot.views.answer import SHARE_ACTION
from tests.bot.acme import BOT
from tests.bot.conftest import RunningBot

REPLY = "response_url"


def clicks(bot: RunningBot, message: Message, user: str = "UANA") -> str:
    """What the clicker, or the channel, is then told."""
    (answer,) = bot.slack.click(user, message, SHARE_ACTION).wait(10)
    return answer.text


def shared_in(bot: RunningBot, channel: str) -> list[str]:
    return [message.text for message in bot.slack.messages(channel)]


def new_channel(bot: RunningBot, id_: str, *members: str) -> str:
    bot.slack.change_channel(Channel(id_, id_.lower(), frozenset({*members, BOT})))
    return id_


def with_value(message: Message, **changes: object) -> Message:
    """The message as another version, or a forger, would have made it."""
    *blocks, actions = message.blocks
    button = actions["elements"][0]
    value = json.dumps(json.loads(button["value"]) | changes)
    return replace(message, blocks=(*blocks, {**actions, "elements": [{**button, "value": value}]}))


def said(bot: RunningBot, message: Message) -> Message:
    """Puts a changed message in the place of the one that the bot wrote."""
    return bot.slack._ask(lambda: _replaced(bot, message))


def _replaced(bot: RunningBot, message: Message) -> Message:
    conversations = bot.slack._backend.conversations
    conversations.replace(conversations.current(message), message)
    return message


def test_an_answer_is_shared_where_everybody_may_see_it(bot: RunningBot):
    channel = new_channel(bot, "CSHARE1", "UANA", "UBO", "UMIA", "UHUGO", "UROBOT")
    answer = bot.answer("UANA", "winrate", channel)

    text = clicks(bot, answer)

    assert shared_in(bot, channel) == [text]
    assert "3 of 4" in text
    (message,) = bot.slack.messages(channel)
    assert "Shared by <@UANA>" in str(message.blocks)
    assert SHARE_ACTION not in str(message.blocks)


def test_a_trend_and_a_breakdown_are_shared_as_they_were_shown(bot: RunningBot):
    channel = new_channel(bot, "CSHARE2", "UMIA", "UHUGO")
    for question in ("bookings my team last 3 months", "winrate my team 2026-W46 by rep", "attainment team:T1"):
        answer = bot.answer("UMIA", question, channel)
        clicks(bot, answer, "UMIA")

    trend, breakdown, attainment = shared_in(bot, channel)
    assert "Trend" in trend
    assert "Ana Diaz: 66.7%" in breakdown  # the channel's language is the organisation's
    assert "EMEA" in attainment


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ("CMIXED", "2 people here may not see this figure"),
        ("CGUESTS", "2 people here may not see this figure"),
        ("CSHARED", "1 person here may not see this figure"),
        ("CSECRET", "I can't see who is in this conversation"),
        ("CHUGE", "too many members"),
    ],
)
def test_it_is_not_shared_where_somebody_may_not_see_it_or_nobody_knows(bot: RunningBot, channel: str, told: str):
    text = clicks(bot, bot.answer("UANA", "winrate", channel))

    assert told in text
    assert shared_in(bot, channel) == []


def test_it_is_not_shared_in_a_direct_message_with_somebody_else(bot: RunningBot):
    direct = bot.slack.direct_channel("UHUGO")

    text = clicks(bot, bot.answer("UHUGO", "winrate", direct), "UHUGO")

    assert "I can't see who is in this conversation" in text


def test_who_was_refused_may_try_again_from_the_same_button(bot: RunningBot):
    channel = new_channel(bot, "CSHARE3", "UANA", "UFIN")
    answer = bot.answer("UANA", "winrate", channel)
    assert "1 person here" in clicks(bot, answer)

    new_channel(bot, channel, "UANA", "UBO")
    clicks(bot, answer)

    assert len(shared_in(bot, channel)) == 1


def test_it_is_shared_once_however_often_it_is_clicked(bot: RunningBot):
    channel = new_channel(bot, "CSHARE4", "UANA", "UBO")
    answer = bot.answer("UANA", "winrate", channel)

    clicked = [bot.slack.click("UANA", answer, SHARE_ACTION) for _ in range(4)]
    for each in clicked:
        assert each.wait(10)
    bot.slack.redeliver(clicked[0])
    assert "is shared here already" in clicks(bot, answer)

    assert len(shared_in(bot, channel)) == 1


def test_two_answers_of_one_question_are_two(bot: RunningBot):
    channel = new_channel(bot, "CSHARE5", "UANA", "UBO")
    for _ in range(2):
        clicks(bot, bot.answer("UANA", "winrate", channel))

    assert len(shared_in(bot, channel)) == 2


def test_a_post_that_slack_did_not_confirm_is_not_made_again(bot: RunningBot):
    channel = new_channel(bot, "CSHARE6", "UANA", "UBO")
    answer = bot.answer("UANA", "winrate", channel)
    bot.slack.fault(REPLY, Fault.DROP_AFTER)

    shared, told = bot.slack.click("UANA", answer, SHARE_ACTION).wait(10, count=2)

    assert "Look in the channel before you try again" in told.text
    assert told.ephemeral_to == "UANA"
    assert shared_in(bot, channel) == [shared.text]


def test_a_refused_post_is_made_again_without_its_blocks(bot: RunningBot):
    channel = new_channel(bot, "CSHARE7", "UANA", "UBO")
    answer = bot.answer("UANA", "winrate", channel)
    bot.slack.fault(REPLY, Fault.SERVER_ERROR, status=400)

    clicks(bot, answer)

    (message,) = bot.slack.messages(channel)
    assert "3 of 4" in message.text
    assert not message.blocks


def test_a_post_that_slack_refuses_for_good_is_told_as_not_shared(bot: RunningBot):
    channel = new_channel(bot, "CSHARE8", "UANA", "UBO")
    answer = bot.answer("UANA", "winrate", channel)
    bot.slack.fault(REPLY, Fault.SERVER_ERROR, status=404)

    text = clicks(bot, answer)

    assert "not shared" in text
    assert shared_in(bot, channel) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kpi": "nosuchkpi"},
        {"kpi": ["winrate"]},
        {"variant": "nosuchvariant"},
        {"by": "nosuchdimension"},
        {"scope": ["rep", "files:R999"]},
        {"scope": "everybody"},
        {"period": "someday"},
        {"period": 7},
        {"trend": [None]},
        {"now": "2026-11-20T17:00:00"},
        {"now": 5},
    ],
)
def test_a_button_of_another_version_is_told_as_stale(bot: RunningBot, changes: dict):
    answer = said(bot, with_value(bot.answer("UANA", "winrate", "CSALES"), **changes))

    assert clicks(bot, answer) == "What this answer was about is no longer there. Ask again."
    assert shared_in(bot, "CSALES") == []


def test_a_forged_button_shares_nothing_that_the_clicker_may_not_see(bot: RunningBot):
    answer = said(bot, with_value(bot.answer("UANA", "winrate", "CSALES"), scope=["rep", "files:R3"]))

    assert clicks(bot, answer) == "You may not see this figure any more."
    assert shared_in(bot, "CSALES") == []


def test_who_is_no_rep_any_more_shares_nothing(bot: RunningBot):
    answer = bot.answer("UFRESH5", "winrate", "CEVERY")
    mine = replace(answer, ephemeral_to="UFIN")
    said(bot, mine)

    assert clicks(bot, mine, "UFIN") == "You may not see this figure any more."


def test_filters_two_breakdowns_and_the_other_period_are_shared_as_they_were_shown(bot: RunningBot):
    channel = new_channel(bot, "CSHARE9", "UMIA", "UHUGO")
    for question in ("winrate by rep, type where rep=R1 vs last year", "winrate my team by rep top 1"):
        clicks(bot, bot.answer("UMIA", question, channel), "UMIA")

    filtered, top = shared_in(bot, channel)
    assert "only rep = Ana Diaz: 75%" in filtered
    assert "Against the same part of November 2025" in filtered
    assert "Ana Diaz, new: 75%" in filtered
    assert "(other)" in top


def test_an_answer_whose_question_is_too_long_for_a_button_cannot_be_shared(bot: RunningBot):
    answer = bot.answer("UANA", f"winrate where type!={','.join(chr(0x4E00 + n) for n in range(220))}")

    assert "3 of 4" in answer.text
    assert SHARE_ACTION not in str(answer.blocks)


def test_an_answer_without_a_value_cannot_be_shared(bot: RunningBot):
    answer = bot.answer("UANA", "winrate 2020")

    assert SHARE_ACTION not in str(answer.blocks)
