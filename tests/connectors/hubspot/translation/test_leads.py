"""Contacts and lead objects as leads."""

import pytest

from tests.connectors.hubspot.mirror_rows import MADE, MirrorRows


def day(number):
    return f"2026-01-{number:02}T00:00:00Z"


def at(text):
    return text.replace("00Z", "00.000Z")


@pytest.fixture
def mirror():
    return MirrorRows()


@pytest.mark.parametrize("stage", [None, "subscriber", "other", "4711"])
def test_a_contact_before_the_stage_of_lead_is_none(mirror, stage):
    mirror.put("contacts", 1, lifecyclestage=stage)
    assert mirror.ids("leads") == []


@pytest.mark.parametrize(
    "stage",
    ["lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist"],
)
def test_a_contact_from_lead_on_is_one_since_it_was_made_where_no_date_is_known(mirror, stage):
    mirror.put("contacts", 1, lifecyclestage=stage, createdate=day(3))
    assert mirror.row("leads", "1")["created_at"] == at(day(3))


def test_whoever_was_a_lead_once_stays_one(mirror):
    mirror.put("contacts", 1, lifecyclestage="subscriber", hs_lifecyclestage_lead_date=day(2))
    assert mirror.row("leads", "1")["created_at"] == at(day(2))


def test_it_is_a_lead_from_the_earliest_date_of_properties_and_history(mirror):
    mirror.put("contacts", 1, hs_lifecyclestage_lead_date=day(5), hs_lifecyclestage_customer_date=day(4))
    mirror.insert("contacts__history", id=1, value="subscriber", at=day(1))
    mirror.insert("contacts__history", id=1, value="marketingqualifiedlead", at=day(2))
    row = mirror.row("leads", "1")
    assert (row["created_at"], row["mql_at"], row["won_at"]) == (at(day(2)), at(day(2)), day(4))


def test_the_status_follows_stage_deal_and_lead_status(mirror):
    mirror.put("contacts", 1, lifecyclestage="lead")
    mirror.put("contacts", 2, lifecyclestage="opportunity")
    mirror.put("contacts", 3, lifecyclestage="lead", hs_lead_status="UNQUALIFIED")
    mirror.put("contacts", 4, lifecyclestage="lead", hs_lead_status="UNQUALIFIED")
    mirror.put("deals", 9)
    mirror.link("deals", 9, "contacts", 4)
    assert [row["status"] for row in mirror.rows("leads")] == ["open", "converted", "disqualified", "converted"]


def test_a_lead_names_the_earliest_deal_whose_lead_it_is(mirror):
    mirror.put("contacts", 1, hs_lifecyclestage_lead_date=day(1))
    mirror.put("contacts", 2, hs_lifecyclestage_lead_date=day(2))
    for id_, made in ((8, day(9)), (9, day(8))):
        mirror.put("deals", id_, createdate=made)
        mirror.link("deals", id_, "contacts", 1)
        mirror.link("deals", id_, "contacts", 2)
    assert [row["deal_id"] for row in mirror.rows("leads")] == ["9", None]


def test_the_account_is_the_primary_company(mirror):
    mirror.put("contacts", 1, lifecyclestage="lead")
    for id_ in (7, 8):
        mirror.put("companies", id_)
        mirror.link("contacts", 1, "companies", id_, primary=id_ == 8)
    assert mirror.row("leads", "1")["account_id"] == "8"


def test_a_lead_object_replaces_its_contact_and_has_its_dates(mirror):
    mirror.put(
        "contacts", 1, email="a@b.c", hs_lifecyclestage_lead_date=day(2), hs_v2_date_entered_salesqualifiedlead=day(3)
    )
    mirror.put("leads", 5, hs_createdate=day(4), hubspot_owner_id="7")
    mirror.link("leads", 5, "contacts", 1)
    (row,) = mirror.rows("leads")
    assert row["id"] == "lead-5"
    assert (row["email"], row["created_at"], row["sql_at"], row["owner_id"]) == ("a@b.c", at(day(2)), day(3), "7")


def test_a_second_lead_object_has_only_its_own_dates(mirror):
    mirror.put("contacts", 1, email="a@b.c", hs_lifecyclestage_marketingqualifiedlead_date=day(2))
    for id_, made in ((5, day(9)), (6, day(4))):
        mirror.put("leads", id_, hs_createdate=made)
        mirror.link("leads", id_, "contacts", 1)
    second, first = mirror.rows("leads")
    assert (first["created_at"], first["mql_at"]) == (at(day(2)), day(2))
    assert (second["created_at"], second["mql_at"], second["email"]) == (at(day(9)), None, None)


def test_a_lead_object_of_a_subscriber_or_of_nobody_is_a_lead(mirror):
    mirror.put("contacts", 1, lifecyclestage="subscriber")
    mirror.put("leads", 5)
    mirror.put("leads", 6)
    mirror.link("leads", 5, "contacts", 1)
    assert [(row["id"], row["created_at"]) for row in mirror.rows("leads")] == [
        ("lead-5", at(MADE)),
        ("lead-6", at(MADE)),
    ]


def test_the_contact_is_back_when_its_lead_object_is_gone(mirror):
    mirror.put("contacts", 1, lifecyclestage="lead")
    mirror.put("leads", 5)
    mirror.link("leads", 5, "contacts", 1)
    mirror.remove("leads", 5)
    assert mirror.ids("leads") == ["1"]


def test_a_lead_object_is_disqualified_by_the_label_of_its_stage(mirror):
    mirror.stage("unqualified-stage-id", "Disqualified", "0", object_name="leads")
    mirror.stage("77", "Not a fit: Unqualified", "0", object_name="leads")
    mirror.put("leads", 5, hs_pipeline_stage="77", hs_v2_date_entered_current_stage=day(6))
    mirror.put("leads", 6, hs_pipeline_stage="new-stage-id", hs_v2_date_entered_current_stage=day(6))
    assert [(row["status"], row["disqualified_at"]) for row in mirror.rows("leads")] == [
        ("disqualified", day(6)),
        ("open", None),
    ]


def test_a_campaign_named_by_its_name_is_its_id(mirror):
    mirror.insert("campaigns", id="guid", name="Spring", channel=None, starts_on=None, ends_on=None)
    for id_, written in ((1, "Spring"), (2, "guid"), (3, None)):
        mirror.put("contacts", id_, lifecyclestage="lead", hs_analytics_first_touch_converting_campaign=written)
    assert [row["campaign_id"] for row in mirror.rows("leads")] == ["guid", "guid", None]
