"""HubSpot on loopback, in a thread of its own: what the connector talks to, and what a test or the demo steers."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Self

from aiohttp import web

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.answering import LARGEST_BODY, Answering, LoggedRequest
from connectors.hubspot.emulator.crm import ROUTES as CRM_ROUTES
from connectors.hubspot.emulator.faults import FaultPlan, Faults
from connectors.hubspot.emulator.limits import Limits, Meter, Policy
from connectors.hubspot.emulator.oauth import READ_SCOPES, OAuthApp, Tokens
from connectors.hubspot.emulator.routing import Route
from connectors.hubspot.emulator.side import ROUTES as SIDE_ROUTES
from connectors.hubspot.emulator.side import usage_route

HOST = "127.0.0.1"
START_SECONDS = 10.0
SHUTDOWN_SECONDS = 0.5
_LONGEST_LINE = 1024**2  # beyond it the HTTP library itself refuses; HubSpot's own limit is far below


class HubspotEmulator:
    """HubSpot for one account, on 127.0.0.1. Use it as a context manager.

    ``token``: the private app's, by default a fresh one. ``scopes``: what it, and the OAuth app, are granted, by
    default all that reading takes. ``rotates``: whether refreshing gives a new refresh token. ``gzip``: whether answers
    are zipped for who asks. ``routes``: other endpoints than the API's own. Times of day and the lives of tokens follow
    the account's clock. Edit ``account`` at any time, from any thread.
    """

    def __init__(
        self,
        account: Account,
        *,
        token: str | None = None,
        scopes: Collection[str] = READ_SCOPES,
        limits: Limits | None = None,
        faults: Faults | None = None,
        gzip: bool = True,
        rotates: bool = False,
        routes: Iterable[Route] | None = None,
    ) -> None:
        self.account = account
        self.token = token or f"pat-na1-{secrets.token_hex(16)}"
        self._port = 0
        self._plan = FaultPlan(faults or Faults())
        self._meter = Meter(limits or Limits(), account)
        self._tokens = Tokens(self.token, OAuthApp(rotates=rotates), scopes, account.clock, account.portal_id)
        every_route = (*(ALL_ROUTES if routes is None else routes), usage_route(self._meter.daily_use))
        self._answering = Answering(account, every_route, self._tokens, self._meter, self._plan, zips=gzip)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def api_url(self) -> str:
        """What stands for ``https://api.hubapi.com``."""
        return f"http://{HOST}:{self._port}"

    @property
    def tokens(self) -> Tokens:
        """The account's tokens: to revoke or expire them, and for the OAuth app's id, secret and refresh token."""
        return self._tokens

    @property
    def log(self) -> list[LoggedRequest]:
        """Every request that came, oldest first."""
        return list(self._answering.log)

    @property
    def requests(self) -> int:
        """How many requests came."""
        return len(self._answering.log)

    def add_faults(self, faults: Faults) -> None:
        """Lets more go wrong. Their requests are counted from now."""
        self._plan.add(faults)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._plan.clear()

    def grant(self, scopes: Collection[str]) -> None:
        """From now on the apps may do this and no more."""
        self._tokens.scopes = frozenset(scopes)

    def consume(self, policy: Policy, count: int) -> None:
        """Other apps of the account ask ``count`` times, now."""
        self._meter.consume(policy, count)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None and self._answering.crashes:
            raise RuntimeError("the emulator itself failed at a request") from self._answering.crashes[0]

    def start(self) -> None:
        """Listens once this returns."""
        listening = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="hubspot-emulator", daemon=True
        )
        self._thread.start()
        if not listening.wait(START_SECONDS):
            raise TimeoutError(f"the loopback HubSpot did not start within {START_SECONDS} s")

    def stop(self) -> None:
        """Closes every connection and waits for the thread to end. May be called twice."""
        if self._loop is None or self._stopping is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._loop = self._stopping = self._thread = None

    async def _serve(self, listening: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._answering.take)
        runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, max_line_size=_LONGEST_LINE
        )
        await runner.setup()
        await web.TCPSite(runner, HOST, 0, backlog=512).start()
        self._port = runner.addresses[0][1]
        listening.set()
        await self._stopping.wait()
        await runner.cleanup()


ALL_ROUTES: tuple[Route, ...] = (*CRM_ROUTES, *SIDE_ROUTES)
