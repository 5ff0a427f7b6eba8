"""Whom reps reach out to, how soon and how often, each rule on a company small enough to work out in the head."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.outreach import APPOINTMENTS, CONTACTS, FOLLOWUPS, RESPONSETIME
from kpi.model import Scope, ScopeType
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

TICK = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 10, 12, tzinfo=UTC)  # a Monday
END = START + 7 * DAY
WEEK = "2026-W42"
ANN, BOB = Scope(ScopeType.REP, "files:R1", "Ann"), Scope(ScopeType.REP, "files:R2", "Bob")
TEAM = Scope(ScopeType.TEAM, "files:T1", "One")


def company_of(activities, leads=(), organisation=None, **tables):
    """Ann and Bob in a team, and activities, Ann's outbound calls where nothing is said."""
    call = {"type": "call", "direction": "outbound", "owner_id": "R1", "at": START + DAY}
    numbered = [{"id": f"C{number}", **call, **each} for number, each in enumerate(activities)]
    people = [{"id": "R1", "name": "Ann", "team_id": "T1"}, {"id": "R2", "name": "Bob", "team_id": "T1"}]
    tables = {"owners": people, "teams": [{"id": "T1", "name": "One"}], **tables}
    return Company(organisation or Organisation(), {"files": {**tables, "activities": numbered, "leads": [*leads]}})


# Whom reps reach


REACHED = company_of(
    [
        {"lead_id": "L1"},
        {"lead_id": "L1", "type": "email"},
        {"lead_id": "L1", "owner_id": "R2"},
        {"lead_id": "L2", "type": "chat", "at": START},
        {"lead_id": "L2", "type": "chat", "at": END},
        {"lead_id": "L3", "direction": "inbound"},
        {"lead_id": "L4", "direction": None},
        {"lead_id": "L5", "type": "meeting"},
        {"lead_id": "L6", "outcome": "cancelled"},
        {"lead_id": "nobody knows", "owner_id": "unknown"},
        {"lead_id": None},
    ],
)


def test_contacts_are_distinct_leads_with_an_outbound_call_email_or_chat(asked):
    assert asked(REACHED, CONTACTS, WEEK, scope=ANN).value == 2
    assert asked(REACHED, CONTACTS, WEEK).value == 3


def test_a_lead_that_two_reps_reach_is_one_of_their_team(asked):
    assert asked(REACHED, CONTACTS, WEEK, scope=BOB).value == 1
    assert asked(REACHED, CONTACTS, WEEK, scope=TEAM).value == 2


def test_a_lead_is_told_under_each_channel_by_which_it_was_reached(asked):
    lines = asked(REACHED, CONTACTS, WEEK, by=("channel",)).by
    assert {line.key.key: line.value for line in lines} == {"call": 2, "email": 1, "chat": 1}


# How many meetings come of it

TOUCHED = {"lead_id": "L", "at": START + DAY}


def meeting(at, booked=None, outcome=None, kind="meeting"):
    """On the lead that is touched, by someone else."""
    return {"lead_id": "L", "type": kind, "owner_id": "R2", "at": at, "created_at": booked, "outcome": outcome}


SET = {
    "held after the touch": [meeting(START + 2 * DAY)],
    "held as it was touched": [meeting(START + DAY)],
    "held at last": [meeting(END - TICK)],
    "a demo": [meeting(START + 2 * DAY, kind="demo")],
    "booked for later": [meeting(END + DAY, START + 2 * DAY, "scheduled")],
    "booked as it was touched": [meeting(END + DAY, START + DAY, "scheduled")],
    "booked and missed": [meeting(END - DAY, START + 2 * DAY, "no_show")],
    "booked before and held": [meeting(START + 2 * DAY, START, "completed")],
    "the second of two": [meeting(START), meeting(START + 2 * DAY)],
    "after the first of two touches": [meeting(START + 2 * DAY), TOUCHED | {"at": START + 3 * DAY}],
}
NOT_SET = {
    "held before the touch": [meeting(START + DAY - TICK)],
    "held as the period ends": [meeting(END)],
    "booked before the touch, held after the period": [meeting(END + DAY, START)],
    "booked and cancelled": [meeting(END - DAY, START + 2 * DAY, "cancelled")],
    "missed, who knows when booked": [meeting(END - DAY, None, "no_show")],
    "an onboarding": [meeting(START + 2 * DAY, kind="onboarding")],
    "before the touch of the period, though after one before it": [
        meeting(START + HOUR),
        TOUCHED | {"at": START - DAY},
    ],
}
MEETINGS = company_of(
    [
        activity | {"lead_id": f"{number}", "owner_id": f"{number} {activity.get('owner_id', 'R1')}"}
        for number, activities in enumerate([*SET.values(), *NOT_SET.values()])
        for activity in (TOUCHED, *activities)
    ],
    owners=[
        {"id": f"{number} {who}", "name": who} for number in range(len(SET) + len(NOT_SET)) for who in ("R1", "R2")
    ],
)


