"""What reps do, each rule on a company small enough to work out in the head."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.activity import ACTIVITIES, CALLS, DEMOS, EMAILS, OPENRATE
from kpi.model import Amount, Filter, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

TICK = timedelta(microseconds=1)
MONTH = timedelta(days=30)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
ANN, BOB = Scope(ScopeType.REP, "files:R1", "Ann"), Scope(ScopeType.REP, "files:R2", "Bob")
TEAM = Scope(ScopeType.TEAM, "files:T1", "One")


def on(day, month=10):
    return datetime(2026, month, day, tzinfo=UTC)


def company_of(activities, **tables):
    """Two reps in a team, one who has left, and activities, Ann's where nothing is said."""
    numbered = [{"id": f"C{n}", "owner_id": "R1", "at": on(15), **each} for n, each in enumerate(activities)]
    people = [
        {"id": "R1", "name": "Ann", "team_id": "T1"},
        {"id": "R2", "name": "Bob", "team_id": "T1"},
        {"id": "R3", "name": "Gone", "team_id": "T1", "active": False},
    ]
    teams = [{"id": "T1", "name": "One"}]
    return Company(Organisation(), {"files": {"owners": people, "teams": teams, "activities": numbered, **tables}})


def call(**columns):
    return {"type": "call", **columns}


def email(direction="outbound", **columns):
    return {"type": "email", "direction": direction, **columns}


def extras_of(reading):
    return {name: amount.value for name, amount in reading.extras.items()}


# Which activities count

OUTCOMES = (None, "connected", "no_answer", "completed", "no_show", "scheduled", "cancelled")
BUSY = company_of(
    [
        *(call(outcome=outcome) for outcome in OUTCOMES),
        *({"type": kind, "at": OCTOBER} for kind in ("demo", "onboarding", "meeting")),
        {"type": "demo", "at": on(1, month=11)},
        {"type": "demo", "outcome": "no_show"},
        call(owner_id="R2", direction="inbound"),
        call(owner_id="R3"),
        call(owner_id="unknown"),
    ]
)


def test_what_was_scheduled_cancelled_or_missed_does_not_count(asked):
    lines = asked(BUSY, CALLS, "2026-10", scope=ANN, by=("outcome",)).by
    assert {line.key.key: line.value for line in lines} == {
        "(none)": 1,
        "connected": 1,
        "no_answer": 1,
        "completed": 1,
    }


def test_activities_are_told_by_type(asked):
    reading = asked(BUSY, ACTIVITIES, "2026-10")
    assert reading.value == 10
    assert extras_of(reading) == {
        "call": 7, "email": 0, "meeting": 1, "chat": 0, "task": 0, "demo": 1, "onboarding": 1
    }  # fmt: skip


def test_an_activity_at_midnight_belongs_to_the_new_month(asked):
    assert asked(BUSY, DEMOS, "2026-10").value == 2
    assert asked(BUSY, DEMOS, "2026-09").value == 0
    assert asked(BUSY, DEMOS, "2026-11").value == 1


def test_calls_count_in_both_directions(asked):
    assert asked(BUSY, CALLS, "2026-10", scope=BOB).value == 1


def test_per_rep_is_everybodys_activities_by_the_active_reps(asked):
    assert asked(BUSY, CALLS, "2026-10", variant="per_rep").value == Decimal(7) / 2
    assert asked(BUSY, CALLS, "2026-10", variant="per_rep", scope=TEAM).value == Decimal(6) / 2
    assert asked(BUSY, ACTIVITIES, "2026-10", variant="per_rep").value == 5


def test_per_rep_without_an_active_rep_has_no_value(asked):
    reading = asked(BUSY, CALLS, "2026-10", variant="per_rep", scope=Scope(ScopeType.REP, "files:R3", "Gone"))
    assert (reading.value, reading.numerator, reading.reason) == (None, 1, "zero_denominator")


# What came of calls and emails

TALKED = company_of(
    [
        call(outcome="connected", duration_seconds=90, deal_id="D1"),
        call(outcome="completed", deal_id="D1", owner_id="R2"),
        call(outcome="no_answer", duration_seconds=15, deal_id="D2"),
        call(duration_seconds=1),
        call(outcome="cancelled", duration_seconds=1000, deal_id="D3"),
        email(deal_id="D4", duration_seconds=1000),
    ]
)


def test_calls_tell_what_was_answered_how_long_and_which_deals_they_were_about(asked):
    reading = asked(TALKED, CALLS, "2026-10")
    assert reading.extras == {
        "answered": Amount(Decimal(2), Unit.COUNT),
        "answer_rate": Amount(Decimal("0.5"), Unit.PERCENT),
        "minutes": Amount(Decimal(106) / 60, Unit.MINUTES),
        "touched": Amount(Decimal(2), Unit.COUNT),
        "gained": Amount(Decimal(0), Unit.COUNT),
    }
    assert reading.notes == ("1 answered call has no duration and adds no minutes",)


