"""Calls, emails, meetings, communications and tasks as activities."""

import pytest

from connectors.mapping import ActivityRule
from tests.connectors.hubspot.mirror_rows import MirrorRows

_CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
_BUSY = "9d9162e7-6cf3-4944-bf63-4dff82258764"


@pytest.fixture
def mirror():
    return MirrorRows()


def test_each_object_is_a_type_with_ids_of_its_own(mirror):
    for name in ("calls", "emails", "meetings", "communications", "tasks"):
        mirror.put(name, 1, hs_timestamp="2026-01-02T00:00:00Z")
    assert [(row["id"], row["type"], row["direction"]) for row in mirror.rows("activities")] == [
        ("call-1", "call", "outbound"),
        ("email-1", "email", "outbound"),
        ("meeting-1", "meeting", "outbound"),
        ("communication-1", "chat", "outbound"),
        ("task-1", "task", "outbound"),
    ]


def test_a_call_has_direction_seconds_and_outcome(mirror):
    mirror.put(
        "calls", 1, hs_call_direction="INBOUND", hs_call_duration="61999", hs_call_disposition=_CONNECTED,
        hs_call_status="NO_ANSWER",
    )  # fmt: skip
    row = mirror.row("activities", "call-1")
    assert (row["direction"], row["duration_seconds"], row["outcome"]) == ("inbound", "61", "connected")


@pytest.mark.parametrize(
    ("disposition", "status", "outcome"),
    [
        (_BUSY, "COMPLETED", "no_answer"),
        ("an account's own", "COMPLETED", "completed"),
        (None, "BUSY", "no_answer"),
        (None, "CANCELED", "cancelled"),
        (None, "QUEUED", "scheduled"),
        (None, None, None),
        (None, "NEW_WORD", "NEW_WORD"),
    ],
)
def test_a_calls_outcome_is_its_disposition_else_its_status(mirror, disposition, status, outcome):
    mirror.put("calls", 1, hs_call_disposition=disposition, hs_call_status=status)
    assert mirror.row("activities", "call-1")["outcome"] == outcome


@pytest.mark.parametrize(
    ("direction", "expected"), [("INCOMING_EMAIL", "inbound"), ("EMAIL", "outbound"), ("FORWARDED_EMAIL", "outbound")]
)
def test_an_email_that_came_in_is_inbound(mirror, direction, expected):
    mirror.put("emails", 1, hs_email_direction=direction)
    assert mirror.row("activities", "email-1")["direction"] == expected


def test_a_draft_is_no_email(mirror):
    mirror.put("emails", 1, hs_email_direction="DRAFT_EMAIL")
    assert mirror.ids("activities") == []


def test_opens_and_replies_are_known_only_where_they_are_counted(mirror):
    mirror.put("emails", 1, hs_email_open_count="2", hs_email_reply_count="0", hs_email_status="SENT")
    mirror.put("emails", 2, hs_email_status="BOUNCED")
    assert [(row["opened"], row["replied"], row["outcome"]) for row in mirror.rows("activities")] == [
        ("true", "false", None),
        (None, None, "cancelled"),
    ]


def test_a_meeting_is_when_it_starts_and_as_long_as_it_lasts(mirror):
    mirror.put(
        "meetings", 1, hs_timestamp="2026-01-01T00:00:00Z", hs_meeting_start_time="2026-01-02T10:00:00Z",
        hs_meeting_end_time="2026-01-02T10:30:00Z", hs_meeting_outcome="RESCHEDULED", hs_createdate="2026-01-01T08:00:00Z",
    )  # fmt: skip
    row = mirror.row("activities", "meeting-1")
    assert (row["at"], row["duration_seconds"]) == ("2026-01-02T10:00:00Z", "1800")
    assert (row["outcome"], row["created_at"]) == ("scheduled", "2026-01-01T08:00:00Z")


def test_a_completed_task_was_when_it_was_completed(mirror):
    due, done = "2026-01-05T00:00:00Z", "2026-01-03T00:00:00Z"
    mirror.put("tasks", 1, hs_timestamp=due, hs_task_status="COMPLETED", hs_task_completion_date=done)
    mirror.put("tasks", 2, hs_timestamp=due, hs_task_status="WAITING", hs_task_completion_date=done)
    assert [(row["at"], row["outcome"]) for row in mirror.rows("activities")] == [
        (done, "completed"),
        (due, "scheduled"),
    ]


def test_types_that_name_a_demo_or_an_onboarding_are_such(mirror):
    mirror.put("meetings", 1, hs_activity_type="Product DEMO")
    mirror.put("calls", 2, hs_activity_type="Onboarding call")
    mirror.put("meetings", 3, hs_activity_type="First meeting")
    assert {row["id"]: row["type"] for row in mirror.rows("activities")} == {
        "meeting-1": "demo",
        "call-2": "onboarding",
        "meeting-3": "meeting",
    }


def test_a_title_tells_a_demo_where_a_rule_says_so():
    mirror = MirrorRows(demo=ActivityRule(titles=("demo*",)))
    mirror.put("meetings", 1, hs_meeting_title="Demo with Acme")
    mirror.put("tasks", 2, hs_task_subject="prepare demo")
    assert {row["id"]: row["type"] for row in mirror.rows("activities")} == {"meeting-1": "demo", "task-2": "task"}


def test_of_several_companies_deals_and_contacts_one_counts(mirror):
    mirror.put("calls", 1, hs_timestamp="2026-01-02T00:00:00Z")
    for name in ("companies", "deals"):
        for id_ in (4, 5):
            mirror.put(name, id_)
            mirror.link("calls", 1, name, id_, primary=id_ == 5)
    for id_, since in ((6, "2026-01-03"), (7, "2026-01-02")):
        mirror.put("contacts", id_, hs_lifecyclestage_lead_date=f"{since}T00:00:00Z")
        mirror.link("calls", 1, "contacts", id_)
    row = mirror.row("activities", "call-1")
    assert (row["account_id"], row["deal_id"], row["lead_id"]) == ("5", "4", "7")


def test_a_contact_that_is_no_lead_gives_none(mirror):
    mirror.put("calls", 1)
    mirror.put("contacts", 6, lifecyclestage="subscriber")
    mirror.link("calls", 1, "contacts", 6)
    assert mirror.row("activities", "call-1")["lead_id"] is None


def test_a_lead_object_on_the_activity_comes_before_its_contacts(mirror):
    mirror.put("calls", 1)
    mirror.put("contacts", 6, lifecyclestage="lead")
    mirror.put("leads", 8)
    mirror.link("calls", 1, "contacts", 6)
    mirror.link("calls", 1, "leads", 8)
    assert mirror.row("activities", "call-1")["lead_id"] == "lead-8"


def test_a_contacts_activities_are_those_of_its_earliest_lead_object(mirror):
    mirror.put("calls", 1)
    mirror.put("contacts", 6, lifecyclestage="lead")
    mirror.link("calls", 1, "contacts", 6)
    for id_, day in ((8, "05"), (9, "02")):
        mirror.put("leads", id_, hs_createdate=f"2026-01-{day}T00:00:00Z")
        mirror.link("leads", id_, "contacts", 6)
    assert mirror.row("activities", "call-1")["lead_id"] == "lead-9"
