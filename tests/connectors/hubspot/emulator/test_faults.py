"""What goes wrong on demand, and when."""

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import urllib3

from connectors.hubspot.emulator.faults import Fault, Faults, Incoming
from connectors.hubspot.emulator.limits import Policy
from tests.connectors.hubspot.emulator.served import DETAILS, OWNERS, SEARCH, SEARCHING, Clock, served, small_account


def statuses(faults: Faults, count: int) -> list[int]:
    with served(faults=faults) as (_, asker):
        return [asker.get(DETAILS).status for _ in range(count)]


def test_a_fault_befalls_the_request_of_its_number_alone() -> None:
    assert statuses(Faults.at(2, Fault.ERROR), 3) == [200, 500, 200]


def test_a_fault_befalls_every_so_manieth_request() -> None:
    assert statuses(Faults.every(2, Fault.ERROR), 5) == [200, 500, 200, 500, 200]


def test_faults_are_combined() -> None:
    faults = Faults.at(1, Fault.ERROR, status=503) | Faults.every(3, Fault.PAGE, status=504)
    assert statuses(faults, 4) == [503, 200, 504, 200]


def test_a_fault_befalls_what_a_predicate_wants_so_many_times() -> None:
    def is_late(incoming: Incoming) -> bool:
        return incoming.number > 1 and incoming.method == "GET"

    assert statuses(Faults.when(is_late, Fault.ERROR, times=2), 4) == [200, 500, 500, 200]


def test_requests_are_counted_by_path() -> None:
    with served(faults=Faults.at(2, Fault.ERROR, path="/crm/owners/*")) as (_, asker):
        paths = (OWNERS, DETAILS, DETAILS, OWNERS, OWNERS)
        assert [asker.get(path).status for path in paths] == [200, 200, 200, 500, 200]


def test_later_faults_count_from_when_they_come_and_can_be_taken_back() -> None:
    with served() as (emulator, asker):
        asker.get(DETAILS)
        emulator.add_faults(Faults.at(1, Fault.ERROR) | Faults.at(2, Fault.ERROR))
        assert asker.get(DETAILS).status == 500
        emulator.clear_faults()
        assert asker.get(DETAILS).status == 200


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="PAGE has no option seconds"):
        Faults.at(1, Fault.PAGE, seconds=3)


def test_the_connection_is_reset_before_an_answer() -> None:
    with served(faults=Faults.at(1, Fault.RESET)) as (emulator, asker):
        with pytest.raises(urllib3.exceptions.ProtocolError):
            asker.get(OWNERS)
        assert asker.get(OWNERS).status == 200
        assert [(each.status, each.faults) for each in emulator.log] == [(0, (Fault.RESET,)), (200, ())]


def test_the_connection_is_reset_within_the_body() -> None:
    with served(faults=Faults.at(1, Fault.RESET_IN_BODY), gzip=False) as (emulator, asker):
        with pytest.raises((urllib3.exceptions.ProtocolError, urllib3.exceptions.IncompleteRead)):
            asker.get(OWNERS)
        assert [each.status for each in emulator.log] == [200]


@pytest.mark.parametrize("zips", [True, False])
def test_json_breaks_off_although_all_of_the_body_came(*, zips: bool) -> None:
    with served(faults=Faults.at(1, Fault.TRUNCATED), gzip=zips) as (_, asker):
        answer = asker.get(OWNERS, headers={"Accept-Encoding": "gzip"})
        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert answer.data.startswith(b'{"results":[')


@pytest.mark.parametrize("status", [502, 503, 504])
def test_servers_before_the_api_answer_html(status: int) -> None:
    with served(faults=Faults.at(1, Fault.PAGE, status=status)) as (_, asker):
        answer = asker.get(OWNERS)
        assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html")
        assert answer.data.startswith(b"<html>")


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("retry_after", [None, 7])
def test_limits_are_reached_on_demand(policy: Policy, retry_after: int | None) -> None:
    with served(faults=Faults.at(1, Fault.RATE_LIMIT, policy=policy, retry_after=retry_after)) as (emulator, asker):
        answer = asker.get(OWNERS)
        assert (answer.status, answer.json()["policyName"]) == (429, policy.value)
        assert answer.headers.get("Retry-After") == (str(retry_after) if retry_after else None)
        assert emulator.log[0].policy == policy.value


