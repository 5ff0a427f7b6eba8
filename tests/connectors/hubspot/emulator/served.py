"""A small account behind the emulator, and somebody who asks it over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import urllib3

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.organisation import Owner, Team
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.server import HubspotEmulator

OWNERS = "/crm/owners/2026-09"
SEARCH = "/crm/objects/2026-09/0-3/search"
DETAILS = "/account-info/2026-09/details"
PLAIN = urllib3.Retry(False)


class Clock:
    """An account's clock, moved by hand. It begins on Monday noon in New York."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 17, 0, 0, 987_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Asker:
    """Asks the emulator with its token, over connections of its own."""

    def __init__(self, emulator: HubspotEmulator) -> None:
        self.token = emulator.token
        self._url = emulator.api_url
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(10))

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: str) -> urllib3.BaseHTTPResponse:
        url = f"{path}?{urlencode(query)}" if query else path
        return self._ask("GET", url, headers=headers)

    def post(
        self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        sent = json.dumps({} if body is None else body)
        return self._ask("POST", path, body=sent, headers={"Content-Type": "application/json", **(headers or {})})

    def form(self, path: str, **fields: str) -> urllib3.BaseHTTPResponse:
        return self._pool.request("POST", self._url + path, fields=fields, encode_multipart=False, retries=PLAIN)

    def _ask(
        self, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        all_headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self._pool.request(method, self._url + path, body=body, headers=all_headers, retries=PLAIN)

    def close(self) -> None:
        self._pool.clear()


def _search(_account: Account, call: Call) -> Reply:
    return Reply({"total": 0, "results": [], "asked": call.body})


SEARCHING = Route(
    "POST", ("/crm/objects/2026-09/{object}/search",), _search, lambda _: ("crm.objects.deals.read",), is_search=True
)


def small_account(clock: Clock | None = None) -> Account:
    """Three owners, one of whom has left, in two teams."""
    account = Account(clock=clock or Clock())
    account.teams = {1: Team(1, "World"), 2: Team(2, "Europe", parent_id=1)}
    account.owners = {
        11: Owner(11, "ann@acme.example", "Ann", "Lee", user_id=101, teams=((2, True), (1, False))),
        12: Owner(12, "bob@acme.example", "Bob", "Ray", user_id=102, teams=((1, True),)),
        13: Owner(13, "gone@acme.example", "Gone", user_id=103, archived=True),
    }
    return account


@contextmanager
def served(account: Account | None = None, **options: Any) -> Iterator[tuple[HubspotEmulator, Asker]]:
    """The emulator at work, and an asker, who hangs up first."""
    with HubspotEmulator(account or small_account(), **options) as emulator:
        asker = Asker(emulator)
        try:
            yield emulator, asker
        finally:
            asker.close()
