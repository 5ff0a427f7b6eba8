"""The pipeline as it is and as it was, and how long deals take, each on a company small enough to work out in the head."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi.catalogue.pipeline import CYCLE, PIPELINE, WEIGHTED
from kpi.model import Amount, Scope, ScopeType, Unit
from kpi.organisation import Organisation
from tests.kpi.expected.records import Company

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def on(month, day=1, hour=0):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def deal(number, status="open", **columns):
    columns = {"created_at": on(7, 10), **columns}
    return {"id": f"D{number}", "status": status, "owner_id": "R1", **columns}


def change(number, at, stage, **columns):
    return {"deal_id": f"D{number}", "at": at, "stage": stage, **columns}


def company_of(*deals, stage_changes=(), **tables):
    tables = {"owners": [{"id": "R1", "name": "Ann"}], "deals": [*deals], **tables}
    return Company(Organisation(currency="USD"), {"files": {**tables, "stage_changes": [*stage_changes]}})


# July to November tell how a deal stood at the end of each month; of the running one, how its row in deals stands.
NOW_OPEN = {"stage": "Now"}
HISTORIES = {
    "without history": (NOW_OPEN, [], "Now Now Now Now Now"),
    "closed without history": ({"status": "lost", "closed_at": on(9, 5)}, [], "? ? - - -"),
    "closed as a month ends": ({"status": "won", "closed_at": on(9)}, [], "? ? - - -"),
    "closed before a month ends": ({"status": "won", "closed_at": on(9) - TICK}, [], "? - - - -"),
    "closed on a date": ({"status": "won", "close_date": date(2026, 9, 1)}, [], "? ? - - -"),
    "with history": (NOW_OPEN, [(on(8, 10), "Demo"), (on(10, 10), "Offer")], "? Demo Demo Offer Now"),
    "changed as a month ends": (NOW_OPEN, [(on(9), "Demo")], "? ? Demo Demo Now"),
    "changed before it was created": (NOW_OPEN, [(on(7, 1), "Demo")], "Demo Demo Demo Demo Now"),
    "in the order of instants": (NOW_OPEN, [(on(9, 10), "Offer"), (on(8, 10), "Demo")], "? Demo Offer Offer Now"),
    "two changes at once": (NOW_OPEN, [(on(8, 10), "Demo"), (on(8, 10), "Offer")], "? Offer Offer Offer Now"),
    "closed as its stage changes": ({"status": "won", "closed_at": on(8, 10)}, [(on(8, 10), "Offer")], "? - - - -"),
    "opened again after its closing": (
        {"status": "won", "closed_at": on(8, 10)},
        [(on(9, 10), "Offer"), (on(10, 10), "Won", {"status": "won"})],
        "? - Offer - -",
    ),
    "lost and opened again": (
        NOW_OPEN,
        [(on(8, 10), "Lost", {"status": "lost"}), (on(10, 10), "Offer")],
        "? - - Offer Now",
    ),
    "won and lost by probability": (
        NOW_OPEN,
        [(on(8, 10), "Won", {"probability": Decimal(1)}), (on(9, 10), "Lost", {"probability": Decimal(0)})],
        "? - - - Now",
    ),
    "open at probability 1": (
        NOW_OPEN,
        [(on(8, 10), "Demo", {"status": "open", "probability": Decimal(1)})],
        "? Demo Demo Demo Now",
    ),
    "closed without a date": ({"status": "won"}, [(on(8, 10), "Demo")], "- - - - -"),
    "open with a closing": ({**NOW_OPEN, "closed_at": on(8)}, [], "Now Now Now Now Now"),
    "created now": ({**NOW_OPEN, "created_at": NOW}, [], "- - - - -"),
    "created just before": ({**NOW_OPEN, "created_at": NOW - TICK}, [], "- - - - Now"),
    "created as a month ends": ({**NOW_OPEN, "created_at": on(9)}, [], "- - Now Now Now"),
    "closed before it was created": ({"status": "won", "closed_at": on(7, 1)}, [], "- - - - -"),
}
STAGES = company_of(
    *(deal(name, pipeline=name, amount=1, **columns) for name, (columns, _, _) in HISTORIES.items()),
    stage_changes=[
        change(name, at, stage, **more[0] if more else {})
        for name, (_, changes, _) in HISTORIES.items()
        for at, stage, *more in changes
    ],
)


@pytest.fixture(scope="module")
def told(asked):
    """The stages told of each deal, by month; '-' where it is not in the pipeline."""
    months = [asked(STAGES, PIPELINE, f"2026-{month:02}", by=("pipeline", "stage")).by for month in range(7, 12)]
    stages = [{line.key.key: line.second.key.replace("(none)", "?") for line in lines} for lines in months]
    return {name: " ".join(month.get(name, "-") for month in stages) for name in HISTORIES}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_deal_is_in_the_pipeline_as_it_stood_just_before_the_end(told, name):
    *_, stages = HISTORIES[name]
    assert told[name] == stages


def test_a_deal_is_in_the_pipeline_once(asked):
    assert asked(STAGES, PIPELINE, "2026-09").value == sum(
        stages.split()[2] != "-" for *_, stages in HISTORIES.values()
    )


MONEY = company_of(
    deal(1, amount=100, probability=Decimal("0.5"), pipeline="Sales", source="Web"),
    deal(2, amount=10, probability=Decimal("0.25"), currency="eur"),
    deal(3, amount=1, probability=Decimal("0.5"), currency="BRL"),
    deal(4, probability=Decimal("0.5"), stage="Demo"),
    deal(5, amount=1000),
    deal(6, "won", amount=10_000),
    deal(7, amount=40, probability=Decimal("0.1"), created_at=on(10, 15), owner_id="R unknown"),
    stage_changes=[
        change(1, on(8, 10), "Demo", amount=60, probability=Decimal("0.12345678")),
        change(1, on(9, 10), "Demo", probability=Decimal("0.2")),
        change(1, on(10, 31), "Demo", amount=70),
    ],
    fx_rates=[
        {"currency": "EUR", "date": date(2026, 9, 30), "rate": 2},
        {"currency": "EUR", "date": date(2026, 10, 1), "rate": 3},
        {"currency": "EUR", "date": date(2026, 11, 20), "rate": 5},
        {"currency": "EUR", "date": date(2026, 11, 21), "rate": 7},
    ],
)


def test_the_pipeline_of_a_running_month_is_what_the_deals_say_now_at_the_rate_of_today(asked):
    reading = asked(MONEY, PIPELINE, "2026-11")
    assert (reading.value, reading.records) == (100 + 10 * 5 + 1000 + 40, 4)
    assert reading.extras == {"deals": Amount(Decimal(6), Unit.COUNT)}
    assert reading.notes == (
        "1 open deal has no amount and is left out",
        "1 open deal has no exchange rate for BRL and is left out",
    )


def test_the_pipeline_of_the_past_takes_the_amount_of_then_else_of_now_at_the_rate_of_its_last_day(asked):
    assert asked(MONEY, PIPELINE, "2026-07").value == 100 + 1000  # before the first stage change, and the first rate
    assert asked(MONEY, PIPELINE, "2026-08").value == 60 + 1000
    assert asked(MONEY, PIPELINE, "2026-09").value == 100 + 10 * 2 + 1000
    assert asked(MONEY, PIPELINE, "2026-10").value == 70 + 10 * 3 + 1000 + 40


def test_what_was_closed_nobody_knows_when_is_named_for_the_past(asked):
    assert asked(MONEY, PIPELINE, "2026-10").notes[0] == "1 deal is closed without a date and in no past pipeline"


def test_the_like_part_of_the_month_before_is_told_by_history(asked):
    like_part = asked(MONEY, PIPELINE, "2026-11").previous_to_date
    assert like_part.value == 100 + 10 * 3 + 1000 + 40  # October 20, 17:00


def test_the_weighted_pipeline_leaves_out_what_has_no_probability(asked):
    reading = asked(MONEY, WEIGHTED, "2026-11")
    assert (reading.value, reading.records) == (100 * Decimal("0.5") + 50 * Decimal("0.25") + 4, 3)
    assert reading.extras == {"deals": Amount(Decimal(6), Unit.COUNT)}
    assert reading.notes == (
        "1 open deal has no amount and is left out",
        "1 open deal has no known probability and is left out",
        "1 open deal has no exchange rate for BRL and is left out",
    )


def test_a_stage_of_the_past_has_the_probability_of_its_own_row(asked):
    assert asked(MONEY, WEIGHTED, "2026-07").value == 0  # unknown before the first stage change
    assert asked(MONEY, WEIGHTED, "2026-08").value == 60 * Decimal("0.12345678")
    assert asked(MONEY, WEIGHTED, "2026-09").value == 100 * Decimal("0.2") + 20 * Decimal("0.25")
    assert asked(MONEY, WEIGHTED, "2026-10").value == 30 * Decimal("0.25") + 4


def test_a_pipeline_belongs_to_whom_its_deals_belong(asked):
    ann = Scope(ScopeType.REP, "files:R1", "Ann")
    assert asked(MONEY, PIPELINE, "2026-11", scope=ann).value == 1150
    lines = asked(MONEY, PIPELINE, "2026-11", by=("rep",)).by
    assert [(line.key.key, line.value) for line in lines] == [("files:R1", 1150), ("(unassigned)", 40)]


def test_large_amounts_of_the_pipeline_are_exact(asked):
    huge = Decimal("99999999999999.9999")
    rows = [deal(n, amount=huge, probability=Decimal("0.99999999"), currency="VND") for n in range(9)]
    company = company_of(
        *rows, fx_rates=[{"currency": "VND", "date": date(2026, 1, 1), "rate": Decimal("25000.00000001")}]
    )
    assert asked(company, PIPELINE, "2026-11").value == Decimal("22500000000008999977.499999999991")
    assert asked(company, WEIGHTED, "2026-11").value == Decimal("22499999775008999977.41000022499100000009")


CYCLES = company_of(
    deal(1, "won", closed_at=on(10, 1), created_at=on(9, 21), type="new"),
    deal(2, "won", closed_at=on(10, 1), created_at=on(9, 1), first_contact_at=on(9, 29), type="renewal"),
    deal(3, "won", closed_at=on(10, 1), created_at=on(10, 1)),
    deal(4, "won", closed_at=on(10, 1, 12), created_at=on(10, 1)),
    deal(5, "won", closed_at=on(10, 1), created_at=on(9, 1), first_contact_at=on(10, 2)),
    deal(6, "lost", closed_at=on(10, 1), created_at=on(1, 1)),
    deal(7, "won", closed_at=on(8, 2), created_at=on(8, 3)),
)


def test_a_cycle_runs_from_first_contact_else_creation_to_closing(asked):
    reading = asked(CYCLES, CYCLE, "2026-10")
    assert (reading.numerator, reading.denominator, reading.value) == (Decimal("12.5"), 4, Decimal("3.125"))
    assert reading.notes == ("1 won deal was closed before it began and is left out",)


def test_the_median_cycle_is_the_mean_of_the_two_in_the_middle(asked):
    assert asked(CYCLES, CYCLE, "2026-10").extras == {"median": Amount(Decimal("1.25"), Unit.DAYS)}


def test_no_cycle_has_no_mean_and_no_median(asked):
    reading = asked(CYCLES, CYCLE, "2026-08")
    assert (reading.value, reading.reason) == (None, "zero_denominator")
    assert reading.extras == {"median": Amount(None, Unit.DAYS)}
