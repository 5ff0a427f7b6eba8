"""Who is let in, what is refused, and how answers go out."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import hubspot.crm.objects as vendor
import pytest
import urllib3

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.answering import LARGEST_BODY, LONGEST_URL
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.emulator.organisation import Owner
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.hubspot.emulator.side import ROUTES
from tests.connectors.hubspot.emulator.served import (
    DETAILS,
    OWNERS,
    PLAIN,
    SEARCH,
    SEARCHING,
    Clock,
    served,
    small_account,
)

WITH_SEARCH = (*ROUTES, SEARCHING)


@contextmanager
def vendors_client(emulator: HubspotEmulator, token: str) -> Iterator[vendor.ApiClient]:
    configuration = vendor.Configuration(host=emulator.api_url)
    configuration.access_token = token
    with vendor.ApiClient(configuration) as client:
        yield client
        client.rest_client.pool_manager.clear()


def ask_owners(client: vendor.ApiClient) -> urllib3.BaseHTTPResponse:
    return client.call_api(
        "/crm/v3/owners/",
        "GET",
        query_params=[("limit", 1)],
        auth_settings=["oauth2"],
        response_types_map={},
        _preload_content=False,
        _request_timeout=10,
    )


def test_the_vendors_client_is_answered() -> None:
    with served() as (emulator, _), vendors_client(emulator, emulator.token) as client:
        assert [each["id"] for each in json.loads(ask_owners(client).data)["results"]] == ["11"]
        assert [each.query for each in emulator.log] == ["limit=1"]


def test_the_vendors_client_sees_the_vendors_errors() -> None:
    with served() as (emulator, _), vendors_client(emulator, "pat-na1-wrong") as client:
        with pytest.raises(vendor.exceptions.UnauthorizedException) as caught:
            ask_owners(client)
        assert json.loads(caught.value.body)["category"] == "INVALID_AUTHENTICATION"


def test_the_vendors_client_gets_through_what_passes() -> None:
    faults = Faults.at(1, Fault.RATE_LIMIT, retry_after=0) | Faults.at(2, Fault.PAGE) | Faults.at(3, Fault.RESET)
    with served(faults=faults) as (emulator, _), vendors_client(emulator, emulator.token) as client:
        client.rest_client.pool_manager.connection_pool_kw["retries"] = urllib3.Retry(4, status_forcelist=(429, 502))
        assert [each["id"] for each in json.loads(ask_owners(client).data)["results"]] == ["11"]
        assert [each.status for each in emulator.log] == [429, 502, 0, 200]


def test_a_wrong_token_or_none_is_refused() -> None:
    with served() as (_, asker):
        for header in ("Bearer pat-na1-wrong", "Basic abc", ""):
            answer = asker.get(OWNERS, headers={"Authorization": header})
            assert answer.status == 401
            assert answer.json()["category"] == "INVALID_AUTHENTICATION"
            assert answer.json()["correlationId"]


def test_a_missing_scope_is_named_as_the_vendor_does() -> None:
    with served(scopes=("crm.objects.deals.read",)) as (emulator, asker):
        answer = asker.get(OWNERS)
        assert answer.status == 403
        assert {**answer.json(), "correlationId": ""} == {
            "status": "error",
            "message": "This app hasn't been granted all required scopes to make this call. Read more about required "
            "scopes here: https://developers.hubspot.com/scopes.",
            "correlationId": "",
            "errors": [
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": ["crm.objects.owners.read", "automation"]},
                }
            ],
            "links": {"scopes": "https://developers.hubspot.com/scopes"},
            "category": "MISSING_SCOPES",
        }
        emulator.grant(("automation",))
        assert asker.get(OWNERS).status == 200


def test_what_asks_for_no_scope_needs_a_token_all_the_same() -> None:
    with served(scopes=()) as (_, asker):
        assert asker.get(DETAILS).status == 200
        assert asker.get(DETAILS, headers={"Authorization": ""}).status == 401


def test_an_unknown_path_is_not_found_and_a_known_one_takes_its_own_methods() -> None:
    with served() as (_, asker):
        assert (asker.get("/crm/v3/nothing").status, asker.get("/crm/v3/nothing").json()["category"]) == (
            404,
            "OBJECT_NOT_FOUND",
        )
        assert asker.post(OWNERS).status == 405


def test_a_post_takes_json_alone() -> None:
    with served(routes=WITH_SEARCH) as (_, asker):
        assert asker.post(SEARCH, {"limit": 1}).json()["asked"] == {"limit": 1}
        assert asker.post(SEARCH, headers={"Content-Type": "text/plain"}).status == 415
        pool = urllib3.PoolManager()
        headers = {"Authorization": f"Bearer {asker.token}", "Content-Type": "application/json"}
        broken = pool.request("POST", asker._url + SEARCH, body="{", headers=headers, retries=PLAIN)
        pool.clear()
        assert (broken.status, broken.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_body_that_is_too_large_and_a_url_that_is_too_long_meet_a_page_of_html() -> None:
    with served(routes=WITH_SEARCH) as (_, asker):
        large = asker.post(SEARCH, "x" * LARGEST_BODY)
        long = asker.get(OWNERS, email="x" * LONGEST_URL)
        fitting = asker.get(OWNERS, email="x" * (LONGEST_URL - 100))
    assert (large.status, large.headers["Content-Type"]) == (413, "text/html")
    assert (long.status, long.headers["Content-Type"]) == (414, "text/html")
    assert b"414 Request-URI Too Large" in long.data
    assert fitting.status == 200


@pytest.mark.parametrize(
    ("zips", "asked", "is_zipped"), [(True, "gzip", True), (True, "identity", False), (False, "gzip", False)]
)
def test_answers_are_zipped_for_who_asks(*, zips: bool, asked: str, is_zipped: bool) -> None:
    with served(gzip=zips) as (emulator, asker):
        pool = urllib3.PoolManager()
        headers = {"Authorization": f"Bearer {asker.token}", "Accept-Encoding": asked}
        answer = pool.request("GET", emulator.api_url + OWNERS, headers=headers, decode_content=False, retries=PLAIN)
        pool.clear()
        assert (answer.headers.get("Content-Encoding") == "gzip") is is_zipped
        body = gzip.decompress(answer.data) if is_zipped else answer.data
        assert len(json.loads(body)["results"]) == 2


def test_the_date_is_the_accounts_without_its_milliseconds() -> None:
    clock = Clock()
    with served(small_account(clock)) as (_, asker):
        clock.move(days=3)
        told = parsedate_to_datetime(asker.get(DETAILS).headers["Date"])
    assert told == clock.now.replace(microsecond=0)


def test_every_request_is_noted_down_without_its_token() -> None:
    with served() as (emulator, asker):
        asker.get(OWNERS, limit="1")
        asker.get("/nothing")
        asker.form("/oauth/v1/token", client_secret="x")
        assert [(each.method, each.path, each.query, each.status) for each in emulator.log] == [
            ("GET", OWNERS, "limit=1", 200),
            ("GET", "/nothing", "", 404),
            ("POST", "/oauth/v1/token", "", 400),
        ]
        assert emulator.requests == 3
        assert emulator.token not in repr(emulator.log)


def test_the_account_may_be_edited_while_it_answers() -> None:
    account = small_account()
    with served(account) as (_, asker):

        def hire() -> None:
            for number in range(100, 200):
                with account.lock:
                    account.owners[number] = Owner(number, f"{number}@acme.example", user_id=number)

        hiring = threading.Thread(target=hire)
        hiring.start()
        seen = [len(asker.get(OWNERS, limit="500").json()["results"]) for _ in range(20)]
        hiring.join(10)
        assert seen == sorted(seen)
        assert len(asker.get(OWNERS, limit="500").json()["results"]) == 102


def test_a_mistake_of_the_emulator_itself_comes_to_light() -> None:
    def fail(_account: Account, _call: Call) -> Reply:
        raise KeyError("deal")

    asked = pytest.raises(RuntimeError, match="the emulator itself failed")
    with asked, served(routes=(Route("GET", ("/broken",), fail),)) as (_, asker):
        assert asker.get("/broken").status == 500


def test_it_ends_cleanly_and_twice() -> None:
    emulator = HubspotEmulator(small_account())
    with emulator:
        url = emulator.api_url
    emulator.stop()
    with pytest.raises(urllib3.exceptions.MaxRetryError):
        urllib3.PoolManager().request("GET", url, retries=urllib3.Retry(0))