def test_a_deal_that_two_reps_call_about_is_touched_once(asked):
    assert extras_of(asked(TALKED, CALLS, "2026-10", scope=ANN))["touched"] == 2
    assert extras_of(asked(TALKED, CALLS, "2026-10", scope=BOB))["touched"] == 1
    assert extras_of(asked(TALKED, CALLS, "2026-10", scope=TEAM))["touched"] == 2


def test_no_calls_have_no_answer_rate_and_touch_nothing(asked):
    assert extras_of(asked(TALKED, CALLS, "2026-09")) == {
        "answered": 0, "answer_rate": None, "minutes": 0, "touched": 0, "gained": 0
    }  # fmt: skip


MAILED = company_of(
    [email(opened=True, replied=True), email(opened=False), email(), email("inbound", opened=True), email(None)]
)


def test_emails_are_those_sent_and_one_that_nothing_is_known_of_was_not_opened(asked):
    reading = asked(MAILED, EMAILS, "2026-10")
    assert (reading.value, extras_of(reading)) == (3, {"opened": 1, "replied": 1, "gained": 0})
    rate = asked(MAILED, OPENRATE, "2026-10")
    assert (rate.numerator, rate.denominator, rate.records) == (1, 3, 3)


@pytest.mark.parametrize(
    ("company", "kpi", "missing"),
    [
        (company_of([email()]), OPENRATE, "activities.opened"),
        (company_of([email(None)]), EMAILS, "activities.direction"),
        (company_of([]), CALLS, "activities"),
    ],
)
def test_an_input_that_was_never_supplied_is_named(asked, company, kpi, missing):
    assert asked(company, kpi, "2026-10").reason == f"missing_input: {missing}"


# Opportunities gained

LEAD = {"id": "L", "created_at": OCTOBER, "account_id": "A"}
BOBS = {"id": "D0", "owner_id": "R2", "created_at": on(1, month=9), "account_id": "A"}


def gained_by(*activities, deal, leads=(), deals=()):
    """Activities on the fifteenth, and a deal of Ann's that is created a day later, where nothing else is said."""
    return {
        "activities": [{"owner_id": "R1", "at": on(15), "id": f"C{n}", **each} for n, each in enumerate(activities)],
        "deals": [
            {"id": "D", "owner_id": "R1", "created_at": on(16), "status": "open", **deal},
            *({"status": "open", **each} for each in deals),
        ],
        "leads": list(leads),
    }


GAINED = {
    "by its lead": gained_by(call(lead_id="L"), deal={"lead_id": "L"}),
    "by a lead that nobody knows": gained_by(call(lead_id="Q"), deal={"lead_id": "Q"}),
    "by the lead that names it": gained_by(call(lead_id="L"), deal={}, leads=[LEAD | {"deal_id": "D"}]),
    "by its account": gained_by(call(account_id="A"), deal={"account_id": "A"}),
    "by the account of another deal": gained_by(call(deal_id="D0"), deal={"account_id": "A"}, deals=[BOBS]),
    "by the account of a lead": gained_by(call(lead_id="L"), deal={"account_id": "A"}, leads=[LEAD]),
    "by a call that was taken": gained_by(call(lead_id="L", direction="inbound"), deal={"lead_id": "L"}),
    "as the call was made": gained_by(call(lead_id="L"), deal={"lead_id": "L", "created_at": on(15)}),
    "30 days after it": gained_by(call(lead_id="L"), deal={"lead_id": "L", "created_at": on(15) + MONTH}),
    "once by several calls": gained_by(
        call(lead_id="L"), call(account_id="A"), call(lead_id="L"), deal={"lead_id": "L", "account_id": "A"}
    ),
}
NOT_GAINED = {
    "before the call": gained_by(call(lead_id="L"), deal={"lead_id": "L", "created_at": on(15) - TICK}),
    "later than 30 days": gained_by(call(lead_id="L"), deal={"lead_id": "L", "created_at": on(15) + MONTH + TICK}),
    "later than 30 days after the first call": gained_by(
        call(lead_id="L"), call(lead_id="L", at=on(20)), deal={"lead_id": "L", "created_at": on(15) + MONTH + TICK}
    ),
    "by the call of another": gained_by(call(lead_id="L", owner_id="R2"), deal={"lead_id": "L"}),
    "by a call that was missed": gained_by(call(lead_id="L", outcome="no_show"), deal={"lead_id": "L"}),
    "by an email": gained_by(email(lead_id="L"), deal={"lead_id": "L"}),
    "by a lead that names it, though it names another": gained_by(
        call(lead_id="L"), deal={"lead_id": "M"}, leads=[LEAD | {"deal_id": "D"}]
    ),
    "by the second of the leads that name it": gained_by(
        call(lead_id="L"), deal={}, leads=[LEAD | {"deal_id": "D"}, LEAD | {"id": "K", "deal_id": "D"}]
    ),
    "by the lead's account, though the call names another": gained_by(
        call(lead_id="L", account_id="B"), deal={"account_id": "A"}, leads=[LEAD]
    ),
    "by neither lead nor account": gained_by(call(), deal={}),
    "by an email that was received": gained_by(email("inbound", lead_id="L"), deal={"lead_id": "L"}),
}
MAILS = {
    "by its lead": gained_by(email(lead_id="L"), deal={"lead_id": "L"}),
    "by one that was received": gained_by(email("inbound", lead_id="L"), deal={"lead_id": "L"}),
    "by a call": gained_by(call(lead_id="L"), deal={"lead_id": "L"}),
}


