"""A company of the schema's tables, written into an account."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling import fill_account, left_over

BERLIN = "Europe/Berlin"


def filled(**tables):
    account = Account(timezone=BERLIN, currency="EUR")
    return account, fill_account(account, tables)


def records(account, object_name):
    return list(account.shelves[object_name].records.values())


def the(account, object_name):
    (record,) = records(account, object_name)
    return record.properties


def deal(id_="D1", **columns):
    return {"id": id_, "status": "open", "created_at": "2026-01-05T09:00:00Z", **columns}


def at(day):
    return datetime(2026, 1, day, 9, tzinfo=UTC)


def change(stage, day, status="open", probability="0.2"):
    return {"deal_id": "D1", "stage": stage, "at": at(day), "status": status, "probability": probability}


def test_owners_and_teams_are_numbered_in_their_order():
    account, ids = filled(
        owners=[
            {"id": "R1", "name": "Zoë Lindqvist-O'Hara", "email": "zoe@x.example", "team_id": "T2"},
            {"id": "R2", "name": "Ann", "active": "false"},
        ],
        teams=[{"id": "T1", "name": "EMEA"}, {"id": "T2", "name": "DACH", "parent_id": "T1"}],
    )
    assert (ids.of("owners", "R1"), ids.of("owners", "R2"), ids.of("teams", "T2")) == ("1001", "1002", "102")
    assert account.teams[102].parent_id == 101
    zoe, ann = account.owners.values()
    assert (zoe.first_name, zoe.last_name, zoe.teams) == ("Zoë", "Lindqvist-O'Hara", ((102, True),))
    assert (ann.first_name, ann.last_name, ann.archived) == ("Ann", "", True)


def test_a_user_has_the_time_zone_of_its_owner():
    account, ids = filled(owners=[{"id": "R1", "name": "Ann", "timezone": "Asia/Tokyo", "role": "ae"}])
    user = the(account, "users")
    assert user["hs_internal_user_id"] == str(account.owners[1001].user_id)
    assert (user["hubspot_owner_id"], user["hs_standard_time_zone"]) == (ids.of("owners", "R1"), "Asia/Tokyo")


def test_a_deal_goes_through_its_stages_at_their_instants():
    changes = [change("Offer", 9), change("Call", 5), change("Won", 20, "won", "1")]
    account, _ = filled(
        deals=[deal(pipeline="Sales", stage="Won", status="won", probability="1", closed_at=at(20))],
        stage_changes=changes,
    )
    (record,) = records(account, "deals")
    history = record.history("dealstage", account.shelves["deals"].kind)
    assert history == [(at(20), "won"), (at(9), "offer"), (at(5), "call")]
    assert (record.properties["hs_is_closed_won"], record.properties["closedate"]) == (
        "true",
        "2026-01-20T09:00:00.000Z",
    )


def test_stages_of_one_name_are_told_apart_by_what_they_say_of_a_deal():
    account, _ = filled(
        deals=[
            deal("D1", pipeline="Sales", stage="Offer", probability="0.5"),
            deal("D2", pipeline="Sales", stage="Offer", probability="0.7"),
            deal("D3", pipeline="Renewals", stage="Offer", status="lost"),
        ]
    )
    sales, renewals = account.pipelines["deals"].values()
    assert [(each.id, each.label, each.metadata) for each in [*sales.stages.values(), *renewals.stages.values()]] == [
        ("offer", "Offer", {"isClosed": "false", "probability": "0.5"}),
        ("offer2", "Offer", {"isClosed": "false", "probability": "0.7"}),
        ("offer3", "Offer", {"isClosed": "true", "probability": "0.0"}),
    ]


def test_a_deal_whose_changes_are_unknown_came_to_its_stage_when_it_was_closed():
    account, _ = filled(deals=[deal(stage="Gone", status="lost", closed_at=at(30))])
    (record,) = records(account, "deals")
    assert record.history("dealstage", account.shelves["deals"].kind) == [(at(30), "gone")]
    assert record.properties["createdate"] == "2026-01-05T09:00:00.000Z"


def test_a_deal_that_is_open_closes_on_the_day_that_is_expected():
    account, _ = filled(deals=[deal(close_date=date(2026, 7, 1), closed_at=at(30))])
    assert the(account, "deals")["closedate"] == "2026-06-30T22:00:00.000Z"


def test_records_are_linked_to_those_that_they_name_and_that_are_there():
    account, ids = filled(
        accounts=[{"id": "A1", "name": "One"}],
        leads=[{"id": "L1", "account_id": "A1", "created_at": at(2)}],
        deals=[deal(account_id="A1", lead_id="L1"), deal("D2", account_id="A gone", lead_id="L gone")],
        activities=[{"id": "X1", "type": "call", "at": at(3), "lead_id": "L1", "deal_id": "D1", "account_id": "A1"}],
    )
    company, contact = int(ids.of("accounts", "A1")), int(ids.of("leads", "L1"))
    first, second = (int(ids.of("deals", each)) for each in ("D1", "D2"))
    call = int(ids.of("activities", "X1").removeprefix("call-"))
    assert account.links.of("deals", first, "companies")[company].primary
    assert not account.links.of("deals", second, "companies")
    assert not account.links.of("deals", second, "contacts")
    for source, number in (("deals", first), ("calls", call), ("companies", company)):
        assert list(account.links.of(source, number, "contacts")) == [contact]


def test_a_lead_is_a_contact_in_the_last_stage_that_it_reached():
    account, _ = filled(
        leads=[{"id": "L1", "created_at": at(2), "mql_at": at(3), "opportunity_at": at(8), "status": "disqualified"}]
    )
    contact = the(account, "contacts")
    assert (contact["lifecyclestage"], contact["hs_lead_status"]) == ("opportunity", "UNQUALIFIED")
    assert contact["hs_lifecyclestage_lead_date"] == "2026-01-02T09:00:00.000Z"
    assert contact["hs_lifecyclestage_marketingqualifiedlead_date"] == "2026-01-03T09:00:00.000Z"
    assert contact["hs_lifecyclestage_opportunity_date"] == "2026-01-08T09:00:00.000Z"
    assert "hs_lifecyclestage_salesqualifiedlead_date" not in contact


@pytest.mark.parametrize(
    ("type_", "outcome", "object_name", "said"),
    [
        ("call", "connected", "calls", {"hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7"}),
        ("call", "cancelled", "calls", {"hs_call_status": "CANCELED"}),
        ("email", "", "emails", {"hs_email_status": "SENT", "hs_email_direction": "INCOMING_EMAIL"}),
        ("demo", "no_show", "meetings", {"hs_activity_type": "Product demo", "hs_meeting_outcome": "NO_SHOW"}),
        ("task", "", "tasks", {"hs_task_status": "COMPLETED"}),
        ("task", "scheduled", "tasks", {"hs_task_status": "NOT_STARTED"}),
    ],
)
def test_an_activity_is_said_in_the_words_of_its_type(type_, outcome, object_name, said):
    account, _ = filled(
        activities=[{"id": "X1", "type": type_, "at": at(3), "outcome": outcome, "direction": "inbound"}]
    )
    assert said.items() <= the(account, object_name).items()


def test_a_meeting_ends_after_its_length_and_a_call_has_it_in_milliseconds():
    account, _ = filled(
        activities=[
            {"id": "X1", "type": "meeting", "at": at(3), "duration_seconds": "1800"},
            {"id": "X2", "type": "call", "at": at(3), "duration_seconds": "90"},
        ]
    )
    assert the(account, "meetings")["hs_meeting_end_time"] == "2026-01-03T09:30:00.000Z"
    assert the(account, "calls")["hs_call_duration"] == "90000"


def test_a_line_item_has_the_cost_of_one_unit():
    line = {"id": "I1", "deal_id": "D1", "product": "Core", "quantity": "7", "amount": "700", "cost": "100"}
    account, _ = filled(deals=[deal()], line_items=[line, {**line, "id": "I2", "deal_id": "gone"}])
    assert the(account, "line_items")["hs_cost_of_goods_sold"] == "14.28571429"
    assert the(account, "products")["name"] == "Core"


def test_a_subscription_runs_until_the_day_before_its_end():
    account, _ = filled(
        accounts=[{"id": "A1"}],
        subscriptions=[
            {
                "id": "S1",
                "account_id": "A1",
                "mrr": "900",
                "started_at": "2025-12-31T23:00:00Z",
                "ended_at": "2026-06-30T22:00:00Z",
            }
        ],
    )
    found = the(account, "subscriptions")
    assert found["hs_recurring_billing_start_date"] == "2026-01-01"
    assert found["hs_recurring_billing_end_date"] == "2026-06-30"


def test_a_rate_holds_from_midnight_of_the_account_and_the_own_currency_has_none():
    account, _ = filled(
        fx_rates=[
            {"currency": "usd", "date": "2026-01-01", "rate": "0.9"},
            {"currency": "EUR", "date": "2026-01-01", "rate": "1"},
        ]
    )
    (rate,) = account.exchange_rates
    assert (rate.code, rate.rate, rate.effective_at) == ("USD", Decimal("0.9"), datetime(2025, 12, 31, 23, tzinfo=UTC))


def test_what_hubspot_does_not_hold_is_left_over_with_its_ids_in_the_names():
    spend = {"date": "2026-01-08", "category": "marketing", "amount": "10.50"}
    target = {"kpi": "bookings", "scope": "rep", "scope_id": "R1", "period": "2026-01", "value": "500"}
    tables = {
        "owners": [{"id": "R1", "name": "Ann"}],
        "teams": [{"id": "T1", "name": "EMEA"}],
        "campaigns": [{"id": "C1", "name": "Fair"}],
        "spend": [
            {**spend, "id": "P1", "campaign_id": "C1"},
            {**spend, "id": "P2", "category": "sales", "campaign_id": "C1"},
            {**spend, "id": "P3"},
        ],
        "targets": [
            target,
            {**target, "period": "2026-Q1"},
            {**target, "scope": "team", "scope_id": "T1"},
            {**target, "scope_id": "ann@x.example"},
        ],
        "holidays": [{"date": "2026-01-01"}],
    }
    account, ids = filled(**tables)
    campaign = ids.of("campaigns", "C1")
    left = left_over(tables, ids, "hubspot")
    assert [each.amount for each in account.campaigns[campaign].spend] == [Decimal("10.50")]
    assert [(row["id"], row.get("campaign_id")) for row in left["spend"]] == [
        ("P2", f"hubspot:{campaign}"),
        ("P3", None),
    ]
    assert [row["scope_id"] for row in left["targets"]] == ["hubspot:1001", "hubspot:101", "ann@x.example"]
    assert left["holidays"] == tables["holidays"]
    goal = the(account, "goal_targets")
    assert (goal["hubspot_owner_id"], goal["hs_target_amount"]) == ("1001", "500")
    assert (goal["hs_start_datetime"], goal["hs_end_datetime"]) == (
        "2025-12-31T23:00:00.000Z",
        "2026-01-31T22:59:59.999Z",
    )


def test_rows_that_the_schema_would_set_aside_are_left_out():
    account, ids = filled(
        deals=[deal(), deal(status="lost"), deal("D2", status="in review"), deal("D3", created_at="")]
    )
    assert list(ids.all("deals")) == ["D1"]
    assert len(records(account, "deals")) == 1
