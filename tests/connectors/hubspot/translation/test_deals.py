"""Deals and their stages."""

import pytest

from tests.connectors.hubspot.mirror_rows import MirrorRows


@pytest.fixture
def mirror():
    mirror = MirrorRows(timezone="US/Eastern")
    mirror.insert("pipelines", object="deals", id="default", label="Sales", archived=False)
    mirror.stage("open", "Open", "0.4")
    mirror.stage("won", "Closed won", "1.0")
    mirror.stage("lost", "Closed lost", "0.0")
    return mirror


@pytest.mark.parametrize(("stage", "status"), [("open", "open"), ("won", "won"), ("lost", "lost")])
def test_the_stage_says_whether_a_deal_is_open_won_or_lost(mirror, stage, status):
    mirror.put("deals", 1, dealstage=stage)
    assert mirror.row("deals", "1")["status"] == status


def test_a_full_probability_wins_nothing_while_the_stage_is_open(mirror):
    mirror.stage("sure", "Sure", "1.0", closed=False)
    mirror.put("deals", 1, dealstage="sure")
    assert mirror.row("deals", "1")["status"] == "open"


@pytest.mark.parametrize(
    ("closed", "probability", "status"),
    [("true", "1.0", "won"), ("true", "0", "lost"), ("false", "1.0", "open"), (None, None, "open")],
)
def test_a_stage_without_trace_leaves_it_to_the_deal(mirror, closed, probability, status):
    mirror.put("deals", 1, dealstage="9", hs_is_closed=closed, hs_deal_stage_probability=probability)
    assert (mirror.row("deals", "1")["status"], mirror.row("deals", "1")["stage"]) == (status, "9")


def test_stages_and_pipelines_are_shown_by_their_labels(mirror):
    mirror.put("deals", 1, dealstage="won", pipeline="default")
    mirror.put("deals", 2, dealstage="won", pipeline="other")
    assert [(row["stage"], row["pipeline"]) for row in mirror.rows("deals")] == [
        ("Closed won", "Sales"),
        ("Closed won", "other"),
    ]


def test_a_deals_own_probability_stands_before_its_stages(mirror):
    mirror.put("deals", 1, dealstage="open", hs_deal_stage_probability="0.7")
    mirror.put("deals", 2, dealstage="open")
    assert [row["probability"] for row in mirror.rows("deals")] == ["0.7", "0.4"]


def test_the_day_of_closing_is_the_organisations(mirror):
    mirror.put("deals", 1, closedate="2026-02-01T03:00:00Z")
    row = mirror.row("deals", "1")
    assert (row["close_date"], row["closed_at"]) == ("2026-01-31", "2026-02-01T03:00:00Z")


def test_milliseconds_of_the_epoch_are_an_instant(mirror):
    mirror.put("deals", 1, createdate="1767225600000")
    assert mirror.row("deals", "1")["created_at"] == "2026-01-01T00:00:00.000Z"


def test_a_deal_without_a_currency_is_in_the_accounts(mirror):
    mirror.put("deals", 1)
    mirror.put("deals", 2, deal_currency_code="EUR")
    assert [row["currency"] for row in mirror.rows("deals")] == ["USD", "EUR"]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [("newbusiness", "new"), ("existingbusiness", "expansion"), ("Renewal", "renewal"), ("x", "x")],
)
def test_types_are_new_expansion_or_renewal_and_others_stay(mirror, type_, expected):
    mirror.put("deals", 1, dealtype=type_)
    assert mirror.row("deals", "1")["type"] == expected


def test_the_account_is_the_primary_company_that_is_there(mirror):
    for id_ in (3, 4, 5):
        mirror.put("companies", id_)
    mirror.put("deals", 1)
    mirror.link("deals", 1, "companies", 3)
    mirror.link("deals", 1, "companies", 4, primary=True)
    assert mirror.row("deals", "1")["account_id"] == "4"
    mirror.remove("companies", 4)
    assert mirror.row("deals", "1")["account_id"] == "3"


def test_the_lead_is_the_contact_that_became_one_first(mirror):
    for id_, day in ((5, "03"), (6, "02"), (7, "02")):
        mirror.put("contacts", id_, hs_lifecyclestage_lead_date=f"2026-01-{day}T00:00:00Z")
    mirror.put("contacts", 4, lifecyclestage="subscriber")
    mirror.put("deals", 1)
    for id_ in (4, 5, 6, 7):
        mirror.link("deals", 1, "contacts", id_)
    assert mirror.row("deals", "1")["lead_id"] == "6"


