"""How an answer goes out: zipped, slowly, in part, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from connectors.hubspot.emulator.answers import Answer
from connectors.hubspot.emulator.faults import Fault, PlannedFault

_FAST = 1  # the level of compression: the emulator shall not be slower than what it is tested against


async def send(
    request: web.Request, answer: Answer, planned: Sequence[PlannedFault], *, headers: Mapping[str, str], zips: bool
) -> web.StreamResponse:
    """Sends the answer as its faults want it. A connection that a fault resets is gone when this returns."""
    faults = {each.fault: each.options for each in planned}
    if Fault.SLOW in faults:
        await asyncio.sleep(faults[Fault.SLOW]["seconds"])
    body, all_headers = answer.encoded(), {"Content-Type": answer.content_type, **answer.headers, **headers}
    if zips and body and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, _FAST)
        all_headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    if Fault.RESET in faults:
        reset(request)
    elif Fault.RESET_IN_BODY in faults:
        await _send_pieces(request, answer.status, all_headers, body, [body[: len(body) // 2]])
        reset(request)
    elif Fault.TRICKLE in faults:
        return await _trickle(request, answer.status, all_headers, body, faults[Fault.TRICKLE])
    return web.Response(status=answer.status, body=body, headers=all_headers)


async def _trickle(
    request: web.Request, status: int, headers: Mapping[str, str], body: bytes, options: Mapping[str, Any]
) -> web.StreamResponse:
    pieces = max(1, min(options["pieces"], len(body)))
    size = -(-len(body) // pieces)
    cut = [body[start : start + size] for start in range(0, len(body), size)]
    response = await _send_pieces(request, status, headers, body, cut, pause=options["seconds"] / pieces)
    await response.write_eof()
    return response


async def _send_pieces(
    request: web.Request,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    pieces: Sequence[bytes],
    *,
    pause: float = 0.0,
) -> web.StreamResponse:
    """The head, which tells the length of the whole body, and some of the body."""
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(pause)
    return response


def reset(request: web.Request) -> None:
    """Breaks the connection off, so that the client meets a reset."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
