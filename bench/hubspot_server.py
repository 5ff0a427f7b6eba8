"""A server that costs little beside those who ask it: ``python -m bench.hubspot_server deals|account COUNT``.

It lists so many deals on pages that were rendered before, or answers for an account of so many records of all kinds. It
prints its address once it may be asked, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.hubspot_account import Account
from bench.hubspot_pages import OWNERS, PIPELINE, Body, body_of, deal_pages

_HOST = "127.0.0.1"
_END = b"\r\n\r\n"
_LIST = b"GET /crm/objects/2026-09/deals?"
_ACCOUNT = {"portalId": 62515, "timeZone": "Europe/Berlin", "companyCurrency": "EUR"}
_SIDES: dict[bytes, object] = {
    b"GET /account-info/": _ACCOUNT,
    b"GET /crm/owners/2026-09?limit=100&archived=false": {"results": OWNERS},
    b"GET /crm/pipelines/2026-09/deals": {"results": [PIPELINE]},
}
# Of all else the account has nothing.
_NOTHING = body_of({"total": 0, "results": []})
_NO_LIMIT = (
    b"X-HubSpot-RateLimit-Max: 100000000\r\nX-HubSpot-RateLimit-Remaining: 99999999\r\n"
    b"X-HubSpot-RateLimit-Interval-Milliseconds: 10000\r\n"
)


_Answer = Callable[[bytes, bytes], Body]  # of a request's first line and headers, and of what it holds


@contextmanager
def serving(what: str, count: int) -> Iterator[str]:
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "bench.hubspot_server", what, str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603, our own
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"the server ended with {process.wait()}")
        yield line.strip()
    finally:
        process.communicate()


class _Answering(asyncio.Protocol):
    """One connection: answers one request after another."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next_request()) is not None and self._transport is not None:
            body, is_zipped = self._answer(*request), b"gzip" in request[0].lower()
            content = body.zipped if is_zipped else body.plain
            self._transport.writelines(
                (
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
                    _NO_LIMIT,
                    b"Content-Encoding: gzip\r\n" if is_zipped else b"",
                    b"Content-Length: %d" % len(content),
                    _END,
                    content,
                )
            )

    def _next_request(self) -> tuple[bytes, bytes] | None:
        head, found, rest = self._received.partition(_END)
        _, has_body, length = head.lower().partition(b"content-length:")
        size = int(length.split(b"\r\n", 1)[0]) if has_body else 0
        if not found or len(rest) < size:
            return None
        self._received = rest[size:]
        return head, rest[:size]


def _rendered(count: int) -> _Answer:
    pages = list(deal_pages(count))
    sides = {start: body_of(answer) for start, answer in _SIDES.items()}

    def answer(head: bytes, _body: bytes) -> Body:
        line = head.split(b"\r\n", 1)[0]
        if line.startswith(_LIST) and b"archived=true" not in line:
            _, _, after = line.partition(b"&after=")
            return pages[int(after.split(b" ", 1)[0].split(b"&", 1)[0]) if after else 0]
        return next((body for start, body in sides.items() if line.startswith(start)), _NOTHING)

    return answer


def _made_up(count: int) -> _Answer:
    account = Account(count)

    def answer(head: bytes, body: bytes) -> Body:
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        return body_of(account.answer(method, target, body))

    return answer


_ANSWERS: dict[str, Callable[[int], _Answer]] = {"deals": _rendered, "account": _made_up}


async def _serve(what: str, count: int) -> None:
    answer = _ANSWERS[what](count)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(answer), _HOST, 0)
    print(f"http://{_HOST}:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201, this is how it is found
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
