"""What becomes of a request: who asks, whether it is too much, which endpoint answers, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.answers import Answer, error_answer, limited_answer, missing_scopes, page_answer
from connectors.hubspot.emulator.damage import answer_instead, damaged, told_date
from connectors.hubspot.emulator.faults import Fault, FaultPlan, Incoming, PlannedFault
from connectors.hubspot.emulator.limits import Meter
from connectors.hubspot.emulator.oauth import INTROSPECTION_PATHS, PRIVATE_APP_PATH, TOKEN_PATHS, Tokens
from connectors.hubspot.emulator.router import Match, Router
from connectors.hubspot.emulator.routing import ApiError, Call, Route
from connectors.hubspot.emulator.sending import send

LONGEST_URL = 16_000
LARGEST_BODY = 4 * 1024**2
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that came, without its token. ``query``: as it came, but empty for tokens' own endpoints. ``at``:
    monotonic seconds. ``status``: 0 where the connection was reset instead of an answer. ``policy``: the limit that
    refused it, by HubSpot's name. ``faults``: what befell it."""

    number: int
    method: str
    path: str
    query: str
    at: float
    status: int
    policy: str | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request wholly read."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    content_type: str
    body: bytes
    authorization: str | None

    def json(self) -> Any:
        """Raises ApiError (415, 400) unless the body is JSON."""
        if self.content_type != "application/json":
            raise ApiError(415, "VALIDATION_ERROR", f"Unsupported media type: {self.content_type}")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ApiError(400, "VALIDATION_ERROR", "Invalid input JSON on line 1, column 1") from error

    def form(self) -> dict[str, str]:
        """Raises ApiError (415) unless the body is a form. A form in the query is none."""
        if self.content_type != FORM:
            raise ApiError(415, "VALIDATION_ERROR", f"Unsupported media type: {self.content_type}")
        return {name: values[-1] for name, values in parse_qs(self.body.decode(errors="replace")).items()}


class Answering:
    """Takes requests, in the emulator's thread, and answers them as HubSpot would, but for the faults."""

    def __init__(
        self, account: Account, routes: Iterable[Route], tokens: Tokens, meter: Meter, plan: FaultPlan, *, zips: bool
    ) -> None:
        self.log: list[LoggedRequest] = []
        self.crashes: list[Exception] = []
        self._account = account
        self._router = Router(routes)
        self._tokens = tokens
        self._meter = meter
        self._plan = plan
        self._zips = zips
        self._count = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answers a request, or lets it meet its faults, and notes it down."""
        self._count += 1
        incoming = Incoming(request.method, request.rel_url.raw_path, self._count)
        planned = self._plan.take(incoming)
        for each in planned:
            if each.fault is Fault.CALL:
                await asyncio.to_thread(each.options["function"])
        answer = answer_instead(planned, self._account.clock())
        if answer is None and not any(each.fault is Fault.RESET for each in planned):
            answer = await self._answer(request, planned)
        self._note(incoming, request, answer, planned)
        headers = {
            "Date": format_datetime(told_date(self._account.clock(), planned).replace(microsecond=0), usegmt=True)
        }
        return await send(request, answer or Answer(200), planned, headers=headers, zips=self._zips)

    async def _answer(self, request: web.Request, planned: tuple[PlannedFault, ...]) -> Answer:
        if len(request.raw_path) > LONGEST_URL:
            return page_answer(414)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return page_answer(413)
        asked = _Asked(
            method=request.method,
            path=request.rel_url.raw_path,
            query=parse_qs(request.rel_url.raw_query_string, keep_blank_values=True),
            content_type=request.content_type,
            body=body,
            authorization=request.headers.get("Authorization"),
        )
        try:
            answer = self._answered(asked)
            return damaged(answer, planned, _cursor(asked)) if planned else answer
        except ApiError as error:
            return error_answer(error)
        except Exception as error:  # noqa: BLE001 - a mistake of the emulator: told when it stops
            self.crashes.append(error)
            return error_answer(ApiError(500, "INTERNAL_ERROR", "internal error"))

    def _answered(self, asked: _Asked) -> Answer:
        if asked.method == "POST" and asked.path in TOKEN_PATHS:
            return self._tokens.answer_token(asked.form())
        if asked.method == "POST" and asked.path in INTROSPECTION_PATHS:
            return self._tokens.answer_introspection(asked.form())
        if asked.method == "POST" and asked.path == PRIVATE_APP_PATH:
            return self._tokens.answer_private_app(asked.json())
        match = self._router.match(asked.method, asked.path)
        token = self._tokens.check(asked.authorization)
        verdict = self._meter.admit(is_oauth=token.is_oauth, is_search=match.route.is_search)
        if verdict.refused is not None:
            answer = limited_answer(verdict.refused, verdict.retry_after, is_named=verdict.is_named)
        else:
            answer = self._called(match, asked)
        return replace(answer, headers={**answer.headers, **verdict.headers})

    def _called(self, match: Match, asked: _Asked) -> Answer:
        """What the endpoint answers; its refusals too carry the headers of limits."""
        try:
            wanted = tuple(match.route.scopes(match.path))
            if wanted and self._tokens.scopes.isdisjoint(wanted):
                raise missing_scopes(wanted)
            body = asked.json() if asked.method in {"POST", "PUT", "PATCH"} else None
            call = Call(asked.method, match.path, asked.query, body, self._account.clock())
            reply = match.route.handle(self._account, call)
        except ApiError as error:
            return error_answer(error)
        return Answer(reply.status, reply.body, headers=reply.headers)

    def _note(
        self, incoming: Incoming, request: web.Request, answer: Answer | None, planned: tuple[PlannedFault, ...]
    ) -> None:
        policy = answer.refused_by if answer is not None else None
        self.log.append(
            LoggedRequest(
                number=incoming.number,
                method=incoming.method,
                path=incoming.path,
                query="" if incoming.path.startswith("/oauth/") else request.rel_url.raw_query_string,
                at=time.monotonic(),
                status=answer.status if answer is not None else 0,
                policy=policy.value if policy is not None else None,
                faults=tuple(each.fault for each in planned),
            )
        )


def _cursor(asked: _Asked) -> str | None:
    """The page that was asked for, in the query or the body."""
    if asked.query.get("after"):
        return asked.query["after"][-1]
    try:
        body = json.loads(asked.body or b"null")
    except ValueError:
        return None
    after = body.get("after") if isinstance(body, dict) else None
    return None if after is None else str(after)
