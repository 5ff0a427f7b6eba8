"""Lists, single records and batches by id."""

from datetime import timedelta

import pytest

from connectors.hubspot.emulator.account import Link
from tests.connectors.hubspot.emulator.calling import CONTACTS, DEALS, Caller, ids

REFUSED = (400, "VALIDATION_ERROR")


@pytest.fixture
def caller() -> Caller:
    return Caller()


def batch_of(*record_ids: int, **more: object) -> dict:
    return {"inputs": [{"id": str(each)} for each in record_ids], **more}


@pytest.mark.parametrize(
    "path", ["/crm/objects/2026-09/0-3", "/crm/objects/2026-09/deals", "/crm/v3/objects/0-3", "/crm/v3/objects/deals"]
)
def test_an_object_goes_by_its_name_or_the_id_of_its_type(caller: Caller, path: str) -> None:
    assert ids(caller.get(path)) == []
    assert caller.account.create("deals", {}) in ids(caller.get(path))


def test_an_unknown_object_is_refused(caller: Caller) -> None:
    assert caller.refusal("GET", "/crm/v3/objects/dials") == REFUSED


def test_a_page_holds_ten_unless_more_are_asked_for(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 120)
    assert ids(caller.get(DEALS)) == made[:10]
    assert ids(caller.get(f"{DEALS}?limit=100")) == made[:100]


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "limit=x", "limit=51&propertiesWithHistory=dealstage"])
def test_a_page_holds_no_more_than_100_or_50_with_the_past(caller: Caller, query: str) -> None:
    assert caller.refusal("GET", f"{DEALS}?{query}") == REFUSED


def test_the_last_page_has_no_paging(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 4)
    assert [ids(page) for page in caller.pages(f"{DEALS}?limit=2")] == [made[:2], made[2:]]


def test_pages_may_be_short_though_more_follow(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 5)
    caller.account.page_shortfall = 2
    assert [ids(page) for page in caller.pages(f"{DEALS}?limit=4")] == [made[:2], made[2:4], made[4:]]


def test_edits_between_pages_lose_and_repeat_nothing_else(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 6)
    pages = caller.pages(f"{DEALS}?limit=2")
    seen = ids(next(pages))
    caller.account.archive("deals", made[0])
    caller.account.archive("deals", made[4])
    added = caller.account.create("deals", {})
    assert [*seen, *(each for page in pages for each in ids(page))] == [*made[:4], made[5], added]


def test_what_follows_may_be_gone_when_it_is_asked_for(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 4)
    pages = caller.pages(f"{DEALS}?limit=2")
    next(pages)
    for each in made[2:]:
        caller.account.archive("deals", each)
    assert list(pages) == [[]]


def test_a_page_token_may_expire(caller: Caller) -> None:
    caller.account.create_many("deals", [{}] * 4)
    caller.account.page_token_life = timedelta(minutes=5)
    after = caller.get(f"{DEALS}?limit=2")["paging"]["next"]["after"]
    caller.clock.move(minutes=4)
    assert caller.get(f"{DEALS}?limit=2&after={after}")["results"]
    caller.clock.move(minutes=2)
    assert caller.refusal("GET", f"{DEALS}?limit=2&after={after}") == REFUSED


@pytest.mark.parametrize("after", ["7", "nonsense", "%C3%A4"])
def test_a_page_token_is_hubspots_own(caller: Caller, after: str) -> None:
    assert caller.refusal("GET", f"{DEALS}?after={after}") == REFUSED


def test_a_page_token_is_of_one_object(caller: Caller) -> None:
    caller.account.create_many("deals", [{}] * 4)
    after = caller.get(f"{DEALS}?limit=2")["paging"]["next"]["after"]
    assert caller.refusal("GET", f"{CONTACTS}?after={after}") == REFUSED


def test_archived_records_are_listed_for_90_days(caller: Caller) -> None:
    deal = caller.account.create("deals", {})
    caller.account.archive("deals", deal)
    assert ids(caller.get(DEALS)) == []
    caller.clock.move(days=90)
    assert ids(caller.get(f"{DEALS}?archived=true")) == [deal]
    caller.clock.move(days=1)
    assert ids(caller.get(f"{DEALS}?archived=true")) == []


def test_unknown_properties_are_ignored_and_dates_always_there(caller: Caller) -> None:
    caller.account.create("deals", {"dealname": "a"})
    shown = caller.get(f"{DEALS}?properties=dealname,colour")["results"][0]["properties"]
    assert set(shown) == {"dealname", "createdate", "hs_lastmodifieddate", "hs_object_id"}


def test_names_may_be_joined_or_repeated(caller: Caller) -> None:
    caller.account.create("deals", {"dealname": "a", "amount": "1"})
    joined = caller.get(f"{DEALS}?properties=dealname,amount")
    assert joined == caller.get(f"{DEALS}?properties=dealname&properties=amount")


