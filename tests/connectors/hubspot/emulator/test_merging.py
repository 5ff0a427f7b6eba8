"""What merges leave behind."""

from datetime import timedelta

import pytest

from connectors.hubspot.emulator.account import AccountError, Link
from tests.connectors.hubspot.emulator.calling import CONTACTS, DEALS, Caller, ids

MERGED = "hs_merged_object_ids"
TO_COMPANIES = "/crm/v4/associations/deals/companies/batch/read"


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_the_winning_contact_keeps_its_id_and_names_the_loser(caller: Caller) -> None:
    winner = caller.account.create("contacts", {"email": "w@a.example"})
    loser = caller.account.create("contacts", {"email": "l@a.example", "phone": "1"})
    caller.clock.move(hours=1)
    assert caller.account.merge("contacts", winner, loser) == winner
    shown = caller.get(f"{CONTACTS}/{winner}?properties=email,phone,{MERGED}")
    assert shown["properties"][MERGED] == str(loser)
    assert (shown["properties"]["email"], shown["properties"]["phone"]) == ("w@a.example", "1")
    assert shown["updatedAt"] == "2026-11-23T18:00:00.987Z"


def test_the_losing_contact_is_in_no_list(caller: Caller) -> None:
    winner, loser = caller.account.create_many("contacts", [{}, {}])
    caller.account.merge("contacts", winner, loser)
    assert ids(caller.get(CONTACTS)) == [winner]
    assert ids(caller.get(f"{CONTACTS}?archived=true")) == []
    assert caller.found(CONTACTS) == [winner]


def test_a_batch_leaves_the_losing_contact_out_without_a_word(caller: Caller) -> None:
    winner, loser = caller.account.create_many("contacts", [{}, {}])
    caller.account.merge("contacts", winner, loser)
    reply = caller.reply("POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": str(loser)}, {"id": str(winner)}]})
    assert (reply.status, ids(reply.body)) == (200, [winner])


def test_a_merge_of_deals_makes_a_new_id(caller: Caller) -> None:
    winner, loser = caller.account.create_many("deals", [{"dealname": "w"}, {"dealname": "l", "amount": "5"}])
    kept = caller.account.merge("deals", winner, loser)
    assert kept not in {winner, loser}
    assert ids(caller.get(DEALS)) == [kept]
    assert ids(caller.get(f"{DEALS}?archived=true")) == []
    shown = caller.get(f"{DEALS}/{kept}?properties=dealname,amount,{MERGED}")["properties"]
    assert (shown["dealname"], shown["amount"], shown[MERGED]) == ("w", "5", f"{winner};{loser}")


def test_an_old_id_of_a_deal_answers_with_the_new_one(caller: Caller) -> None:
    winner, loser = caller.account.create_many("deals", [{}, {}])
    kept = caller.account.merge("deals", winner, loser)
    assert caller.get(f"{DEALS}/{loser}")["id"] == str(kept)
    batch = caller.post(f"{DEALS}/batch/read", inputs=[{"id": str(winner)}, {"id": str(loser)}])
    assert ids(batch) == [kept]


def test_an_old_id_of_a_deal_has_no_associations(caller: Caller) -> None:
    company = caller.account.create("companies", {})
    link = Link("companies", company, primary=True)
    winner = caller.account.create("deals", {}, associations=[link])
    loser = caller.account.create("deals", {})
    kept = caller.account.merge("deals", winner, loser)
    assert "associations" not in caller.get(f"{DEALS}/{winner}?associations=companies")
    assert caller.get(f"{DEALS}/{kept}?associations=companies")["associations"]
    batch = caller.post(TO_COMPANIES, inputs=[{"id": str(winner)}, {"id": str(kept)}])
    assert [each["from"]["id"] for each in batch["results"]] == [str(kept)]
    assert batch["errors"][0]["context"]["fromObjectId"] == [str(winner)]


def test_a_second_merge_names_all_that_went_in(caller: Caller) -> None:
    first, second, third = caller.account.create_many("deals", [{}, {}, {}])
    once = caller.account.merge("deals", first, second)
    kept = caller.account.merge("deals", once, third)
    assert caller.get(f"{DEALS}/{kept}?properties={MERGED}")["properties"][MERGED] == f"{first};{second};{once};{third}"
    assert caller.get(f"{DEALS}/{first}")["id"] == str(kept)


def test_associations_move_to_the_winner_whose_primary_company_stays(caller: Caller) -> None:
    one, other = caller.account.create_many("companies", [{}, {}])
    winner = caller.account.create("contacts", {}, associations=[Link("companies", one, primary=True)])
    loser = caller.account.create("contacts", {}, associations=[Link("companies", other, primary=True)])
    caller.account.merge("contacts", winner, loser)
    linked = caller.account.links.of("contacts", winner, "companies")
    assert {target: labels.primary for target, labels in linked.items()} == {one: True, other: False}


def test_companies_merged_keep_the_primary_mark_of_their_deals(caller: Caller) -> None:
    one, other = caller.account.create_many("companies", [{}, {}])
    deal = caller.account.create("deals", {}, associations=[Link("companies", other, primary=True)])
    caller.account.merge("companies", one, other)
    assert caller.account.links.of("deals", deal, "companies")[one].primary


def test_a_merged_record_keeps_the_past_of_the_winner(caller: Caller) -> None:
    winner, loser = caller.account.create_many("deals", [{"dealstage": "contractsent"}, {}])
    caller.account.update("deals", winner, {"dealstage": "closedwon"}, at=caller.clock() + timedelta(hours=1))
    kept = caller.account.merge("deals", winner, loser, at=caller.clock() + timedelta(hours=2))
    past = caller.get(f"{DEALS}/{kept}?propertiesWithHistory=dealstage")["propertiesWithHistory"]["dealstage"]
    assert [each["value"] for each in past] == ["closedwon", "contractsent"]


def test_tasks_are_not_merged(caller: Caller) -> None:
    one, other = caller.account.create_many("tasks", [{}, {}])
    with pytest.raises(AccountError, match="cannot be merged"):
        caller.account.merge("tasks", one, other)