@pytest.mark.parametrize("number", range(len(SET) + len(NOT_SET)), ids=[*SET, *(f"not {name}" for name in NOT_SET)])
def test_an_appointment_is_set(asked, number):
    reading = asked(MEETINGS, APPOINTMENTS, WEEK, scope=Scope(ScopeType.REP, f"files:{number} R1", "Ann"))
    assert (reading.numerator, reading.denominator) == (number < len(SET), 1)


def test_the_first_touch_of_a_team_is_that_of_the_first_of_its_reps(asked):
    touches = [{"lead_id": "L"}, {"lead_id": "L", "owner_id": "R2", "at": START + 3 * DAY}]
    company = company_of(
        [*touches, {"lead_id": "M"}, meeting(START + 2 * DAY)], [{"id": "L", "source": "Web", "created_at": START}]
    )
    assert asked(company, APPOINTMENTS, WEEK, scope=BOB).value == 0
    team = asked(company, APPOINTMENTS, WEEK, scope=TEAM, by=("source",))
    assert team.value == Decimal(1) / 2
    assert {line.key.key: line.value for line in team.by} == {"Web": 1, "(none)": 0}


def test_an_appointment_that_is_set_now_does_not_count_yet(asked):
    company = company_of([TOUCHED, meeting(START + 2 * DAY)])
    assert asked(company, APPOINTMENTS, WEEK, now=START + 2 * DAY).numerator == 0
    assert asked(company, APPOINTMENTS, WEEK, now=START + 2 * DAY + TICK).numerator == 1


def test_nobody_is_put_in_order_by_appointments():
    assert not APPOINTMENTS.ranked


# How soon leads are answered


def lead(name, created_at=START, **columns):
    return {"id": name, "created_at": created_at, "owner_id": "R1", **columns}


ANSWERED = company_of(
    [
        {"lead_id": "five", "at": START + 5 * MINUTE, "type": "task", "owner_id": "R2"},
        {"lead_id": "five", "at": START + 9 * MINUTE},
        {"lead_id": "more", "at": START + 5 * MINUTE + TICK},
        {"lead_id": "at once", "at": START},
        {"lead_id": "long", "at": END + DAY},
        {"lead_id": "long", "at": START - DAY},
        {"lead_id": "before", "at": START - TICK},
        {"lead_id": "waiting", "at": START + HOUR, "outcome": "scheduled"},
        {"lead_id": "waiting", "at": START + HOUR, "direction": "inbound"},
        {"lead_id": "of another week", "at": START + MINUTE},
    ],
    [
        lead("five", source="Web"),
        lead("more", source="Web"),
        lead("at once", owner_id="R2"),
        lead("long", owner_id="unknown"),
        lead("before"),
        lead("waiting", END - TICK),
        lead("of another week", START - TICK),
        lead("too late", END),
    ],
)


def test_response_times_are_told_in_the_middle(asked):
    reading = asked(ANSWERED, RESPONSETIME, WEEK)
    assert reading.value == 5 + Decimal(1) / 120_000_000  # between five minutes and a microsecond more
    assert reading.records == 4
    assert asked(ANSWERED, RESPONSETIME, WEEK, scope=BOB).value == 0
    lines = asked(ANSWERED, RESPONSETIME, WEEK, by=("source",)).by
    assert {line.key.key: (line.value, line.records) for line in lines} == {
        "Web": (reading.value, 2),
        "(none)": (4 * 24 * 60, 2),
    }


def test_leads_without_an_answer_are_left_out_and_named(asked):
    for variant in (None, "mean", "within5", "business"):
        reading = asked(ANSWERED, RESPONSETIME, WEEK, variant=variant)
        assert {name: extra.value for name, extra in reading.extras.items()} == {"waiting": 1, "before_creation": 1}
        assert reading.notes == (
            "1 lead is still waiting for an answer and is left out",
            "1 lead was answered only before it was created and is left out",
        )


def test_the_mean_is_of_the_leads_that_were_answered(asked):
    reading = asked(ANSWERED, RESPONSETIME, WEEK, variant="mean")
    minutes = Decimal(8 * 24 * 60 + 10) + Decimal(1) / 60_000_000
    assert (reading.numerator, reading.denominator) == (minutes, 4)


def test_five_minutes_are_within_five_minutes(asked):
    reading = asked(ANSWERED, RESPONSETIME, WEEK, variant="within5")
    assert (reading.value, reading.numerator, reading.better) == (Decimal("0.5"), 2, "up")


