"""Socket Mode with the real Bolt: acks, redelivery, connections that come and go."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import aiohttp
import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.sockets import Patience
from bot.playground.workspace import Workspace
from tests.bot.playground.conftest import bolt_server

QUICK = Patience(ack_seconds=0.8, retry_after=(0.0, 0.1))


@pytest.fixture
def slack(workspace: Workspace) -> Iterator[SlackEmulator]:
    with SlackEmulator(workspace, rate_limits=False) as emulator:
        yield emulator


def wait_until(condition: Callable[[], bool], timeout: float = 5) -> bool:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def echo(app: App) -> None:
    def work(respond, command) -> None:
        respond(text=f"{command['text']} for {command['user_id']}")

    app.command("/kpi")(ack=lambda ack: ack(), lazy=[work])
    app.command("/now")(lambda ack: ack("at once"))


@pytest.fixture(scope="module")
def served(workspace: Workspace) -> Iterator[SlackEmulator]:
    """With a bot on two connections."""
    with SlackEmulator(workspace, rate_limits=False) as emulator, bolt_server() as serve:
        serve(emulator, echo, connections=2)
        yield emulator


def test_a_command_is_acknowledged_and_answered(served: SlackEmulator):
    interaction = served.command("U1", "C1", "/kpi", "winrate")
    assert [message.text for message in interaction.wait()] == ["winrate for U1"]
    assert 0 < interaction.ack_seconds < 3
    assert interaction.error is None
    assert served.ephemerals("U1")[-1].text == "winrate for U1"


def test_an_ack_may_bring_the_answer(served: SlackEmulator):
    assert [message.text for message in served.command("U1", "C1", "/now").wait()] == ["at once"]


def test_a_hundred_commands_at_once_are_all_acknowledged_in_time(served: SlackEmulator):
    with ThreadPoolExecutor(20) as people:
        sent = list(people.map(lambda number: served.command("U1", "C1", "/kpi", str(number)), range(100)))
    texts = [interaction.wait(10)[0].text for interaction in sent]
    assert texts == [f"{number} for U1" for number in range(100)]
    assert max(interaction.ack_seconds for interaction in sent) < 3
    assert Counter(interaction.deliveries for interaction in sent) == {1: 100}


def test_each_envelope_goes_to_one_connection(slack: SlackEmulator, serve: Callable):
    ran = []

    def register(app: App) -> None:
        app.command("/kpi")(ack=lambda ack: ack(), lazy=[lambda command: ran.append(command["text"])])

    serve(slack, register, connections=3)
    sent = [slack.command("U1", "C1", "/kpi", str(number)) for number in range(9)]
    assert all(interaction.wait_for_ack() for interaction in sent)
    assert wait_until(lambda: len(ran) == 9)
    assert sorted(ran) == [str(number) for number in range(9)]


def test_a_command_that_nobody_takes_fails_at_once(slack: SlackEmulator):
    interaction = slack.command("U1", "C1", "/kpi")
    assert interaction.wait_for_error() == "dispatch_failed"
    assert interaction.wait_for_ack(0.1) is None


def test_a_late_ack_is_an_error_and_is_measured(workspace: Workspace, serve: Callable):
    def register(app: App) -> None:
        def slowly(ack) -> None:
            time.sleep(1.2)
            ack()

        app.command("/kpi")(slowly)

    with SlackEmulator(workspace, patience=QUICK) as slack:
        serve(slack, register)
        interaction = slack.command("U1", "C1", "/kpi")
        assert interaction.wait_for_error() == "operation_timeout"
        assert interaction.ack_seconds is None
        assert interaction.wait_for_ack() > 0.8
        assert interaction.deliveries == 1


def test_an_event_without_an_ack_in_time_comes_again_and_says_so(workspace: Workspace, serve: Callable):
    seen = []

    def register(app: App) -> None:
        @app.use
        def first_too_slow(body, request, next_) -> None:
            seen.append((body["event_id"], request.headers.get("x-slack-retry-num")))
            if len(seen) == 1:
                time.sleep(1.2)
            next_()

        app.event("app_home_opened")(lambda: None)

    with SlackEmulator(workspace, patience=QUICK) as slack:
        serve(slack, register)
        interaction = slack.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})
        assert interaction.wait_for_ack() is not None
        event_id = interaction.payload["event_id"]
        assert seen == [(event_id, ["0"]), (event_id, ["1"])]
        assert (interaction.deliveries, interaction.error) == (2, None)


def test_the_same_command_can_come_twice(served: SlackEmulator):
    interaction = served.command("U1", "C1", "/kpi", "winrate")
    interaction.wait()
    served.redeliver(interaction)
    assert [message.text for message in interaction.wait(count=2)] == ["winrate for U1"] * 2
    assert interaction.deliveries == 2


def test_a_bot_that_is_told_to_reconnect_goes_on(slack: SlackEmulator, serve: Callable):
    serve(slack, echo)
    slack.refresh_sockets()
    assert slack.wait_for_socket()
    assert slack.command("U1", "C1", "/kpi", "still").wait()[0].text == "still for U1"


def test_a_connection_that_breaks_off_is_opened_again(slack: SlackEmulator, serve: Callable):
    serve(slack, echo)
    assert slack.drop_sockets() == 1
    assert slack.socket_count() == 0
    assert slack.command("U1", "C1", "/kpi").wait_for_error() == "dispatch_failed"
    assert slack.wait_for_socket()
    assert slack.command("U1", "C1", "/kpi", "again").wait()[0].text == "again for U1"


def test_an_app_may_hold_ten_connections(slack: SlackEmulator):
    web = WebClient(base_url=slack.api_url)

    async def connect() -> list[dict]:
        async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
            first_words = []
            for _ in range(11):
                url = web.apps_connections_open(app_token=slack.app_token)["url"]
                connection = await stack.enter_async_context(session.ws_connect(url))
                first_words.append(await connection.receive_json(timeout=5))
            return first_words

    *welcome, goodbye = asyncio.run(connect())
    assert [(word["type"], word["num_connections"]) for word in welcome] == [("hello", each + 1) for each in range(10)]
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", "too_many_websockets")


def test_a_warned_connection_stays_open(slack: SlackEmulator):
    url = WebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app_token)["url"]

    async def listen() -> list[str]:
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as connection:
            await connection.receive_json(timeout=5)
            slack.warn_sockets()
            slack.command("U1", "C1", "/kpi")
            frames = [await connection.receive_json(timeout=5) for _ in range(2)]
            await connection.send_json({"envelope_id": frames[1]["envelope_id"]})
            return [frame["type"] for frame in frames]

    assert asyncio.run(listen()) == ["disconnect", "slash_commands"]


def test_a_ticket_opens_one_connection(slack: SlackEmulator):
    url = WebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app_token)["url"]

    async def connect_twice() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(url):
            await session.ws_connect(url)

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(connect_twice())
    assert refused.value.status == 401
