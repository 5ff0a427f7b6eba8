"""Socket Mode: connections, envelopes, acks and redelivery."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.backend import Backend
from bot.playground.errors import SlackError
from bot.playground.interactions import LATE_ACK, NOBODY_THERE, Interaction
from bot.playground.responses import ResponseUrls

MOST_CONNECTIONS = 10
LIFE_SECONDS = 18_060
PING_SECONDS = 0.5
GRACE_SECONDS = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long Slack waits for an ack, in seconds of real time, and before it delivers an event once more."""

    ack_seconds: float = 3.0
    retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)


SLACKS_PATIENCE = Patience()


@dataclass(slots=True)
class Waiting:
    """An envelope that was sent and not yet acknowledged."""

    interaction: Interaction
    connection: web.WebSocketResponse
    sent_at: float
    acked: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Sockets:
    """The open connections. Touched from the emulator's own thread alone."""

    def __init__(self, backend: Backend, responses: ResponseUrls, patience: Patience) -> None:
        self._backend = backend
        self._responses = responses
        self._patience = patience
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, Waiting] = {}
        self._turn = 0
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        return len(self._open)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from its handshake to its end."""
        if self._backend.tickets.use(request.query.get("ticket", "")) is not None:
            return web.Response(status=401, text="the ticket is unknown, expired or used")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await self._say_goodbye(socket, "too_many_websockets")
            await socket.close()
            return socket
        self._open[socket] = request
        try:
            await socket.send_json(self._hello())
            self._begin(self._ping(socket))
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._take_ack(frame.data)
        except ConnectionError:
            logger.debug("a Socket Mode connection broke off")
        finally:
            self._forget(socket)
        return socket

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {
                "host": "applink-loopback",
                "build_number": 1,
                "approximate_connection_time": LIFE_SECONDS,
            },
            "connection_info": {"app_id": self._backend.workspace.app_id},
        }

    async def deliver(self, interaction: Interaction) -> None:
        """Tells the bot; an event again and again as long as no ack comes, commands and clicks once."""
        retries = self._patience.retry_after if interaction.kind == "events_api" else ()
        for attempt, pause in enumerate((0.0, *retries)):
            await asyncio.sleep(pause)
            if await self._offer(interaction, attempt):
                return
        interaction.failed(LATE_ACK if interaction.deliveries else NOBODY_THERE)

    async def _offer(self, interaction: Interaction, attempt: int) -> bool:
        """Sends the interaction to one connection and says whether an ack came in time."""
        connections = [socket for socket in self._open if not socket.closed]
        if not connections:
            return False
        self._turn += 1
        socket, envelope_id = connections[self._turn % len(connections)], str(uuid.uuid4())
        waiting = self._waiting[envelope_id] = Waiting(interaction, socket, time.monotonic())
        interaction.delivered()
        try:
            await socket.send_json(self._envelope(interaction, envelope_id, attempt))
            return await asyncio.wait_for(asyncio.shield(waiting.acked), self._patience.ack_seconds)
        except (ConnectionError, TimeoutError):
            return False

    @staticmethod
    def _envelope(interaction: Interaction, envelope_id: str, attempt: int) -> dict[str, Any]:
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": interaction.kind,
            "accepts_response_payload": interaction.kind != "events_api",
            "payload": interaction.payload,
        }
        if interaction.kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return envelope

    def _take_ack(self, frame: str) -> None:
        """An ack counts once; its payload, if it brings one, is an answer. A late ack is still measured."""
        try:
            ack = json.loads(frame)
            waiting = self._waiting.pop(ack["envelope_id"])
        except (ValueError, KeyError, TypeError):
            logger.debug("a frame that acknowledges nothing")
            return
        waiting.interaction.acknowledged(waiting.sent_at)
        if not waiting.acked.done():
            waiting.acked.set_result(True)
        payload = ack.get("payload")
        if isinstance(payload, dict) and (payload.get("text") or payload.get("blocks")):
            try:
                self._responses.answer(waiting.interaction, payload)
            except SlackError as refusal:
                waiting.interaction.failed(refusal.code)

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self._open.pop(socket, None)
        for waiting in self._waiting.values():
            if waiting.connection is socket and not waiting.acked.done():
                waiting.acked.set_result(False)

    async def refresh(self) -> None:
        """Asks every connection to reconnect, as Slack does every few hours.

        Nothing new is sent to them; they are closed after a while if the bot has not closed them itself.
        """
        for socket in list(self._open):
            del self._open[socket]
            await self._say_goodbye(socket, "refresh_requested")
            self._begin(self._close_later(socket))

    async def warn(self) -> None:
        """Tells every connection that it will be closed soon; it stays open."""
        for socket in list(self._open):
            await self._say_goodbye(socket, "warning")

    async def _say_goodbye(self, socket: web.WebSocketResponse, reason: str) -> None:
        with suppress(ConnectionError):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-loopback"}})

    def _begin(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    @staticmethod
    async def _ping(socket: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):
            while not socket.closed:
                await socket.ping(b"Ping from applink-loopback")
                await asyncio.sleep(PING_SECONDS)

    @staticmethod
    async def _close_later(socket: web.WebSocketResponse) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        with suppress(ConnectionError):
            await socket.close()

    def drop(self) -> int:
        """Breaks every connection off without a word; gives how many there were."""
        dropped = dict(self._open)
        for socket, request in dropped.items():
            self._forget(socket)
            if request.transport is not None:
                request.transport.abort()
        return len(dropped)

    async def close(self) -> None:
        for chore in list(self._chores):
            chore.cancel()
        for socket in list(self._open):
            with suppress(ConnectionError, asyncio.TimeoutError):
                await socket.close()
