"""Slack on loopback, in a thread of its own: what the bot talks to, and what a test or the demo drives it with."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from bot.playground.backend import Backend
from bot.playground.faults import Fault
from bot.playground.interactions import EnvelopeType, Interaction
from bot.playground.messages import Message
from bot.playground.payloads import Occasion, block_action, event_callback, slash_command
from bot.playground.responses import ResponseUrl, ResponseUrls
from bot.playground.server import RecordedCall, Server, Tokens
from bot.playground.sockets import SLACKS_PATIENCE, Patience, Sockets
from bot.playground.workspace import Channel, Workspace

Result = TypeVar("Result")

HOST = "127.0.0.1"
START_SECONDS = 10.0
SHUTDOWN_SECONDS = 0.5


class SlackEmulator:
    """Slack for one workspace and one app, on 127.0.0.1.

    Use it as a context manager, or ``start`` and ``stop`` it. ``clock`` gives seconds since 1970; message timestamps,
    rate limits and the life of response URLs follow it. ``patience`` says how long acks are waited for.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        rate_limits: bool = True,
        patience: Patience = SLACKS_PATIENCE,
    ) -> None:
        self.workspace = workspace
        self._port = port
        self._tokens = Tokens.fresh()
        self._backend = Backend.of(workspace, clock, lambda: f"{HOST}:{self._port}", rate_limits=rate_limits)
        self._responses = ResponseUrls(self._backend)
        self._sockets = Sockets(self._backend, self._responses, patience)
        self._server = Server(self._backend, self._responses, self._sockets, self._tokens)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._deliveries: set[asyncio.Task[None]] = set()

    @property
    def api_url(self) -> str:
        """What the bot's ``base_url`` must be."""
        return f"http://{HOST}:{self._port}/api/"

    @property
    def bot_token(self) -> str:
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        return self._tokens.app

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listens once this returns. Raises OSError where the port is taken."""
        ready: list[OSError | None] = []
        listening = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(ready, listening)), name="slack-emulator", daemon=True
        )
        self._thread.start()
        if not listening.wait(START_SECONDS):
            raise TimeoutError(f"the loopback Slack did not start within {START_SECONDS} s")
        if ready[0] is not None:
            self._thread.join()
            raise ready[0]

    def stop(self) -> None:
        """Closes every connection and waits for the thread to end. May be called twice."""
        if self._loop is None or self._stopping is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._loop = self._stopping = self._thread = None

    async def _serve(self, ready: list[OSError | None], listening: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._server.application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self._port, backlog=512)
        try:
            await site.start()
        except OSError as taken:
            await runner.cleanup()
            ready.append(taken)
            listening.set()
            return
        self._port = runner.addresses[0][1]
        ready.append(None)
        listening.set()
        await self._stopping.wait()
        for delivery in self._deliveries:
            delivery.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        await self._sockets.close()
        await runner.cleanup()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Does the work in the emulator's thread, the only one that touches its state."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the loopback Slack is not running: start it first")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _ask(self, question: Callable[[], Result]) -> Result:
        async def asked() -> Result:
            return question()

        return self._run(asked())

    # What people do.

    def command(self, user_id: str, channel_id: str, command: str, text: str = "") -> Interaction:
        """A person sends a slash command in a channel or direct message. Returns at once; see Interaction."""

        def sent() -> Interaction:
            url = self._responses.issue()
            occasion = self._occasion(user_id, channel_id, url)
            payload = slash_command(self._backend, occasion, command, text)
            url.interaction = self._begin("slash_commands", user_id, channel_id, payload)
            return url.interaction

        return self._ask(sent)

    def click(self, user_id: str, message: Message, action_id: str) -> Interaction:
        """A person clicks a button of a message. KeyError where the message is gone or has no such element."""

        def clicked() -> Interaction:
            shown = self._backend.conversations.current(message)
            if shown is None or shown.ephemeral_to not in {None, user_id}:
                raise KeyError(f"{user_id} sees no message {message.ts} in {message.channel_id}")
            url = self._responses.issue()
            occasion = self._occasion(user_id, shown.channel_id, url)
            payload = block_action(self._backend, occasion, shown, action_id)
            url.interaction = self._begin("interactive", user_id, shown.channel_id, payload, shown)
            return url.interaction

        return self._ask(clicked)

    def _occasion(self, user_id: str, channel_id: str, url: ResponseUrl) -> Occasion:
        conversations = self._backend.conversations
        return Occasion(conversations.users[user_id], conversations.by_id[channel_id], self._responses.address(url))

    def event(self, event: Mapping[str, Any]) -> Interaction:
        """Something happens that the app subscribed to, as ``{"type": "app_home_opened", "user": ...}``."""
        user_id, channel_id = str(event.get("user", "")), str(event.get("channel", ""))
        return self._ask(lambda: self._begin("events_api", user_id, channel_id, event_callback(self._backend, event)))

    def redeliver(self, interaction: Interaction) -> None:
        """Tells the bot of the same thing once more, as happens after a lost connection."""
        self._ask(lambda: self._deliver(interaction))

    def say(self, user_id: str, channel_id: str, text: str) -> Message:
        """A person writes in a conversation."""

        def said() -> Message:
            conversations = self._backend.conversations
            return conversations.say(Message(channel_id, conversations.next_ts(), user_id, text))

        return self._ask(said)

    def _begin(
        self,
        kind: EnvelopeType,
        user_id: str,
        channel_id: str,
        payload: Mapping[str, Any],
        original: Message | None = None,
    ) -> Interaction:
        interaction = Interaction(kind, user_id, channel_id, payload, original)
        self._deliver(interaction)
        return interaction

    def _deliver(self, interaction: Interaction) -> None:
        delivery = asyncio.get_running_loop().create_task(self._sockets.deliver(interaction))
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)

    # What people see.

    def messages(self, channel_id: str) -> list[Message]:
        """What was said in the conversation, threads included, oldest first; ephemeral messages are not among it."""
        return self._ask(lambda: list(self._backend.conversations.by_id[channel_id].messages))

    def ephemerals(self, user_id: str) -> list[Message]:
        """What only this person sees, oldest first."""

        def seen() -> list[Message]:
            everything = [each for channel in self._backend.conversations.by_id.values() for each in channel.ephemerals]
            return sorted((each for each in everything if each.ephemeral_to == user_id), key=lambda each: each.ts)

        return self._ask(seen)

    def direct_messages(self, user_id: str) -> list[Message]:
        """What was said between the bot and this person, oldest first; empty where they never spoke."""

        def said() -> list[Message]:
            conversation = self._backend.conversations.direct(frozenset({user_id}))
            return list(conversation.messages) if conversation else []

        return self._ask(said)

    def direct_channel(self, user_id: str) -> str:
        """The id of the conversation between the bot and this person, opened as needed."""
        return self._ask(lambda: self._backend.conversations.open_with(frozenset({user_id}))[0].id)

    def wait_for_messages(self, channel_id: str, count: int = 1, timeout: float = 5.0) -> list[Message]:
        """Waits until the conversation holds so many messages and gives what is there."""
        _wait_until(lambda: len(self.messages(channel_id)) >= count, timeout)
        return self.messages(channel_id)

    def home(self, user_id: str) -> Mapping[str, Any] | None:
        """The person's App Home view, or None."""
        return self._ask(lambda: self._backend.homes.get(user_id))

    def opened_views(self) -> list[dict[str, Any]]:
        """The modals that the bot opened."""
        return self._ask(lambda: list(self._backend.opened_views))

    # What happens to the workspace and the connection.

    def calls(self, method: str | None = None) -> list[RecordedCall]:
        """What the bot called, without tokens, oldest first; ``response_url`` names uses of response URLs."""
        return self._ask(lambda: [call for call in self._server.calls if method in {None, call.method}])

    def fault(self, method: str, fault: Fault, times: int = 1, **options: Any) -> None:
        """Lets the method's next calls go wrong. ``response_url`` is a method too. Options: see Fault."""
        self._ask(lambda: self._server.faults.add(method, fault, times, options))

    def clear_faults(self) -> None:
        """Takes back the faults that have not happened yet."""
        self._ask(self._server.faults.clear)

    def change_user(self, user_id: str, **changes: Any) -> None:
        """Changes a user's fields, as ``deleted=True``."""
        self._ask(lambda: self._backend.conversations.change_user(user_id, changes))

    def change_channel(self, channel: Channel) -> None:
        """Adds a channel, or gives it a new state: archived, renamed, other members."""
        self._ask(lambda: self._backend.conversations.add_channel(channel))

    def revoke_tokens(self, code: str = "token_revoked") -> None:
        """From now on every call is refused with the code: token_revoked, account_inactive, token_expired."""

        def revoked() -> None:
            self._tokens.revoked = code

        self._ask(revoked)

    def drop_sockets(self) -> int:
        """Breaks off every Socket Mode connection without a word; gives how many there were."""
        return self._ask(self._sockets.drop)

    def refresh_sockets(self) -> None:
        """Asks every connection to reconnect, then closes it."""
        self._run(self._sockets.refresh())

    def warn_sockets(self) -> None:
        """Tells every connection that it is about to be closed; none is."""
        self._run(self._sockets.warn())

    def socket_count(self) -> int:
        return self._ask(lambda: self._sockets.count)

    def wait_for_socket(self, timeout: float = 10.0, count: int = 1) -> bool:
        """Whether the bot had so many Socket Mode connections within the timeout."""
        return _wait_until(lambda: self.socket_count() >= count, timeout)


def _wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True
