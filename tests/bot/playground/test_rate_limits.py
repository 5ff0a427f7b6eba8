"""Slack's rate limits, kept to the call."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Channel, Workspace
from tests.bot.playground.conftest import Clock, client_of, refusal


@pytest.fixture
def slack(workspace: Workspace, clock: Clock) -> Iterator[SlackEmulator]:
    with SlackEmulator(workspace, clock=clock) as emulator:
        yield emulator


@pytest.fixture
def client(slack: SlackEmulator) -> WebClient:
    return client_of(slack)


def test_a_channel_takes_a_short_burst_and_then_a_message_a_second(
    slack: SlackEmulator, client: WebClient, clock: Clock
):
    for _ in range(3):
        client.chat_postMessage(channel="C1", text="hi")
    answer = refusal(client.chat_postMessage, channel="C1", text="hi")
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    assert client.chat_postMessage(channel="CPRIVATE", text="hi")["ok"]
    clock.now += 1
    assert client.chat_postMessage(channel="C1", text="hi")["ok"]
    assert refusal(client.chat_postMessage, channel="C1", text="hi")["error"] == "ratelimited"
    assert len(slack.messages("C1")) == 4


def test_a_method_has_its_calls_a_minute(client: WebClient, clock: Clock):
    for _ in range(20):
        client.users_list()
    answer = refusal(client.users_list)
    assert answer.headers["Retry-After"] == "3"
    assert client.users_info(user="U1")["ok"]
    clock.now += 3
    assert client.users_list()["ok"]


def test_the_workspace_as_a_whole_is_limited_too(slack: SlackEmulator, client: WebClient):
    for number in range(101):
        slack.change_channel(Channel(f"CX{number}", f"x{number}", frozenset({"U0SCORELINE"})))
    posted = [(f"CX{number}", "hi") for number in range(100) for _ in range(3)]
    for channel, text in posted:
        client.chat_postMessage(channel=channel, text=text)
    assert refusal(client.chat_postMessage, channel="CX100", text="hi")["error"] == "ratelimited"


def test_a_refused_message_costs_the_channel_nothing(client: WebClient):
    for _ in range(5):
        assert refusal(client.api_call, api_method="chat.postMessage", json={"channel": "C1"})["error"] == "no_text"
    assert client.chat_postMessage(channel="C1", text="hi")["ok"]
