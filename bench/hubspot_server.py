"""A server of rendered pages, which costs little beside those who ask it: ``python -m bench.hubspot_server COUNT``.

It prints its address once its pages are rendered, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.hubspot_pages import OWNERS, PIPELINE, Body, body_of, deal_pages

_HOST = "127.0.0.1"
_END = b"\r\n\r\n"
_LIST = b"GET /crm/objects/2026-09/0-3?"
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


@contextmanager
def serving(count: int) -> Iterator[str]:
    """The address of a server, in a process of its own, that lists so many deals."""
    command = [sys.executable, "-m", "bench.hubspot_server", str(count)]
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

    def __init__(self, pages: Sequence[Body], sides: dict[bytes, Body]) -> None:
        self._pages, self._sides = pages, sides
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next_request()) is not None and self._transport is not None:
            body, is_zipped = self._body(request), b"gzip" in request.lower()
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

    def _next_request(self) -> bytes | None:
        """The first line and headers of the next whole request."""
        head, found, rest = self._received.partition(_END)
        _, has_body, length = head.lower().partition(b"content-length:")
        size = int(length.split(b"\r\n", 1)[0]) if has_body else 0
        if not found or len(rest) < size:
            return None
        self._received = rest[size:]
        return head

    def _body(self, head: bytes) -> Body:
        line = head.split(b"\r\n", 1)[0]
        if line.startswith(_LIST) and b"archived=true" not in line:
            _, _, after = line.partition(b"&after=")
            return self._pages[int(after.split(b" ", 1)[0].split(b"&", 1)[0]) if after else 0]
        return next((body for start, body in self._sides.items() if line.startswith(start)), _NOTHING)


async def _serve(count: int) -> None:
    pages = list(deal_pages(count))
    sides = {start: body_of(answer) for start, answer in _SIDES.items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(pages, sides), _HOST, 0)
    print(f"http://{_HOST}:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201, this is how it is found
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
