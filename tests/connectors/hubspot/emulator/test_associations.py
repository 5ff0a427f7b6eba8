"""Associations of many records at once."""

from urllib.parse import unquote

import pytest

from connectors.hubspot.emulator.account import Link
from tests.connectors.hubspot.emulator.calling import Caller

REFUSED = (400, "VALIDATION_ERROR")
DATED = "/crm/associations/2026-09/0-3/companies/batch/read"
V4 = "/crm/v4/associations/deals/companies/batch/read"
TO_CONTACTS = "/crm/v4/associations/deals/contacts/batch/read"


@pytest.fixture
def caller() -> Caller:
    return Caller()


def inputs(*record_ids: int) -> list[dict[str, str]]:
    return [{"id": str(each)} for each in record_ids]


def targets(result: dict) -> list[int]:
    return [int(each["toObjectId"]) for each in result["to"]]


def test_the_other_ends_id_is_text_in_one_version_and_a_number_in_the_other(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deal = caller.account.create("deals", {}, associations=[Link("companies", company)])
    for path, expected in ((DATED, str(company)), (V4, company)):
        assert caller.post(path, inputs=inputs(deal))["results"][0]["to"][0]["toObjectId"] == expected


def test_a_primary_company_has_two_types(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deal = caller.account.create("deals", {}, associations=[Link("companies", company, primary=True)])
    assert caller.post(V4, inputs=inputs(deal))["results"][0]["to"][0]["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None},
    ]


def test_one_company_is_the_primary_one(caller: Caller) -> None:
    one, other = caller.account.create_many("companies", [{}, {}])
    deal = caller.account.create("deals", {}, associations=[Link("companies", one, primary=True)])
    caller.account.associate("deals", deal, Link("companies", other, primary=True))
    linked = caller.account.links.of("deals", deal, "companies")
    assert {target: labels.primary for target, labels in linked.items()} == {one: False, other: True}


def test_an_association_is_seen_from_both_ends(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deal = caller.account.create("deals", {}, associations=[Link("companies", company, primary=True)])
    back = caller.post("/crm/v4/associations/companies/deals/batch/read", inputs=inputs(company))["results"][0]
    assert targets(back) == [deal]
    assert [each["typeId"] for each in back["to"][0]["associationTypes"]] == [6, 342]


def test_leads_and_deals_are_seen_from_leads_alone(caller: Caller) -> None:
    deal = caller.account.create("deals", {})
    lead = caller.account.create("leads", {}, associations=[Link("deals", deal, primary=True)])
    assert targets(caller.post("/crm/v4/associations/leads/deals/batch/read", inputs=inputs(lead))["results"][0]) == [
        deal
    ]
    assert caller.post("/crm/v4/associations/deals/leads/batch/read", inputs=inputs(deal))["results"] == []


def test_the_accounts_own_label_stands_beside_the_unlabelled_type(caller: Caller) -> None:
    contact = caller.account.create("contacts", {})
    deal = caller.account.create("deals", {}, associations=[Link("contacts", contact, label="Buyer")])
    assert caller.post(TO_CONTACTS, inputs=inputs(deal))["results"][0]["to"][0]["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None},
        {"category": "USER_DEFINED", "typeId": 1, "label": "Buyer"},
    ]


def test_an_id_without_associations_is_an_error_of_a_207(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deal = caller.account.create("deals", {}, associations=[Link("companies", company)])
    lonely = caller.account.create("deals", {})
    reply = caller.reply("POST", V4, {"inputs": inputs(lonely, deal, 5)})
    assert reply.status == 207
    assert [each["from"]["id"] for each in reply.body["results"]] == [str(deal)]
    assert {each["subCategory"] for each in reply.body["errors"]} == {"crm.associations.NO_ASSOCIATIONS_FOUND"}
    assert {each["context"]["fromObjectId"][0] for each in reply.body["errors"]} == {str(lonely), "5"}


def test_results_come_in_another_order(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deals = [caller.account.create("deals", {}, associations=[Link("companies", company)]) for _ in range(3)]
    reply = caller.reply("POST", V4, {"inputs": inputs(*deals)})
    assert reply.status == 200
    assert [int(each["from"]["id"]) for each in reply.body["results"]] == deals[::-1]


def test_each_id_has_pages_of_its_own_whose_tokens_come_encoded(caller: Caller) -> None:
    contacts = caller.account.create_many("contacts", [{}] * 5)
    deal = caller.account.create("deals", {}, associations=[Link("contacts", each) for each in contacts])
    caller.account.association_page = 2
    seen, more = [], {}
    for _ in range(3):
        result = caller.post(TO_CONTACTS, inputs=[{"id": str(deal), **more}])["results"][0]
        seen += targets(result)
        if "paging" in result:
            more = {"after": unquote(result["paging"]["next"]["after"])}
    assert seen == contacts
    assert "paging" not in result


def test_a_token_goes_back_decoded(caller: Caller) -> None:
    contacts = caller.account.create_many("contacts", [{}] * 3)
    deal = caller.account.create("deals", {}, associations=[Link("contacts", each) for each in contacts])
    caller.account.association_page = 1
    after = caller.post(TO_CONTACTS, inputs=inputs(deal))["results"][0]["paging"]["next"]["after"]
    assert "%" in after
    assert caller.refusal("POST", TO_CONTACTS, {"inputs": [{"id": str(deal), "after": after}]}) == REFUSED


def test_archived_records_have_no_associations_until_they_are_restored(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    deal = caller.account.create("deals", {}, associations=[Link("companies", company)])
    for name, record_id in (("deals", deal), ("companies", company)):
        caller.account.archive(name, record_id)
        assert caller.post(V4, inputs=inputs(deal))["results"] == []
        caller.account.restore(name, record_id)
        assert targets(caller.post(V4, inputs=inputs(deal))["results"][0]) == [company]


@pytest.mark.parametrize("body", [{"inputs": inputs(*range(1, 1002))}, {"inputs": []}, {}, {"inputs": [{"id": None}]}])
def test_more_than_1_000_ids_or_none_are_refused(caller: Caller, body: dict) -> None:
    assert caller.refusal("POST", DATED, body) == REFUSED


def test_labels_tell_the_types_of_associations(caller: Caller) -> None:
    found = caller.get("/crm/associations/2026-09/deals/companies/labels")["results"]
    assert [(each["typeId"], each["label"]) for each in found] == [(341, None), (5, "Primary")]
