"""The client, against the emulated HubSpot and servers that misbehave, over real sockets."""

import gzip
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.base import IncompleteError, SourceError
from connectors.hubspot import patience, transport
from connectors.hubspot.auth import PrivateAppToken
from connectors.hubspot.client import (
    HubspotClient,
    HubspotError,
    MissingScopesError,
    NotFoundError,
    RefusedError,
    SignInError,
    UnreachableError,
    next_midnight,
)
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.emulator.limits import UNLIMITED, Limits, Policy, RetryAfter
from connectors.hubspot.paths import Paths
from connectors.limiter import Limiter
from tests.connectors.hubspot.emulator.served import Clock, served
from tests.connectors.hubspot.raw_server import http_answer, raw_server
from tests.connectors.hubspot.time_by_hand import HandTime

TOKEN = "pat-na1-11112222-secret"
OWNERS = Paths().owners()


@contextmanager
def client_of(url, token=TOKEN, *, share=1.0, time=None, **options):
    time = time or HandTime()
    limiter = Limiter(share, sleep=time.sleep, monotonic=time.monotonic)
    client = HubspotClient(url, PrivateAppToken(token), limiter, paths=Paths(), timing=time.timing, **options)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def connected(*, time=None, **options):
    options.setdefault("limits", UNLIMITED)
    with served(**options) as (emulator, _), client_of(emulator.api_url, emulator.token, time=time) as client:
        yield client, emulator


@contextmanager
def answered(*parts, clock=None, **options):
    """A client of a server that answers everything with these bytes."""
    clock = {"clock": clock} if clock else {}
    with raw_server(lambda _: parts, **options) as server, client_of(server.url, **clock) as client:
        yield client, server


def test_an_answer_comes_with_its_status_and_hubspots_clock():
    with connected() as (client, _):
        reply = client.get(OWNERS, {"limit": "2"})
        assert [each["id"] for each in reply.body["results"]] == ["11", "12"]
        assert reply.status == 200
        assert reply.at == datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC)


def test_a_question_goes_out_as_json_with_token_and_name_and_asks_for_gzip():
    body = gzip.compress(b'{"results": []}')
    with answered(http_answer(body, "200 OK", "Content-Encoding: gzip")) as (client, server):
        reply = client.post("/x?archived=true", {"inputs": [{"id": "1"}]})
        client.get("/y", {"properties": ["a", "b"], "limit": "1"})
    assert reply.body == {"results": []}
    posted, got = server.seen
    assert posted[0] == "POST /x?archived=true HTTP/1.1"
    assert posted[-1] == '{"inputs": [{"id": "1"}]}'
    headers = {line.lower() for line in posted}
    assert {f"authorization: bearer {TOKEN}", "accept-encoding: gzip", "content-type: application/json"} <= headers
    assert any(line.startswith("user-agent: scoreline/") for line in headers)
    assert got[0] == "GET /y?properties=a&properties=b&limit=1 HTTP/1.1"


def test_our_clock_stands_in_where_the_server_tells_no_time():
    now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    for date in ((), ("Date: yesterday",)):
        with answered(http_answer(b"{}", "200 OK", *date), clock=lambda: now) as (client, _):
            assert client.get("/x").at == now


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.RESET, {}),
        (Fault.RESET_IN_BODY, {}),
        (Fault.TRUNCATED, {}),
        (Fault.EMPTY, {}),
        (Fault.WRONG_TYPE, {}),
        (Fault.PAGE, {"status": 502}),
        (Fault.PAGE, {"status": 503}),
        (Fault.PAGE, {"status": 423}),
        (Fault.ERROR, {"status": 500}),
        (Fault.ERROR, {"status": 504}),
        (Fault.MIGRATING, {"retry_after": 60}),
        (Fault.RATE_LIMIT, {}),
        (Fault.RATE_LIMIT, {"retry_after": 3}),
        (Fault.RATE_LIMIT, {"policy": Policy.SEARCH}),
    ],
)
def test_what_passes_is_tried_again_also_where_it_is_posted(fault, options):
    faults = Faults.at(1, fault, **options) | Faults.at(2, fault, **options)
    time = HandTime()
    with connected(faults=faults, time=time) as (client, emulator):
        reply = client.post(client.paths.batch_read("deals"), {"inputs": [{"id": "1"}], "properties": []})
        assert reply.body["results"] == []
        assert emulator.requests == 3
        assert time.slept


def test_waits_grow_and_end():
    time = HandTime()
    with connected(faults=Faults.every(1, Fault.PAGE), time=time) as (client, emulator):
        with pytest.raises(
            UnreachableError, match=r"^HubSpot did not answer /crm/owners/2026-09 \(status 502\)"
        ) as told:
            client.get(OWNERS)
        assert emulator.requests == 8
    assert told.value.fault == "status 502"
    assert time.slept == [0.5, 1, 2, 4, 8, 16, 30]


