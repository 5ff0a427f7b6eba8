"""Somebody who calls the endpoints of records without a server."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.crm import ROUTES
from connectors.hubspot.emulator.router import Router
from connectors.hubspot.emulator.routing import ApiError, Call, Reply
from tests.connectors.hubspot.emulator.served import Clock

DEALS = "/crm/objects/2026-09/0-3"
CONTACTS = "/crm/v3/objects/contacts"


class Caller:
    """``account`` is empty at first, ``clock`` is its own."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.account = Account(clock=self.clock, **options)
        self._router = Router(ROUTES)

    def reply(self, method: str, url: str, body: Any = None) -> Reply:
        parts = urlsplit(url)
        route, path = self._router.match(method, parts.path)
        return route.handle(self.account, Call(method, path, parse_qs(parts.query), body, self.clock()))

    def get(self, url: str) -> Any:
        return self.reply("GET", url).body

    def post(self, url: str, **body: Any) -> Any:
        return self.reply("POST", url, body).body

    def refusal(self, method: str, url: str, body: Any = None) -> tuple[int, str]:
        """Status and category of the error that the call ends in."""
        try:
            reply = self.reply(method, url, body)
        except ApiError as error:
            return error.status, error.category
        raise AssertionError(f"answered: {reply}")

    def pages(self, url: str) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, no more than there can be."""
        after = ""
        for _ in range(1000):
            page = self.get(f"{url}{after}")
            yield page["results"]
            if "paging" not in page:
                return
            after = f"&after={page['paging']['next']['after']}"
        raise AssertionError("the pages do not end")

    def found(self, url: str, *filters: dict[str, Any], **more: Any) -> list[int]:
        """The ids that a search finds with all the filters."""
        groups = [{"filters": list(filters)}] if filters else []
        return ids(self.post(f"{url}/search", filterGroups=groups, **more))


def ids(page: Any) -> list[int]:
    results = page["results"] if isinstance(page, dict) else page
    return [int(each["id"]) for each in results]