@pytest.mark.parametrize(
    ("fault", "status", "category"),
    [
        (Fault.ERROR, 500, "INTERNAL_ERROR"),
        (Fault.EXPIRED_CURSOR, 400, "VALIDATION_ERROR"),
        (Fault.UNAUTHORIZED, 401, "EXPIRED_AUTHENTICATION"),
        (Fault.FORBIDDEN, 403, "MISSING_SCOPES"),
        (Fault.MIGRATING, 477, "MIGRATION_IN_PROGRESS"),
    ],
)
def test_refusals_come_once_and_in_the_vendors_form(fault: Fault, status: int, category: str) -> None:
    with served(faults=Faults.at(1, fault)) as (_, asker):
        answer = asker.get(OWNERS)
        assert (answer.status, answer.json()["category"]) == (status, category)
        assert ("Retry-After" in answer.headers) is (fault is Fault.MIGRATING)
        assert asker.get(OWNERS).status == 200


def test_an_answer_is_late_or_comes_in_pieces_and_is_whole() -> None:
    faults = Faults.at(1, Fault.SLOW, seconds=0.01) | Faults.at(2, Fault.TRICKLE, seconds=0.02, pieces=4)
    with served(faults=faults) as (_, asker):
        slow, trickled, usual = (asker.get(OWNERS).json() for _ in range(3))
    assert slow == trickled == usual


def test_a_client_that_does_not_wait_gives_up_on_a_trickle() -> None:
    with served(faults=Faults.at(1, Fault.TRICKLE, seconds=30, pieces=2)) as (emulator, asker):
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(0.2))
        headers = {"Authorization": f"Bearer {asker.token}"}
        with pytest.raises(urllib3.exceptions.ReadTimeoutError):
            pool.request("GET", emulator.api_url + OWNERS, headers=headers, retries=urllib3.Retry(False))
        pool.clear()
        assert asker.get(OWNERS).status == 200


def test_the_body_is_empty() -> None:
    with served(faults=Faults.at(1, Fault.EMPTY)) as (_, asker):
        answer = asker.get(OWNERS)
        assert (answer.status, answer.data) == (200, b"")


def test_the_answer_is_of_a_wrong_type() -> None:
    with served(faults=Faults.at(1, Fault.WRONG_TYPE)) as (_, asker):
        assert [list(each) for each in asker.get(OWNERS).json()] == [["results"]]


def test_a_page_names_itself_as_the_next() -> None:
    with served(faults=Faults.at(2, Fault.REPEATED_CURSOR)) as (_, asker):
        after = asker.get(OWNERS, limit="1").json()["paging"]["next"]["after"]
        assert asker.get(OWNERS, limit="1", after=after).json()["paging"]["next"]["after"] == after
        assert "paging" not in asker.get(OWNERS, limit="1", after=after).json()


def test_a_search_names_itself_as_the_next() -> None:
    with served(faults=Faults.every(1, Fault.REPEATED_CURSOR), routes=(SEARCHING,)) as (_, asker):
        assert asker.post(SEARCH, {"after": 200}).json()["paging"]["next"]["after"] == "200"


def test_the_date_is_hours_off() -> None:
    clock = Clock()
    with served(small_account(clock), faults=Faults.at(1, Fault.DATE, hours=-3)) as (_, asker):
        told = parsedate_to_datetime(asker.get(OWNERS).headers["Date"])
    assert clock.now - told == timedelta(hours=3, milliseconds=987)


def test_the_account_is_edited_between_two_pages() -> None:
    account = small_account()

    def leave() -> None:
        account.owners[11].archived = True

    with served(account, faults=Faults.call_at(2, leave)) as (_, asker):
        first = asker.get(OWNERS, limit="1").json()
        second = asker.get(OWNERS, limit="1", after=first["paging"]["next"]["after"]).json()
    assert [each["id"] for page in (first, second) for each in page["results"]] == ["11", "12"]


def test_several_faults_befall_one_request() -> None:
    faults = Faults.at(1, Fault.WRONG_TYPE) | Faults.at(1, Fault.DATE, hours=1) | Faults.at(1, Fault.SLOW, seconds=0.01)
    clock = Clock()
    with served(small_account(clock), faults=faults) as (emulator, asker):
        answer = asker.get(OWNERS)
        assert isinstance(answer.json(), list)
        assert parsedate_to_datetime(answer.headers["Date"]) > clock.now
        assert set(emulator.log[0].faults) == {Fault.WRONG_TYPE, Fault.DATE, Fault.SLOW}