def test_a_server_that_asks_for_a_wait_gets_it_within_reason():
    time = HandTime()
    with connected(faults=Faults.at(1, Fault.MIGRATING, retry_after=200), time=time) as (client, _):
        client.get(OWNERS)
    assert time.slept == [200]
    with connected(faults=Faults.every(1, Fault.MIGRATING, retry_after=86_400)) as (client, emulator):
        with pytest.raises(UnreachableError):
            client.get(OWNERS)
        assert emulator.requests == 1


def test_being_too_fast_all_the_time_ends():
    with connected(faults=Faults.every(1, Fault.RATE_LIMIT)) as (client, emulator):
        with pytest.raises(UnreachableError, match="too fast"):
            client.get(OWNERS)
        assert 1 < emulator.requests <= 30


def test_nobody_there_is_told():
    with raw_server(lambda _: []) as server:
        url = server.url
    with client_of(url) as client, pytest.raises(UnreachableError, match=r"\(no connection\)"):
        client.get("/x")


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
)
def test_a_trickling_server_ends(monkeypatch, head, byte):
    monkeypatch.setattr(transport, "DEADLINE", 0.1)
    monkeypatch.setattr(patience, "MOST_FAULTS", 1)
    trickle = answered(head, *[byte] * 1000, pause=0.02, hangs_up=True)
    with trickle as (client, _), pytest.raises(UnreachableError, match="no answer in time"):
        client.get("/x")


def test_a_silent_server_ends(monkeypatch):
    monkeypatch.setattr(transport, "READ", 0.02)
    with answered(b"", pause=5) as (client, server):
        with pytest.raises(UnreachableError, match="no answer in time"):
            client.get("/x")
        assert len(server.seen) == 8


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(transport, "MOST_BYTES", 100_000)
    bomb = gzip.compress(b"[" + b" " * 50_000_000)
    with answered(http_answer(bomb, "200 OK", "Content-Encoding: gzip")) as (client, server):
        with pytest.raises(UnreachableError, match="more than"):
            client.get("/x")
        assert len(server.seen) == 1


def test_a_refusal_is_not_tried_again_and_tells_why_without_people():
    body = b"""{"status": "error", "category": "VALIDATION_ERROR", "message":
        "Property 'budget' of ann.lee@acme.example (+49 151 2345678) is not known: \\"Ann Lee\\" 1234567890123"}"""
    with answered(http_answer(body, "400 Bad Request")) as (client, server):
        with pytest.raises(RefusedError) as told:
            client.get("/crm/x", {"email": "ann.lee@acme.example"})
        assert len(server.seen) == 1
    assert (told.value.status, told.value.category) == (400, "VALIDATION_ERROR")
    assert str(told.value).startswith("HubSpot refused /crm/x with 400: VALIDATION_ERROR (Property")
    for secret in ("ann", "Ann", "151", "123456", "budget", TOKEN, "\n"):
        assert secret not in str(told.value).replace("HubSpot refused", "")
    assert not told.value.is_expired_cursor


def test_an_address_too_long_is_refused_even_in_html():
    with connected(faults=Faults.at(1, Fault.PAGE, status=414)) as (client, emulator):
        with pytest.raises(RefusedError) as told:
            client.get(OWNERS)
        assert (told.value.status, emulator.requests) == (414, 1)


def test_an_expired_cursor_can_be_told_from_a_wrong_question():
    with connected(faults=Faults.at(1, Fault.EXPIRED_CURSOR)) as (client, _):
        with pytest.raises(RefusedError) as told:
            client.get(OWNERS, {"after": "x"})
        assert told.value.is_expired_cursor


def test_missing_scopes_are_named():
    with connected(faults=Faults.at(1, Fault.FORBIDDEN, scopes=("crm.objects.deals.read",))) as (client, emulator):
        with pytest.raises(MissingScopesError, match=r"crm\.objects\.deals\.read") as told:
            client.get(OWNERS)
        assert told.value.scopes == ("crm.objects.deals.read",)
        assert emulator.requests == 1


@pytest.mark.parametrize("body", [b"null", b'{"context": 3, "errors": [1, {"context": {"requiredScopes": [2]}}]}'])
def test_a_refusal_in_a_strange_form_is_still_told(body):
    with answered(http_answer(body, "403 Forbidden")) as (client, _), pytest.raises(HubspotError):
        client.get("/x")


def test_what_is_not_there_is_told():
    with connected() as (client, emulator):
        with pytest.raises(NotFoundError, match="/crm/nothing"):
            client.get("/crm/nothing")
        assert emulator.requests == 1