def test_a_contact_with_a_lead_object_stands_as_that(mirror):
    mirror.put("contacts", 5, lifecyclestage="lead")
    mirror.put("leads", 9, hs_createdate="2026-01-01T00:00:00Z")
    mirror.link("leads", 9, "contacts", 5)
    mirror.put("deals", 1)
    mirror.link("deals", 1, "contacts", 5)
    assert mirror.row("deals", "1")["lead_id"] == "lead-9"


def test_the_earliest_lead_object_of_the_deal_comes_first(mirror):
    mirror.put("deals", 1)
    for id_, day in ((8, "05"), (9, "02")):
        mirror.put("leads", id_, hs_createdate=f"2026-01-{day}T00:00:00Z")
        mirror.link("leads", id_, "deals", 1)
    assert mirror.row("deals", "1")["lead_id"] == "lead-9"


def test_the_source_is_the_deals_own_else_its_leads(mirror):
    mirror.insert("options", object="deals", property="hs_analytics_source", value="PAID", label="Paid")
    mirror.insert("options", object="contacts", property="hs_analytics_source", value="ORG", label="Organic")
    mirror.put("contacts", 5, lifecyclestage="lead", hs_analytics_source="ORG")
    mirror.put("deals", 1, hs_analytics_source="PAID")
    mirror.put("deals", 2)
    for id_ in (1, 2):
        mirror.link("deals", id_, "contacts", 5)
    assert [row["source"] for row in mirror.rows("deals")] == ["Paid", "Organic"]


def test_the_first_contact_is_the_earliest_done_activity_on_the_deal_or_its_contacts(mirror):
    mirror.put("deals", 1)
    mirror.put("contacts", 5)
    mirror.link("deals", 1, "contacts", 5)
    mirror.put("meetings", 2, hs_timestamp="2026-01-02T00:00:00Z", hs_meeting_outcome="CANCELED")
    mirror.put("calls", 3, hs_timestamp="2026-01-03T00:00:00Z")
    mirror.put("emails", 4, hs_timestamp="2026-01-04T00:00:00Z")
    mirror.link("meetings", 2, "deals", 1)
    mirror.link("calls", 3, "contacts", 5)
    mirror.link("emails", 4, "deals", 1)
    row = mirror.row("deals", "1")
    assert (row["first_contact_at"], row["contact_method"]) == ("2026-01-03T00:00:00.000Z", "call")


def test_line_items_give_product_term_and_cost(mirror):
    mirror.put("deals", 1)
    mirror.put("line_items", 7, name="Small", amount="5", hs_cost_of_goods_sold="1.5", quantity="2")
    mirror.put("line_items", 8, name="Large", amount="50", hs_cost_of_goods_sold="2", hs_recurring_billing_period="P1Y")
    mirror.link("line_items", 7, "deals", 1)
    mirror.link("line_items", 8, "deals", 1)
    row = mirror.row("deals", "1")
    assert (row["product"], row["term_months"], float(row["cost"])) == ("Large", "12", 5.0)


def test_a_line_without_cost_leaves_the_deal_without(mirror):
    mirror.put("deals", 1)
    mirror.put("line_items", 7, name="Small", amount="5", hs_cost_of_goods_sold="1.5")
    mirror.put("line_items", 8, name="Free", amount="5")
    mirror.link("line_items", 7, "deals", 1)
    mirror.link("line_items", 8, "deals", 1)
    assert mirror.row("deals", "1")["cost"] is None


def test_stage_changes_are_the_history_in_its_order(mirror):
    mirror.put("deals", 1)
    for value, at in (
        ("won", "2026-02-02T00:00:00Z"),
        ("open", "2026-01-01T00:00:00Z"),
        ("gone", "2026-01-15T00:00:00Z"),
    ):
        mirror.insert("deals__history", id=1, value=value, at=at)
    mirror.insert("deals__history", id=2, value="open", at="2026-01-01T00:00:00Z")
    assert [(row["stage"], row["status"], row["probability"]) for row in mirror.rows("stage_changes")] == [
        ("Open", "open", "0.4"),
        ("gone", None, None),
        ("Closed won", "won", "1.0"),
    ]


def test_a_deleted_stage_keeps_its_label_and_status(mirror):
    mirror.connection.execute("update stages set archived = true where id = 'won'")
    mirror.put("deals", 1, dealstage="won")
    assert (mirror.row("deals", "1")["stage"], mirror.row("deals", "1")["status"]) == ("Closed won", "won")
