"""Edits of an account, as its people make them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.hubspot.emulator.account import Account, AccountError, Link
from connectors.hubspot.emulator.organisation import Stage
from tests.connectors.hubspot.emulator.calling import CONTACTS, DEALS, Caller

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def caller() -> Caller:
    return Caller()


def properties(caller: Caller, path: str, record_id: int, *names: str, archived: str = "false") -> dict:
    return caller.get(f"{path}/{record_id}?archived={archived}&properties={','.join(names)}")["properties"]


def test_values_are_text_or_null(caller: Caller) -> None:
    caller.account.add_property("deals", "signed_on", type="date")
    values = {"amount": Decimal("12.50"), "closedate": MAY, "signed_on": date(2026, 5, 2), "dealname": ""}
    deal = caller.account.create("deals", values)
    shown = properties(caller, DEALS, deal, "amount", "closedate", "signed_on", "dealname", "hs_is_closed")
    assert shown["amount"] == "12.50"
    assert shown["closedate"] == "2026-05-01T12:00:00.000Z"
    assert shown["signed_on"] == "2026-05-02"
    assert shown["dealname"] is None
    assert shown["hs_is_closed"] is None


def test_ids_are_larger_than_32_bits_hold(caller: Caller) -> None:
    assert caller.account.create("deals", {}) > 2**32


def test_an_id_may_be_chosen_once(caller: Caller) -> None:
    assert caller.account.create("deals", {}, id=7) == 7
    with pytest.raises(AccountError, match="already"):
        caller.account.create("deals", {}, id=7)


def test_an_unknown_property_is_refused(caller: Caller) -> None:
    with pytest.raises(AccountError, match="add_property"):
        caller.account.create("deals", {"colour": "red"})


def test_the_modified_date_is_hubspots_own(caller: Caller) -> None:
    with pytest.raises(AccountError, match="HubSpot alone"):
        caller.account.create("deals", {"hs_lastmodifieddate": MAY})


def test_an_update_moves_the_modified_date_alone(caller: Caller) -> None:
    deal = caller.account.create("deals", {"dealname": "a"}, at=MAY)
    caller.account.update("deals", deal, {"dealname": "b"}, at=MAY + timedelta(milliseconds=5))
    shown = caller.get(f"{DEALS}/{deal}")
    assert (shown["createdAt"], shown["updatedAt"]) == ("2026-05-01T12:00:00.000Z", "2026-05-01T12:00:00.005Z")
    assert shown["properties"]["createdate"] == shown["createdAt"]
    assert shown["properties"]["hs_lastmodifieddate"] == shown["updatedAt"]


def test_contacts_have_a_modified_date_of_another_name(caller: Caller) -> None:
    contact = caller.account.create("contacts", {"email": "a@b.example"}, at=MAY)
    shown = properties(caller, CONTACTS, contact, "hs_lastmodifieddate", "lastmodifieddate")
    assert shown["lastmodifieddate"] == "2026-05-01T12:00:00.000Z"
    assert "hs_lastmodifieddate" not in shown


def test_archiving_and_restoring_leave_the_modified_date(caller: Caller) -> None:
    deal = caller.account.create("deals", {}, at=MAY)
    caller.account.archive("deals", deal)
    shown = caller.get(f"{DEALS}/{deal}?archived=true")
    assert (shown["archived"], shown["archivedAt"]) == (True, "2026-11-23T17:00:00.987Z")
    assert shown["updatedAt"] == "2026-05-01T12:00:00.000Z"
    caller.account.restore("deals", deal)
    assert caller.get(f"{DEALS}/{deal}")["updatedAt"] == "2026-05-01T12:00:00.000Z"


def test_an_association_leaves_the_modified_date(caller: Caller) -> None:
    deal, company = caller.account.create("deals", {}, at=MAY), caller.account.create("companies", {}, at=MAY)
    caller.account.associate("deals", deal, Link("companies", company, primary=True))
    assert caller.get(f"{DEALS}/{deal}")["updatedAt"] == "2026-05-01T12:00:00.000Z"
    caller.account.dissociate("deals", deal, "companies", company)
    assert caller.get(f"{DEALS}/{deal}")["updatedAt"] == "2026-05-01T12:00:00.000Z"


def test_a_purged_record_is_nowhere(caller: Caller) -> None:
    contact = caller.account.create("contacts", {})
    caller.account.archive("contacts", contact)
    caller.account.purge("contacts", contact)
    assert caller.refusal("GET", f"{CONTACTS}/{contact}?archived=true") == (404, "OBJECT_NOT_FOUND")
    assert caller.get(f"{CONTACTS}?archived=true")["results"] == []


def test_an_archived_record_cannot_be_edited(caller: Caller) -> None:
    deal = caller.account.create("deals", {})
    caller.account.archive("deals", deal)
    with pytest.raises(AccountError, match="no live deal"):
        caller.account.update("deals", deal, {"dealname": "b"})


def test_a_record_comes_into_a_stage_of_its_pipeline_alone(caller: Caller) -> None:
    caller.account.add_pipeline("deals", "77", "Renewals", [Stage("771", "Open", {"isClosed": "false"})])
    with pytest.raises(AccountError, match="closedwon"):
        caller.account.create("deals", {"pipeline": "77", "dealstage": "closedwon"})
    deal = caller.account.create("deals", {"dealstage": "771"})
    assert properties(caller, DEALS, deal, "pipeline")["pipeline"] == "77"


def test_hubspot_stamps_what_a_stage_says_of_a_deal(caller: Caller) -> None:
    deal = caller.account.create("deals", {"dealstage": "contractsent"}, at=MAY)
    caller.account.update("deals", deal, {"dealstage": "closedwon"}, at=MAY + timedelta(days=1))
    shown = properties(
        caller,
        DEALS,
        deal,
        "hs_is_closed_won",
        "hs_deal_stage_probability",
        "hs_v2_date_entered_closedwon",
        "hs_v2_date_exited_contractsent",
        "hs_v2_date_entered_contractsent",
    )
    assert shown["hs_is_closed_won"] == "true"
    assert shown["hs_deal_stage_probability"] == "1.0"
    assert shown["hs_v2_date_entered_contractsent"] == "2026-05-01T12:00:00.000Z"
    assert shown["hs_v2_date_exited_contractsent"] == "2026-05-02T12:00:00.000Z"
    assert shown["hs_v2_date_entered_closedwon"] == "2026-05-02T12:00:00.000Z"


def test_a_stamp_given_by_hand_wins(caller: Caller) -> None:
    contact = caller.account.create(
        "contacts", {"lifecyclestage": "lead", "hs_lifecyclestage_lead_date": MAY - timedelta(days=9)}, at=MAY
    )
    shown = properties(caller, CONTACTS, contact, "hs_lifecyclestage_lead_date", "hs_v2_date_entered_lead")
    assert shown["hs_lifecyclestage_lead_date"] == "2026-04-22T12:00:00.000Z"
    assert shown["hs_v2_date_entered_lead"] == "2026-05-01T12:00:00.000Z"


def test_dashes_of_a_stage_are_underscores_in_names(caller: Caller) -> None:
    lead = caller.account.create("leads", {"hs_pipeline_stage": "new-stage-id"}, at=MAY)
    name = "hs_v2_date_entered_new_stage_id"
    assert properties(caller, "/crm/v3/objects/leads", lead, name)[name] == "2026-05-01T12:00:00.000Z"


def test_records_keep_the_id_of_a_deleted_stage(caller: Caller) -> None:
    deal = caller.account.create("deals", {"dealstage": "contractsent"})
    caller.account.remove_stage("deals", "default", "contractsent")
    assert properties(caller, DEALS, deal, "dealstage")["dealstage"] == "contractsent"


def test_values_move_along_with_a_renamed_property(caller: Caller) -> None:
    caller.account.add_property("deals", "colour")
    deal = caller.account.create("deals", {"colour": "red"})
    caller.account.rename_property("deals", "colour", "hue")
    shown = properties(caller, DEALS, deal, "colour", "hue")
    assert shown["hue"] == "red"
    assert "colour" not in shown


def test_a_removed_property_is_ignored(caller: Caller) -> None:
    caller.account.add_property("deals", "colour")
    deal = caller.account.create("deals", {"colour": "red"})
    caller.account.remove_property("deals", "colour")
    assert "colour" not in properties(caller, DEALS, deal, "colour")


def test_many_records_are_made_at_once() -> None:
    account = Account()
    made = account.create_many("contacts", ({"email": f"{n}@a.example"} for n in range(1000)))
    company = account.create("companies", {})
    account.associate_many("contacts", ((each, Link("companies", company, primary=True)) for each in made))
    assert len(set(made)) == 1000
    assert len(account.links.of("companies", company, "contacts")) == 1000


def test_only_companies_and_what_a_lead_hangs_on_are_primary(caller: Caller) -> None:
    deal, contact = caller.account.create("deals", {}), caller.account.create("contacts", {})
    with pytest.raises(AccountError, match="no primary"):
        caller.account.associate("deals", deal, Link("contacts", contact, primary=True))


def test_threads_share_an_account(caller: Caller) -> None:
    def create_one(number: int) -> int:
        deal = caller.account.create("deals", {"amount": number})
        caller.found(DEALS, limit=200)
        list(caller.pages(f"{DEALS}?limit=50"))
        return deal

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create_one, range(100), timeout=60))
    assert sorted(caller.found(DEALS, limit=200)) == sorted(set(made))
    assert len(set(made)) == 100