def test_a_redirect_is_not_followed():
    answer = http_answer(b"", "302 Found", "Location: http://127.0.0.1:9/elsewhere")
    with answered(answer) as (client, server):
        with pytest.raises(RefusedError, match="302"):
            client.get("/x")
        assert len(server.seen) == 1


def test_a_token_that_is_not_taken_is_asked_for_anew_once():
    class Renewing:
        def __init__(self, good):
            self.good, self.rejected = good, []

        def current(self):
            return "old"

        def renew(self, rejected):
            self.rejected.append(rejected)
            return self.good

    with served() as (emulator, _):
        for good, is_fine in ((emulator.token, True), ("no better", False), (None, False)):
            tokens = Renewing(good)
            client = HubspotClient(emulator.api_url, tokens, Limiter(), paths=Paths())
            if is_fine:
                client.get(OWNERS)
            else:
                with pytest.raises(SignInError, match="kpi check"):
                    client.get(OWNERS)
            assert tokens.rejected == ["old"]
            client.close()


def test_the_daily_limit_says_when_it_goes_on():
    clock = Clock()
    with connected(limits=Limits(daily=3)) as (client, emulator):
        client._clock, client._timezone = clock, lambda: "US/Eastern"
        for _ in range(3):
            client.get(OWNERS)
        with pytest.raises(IncompleteError, match="2026-11-24 05:00 UTC") as told:
            client.get(OWNERS)
        assert told.value.resume_at == datetime(2026, 11, 24, 5, tzinfo=UTC)
        assert emulator.requests == 3, "the headers said so before the limit was hit"
        assert emulator.log[-1].status == 200


def test_a_refusal_for_the_day_is_not_tried_again():
    with connected(faults=Faults.every(1, Fault.RATE_LIMIT, policy=Policy.DAILY)) as (client, emulator):
        for _ in range(2):
            with pytest.raises(IncompleteError, match="daily limit"):
                client.get(OWNERS)
        assert emulator.requests == 1


def test_midnight_is_the_accounts_also_when_clocks_change():
    new_york = ZoneInfo("America/New_York")
    assert next_midnight(datetime(2026, 11, 1, 3, tzinfo=UTC), new_york) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert next_midnight(datetime(2026, 11, 1, 5, tzinfo=UTC), new_york) == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert next_midnight(datetime(2026, 5, 1, tzinfo=UTC), UTC) == datetime(2026, 5, 2, tzinfo=UTC)


def test_eight_threads_share_one_client_and_its_connections():
    with connected() as (client, emulator):
        barrier = threading.Barrier(8)

        def work(_):
            barrier.wait(10)
            return [len(client.get(OWNERS, {"limit": "2"}).body["results"]) for _ in range(10)]

        with ThreadPoolExecutor(8) as pool:
            assert all(sizes == [2] * 10 for sizes in pool.map(work, range(8)))
        assert emulator.requests == 80


def test_a_real_rolling_window_is_filled_without_a_refusal():
    limits = Limits(burst=40, burst_seconds=0.4, retry_after=RetryAfter.NEVER)
    with served(limits=limits) as (emulator, _):
        limiter = Limiter(0.9, burst=40, interval=0.4)
        client = HubspotClient(emulator.api_url, PrivateAppToken(emulator.token), limiter, paths=Paths())
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.get(OWNERS), range(100)))
        client.close()
        assert [each.status for each in emulator.log] == [200] * 100


def test_neither_log_nor_error_shows_a_token_a_query_or_a_body(caplog):
    caplog.set_level(logging.DEBUG)
    query = {"email": "ann@acme.example"}
    with connected(
        faults=Faults.at(2, Fault.RESET) | Faults.at(3, Fault.PAGE) | Faults.at(5, Fault.ERROR, status=400)
    ) as (
        client,
        emulator,
    ):
        secrets = (emulator.token, "ann@acme.example", "ann%40", "Bearer")
        client.get(OWNERS, query)
        client.get(OWNERS, query)
        with pytest.raises(SourceError) as told:
            client.post(OWNERS + "?email=ann@acme.example", query)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("connectors.hubspot.client")]
    assert ours[0].startswith("GET /crm/owners/2026-09: 200, ")
    assert len(ours) == emulator.requests == 5
    assert not any(secret in text for secret in secrets for text in (caplog.text, str(told.value), repr(told.value)))


@pytest.mark.parametrize("url", ["http://api.hubapi.com", "ftp://x", "api.hubapi.com"])
def test_a_token_is_not_sent_in_the_clear(url):
    with pytest.raises(HubspotError, match="https://"), client_of(url):
        pass