def test_an_answer_counts_once_it_is_there_though_the_period_is_over(asked):
    before, after = (asked(ANSWERED, RESPONSETIME, WEEK, now=END + DAY + shift) for shift in (timedelta(), TICK))
    assert (before.records, before.extras["before_creation"].value) == (3, 2)
    assert (after.records, after.extras["before_creation"].value) == (4, 1)


def test_no_answered_leads_have_no_response_time(asked):
    reading = asked(ANSWERED, RESPONSETIME, WEEK, now=START)
    assert (reading.value, reading.reason) == (None, "zero_denominator")


# Ann is in Berlin, at UTC+2, Bob where the organisation is, in New York, at UTC-4.
PEOPLE = [{"id": "R1", "name": "Ann", "timezone": "Europe/Berlin"}, {"id": "R2", "name": "Bob", "timezone": "Mars"}]
FRIDAY = datetime(2026, 10, 16, tzinfo=UTC)
SPANS = {
    "within a day": ("R1", FRIDAY + 8 * HOUR, FRIDAY + 9 * HOUR + 30 * MINUTE, 90),
    "before work": ("R1", FRIDAY + 2 * HOUR, FRIDAY + 7 * HOUR + MINUTE, 1),
    "before work only": ("R1", FRIDAY + 2 * HOUR, FRIDAY + 3 * HOUR, 0),
    "after work": ("R1", FRIDAY + 15 * HOUR, FRIDAY + 20 * HOUR, 60),
    "over a weekend": ("R1", FRIDAY + 15 * HOUR, FRIDAY + 3 * DAY + 8 * HOUR, 120),
    "on a weekend": ("R1", FRIDAY + DAY, FRIDAY + 2 * DAY, 0),
    "over a holiday": ("R1", FRIDAY - 33 * HOUR, FRIDAY + 8 * HOUR, 120),
    "of nobody": ("unknown", FRIDAY + 12 * HOUR, FRIDAY + 14 * HOUR, 60),
    "in New York": ("R2", FRIDAY + 12 * HOUR, FRIDAY + 14 * HOUR, 60),
}
OFFICE = company_of(
    [{"lead_id": name, "at": answered} for name, (_, _, answered, _) in SPANS.items()],
    [lead(name, created, owner_id=owner, source=name) for name, (owner, created, _, _) in SPANS.items()],
    Organisation(timezone="America/New_York"),
    owners=PEOPLE,
    holidays=[{"date": date(2026, 10, 15)}],
)


@pytest.mark.parametrize("name", SPANS)
def test_business_hours_are_those_of_the_owners_zone(asked, name):
    lines = asked(OFFICE, RESPONSETIME, "2026-10", variant="business", by=("source",)).by
    assert {line.key.key: line.value for line in lines}[name] == SPANS[name][3]


# How often leads are tried


TRIED = company_of(
    [
        {"lead_id": "thrice", "at": START - 30 * DAY, "type": "task"},
        {"lead_id": "thrice", "at": START, "owner_id": "R2"},
        {"lead_id": "thrice", "at": START + 3 * DAY - TICK, "outcome": "no_answer"},
        {"lead_id": "thrice", "at": START + 3 * DAY},
        {"lead_id": "thrice", "outcome": "cancelled"},
        {"lead_id": "thrice", "direction": "inbound"},
        {"lead_id": "open again"},
    ],
    [
        lead("thrice", disqualified_at=START + 3 * DAY, status="disqualified"),
        lead("never", disqualified_at=START, owner_id="R2"),
        lead("open again", disqualified_at=START + 2 * DAY, status="open"),
        lead("who knows when", status="disqualified"),
        lead("later", disqualified_at=END, status="disqualified"),
    ],
)


def test_attempts_are_those_before_a_lead_was_given_up(asked):
    reading = asked(TRIED, FOLLOWUPS, WEEK)
    assert (reading.value, reading.numerator, reading.denominator) == (Decimal("1.5"), 3, 2)
    assert reading.notes == ("1 lead is disqualified without a date and counts in no period",)
    assert asked(TRIED, FOLLOWUPS, WEEK, scope=ANN).value == 3
    assert asked(TRIED, FOLLOWUPS, WEEK, scope=BOB).value == 0


@pytest.mark.parametrize("kpi", [CONTACTS, APPOINTMENTS])
def test_reaching_out_needs_activities_with_leads_and_directions(asked, kpi):
    assert asked(company_of([]), kpi, WEEK).reason == "missing_input: activities"
    assert asked(company_of([{"direction": None}]), kpi, WEEK).reason == "missing_input: activities.direction"
    assert asked(company_of([{}]), kpi, WEEK).reason == "missing_input: activities.lead_id"