def side_by_side(cases):
    """One company of many that have nothing to do with each other: their ids begin with the number of the case."""
    tables = {"owners": [], "activities": [], "deals": [], "leads": []}
    for number, case in enumerate(cases):
        people = [{"id": "R1", "name": "Ann"}, {"id": "R2", "name": "Bob"}]
        for table, rows in (case | {"owners": people}).items():
            tables[table] += (
                {name: f"{number} {value}" if name.endswith("id") else value for name, value in row.items()}
                for row in rows
            )
    return Company(Organisation(), {"files": tables})


CASES = [*GAINED.values(), *NOT_GAINED.values(), *MAILS.values()]
GAINS = side_by_side(CASES)


def ann_of(case):
    """The rep of a case, by its place among the cases."""
    return Scope(ScopeType.REP, f"files:{next(n for n, each in enumerate(CASES) if each is case)} R1", "Ann")


@pytest.mark.parametrize("case", GAINED.values(), ids=GAINED)
def test_a_deal_is_gained_after_its_owners_call(asked, case):
    assert extras_of(asked(GAINS, CALLS, "2026-10", scope=ann_of(case)))["gained"] == 1


@pytest.mark.parametrize("case", NOT_GAINED.values(), ids=NOT_GAINED)
def test_a_deal_is_not_gained(asked, case):
    assert extras_of(asked(GAINS, CALLS, "2026-10", scope=ann_of(case)))["gained"] == 0


def test_emails_gain_deals_by_those_that_were_sent(asked):
    gained = [extras_of(asked(GAINS, EMAILS, "2026-10", scope=ann_of(case)))["gained"] for case in MAILS.values()]
    assert gained == [1, 0, 0]


def test_what_reps_gain_adds_up(asked):
    assert extras_of(asked(GAINS, CALLS, "2026-10"))["gained"] == len(GAINED) + 1  # one of the cases of emails


def test_a_deal_that_is_created_now_is_not_gained_yet(asked):
    ann = ann_of(GAINED["by its lead"])
    assert extras_of(asked(GAINS, CALLS, "2026-10", scope=ann, now=on(16)))["gained"] == 0
    assert extras_of(asked(GAINS, CALLS, "2026-10", scope=ann, now=on(16) + TICK))["gained"] == 1


def test_the_first_call_is_the_first_of_those_that_are_asked_about(asked):
    ann = ann_of(NOT_GAINED["later than 30 days after the first call"])
    assert extras_of(asked(GAINS, CALLS, "2026-10-20", scope=ann))["gained"] == 1


RINGS = company_of(
    [call(lead_id="L", outcome="no_answer"), call(lead_id="L", outcome="connected", at=on(20))],
    deals=[
        {"id": "D1", "status": "open", "owner_id": "R1", "lead_id": "L", "created_at": on(17, month=11)},
        {"id": "D2", "status": "open", "owner_id": None, "lead_id": "L", "created_at": on(21)},
    ],
)


def test_the_first_call_of_an_outcome_is_the_first_with_it(asked):
    assert extras_of(asked(RINGS, CALLS, "2026-10"))["gained"] == 0
    connected = Filter("outcome", ("connected",))
    assert extras_of(asked(RINGS, CALLS, "2026-10", where=(connected,)))["gained"] == 1


def test_nobody_gains_a_deal_without_a_known_owner(asked):
    unowned = company_of(
        [call(lead_id="L", owner_id=None)],
        deals=[{"id": "D", "status": "open", "lead_id": "L", "created_at": on(16)}],
    )
    assert extras_of(asked(unowned, CALLS, "2026-10"))["gained"] == 0
