"""Posting, changing and reading messages."""

import pytest
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Channel
from tests.bot.playground.conftest import refusal

DELIVERY = {"event_type": "delivery", "event_payload": {"key": "weekly/2026-W46"}}


def test_what_is_posted_stands_in_the_channel_as_sent(slack: SlackEmulator, client: WebClient):
    answer = client.chat_postMessage(channel="C1", text="1 &lt; 2 <!channel> & more", blocks=[{"type": "divider"}])
    (message,) = slack.messages("C1")
    assert (message.ts, message.text) == (answer["ts"], "1 &lt; 2 <!channel> & more")
    assert message.blocks[0]["block_id"]
    assert answer["message"]["bot_id"] == "B0SCORELINE"


def test_a_name_and_a_user_are_targets_too(slack: SlackEmulator, client: WebClient):
    assert client.chat_postMessage(channel="#sales", text="hi")["channel"] == "C1"
    direct = client.chat_postMessage(channel="U1", text="hi")["channel"]
    assert direct == slack.direct_channel("U1") == client.conversations_open(users="U1")["channel"]["id"]
    assert [message.text for message in slack.direct_messages("U1")] == ["hi"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("CNONE", "channel_not_found"),
        ("CSECRET", "channel_not_found"),
        ("CPUBLIC", "not_in_channel"),
        ("CARCHIVED", "is_archived"),
        ("UROBOT", "cannot_dm_bot"),
        ("UGONE", "user_disabled"),
        ("USTRANGER", "channel_not_found"),
    ],
)
def test_where_the_bot_may_not_post_slack_says_why(client: WebClient, channel: str, error: str):
    assert refusal(client.chat_postMessage, channel=channel, text="hi")["error"] == error


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "  ", "blocks": []}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "delivery"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": "nonsense"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "d", "event_payload": {"key": "x" * 17_000}}}, "metadata_too_large"),
        ({"text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
    ],
)  # fmt: skip
def test_content_that_slack_refuses_is_refused_with_its_code(
    slack: SlackEmulator, client: WebClient, content: dict, error: str
):
    assert refusal(client.api_call, api_method="chat.postMessage", json={"channel": "C1", **content})["error"] == error
    assert slack.messages("C1") == []


def test_bad_blocks_are_explained(client: WebClient):
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    answer = refusal(client.chat_postMessage, channel="C1", text="x", blocks=blocks)
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] blocks[0].text.text: has 151 characters, at most 150 are allowed"
    ]


def test_a_missing_argument_is_named(client: WebClient):
    answer = refusal(client.api_call, api_method="chat.postMessage", json={"text": "x"})
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


def test_metadata_comes_back_only_when_asked_for(client: WebClient):
    client.chat_postMessage(channel="C1", text="hi", metadata=DELIVERY)
    plain = client.conversations_history(channel="C1")["messages"]
    full = client.conversations_history(channel="C1", include_all_metadata=True)["messages"]
    assert "metadata" not in plain[0]
    assert full[0]["metadata"] == DELIVERY


def test_history_gives_the_newest_first_and_a_window_of_it(client: WebClient):
    stamps = [client.chat_postMessage(channel="C1", text=str(number))["ts"] for number in range(5)]

    def texts(**window) -> list[str]:
        return [message["text"] for message in client.conversations_history(channel="C1", **window)["messages"]]

    assert texts() == ["4", "3", "2", "1", "0"]
    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    assert texts(limit=2) == ["4", "3"]


def test_history_is_paged_without_loss_while_new_messages_come(client: WebClient):
    for number in range(5):
        client.chat_postMessage(channel="C1", text=str(number))
    seen = []
    for page in client.conversations_history(channel="C1", limit=2):
        seen += [message["text"] for message in page["messages"]]
        client.chat_postMessage(channel="C1", text="new")
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "CPUBLIC"}, "not_in_channel"),
        ({"channel": "CSECRET"}, "channel_not_found"),
        ({"channel": "C1", "limit": 5_000}, "invalid_limit"),
        ({"channel": "C1", "cursor": "bm9uc2Vuc2U="}, "invalid_cursor"),
        ({"channel": "C1", "oldest": "yesterday"}, "invalid_ts_oldest"),
    ],
)
def test_history_that_cannot_be_read_is_refused(client: WebClient, arguments: dict, error: str):
    assert refusal(client.conversations_history, **arguments)["error"] == error


def test_replies_stand_in_their_thread(client: WebClient):
    parent = client.chat_postMessage(channel="C1", text="digest")["ts"]
    client.chat_postMessage(channel="C1", text="details", thread_ts=parent)
    thread = client.conversations_replies(channel="C1", ts=parent)["messages"]
    assert [message["text"] for message in thread] == ["digest", "details"]
    assert [message["text"] for message in client.conversations_history(channel="C1")["messages"]] == ["digest"]


def test_an_update_keeps_what_it_does_not_name(slack: SlackEmulator, client: WebClient):
    ts = client.chat_postMessage(channel="C1", text="old", blocks=[{"type": "divider"}], metadata=DELIVERY)["ts"]
    client.chat_update(channel="C1", ts=ts, text="new")
    (message,) = slack.messages("C1")
    assert (message.text, len(message.blocks), message.metadata) == ("new", 1, DELIVERY)
    assert message.edited_ts is not None
    client.chat_update(channel="C1", ts=ts, text="new", blocks=[])
    assert slack.messages("C1")[0].blocks == ()


def test_only_own_messages_can_be_changed(slack: SlackEmulator, client: WebClient):
    foreign = slack.say("U1", "C1", "mine").ts
    assert refusal(client.chat_update, channel="C1", ts=foreign, text="x")["error"] == "cant_update_message"
    assert refusal(client.chat_delete, channel="C1", ts=foreign)["error"] == "cant_delete_message"
    assert refusal(client.chat_delete, channel="C1", ts="1.0")["error"] == "message_not_found"


def test_a_deleted_message_is_gone(slack: SlackEmulator, client: WebClient):
    ts = client.chat_postMessage(channel="C1", text="hi")["ts"]
    assert client.chat_getPermalink(channel="C1", message_ts=ts)["permalink"].endswith(ts.replace(".", ""))
    client.chat_delete(channel="C1", ts=ts)
    assert slack.messages("C1") == []


def test_an_ephemeral_message_is_seen_by_one_person_and_kept_nowhere(slack: SlackEmulator, client: WebClient):
    client.chat_postEphemeral(channel="C1", user="U1", text="psst")
    assert [message.text for message in slack.ephemerals("U1")] == ["psst"]
    assert slack.ephemerals("U2") == slack.messages("C1") == []
    assert client.conversations_history(channel="C1")["messages"] == []
    answer = refusal(client.chat_postEphemeral, channel="C1", user="UGUEST", text="psst")
    assert answer["error"] == "user_not_in_channel"


def test_a_channel_that_is_archived_meanwhile_takes_nothing_more(slack: SlackEmulator, client: WebClient):
    client.chat_postMessage(channel="C1", text="hi")
    slack.change_channel(Channel("C1", "sales", frozenset({"U0SCORELINE"}), is_archived=True))
    assert refusal(client.chat_postMessage, channel="C1", text="hi")["error"] == "is_archived"
    assert len(slack.messages("C1")) == 1


def test_timestamps_grow_even_when_the_clock_stands(client: WebClient):
    stamps = [client.chat_postMessage(channel="C1", text="hi")["ts"] for _ in range(3)]
    assert stamps == sorted(set(stamps))
