"""One request to HubSpot and its answer in full, through the vendor's client, with a deadline and a limit in size."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import orjson
import urllib3

from connectors.hubspot.errors import HubspotError

CONNECT = 10.0  # seconds
READ = 60.0  # seconds without a byte
DEADLINE = 120.0  # seconds for a whole answer
MOST_BYTES = 64 * 2**20
_CHUNK = 2**16
_CONNECTIONS = 16  # more than there are threads
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UnansweredError(Exception):
    """No whole answer came. The message says why in a few words; ``is_lasting``: trying again would not help."""

    def __init__(self, fault: str, *, is_lasting: bool = False) -> None:
        super().__init__(fault)
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of any status. ``headers`` knows names in any case."""

    status: int
    headers: Mapping[str, str]
    data: bytes
    reason: str = ""

    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return orjson.loads(self.data)
        except orjson.JSONDecodeError:
            return None

    def getheaders(self) -> Mapping[str, str]:
        """As the vendor's errors ask for them."""
        return self.headers


class Transport:
    """Sends requests to one host, for any number of threads. HubspotError where ``api_url`` would carry the token
    unencrypted. ``secret`` gives an environment variable's value, for HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE."""

    def __init__(self, api_url: str, *, secret: Callable[[str], str | None] = lambda _name: None) -> None:
        self._pool = _Pool(_vendor_client(api_url, secret))
        self._api = self._pool.api

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status. UnansweredError where none came in full."""
        from hubspot.crm.objects.exceptions import ApiException

        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        try:
            answer: Answer = self._api.call_api(
                path,
                method,
                query_params=_pairs(query or {}),
                header_params={"Accept": "application/json", "Content-Type": kind, **(headers or {})},
                body=None if body is None else dict(body),
                post_params=None if form is None else list(form.items()),
                _preload_content=False,
                _request_timeout=(CONNECT, READ),
            )
        except ApiException as error:  # the vendor's word for any status but 2xx
            return Answer(error.status, error.headers, error.body.encode(), error.reason or "")
        return answer

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()


class _Pool:
    """Stands where the vendor's client has its pool of connections. It reads each answer in full before it hands it on,
    so that connections go back, and lets the vendor's code see no fault of the network: it breaks on some of them."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self._manager: urllib3.PoolManager = api.rest_client.pool_manager
        self._manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        api.rest_client.pool_manager = self

    def request(self, method: str, url: str, **options: Any) -> Answer:
        try:
            response = self._manager.request(method, url, redirect=False, **options)
            try:
                data = _read(response)
            except BaseException:
                response.close()  # a connection with half an answer in it is of no more use
                raise
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise _unanswered(error) from None
        except OSError as error:
            raise UnansweredError(f"network: {error.strerror or type(error).__name__}") from None
        is_fine = 200 <= response.status <= 299  # noqa: PLR2004 (as the vendor's client has it)
        if not is_fine:  # it decodes the body of what is not, and not every proxy writes UTF-8
            data = data.decode("utf-8", "replace").encode()
        return Answer(response.status, response.headers, data, response.reason or "")

    def close(self) -> None:
        self._manager.clear()


class _TimedStream(io.RawIOBase):
    """What a socket brings, until a deadline. A timeout of a socket is for one read, and begins anew with each byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._socket = raw, sock
        self._pause = sock.gettimeout() or READ
        self._deadline = time.monotonic() + DEADLINE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(min(self._pause, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_TimedStream(self.fp.detach(), sock))


class _PlainConnection(urllib3.connection.HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = _TimedResponse


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    data = bytearray()
    for chunk in response.stream(_CHUNK, decode_content=True):
        data += chunk
        if len(data) > MOST_BYTES:
            raise UnansweredError(f"more than {MOST_BYTES // 2**20} MiB came", is_lasting=True)
    return bytes(data)


def _unanswered(error: urllib3.exceptions.HTTPError) -> UnansweredError:
    """In words; an error's own text may hold an address with its query."""
    if isinstance(error, urllib3.exceptions.SSLError):
        fault = "its certificate is not trusted here; behind a proxy of your own, SSL_CERT_FILE names its certificate"
        return UnansweredError(fault, is_lasting="CERTIFICATE_VERIFY_FAILED" in str(error))
    words: Mapping[type[Exception], str] = {  # the first that fits: some are kinds of others
        urllib3.exceptions.ProxyError: "the proxy let nothing through",
        urllib3.exceptions.NameResolutionError: "its name is not known",
        urllib3.exceptions.NewConnectionError: "no connection",
        urllib3.exceptions.ConnectTimeoutError: "no connection in time",
        urllib3.exceptions.TimeoutError: "no answer in time",
        urllib3.exceptions.DecodeError: "a damaged answer",
    }
    return UnansweredError(next((told for kind, told in words.items() if isinstance(error, kind)), "the line broke"))


def _vendor_client(api_url: str, secret: Callable[[str], str | None]) -> Any:
    from hubspot.crm.objects.api_client import ApiClient
    from hubspot.crm.objects.configuration import Configuration

    parts = urlsplit(api_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise HubspotError("api_url of a hubspot source must begin with https://, so that the token travels encrypted.")
    configuration = Configuration(host=api_url.rstrip("/"))
    configuration.retries = False  # tried again above, where the limits are known
    configuration.connection_pool_maxsize = _CONNECTIONS
    configuration.proxy = _proxy(parts.scheme, parts.hostname or "", secret)
    configuration.ssl_ca_cert = secret("REQUESTS_CA_BUNDLE") or secret("SSL_CERT_FILE")
    api = ApiClient(configuration)
    api.user_agent = f"scoreline/{version('scoreline')}"
    api.set_default_header("Accept-Encoding", "gzip")
    return api


def _proxy(scheme: str, host: str, secret: Callable[[str], str | None]) -> str | None:
    def value(name: str) -> str | None:
        return secret(name.lower()) or secret(name)

    if host in _LOOPBACK or proxy_bypass_environment(host, {"no": value("NO_PROXY") or ""}):
        return None
    proxy = value(f"{scheme.upper()}_PROXY") or value("ALL_PROXY")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _pairs(query: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in query.items():
        pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    return pairs
