"""Search: its filters, its limits, and how late it knows."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.emulator.filters import instant
from tests.connectors.hubspot.emulator.calling import CONTACTS, DEALS, Caller, ids

REFUSED = (400, "VALIDATION_ERROR")
MAY = datetime(2026, 5, 1, tzinfo=UTC)
MAY_MS = 1777593600000
CURSOR = "hs_lastmodifieddate"


def where(name: str, operator: str, value: object = None, **more: object) -> dict:
    given = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **given, **more}


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def three(caller: Caller) -> list[int]:
    """Deals of 1 May, 2 May and 3 May, of 5, 10 and no amount."""
    rows = [{"dealname": "Acme One", "amount": "5"}, {"dealname": "acme two", "amount": "10.0"}, {"dealname": "Third"}]
    return [caller.account.create("deals", row, at=MAY + timedelta(days=day)) for day, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (where(CURSOR, "GTE", str(MAY_MS + 86_400_000)), [1, 2]),
        (where(CURSOR, "GT", "2026-05-02T00:00:00.000Z"), [2]),
        (where(CURSOR, "LT", "2026-05-02"), [0]),
        (where(CURSOR, "BETWEEN", str(MAY_MS), highValue=str(MAY_MS + 86_400_000)), [0, 1]),
        (where("createdate", "LTE", MAY_MS), [0]),
        (where("amount", "EQ", "10"), [1]),
        (where("amount", "NEQ", "10"), [0]),
        (where("amount", "GT", "5"), [1]),
        (where("amount", "IN", values=["5", "7"]), [0]),
        (where("amount", "NOT_IN", values=["5", "7"]), [1]),
        (where("amount", "HAS_PROPERTY"), [0, 1]),
        (where("amount", "NOT_HAS_PROPERTY"), [2]),
        (where("dealname", "EQ", "ACME ONE"), [0]),
        (where("dealname", "IN", values=["acme one"]), [0]),
        (where("dealname", "IN", values=["Acme One"]), []),
        (where("dealname", "CONTAINS_TOKEN", "acme"), [0, 1]),
        (where("dealname", "CONTAINS_TOKEN", "t*"), [1, 2]),
        (where("dealname", "NOT_CONTAINS_TOKEN", "acme"), [2]),
    ],
)
def test_operators(caller: Caller, three: list[int], given: dict, expected: list[int]) -> None:
    assert caller.found(DEALS, given) == [three[index] for index in expected]


def test_filters_of_a_group_all_hold_and_one_group_is_enough(caller: Caller, three: list[int]) -> None:
    assert caller.found(DEALS, where("amount", "GT", "1"), where("dealname", "CONTAINS_TOKEN", "two")) == [three[1]]
    groups = [{"filters": [where("hs_object_id", "EQ", str(each))]} for each in (three[2], three[0])]
    assert ids(caller.post(f"{DEALS}/search", filterGroups=groups)) == [three[0], three[2]]


def test_an_empty_search_finds_all_oldest_first(caller: Caller, three: list[int]) -> None:
    older = caller.account.create("deals", {}, at=MAY - timedelta(days=1))
    assert ids(caller.post(f"{DEALS}/search")) == [older, *three]


@pytest.mark.parametrize("sort", ["-amount", {"propertyName": "amount", "direction": "DESCENDING"}])
def test_a_search_is_sorted_by_numbers_as_numbers(caller: Caller, three: list[int], sort: object) -> None:
    assert caller.found(DEALS, sorts=[sort]) == [three[1], three[0], three[2]]


def test_words_are_looked_for_in_the_usual_properties(caller: Caller, three: list[int]) -> None:
    assert caller.found(DEALS, query="acme TWO") == [three[1]]


def test_the_modified_date_of_other_objects_finds_nothing_and_succeeds(caller: Caller) -> None:
    contact = caller.account.create("contacts", {})
    assert caller.found(CONTACTS, where(CURSOR, "GTE", "0")) == []
    assert caller.found(CONTACTS, where("lastmodifieddate", "GTE", "0")) == [contact]


def test_archived_records_are_never_found(caller: Caller, three: list[int]) -> None:
    caller.account.archive("deals", three[0])
    assert caller.found(DEALS) == three[1:]


def test_search_knows_of_edits_late(caller: Caller) -> None:
    deal, other = caller.account.create_many("deals", [{"dealname": "old"}, {}], at=MAY)
    caller.account.search_lag = timedelta(seconds=30)
    caller.account.update("deals", deal, {"dealname": "new"})
    caller.account.archive("deals", other)
    added = caller.account.create("deals", {})
    late = caller.post(f"{DEALS}/search", properties=["dealname"])
    assert ids(late) == [deal, other]
    assert late["results"][0]["properties"]["dealname"] == "old"
    assert late["results"][0]["updatedAt"] == "2026-05-01T00:00:00.000Z"
    assert caller.get(f"{DEALS}/{deal}?properties=dealname")["properties"]["dealname"] == "new"
    caller.clock.move(seconds=31)
    assert caller.found(DEALS) == [deal, added]


def test_each_edit_is_known_at_its_own_time(caller: Caller) -> None:
    deal = caller.account.create("deals", {"dealname": "one"}, at=MAY)
    caller.account.search_lag = timedelta(seconds=30)
    caller.account.update("deals", deal, {"dealname": "two"})
    caller.clock.move(seconds=20)
    caller.account.update("deals", deal, {"dealname": "three"})
    names = []
    for _ in range(3):
        names += [each["properties"]["dealname"] for each in caller.post(f"{DEALS}/search")["results"]]
        caller.clock.move(seconds=15)
    assert names == ["one", "two", "three"]


def test_the_total_may_be_above_10_000_though_no_more_can_be_had(caller: Caller) -> None:
    caller.account.create_many("deals", [{}] * 10_001)
    last = caller.post(f"{DEALS}/search", limit=200, after="9800")
    assert (last["total"], len(last["results"])) == (10_001, 200)
    assert last["paging"]["next"]["after"] == "10000"
    assert caller.refusal("POST", f"{DEALS}/search", {"limit": 200, "after": "10000"}) == REFUSED


def test_pages_of_a_search_follow_what_changes(caller: Caller, three: list[int]) -> None:
    first = caller.post(f"{DEALS}/search", limit=1)
    assert (ids(first), first["paging"]["next"]["after"]) == ([three[0]], "1")
    caller.account.archive("deals", three[0])
    assert ids(caller.post(f"{DEALS}/search", limit=1, after="1")) == [three[2]]


ONE = where("amount", "GT", "1")


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"sorts": ["amount", "dealname"]},
        {"sorts": [{"propertyName": "amount", "direction": "UP"}]},
        {"sorts": ["colour"]},
        {"filterGroups": [{"filters": [ONE]}] * 6},
        {"filterGroups": [{"filters": [ONE] * 7}]},
        {"filterGroups": [{"filters": [ONE] * 5}] * 4},
        {"filterGroups": [{"filters": []}]},
        {"filterGroups": [{"filters": [where("colour", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ", "many")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ")]}]},
        {"filterGroups": [{"filters": [where("amount", "IN", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "BETWEEN", "1")]}]},
        {"filterGroups": [{"filters": [where(CURSOR, "GT", "yesterday")]}]},
        {"filterGroups": [where("amount", "EQ", "1")]},
        {"filterGroups": {}, "query": 7},
        {"properties": ["a" * 3_000]},
    ],
)
def test_what_hubspot_would_refuse_is_refused(caller: Caller, body: dict) -> None:
    assert caller.refusal("POST", f"{DEALS}/search", body) == REFUSED


def test_instants_are_milliseconds_or_iso() -> None:
    assert instant("2026-05-01") == instant(str(MAY_MS)) == instant("2026-05-01T00:00:00Z") == MAY_MS
    assert instant("soon") is None
