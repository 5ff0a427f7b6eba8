"""What reps did, in companies that one can count by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi.model import ScopeType
from kpi.organisation import Organisation
from kpi.scopes import Override
from tests.kpi.expected import Ask, Expected, Frames, expect
from tests.kpi.expected.activity import KPIS, NEEDS
from tests.kpi.expected.records import Company, Row
from tests.kpi.expected.tiny import NOW, ask_of, frames_of, on

TICK = timedelta(microseconds=1)
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)  # 9:00 in Berlin
DECEMBER = datetime(2026, 11, 30, 23, tzinfo=UTC)  # its midnight in Berlin
OWNERS: list[Row] = [{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}]
ANN, BOB = frozenset({"files:R1"}), frozenset({"files:R2"})


def touch(at: datetime, lead: str | None = "L1", owner: str | None = "R1", **more: Any) -> Row:
    about = {"id": f"{at}{lead}{owner}{more}", "type": "call", "direction": "outbound"}
    return about | {"at": at, "lead_id": lead, "owner_id": owner} | more


def lead(id_: str, at: datetime, **more: Any) -> Row:
    return {"id": id_, "created_at": at, "owner_id": "R1"} | more


def november(kpi: str, frames: Frames, **more: Any) -> Expected:
    return expect(frames, kpi, ask_of(frames, "2026-11", **more))


def test_every_kpi_says_what_it_needs():
    assert set(KPIS) == set(NEEDS)


def test_a_lead_reached_by_two_reps_counts_once_for_both():
    frames = frames_of(owners=OWNERS, activities=[touch(MONDAY), touch(MONDAY, owner="R2", type="email")])
    assert november("contacts", frames).value == 1
    assert [november("contacts", frames, members=members).value for members in (ANN, BOB)] == [1, 1]
    assert november("contacts", frames, channel="email", members=ANN).value == 0


@pytest.mark.parametrize(
    "other",
    [
        {"lead": None},
        {"type": "meeting"},
        {"direction": "inbound"},
        {"direction": None},
        {"outcome": "scheduled"},
        {"at": NOW},
    ],
)
def test_only_done_outbound_calls_emails_and_chats_with_a_lead_reach_anyone(other):
    reached = touch(MONDAY, lead="L1")
    frames = frames_of(activities=[reached, touch(**({"at": MONDAY, "lead": "L9"} | other))])
    assert november("contacts", frames).value == 1


def test_a_period_is_half_open_and_local():
    frames = frames_of(now=DECEMBER + TICK, activities=[touch(DECEMBER - TICK), touch(DECEMBER)])
    assert november("activities", frames).value == 1
    assert expect(frames, "activities", ask_of(frames, "2026-12")).value == 1


def test_a_mean_per_rep_counts_everybodys_records_and_the_active_alone():
    gone = {"id": "R3", "name": "Gone", "active": False}
    frames = frames_of(owners=[*OWNERS, gone], activities=[touch(MONDAY, owner=owner) for owner in ("R1", "R3", None)])
    assert november("activities per_rep", frames) == Expected(Decimal("1.5"), Decimal(3), Decimal(2), 3)
    lone = november("activities per_rep", frames, members=frozenset({"files:R3"}), scope_type=ScopeType.REP)
    assert (lone.value, lone.reason) == (None, "zero_denominator")


def test_calls_of_both_directions_tell_answers_minutes_and_deals_touched():
    calls = [
        touch(MONDAY, duration_seconds=90, outcome="connected", deal_id="D1"),
        touch(MONDAY, direction="inbound", duration_seconds=30, deal_id="D1"),
        touch(MONDAY, outcome="no_answer", deal_id="D2"),
        touch(MONDAY, outcome="no_show", deal_id="D3", duration_seconds=60),
        touch(MONDAY, type="email", deal_id="D4"),
    ]
    expected = november("calls", frames_of(activities=calls))
    assert expected.value == 3
    assert expected.extras == {
        "answered": 1,
        "answer_rate": Decimal("0.3333333333333333333333333333"),
        "minutes": 2,
        "touched": 2,
        "gained": 0,
    }


@pytest.mark.parametrize(
    ("deal", "gained"),
    [
        ({"lead_id": "L1"}, 1),
        ({"account_id": "A1"}, 1),
        ({"lead_id": "L1", "created_at": MONDAY + timedelta(days=30)}, 1),
        ({"lead_id": "L1", "created_at": MONDAY + timedelta(days=30) + TICK}, 0),
        ({"lead_id": "L1", "created_at": MONDAY - TICK}, 0),
        ({"lead_id": "L1", "owner_id": "R2"}, 0),
        ({"lead_id": "L1", "owner_id": None}, 0),
        ({"id": "D2"}, 1),  # named by the lead
        ({"id": "D2", "lead_id": "L2"}, 0),  # by a lead that the deal does not agree with
        ({}, 0),
    ],
)
def test_a_deal_is_gained_within_thirty_days_of_its_owners_first_call(deal, gained):
    frames = frames_of(
        now=DECEMBER + timedelta(days=30),
        owners=OWNERS,
        leads=[lead("L1", MONDAY, account_id="A1", deal_id="D2")],
        activities=[touch(MONDAY), touch(MONDAY + timedelta(days=5))],
        deals=[{"id": "D1", "status": "open", "created_at": MONDAY, "owner_id": "R1"} | deal],
    )
    assert november("calls", frames).extras["gained"] == gained


def test_a_call_without_known_owner_gains_nothing():
    deals = [{"id": "D1", "status": "open", "created_at": MONDAY, "lead_id": "L1"}]
    frames = frames_of(activities=[touch(MONDAY, owner=None)], deals=deals)
    assert november("calls", frames).extras["gained"] == 0


def test_emails_are_outbound_and_an_empty_opened_is_not_opened():
    sent = [touch(MONDAY, type="email", opened=opened, replied=False) for opened in (True, False, None)]
    frames = frames_of(activities=[*sent, touch(MONDAY, type="email", direction="inbound", opened=True)])
    assert november("emails", frames).extras == {"opened": 1, "replied": 0, "gained": 0}
    assert november("openrate", frames) == Expected(
        Decimal("0.3333333333333333333333333333"), Decimal(1), Decimal(3), 3
    )


def test_an_input_that_nothing_supplies_is_named():
    assert november("openrate", frames_of(activities=[touch(MONDAY)])).reason == "missing_input: activities.opened"
    assert november("openrate", frames_of()).reason == "missing_input: activities"


@pytest.mark.parametrize(
    ("meeting", "share"),
    [
        ({}, 1),  # held with the first touch
        ({"at": MONDAY - TICK}, 0),
        ({"at": NOW}, 0),
        ({"outcome": "scheduled"}, 0),
        ({"outcome": "scheduled", "created_at": MONDAY, "at": NOW}, 1),
        ({"outcome": "cancelled", "created_at": MONDAY}, 0),
        ({"outcome": "no_show", "created_at": MONDAY}, 1),
        ({"created_at": MONDAY - TICK, "at": MONDAY + TICK, "type": "demo", "owner": "R2"}, 1),
        ({"type": "onboarding"}, 0),
        ({"lead": "L2"}, 0),
    ],
)
def test_an_appointment_is_booked_or_held_from_the_first_touch_on(meeting, share):
    frames = frames_of(
        owners=OWNERS, activities=[touch(MONDAY), touch(**({"at": MONDAY, "type": "meeting"} | meeting))]
    )
    assert november("appointments", frames, members=ANN) == Expected(Decimal(share), Decimal(share), Decimal(1), 1)


def test_a_team_counts_its_own_touches():
    activities = [touch(MONDAY), touch(MONDAY + TICK, owner="R2"), touch(MONDAY, type="meeting")]
    frames = frames_of(owners=OWNERS, activities=activities)
    assert [november("appointments", frames, members=members).value for members in (ANN, BOB)] == [1, 0]


def responses() -> Frames:
    """Answered after 5 and 11 minutes; waiting; answered before creation alone."""
    five = MONDAY + timedelta(minutes=5)
    leads = [lead(name, MONDAY, source=name) for name in ("L1", "L2", "L3", "L4")]
    activities = [
        *(touch(five, "L1", type="task"), touch(five + TICK, "L1"), touch(MONDAY - TICK, "L1")),
        touch(MONDAY + timedelta(minutes=11), "L2", owner=None),
        *(touch(NOW, "L3"), touch(five, "L3", direction="inbound"), touch(five, "L3", outcome="cancelled")),
        touch(MONDAY - TICK, "L4"),
    ]
    return frames_of(leads=leads, activities=activities)


def test_response_time_is_told_of_the_answered_and_the_others_are_counted_apart():
    others = {"waiting": Decimal(1), "before_creation": Decimal(1)}
    assert november("responsetime", responses()) == Expected(Decimal(8), records=2, extras=others)
    assert november("responsetime mean", responses()) == Expected(Decimal(8), Decimal(16), Decimal(2), 2, None, others)
    within = november("responsetime within5", responses())
    assert (within.value, within.numerator, within.denominator) == (Decimal("0.5"), 1, 2)
    assert november("responsetime", responses(), source="L3") == Expected(
        None, reason="zero_denominator", extras={"waiting": Decimal(1), "before_creation": Decimal(0)}
    )


def test_a_cohort_may_be_seen_as_it_was():
    frames = responses()
    asked = ask_of(frames, "2026-11")
    early = Ask(asked.members, asked.days, asked.until, asked.now, key=asked.key, seen_until=MONDAY)
    assert expect(frames, "responsetime", early).extras == {"waiting": 2, "before_creation": 2}


FRIDAY = datetime(2026, 11, 6, 16, tzinfo=UTC)  # 17:00 in Berlin


@pytest.mark.parametrize(
    ("owner", "hours", "minutes"),
    [
        ("R1", "mon-fri 09:00-18:00", 60 + 60),  # Friday's last hour, Monday's first
        ("R2", "mon-fri 09:00-18:00", 7 * 60 + 0),  # 11:00 to 18:00 in New York; 4:00 there on Monday
        ("R1", "mon-fri, sun 09:00-18:00", 60 + 9 * 60 + 60),
        ("R1", "fri-mon 16:00-24:00", 7 * 60 + 8 * 60 + 8 * 60),
        ("R3", "mon-fri 09:00-18:00", 60 + 60),  # no such zone
        (None, "mon-fri 09:00-18:00", 60 + 60),
    ],
)
def test_business_hours_are_those_of_the_owners_zone(owner, hours, minutes):
    owners = [
        {"id": "R1", "name": "Ann"},
        {"id": "R2", "name": "Bob", "timezone": "America/New_York"},
        {"id": "R3", "name": "Cid", "timezone": "Mars/Olympus"},
    ]
    frames = frames_of(
        organisation=Organisation(timezone="Europe/Berlin", currency="EUR", business_hours=hours),
        owners=owners,
        leads=[lead("L1", FRIDAY, owner_id=owner)],
        activities=[touch(datetime(2026, 11, 9, 9, tzinfo=UTC))],  # Monday, 10:00 in Berlin
    )
    assert november("responsetime business", frames).value == minutes


def test_a_holiday_has_no_business_hours():
    frames = frames_of(
        leads=[lead("L1", FRIDAY)],
        activities=[touch(datetime(2026, 11, 9, 12, tzinfo=UTC))],
        holidays=[{"date": date(2026, 11, 9)}],
    )
    assert november("responsetime business", frames).value == 60


def test_follow_ups_are_counted_until_a_lead_is_given_up():
    frames = frames_of(
        leads=[
            lead("L1", MONDAY, status="disqualified", disqualified_at=MONDAY),
            lead("L2", MONDAY, disqualified_at=MONDAY),
            lead("L3", MONDAY, status="open", disqualified_at=MONDAY),
        ],
        activities=[touch(MONDAY - TICK, type="task"), touch(MONDAY - TICK), touch(MONDAY), touch(MONDAY - TICK, "L3")],
    )
    assert november("followups", frames) == Expected(Decimal(1), Decimal(2), Decimal(2), 2)


def test_demos_and_onboardings_count_when_done():
    kinds = [("demo", None), ("onboarding", "completed"), ("demo", "no_show"), ("call", None)]
    frames = frames_of(activities=[touch(MONDAY, type=kind, outcome=outcome) for kind, outcome in kinds])
    assert november("demos", frames).value == 2
    assert november("demos", frames, type="demo").value == 1


def test_a_period_that_has_not_begun_has_no_value():
    frames = frames_of(activities=[touch(MONDAY)])
    assert expect(frames, "activities", ask_of(frames, "2026-12")).reason == "not_begun"


def test_a_rep_of_two_sources_has_the_first_role_and_zone_that_either_tells():
    sources = {
        "files": {"owners": [{"id": "R1", "name": "Ann", "email": "ann@x.example", "timezone": "UTC"}]},
        "crm2": {
            "owners": [{"id": "R9", "name": "Ann", "email": "ANN@x.example", "role": "ae", "timezone": "Asia/Tokyo"}]
        },
    }
    frames = Frames(Company(Organisation(), sources), on("2026-11-20"))
    assert (frames.role_of("files:R1"), frames.timezone_of("files:R1")) == ("ae", "UTC")
    assert frames.active_reps(None, "ae") == ["files:R1"]
    overridden = Frames(Company(Organisation(), sources, (Override("ann@X.example", role="bdr"),)), on("2026-11-20"))
    assert overridden.role_of("files:R1") == "bdr"
