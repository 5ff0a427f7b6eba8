"""The HTTP side: tokens, scopes, rate limits, answers, and faults on their way."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.playground.backend import Backend
from bot.playground.errors import RateLimitedError, SlackError
from bot.playground.faults import RESPONSE_URL, Fault, FaultPlan, PlannedFault
from bot.playground.methods import METHODS
from bot.playground.methods.base import Call, Method
from bot.playground.requests import Asked, read_request
from bot.playground.responses import ResponseUrls
from bot.playground.sockets import Sockets

LARGEST_BODY = 4 * 1024**2
_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Something went wrong</body></html>"


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call that the bot made, without its token. ``error`` is None where it went well, ``fault`` what befell it."""

    method: str
    arguments: Mapping[str, Any]
    at: float
    status: int
    error: str | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class Answer:
    """An answer before it goes out."""

    body: str
    status: int = 200
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def as_response(self) -> web.Response:
        return web.Response(
            text=self.body, status=self.status, headers=self.headers, content_type=self.content_type, charset="utf-8"
        )


@dataclass(slots=True)
class Tokens:
    """The app's tokens; ``revoked`` is the code that Slack gives for them once they are not good any more."""

    bot: str
    app: str
    revoked: str | None = None

    @classmethod
    def fresh(cls) -> Tokens:
        number = secrets.randbelow(10**12)
        return cls(f"xoxb-{number}-{secrets.token_hex(12)}", f"xapp-1-{number}-{secrets.token_hex(32)}")

    def check(self, token: str | None, caller: str) -> None:
        """Raises SlackError unless the token is good and the caller's."""
        if caller == "anybody":
            return
        if token is None:
            raise SlackError("not_authed")
        if token not in {self.bot, self.app}:
            raise SlackError("invalid_auth")
        if self.revoked is not None:
            raise SlackError(self.revoked)
        if token != (self.app if caller == "app" else self.bot):
            raise SlackError("not_allowed_token_type")


class Server:
    """Takes requests and answers them as Slack would, but for the faults that were asked for."""

    def __init__(self, backend: Backend, responses: ResponseUrls, sockets: Sockets, tokens: Tokens) -> None:
        self.faults = FaultPlan()
        self.calls: list[RecordedCall] = []
        self._backend = backend
        self._responses = responses
        self._sockets = sockets
        self._tokens = tokens

    def application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/api/{method}", self._take_call)
        application.router.add_post("/response/{token}", self._take_response)
        application.router.add_get("/link/", self._sockets.serve)
        return application

    async def _take_call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            asked = await read_request(request)
        except SlackError as refusal:
            return _refusal(refusal).as_response()
        fault = self.faults.take(name)
        done = self._call(name, asked) if fault is None or fault.accepted else None
        return await self._finish(request, name, asked.arguments, done, fault)

    def _call(self, name: str, asked: Asked) -> Answer:
        method = METHODS.get(name)
        if method is None:
            return _refusal(SlackError("unknown_method", req_method=name))
        try:
            self._tokens.check(asked.token, method.caller)
            answer = _answer({"ok": True, **self._carried_out(method, asked)})
        except SlackError as refusal:
            answer = _refusal(refusal)
        except RateLimitedError as limit:
            answer = _rate_limited(limit.retry_after)
        if method.caller == "bot":
            answer.headers["x-oauth-scopes"] = ",".join(sorted(self._backend.workspace.scopes))
            answer.headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return answer

    def _carried_out(self, method: Method, asked: Asked) -> dict[str, Any]:
        self._backend.rate_limits.spend(method.tier.value, "method", method.name)
        for scope in method.scopes:
            self._backend.need(scope)
        return method.handle(Call(asked.arguments, self._backend))

    async def _take_response(self, request: web.Request) -> web.StreamResponse:
        try:
            body = (await read_request(request)).arguments
        except SlackError as refusal:
            return _refusal(refusal, status=400).as_response()
        fault = self.faults.take(RESPONSE_URL)
        done = self._respond(request.match_info["token"], body) if fault is None or fault.accepted else None
        return await self._finish(request, RESPONSE_URL, body, done, fault)

    def _respond(self, token: str, body: Mapping[str, Any]) -> Answer:
        try:
            self._responses.take(token, body)
        except SlackError as refusal:
            gone = refusal.code in {"invalid_url", "expired_url", "used_url"}
            return _refusal(refusal, status=404 if gone else 400)
        return Answer("ok", content_type="text/plain")

    async def _finish(
        self,
        request: web.Request,
        name: str,
        arguments: Mapping[str, Any],
        done: Answer | None,
        fault: PlannedFault | None,
    ) -> web.StreamResponse:
        """Notes the call down and answers it, or lets it meet its fault."""
        answer = _distorted(done, fault) if fault else done
        if answer is None:
            raise AssertionError("a call without a fault was not carried out")
        self.calls.append(
            RecordedCall(
                method=name,
                arguments=arguments,
                at=self._backend.clock(),
                status=answer.status,
                error=answer.error,
                fault=fault.fault if fault else None,
            )
        )
        if fault and fault.fault in {Fault.DROP_BEFORE, Fault.DROP_AFTER}:
            _reset(request)
        if fault and fault.fault is Fault.SLOW:
            await asyncio.sleep(fault.options["seconds"])
        return answer.as_response()


def _answer(body: Mapping[str, Any]) -> Answer:
    error = None if body["ok"] else str(body["error"])
    return Answer(json.dumps(body, ensure_ascii=False), error=error)


def _refusal(refusal: SlackError, status: int = 200) -> Answer:
    answer = _answer({"ok": False, "error": refusal.code, **refusal.details})
    answer.status = status
    return answer


def _rate_limited(retry_after: int) -> Answer:
    answer = _refusal(SlackError("ratelimited"), status=429)
    answer.headers["Retry-After"] = str(retry_after)
    return answer


def _distorted(done: Answer | None, fault: PlannedFault) -> Answer:
    """What goes out instead of the answer."""
    options = fault.options
    if fault.fault is Fault.RATE_LIMITED:
        return _rate_limited(options["retry_after"])
    if fault.fault is Fault.SERVER_ERROR:
        return Answer("", status=options["status"], error="internal_error", content_type="text/plain")
    if fault.fault is Fault.HTML:
        return Answer(_PAGE, status=options["status"], error="html", content_type="text/html")
    if fault.fault is Fault.ERROR:
        return _refusal(SlackError(options["error"], **options["details"]))
    if done is None:  # dropped before anything was done
        return Answer("", error="dropped")
    if fault.fault is Fault.TRUNCATED:
        done.body = done.body[: len(done.body) // 2]
    return done


def _reset(request: web.Request) -> None:
    """Breaks the connection off, so that the caller meets a reset instead of an answer."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