def test_the_past_of_a_property_comes_newest_first(caller: Caller) -> None:
    deal = caller.account.create("deals", {"dealstage": "contractsent"})
    caller.clock.move(hours=1)
    caller.account.update("deals", deal, {"dealstage": "closedlost"})
    past = caller.get(f"{DEALS}/{deal}?propertiesWithHistory=dealstage,colour")["propertiesWithHistory"]
    assert [(each["value"], each["timestamp"]) for each in past["dealstage"]] == [
        ("closedlost", "2026-11-23T18:00:00.987Z"),
        ("contractsent", "2026-11-23T17:00:00.987Z"),
    ]
    assert set(past) == {"dealstage"}


def test_emptying_a_property_is_in_its_past(caller: Caller) -> None:
    deal = caller.account.create("deals", {"amount": "5"})
    caller.account.update("deals", deal, {"amount": None})
    shown = caller.get(f"{DEALS}/{deal}?properties=amount&propertiesWithHistory=amount")
    assert shown["properties"]["amount"] is None
    assert [each["value"] for each in shown["propertiesWithHistory"]["amount"]] == ["", "5"]


def test_a_primary_company_stands_twice_among_inline_associations(caller: Caller) -> None:
    one, other = caller.account.create_many("companies", [{}, {}])
    links = [Link("companies", one, primary=True), Link("companies", other)]
    caller.account.create("deals", {}, associations=links)
    shown = caller.get(f"{DEALS}?associations=companies,contacts,colours")["results"][0]["associations"]
    assert shown == {
        "companies": {
            "results": [
                {"id": str(one), "type": "deal_to_company"},
                {"id": str(one), "type": "deal_to_company_unlabeled"},
                {"id": str(other), "type": "deal_to_company_unlabeled"},
            ]
        }
    }


def test_inline_associations_end_at_100(caller: Caller) -> None:
    contacts = caller.account.create_many("contacts", [{}] * 101)
    caller.account.create("deals", {}, associations=[Link("contacts", each) for each in contacts])
    shown = caller.get(f"{DEALS}?associations=contacts")["results"][0]["associations"]["contacts"]
    assert len(shown["results"]) == 100
    assert shown["paging"]["next"]["after"] == str(contacts[100])


def test_the_key_of_line_items_has_a_space(caller: Caller) -> None:
    item = caller.account.create("line_items", {})
    caller.account.create("deals", {}, associations=[Link("line_items", item)])
    assert list(caller.get(f"{DEALS}?associations=line_items")["results"][0]["associations"]) == ["line items"]


def test_a_record_that_is_not_there_is_not_found(caller: Caller) -> None:
    deal = caller.account.create("deals", {})
    assert caller.refusal("GET", f"{DEALS}/{deal + 1}") == (404, "OBJECT_NOT_FOUND")
    assert caller.refusal("GET", f"{DEALS}/{deal}?archived=true") == (404, "OBJECT_NOT_FOUND")


def test_a_batch_comes_in_another_order(caller: Caller) -> None:
    made = caller.account.create_many("deals", [{}] * 3)
    reply = caller.reply("POST", f"{DEALS}/batch/read", batch_of(*made))
    assert reply.status == 200
    assert ids(reply.body) == made[::-1]


def test_a_batch_with_part_missing_is_207(caller: Caller) -> None:
    deal, gone = caller.account.create_many("deals", [{}, {}])
    caller.account.archive("deals", gone)
    reply = caller.reply("POST", f"{DEALS}/batch/read", batch_of(deal, gone, 5))
    assert (reply.status, ids(reply.body)) == (207, [deal])
    assert reply.body["numErrors"] == 1
    assert reply.body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert reply.body["errors"][0]["context"] == {"ids": ["5", str(gone)]}


def test_a_batch_of_archived_records_is_asked_for_as_such(caller: Caller) -> None:
    deal, gone = caller.account.create_many("deals", [{}, {}])
    caller.account.archive("deals", gone)
    reply = caller.reply("POST", f"{DEALS}/batch/read?archived=true", batch_of(deal, gone))
    assert (reply.status, ids(reply.body)) == (207, [gone])


@pytest.mark.parametrize(
    "body",
    [
        batch_of(*range(1, 102)),
        batch_of(*range(1, 52), propertiesWithHistory=["dealstage"]),
        batch_of(),
        {"inputs": [{"id": "x"}]},
        {"inputs": [7]},
        batch_of(1, properties="dealname"),
        batch_of(1, idProperty="dealname"),
        [],
        None,
    ],
)
def test_a_batch_that_is_too_large_or_misshapen_is_refused(caller: Caller, body: object) -> None:
    assert caller.refusal("POST", f"{DEALS}/batch/read", body) == REFUSED


def test_a_record_is_not_read_by_another_property(caller: Caller) -> None:
    assert caller.refusal("GET", f"{CONTACTS}/1?idProperty=email") == REFUSED
