"""A small workspace on loopback, and the real SDK and Bolt talking to it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Channel, User, Workspace

BOT = "U0SCORELINE"


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return Workspace(
        users=(
            User("U1", "ann", "Ann Lee", "ann@acme.example", tz="Europe/Berlin", locale="de-DE"),
            User("U2", "bob", "Bob Ray", "bob@acme.example"),
            User("UGONE", "gone", "Gone", "gone@acme.example", deleted=True),
            User("UGUEST", "guest", "Guest", "guest@other.example", is_ultra_restricted=True),
            User("USTRANGER", "stranger", "Stranger", "s@partner.example", is_stranger=True, team_id="T9"),
            User("UROBOT", "robot", "Robot", is_bot=True),
        ),
        channels=(
            Channel("C1", "sales", frozenset({"U1", "U2", BOT})),
            Channel("CPUBLIC", "open", frozenset({"U1"})),
            Channel("CARCHIVED", "old", frozenset({"U1", BOT}), is_archived=True),
            Channel("CPRIVATE", "deals", frozenset({"U1", BOT}), is_private=True),
            Channel("CSECRET", "board", frozenset({"U1"}), is_private=True),
        ),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(workspace: Workspace, clock: Clock) -> Iterator[SlackEmulator]:
    with SlackEmulator(workspace, clock=clock, rate_limits=False) as emulator:
        yield emulator


def client_of(emulator: SlackEmulator) -> WebClient:
    return WebClient(token=emulator.bot_token, base_url=emulator.api_url, retry_handlers=[], timeout=5)


def refusal(call: Callable[..., SlackResponse], **arguments: object) -> SlackResponse:
    """What Slack said no with."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return refused.value.response


@pytest.fixture
def client(slack: SlackEmulator) -> WebClient:
    return client_of(slack)


@contextmanager
def bolt_server() -> Iterator[Callable[..., None]]:
    """Connects a Bolt app by Socket Mode, so many times, and disconnects it in the end."""
    handlers: list[SocketModeHandler] = []
    executors: list[ThreadPoolExecutor] = []

    def connected(emulator: SlackEmulator, register: Callable[[App], None], connections: int = 1) -> None:
        executors.append(ThreadPoolExecutor(max_workers=40))
        app = App(client=client_of(emulator), listener_executor=executors[-1])
        register(app)
        for _ in range(connections):
            handlers.append(SocketModeHandler(app, emulator.app_token, ping_interval=0.3, concurrency=20))
            handlers[-1].connect()
        assert emulator.wait_for_socket(count=connections)

    yield connected
    with ThreadPoolExecutor() as closing:  # each takes a second, all together hardly more
        list(closing.map(SocketModeHandler.close, handlers))
    for executor in executors:
        executor.shutdown()


@pytest.fixture
def serve() -> Iterator[Callable[..., None]]:
    with bolt_server() as connected:
        yield connected
