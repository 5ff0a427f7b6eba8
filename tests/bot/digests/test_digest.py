from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.digests.digest import Digest, digest_message, scorecard_message
from bot.views.limits import problems
from bot.views.message import Message
from kpi.model import Amount, Cadence, Figure, Reading, Scope, ScopeType, TargetReading, Unit
from kpi.scopes import COMPANY
from tests.bot.views.readings import (
    ATTAINMENT,
    CALENDAR,
    HOSTILE,
    LONG,
    MATURING,
    NOVEMBER,
    OCTOBER,
    PRODUCTS,
    REP,
    TEAM,
    line,
    of_kpi,
)

WEEK = CALENDAR.parse("2026-W47")
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


def of_week(kpi: str, value: str | None, before: str | None = None, **different: Any) -> Reading:
    return of_kpi(kpi, value, before, **{"period": WEEK, "now": MONDAY, **different})


ACTIVITIES = of_week("activities", "120", "100", target=TargetReading(Decimal(150), Decimal("0.8"), Decimal("0.8")))
BOOKINGS = of_week("bookings", "12300.5", "11000", notes=("2 won deals have no amount and are left out",))
REACHED = replace(ATTAINMENT, now=MONDAY)
BREAKDOWN = (
    of_week("activities", "120", by=(line("Zoë", "40"), line("ana", "80"), line("(unassigned)", "0"))),
    of_week("bookings", "12300.5", by=(line("Zoë", "12300.5"),), notes=BOOKINGS.notes),
    of_week("deals", "2", by=(line("Zoë", "1"), line("山田太郎", "1"))),
)
TEAM_DIGEST = Digest(Cadence.WEEKLY, TEAM, WEEK, (ACTIVITIES, BOOKINGS, REACHED), BREAKDOWN)
SCORECARD = Digest(Cadence.WEEKLY, REP, WEEK, (ACTIVITIES, BOOKINGS, REACHED), business_days_left=6)
EMPTY_WEEK = (
    of_week("activities", "0", "0"),
    of_week("winrate", None, reason="zero_denominator"),
    of_week("newcustomers", None, reason="missing_input: accounts"),
    of_week("attainment", None, reason="missing_input: targets"),
)


def section_texts(message: Message) -> list[str]:
    return [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]


def of_cadence(cadence: Cadence, digest: Digest) -> Digest:
    """The same digest for the month or quarter before."""
    period = {Cadence.WEEKLY: WEEK, Cadence.MONTHLY: OCTOBER, Cadence.QUARTERLY: CALENDAR.parse("2026-Q3")}[cadence]
    before = Figure(CALENDAR.previous(period), Decimal(110))
    rows = tuple(replace(one, period=period, previous=before) if one.period == WEEK else one for one in digest.readings)
    return replace(digest, cadence=cadence, period=period, readings=rows)


@pytest.mark.parametrize("cadence", Cadence)
def test_a_team_digest_reads_like_this(cadence: Cadence, snapshot: SnapshotAssertion) -> None:
    message = digest_message(of_cadence(cadence, TEAM_DIGEST), "en-US")
    assert problems(message) == []
    assert message == snapshot


@pytest.mark.parametrize("cadence", Cadence)
def test_a_scorecard_reads_like_this(cadence: Cadence, snapshot: SnapshotAssertion) -> None:
    message = scorecard_message(of_cadence(cadence, SCORECARD), "en-US")
    assert problems(message) == []
    assert message == snapshot


def test_an_empty_week_says_0_and_why_there_is_nothing(snapshot: SnapshotAssertion) -> None:
    message = digest_message(Digest(Cadence.WEEKLY, COMPANY, WEEK, EMPTY_WEEK), "en-US")
    assert problems(message) == []
    assert message["text"] == snapshot


def test_a_kpi_without_its_input_is_one_line_at_the_end_and_no_row() -> None:
    message = digest_message(Digest(Cadence.WEEKLY, TEAM, WEEK, EMPTY_WEEK), "en-US")
    lines = [line for line in message["text"].splitlines() if "New customers" in line]
    assert lines == ["Left out: New customers (no accounts supplied); Sales against target (no target is set)."]


def row(reading: Reading) -> str:
    """The line that a company's digest of the week has for a reading."""
    lines = digest_message(Digest(Cadence.WEEKLY, COMPANY, WEEK, (reading,)), "en-US")["text"].splitlines()
    return next((line for line in lines if line.startswith(reading.name)), "")


def test_what_one_input_keeps_out_is_told_together() -> None:
    readings = tuple(of_week(kpi, None, reason="missing_input: subscriptions") for kpi in ("newmrr", "revenuechurn"))
    text = digest_message(replace(TEAM_DIGEST, readings=readings), "en-US")["text"]
    assert "Left out: New MRR, Revenue churn (no subscriptions supplied)." in text


def test_what_does_not_apply_to_a_scope_is_not_told() -> None:
    assert not row(of_week("cac", None, reason="not_applicable"))


def test_a_capacity_of_nobody_is_not_told() -> None:
    assert not row(of_week("bdrcapacity", "0"))
    assert row(of_week("bdrcapacity", "330", extras={"utilisation": Amount(Decimal("0.6"), Unit.PERCENT)})) == (
        "BDR capacity: 330 (utilisation 60%)"
    )


def test_a_change_that_chance_makes_is_no_movement() -> None:
    by_chance = of_week("winrate", "0.3", "0.35", is_noise=True)
    assert row(by_chance) == "Win rate: 30% · from 35%, within chance"
    assert row(replace(by_chance, is_noise=False)) == "Win rate: 30% · ▼ down 5 points from 35%"


def test_a_change_that_is_not_seen_is_none() -> None:
    assert row(of_week("cycle", "48.31", "48.29", is_noise=False)) == "Sales cycle length: 48.3 days · = unchanged"


def test_a_cohort_that_still_changes_is_maturing() -> None:
    text = digest_message(replace(TEAM_DIGEST, readings=(MATURING,), period=OCTOBER), "en-US")["text"]
    assert "MQL to SQL: 25% · ▼ down 5 points from 30% · maturing" in text
    assert "Maturing: what comes of these records later will count" in text


def test_growth_is_a_change_already() -> None:
    assert row(of_week("growth", "0.42", "-0.18")) == "Sales growth: 42%"


def test_products_are_told_by_their_largest_lines_and_not_as_one_number() -> None:
    smaller_first = replace(PRODUCTS, by=(*PRODUCTS.by[1:], PRODUCTS.by[0]), period=WEEK)
    assert row(smaller_first) == "Product performance: Widget $2,500 (83%, ▲ up 25%), Gadget $500 (17%), (other) $0"


@pytest.mark.parametrize("name", ["(none)", "(other)"])
def test_without_any_product_that_stands_by_itself_the_amount_is_told(name: str) -> None:
    assert row(of_week("products", "3000", by=(line(name, "3000"),))) == "Product performance: $3,000"


def test_a_target_that_attainment_tells_is_told_once() -> None:
    bookings = replace(BOOKINGS, period=NOVEMBER, target=REACHED.target)
    text = digest_message(replace(TEAM_DIGEST, period=NOVEMBER, readings=(bookings, REACHED)), "en-US")["text"]
    assert text.count("$100,000") == 1


def test_a_kpi_of_ones_own_stands_among_the_others() -> None:
    own = replace(of_week("deals", "3"), kpi="ourdeals", name="Our deals")
    assert "*Others*\nOur deals: *3*" in section_texts(digest_message(replace(TEAM_DIGEST, readings=(own,)), "en-US"))


def test_reps_stand_by_name_and_not_by_rank() -> None:
    blocks = digest_message(TEAM_DIGEST, "en-US")["blocks"]
    (table,) = (block for block in blocks if block["type"] == "table")
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["Rep", "Activities", "Bookings", "Deals won"],
        ["ana", "80", "$0", "0"],
        ["Zoë", "40", "$12,301", "1"],
        ["山田太郎", "0", "$0", "1"],
        ["(unassigned)", "0", "$0", "0"],
    ]


def test_a_column_whose_input_is_missing_is_no_column() -> None:
    breakdown = (BREAKDOWN[0], of_week("bookings", None, reason="missing_input: deals"))
    blocks = digest_message(replace(TEAM_DIGEST, breakdown=breakdown), "en-US")["blocks"]
    (table,) = (block for block in blocks if block["type"] == "table")
    assert [cell["text"] for cell in table["rows"][0]] == ["Rep", "Activities"]


def test_a_note_is_told_once() -> None:
    assert digest_message(TEAM_DIGEST, "en-US")["text"].count("2 won deals have no amount") == 1


def test_a_scorecard_says_what_the_period_needs() -> None:
    needs = "*$38,000 to go to the target for November 2026, 6 business days left: $6,334 a day*"
    assert needs in section_texts(scorecard_message(SCORECARD, "en-US"))


@pytest.mark.parametrize(
    ("days_left", "needs"),
    [
        (None, "$38,000 to go to the target for November 2026"),
        (0, "$38,000 to go to the target for November 2026, no business day left"),
        (1, "$38,000 to go to the target for November 2026, 1 business day left: $38,000 a day"),
    ],
)
def test_what_a_day_needs_depends_on_the_days_left(days_left: int | None, needs: str) -> None:
    assert f"*{needs}*" in section_texts(scorecard_message(replace(SCORECARD, business_days_left=days_left), "en-US"))


def test_deals_to_go_are_deals() -> None:
    target = TargetReading(Decimal(10), Decimal("0.6"), None)
    deals = replace(REACHED, variant="deals", numerator=Decimal(6), denominator=Decimal(10), target=target)
    needs = section_texts(scorecard_message(replace(SCORECARD, readings=(deals,)), "en-US"))[-1]
    assert needs == "*4 deals to go to the target for November 2026, 6 business days left: 0.7 deals a day*"


def test_a_target_that_is_reached_needs_nothing_more() -> None:
    done = replace(REACHED, value=Decimal("1.04"), numerator=Decimal(104000))
    needs = section_texts(scorecard_message(replace(SCORECARD, readings=(done,)), "en-US"))[-1]
    assert needs.startswith("*The target for November 2026 is reached: $104,000 of $100,000")


def test_a_period_that_has_ended_needs_nothing() -> None:
    ended = replace(REACHED, now=NOVEMBER.end)
    assert "to go" not in scorecard_message(replace(SCORECARD, readings=(ended,)), "en-US")["text"]


def test_a_row_of_another_period_says_what_its_change_is_against() -> None:
    before = Figure(OCTOBER, Decimal("0.7"))
    row = replace(REACHED, previous=before, previous_to_date=replace(before, value=Decimal("0.6")))
    text = digest_message(replace(TEAM_DIGEST, readings=(ACTIVITIES, row)), "en-US")["text"]
    assert "62% · ▲ up 2 points from 60% in the same part of October 2026 · target" in text


def test_a_running_period_is_never_compared_with_a_whole_one() -> None:
    part = Figure(CALENDAR.previous(WEEK), None, reason="zero_denominator")
    running = replace(ACTIVITIES, now=WEEK.start, previous_to_date=part)
    text = digest_message(replace(TEAM_DIGEST, readings=(running,)), "en-US")["text"]
    assert "Activities: 120 · target" in text


def test_the_oldest_data_is_told() -> None:
    older = replace(BOOKINGS, as_of=datetime(2026, 11, 19, 8, tzinfo=UTC))
    text = digest_message(replace(TEAM_DIGEST, readings=(ACTIVITIES, older)), "en-US")["text"]
    assert text.splitlines()[-1].endswith("|2026-11-19 08:00 UTC>")


def test_a_name_pings_nobody() -> None:
    scope = Scope(ScopeType.TEAM, "files:T1", HOSTILE)
    by = of_week("activities", "1", by=(line(HOSTILE, "1"),))
    message = digest_message(Digest(Cadence.WEEKLY, scope, WEEK, (ACTIVITIES,), (by,)), "en-US")
    assert "<!channel" not in str(message)
    assert problems(message) == []


numbers = st.decimals(min_value=Decimal("-1E30"), max_value=Decimal("1E30"), allow_nan=False, places=4)
names = st.one_of(st.text(max_size=80), st.sampled_from([HOSTILE, LONG, "&" * 500, "👩\u200d👩\u200d👧" * 60]))


@settings(max_examples=25)
@given(st.data())
def test_no_readings_make_a_digest_that_slack_refuses(data: st.DataObject) -> None:
    def any_reading(kpi: str) -> Reading:
        return of_week(
            kpi,
            str(data.draw(numbers)),
            numerator=data.draw(numbers),
            previous=Figure(CALENDAR.previous(WEEK), data.draw(numbers)),
            target=TargetReading(data.draw(numbers), data.draw(numbers), data.draw(numbers)),
            notes=tuple(data.draw(st.lists(names, max_size=3))) * data.draw(st.sampled_from([1, 9])),
            period=data.draw(st.sampled_from([WEEK, NOVEMBER])),
        )

    lines = tuple(line(data.draw(names), "1", key=f"files:{n}") for n in range(4))
    readings = tuple(any_reading(kpi) for kpi in ("activities", "bookings", "winrate", "attainment") * 4)
    readings += (replace(any_reading("products"), by=lines * 2),)
    many = tuple(
        replace(one, key=replace(one.key, key=f"{one.key.key}:{n}"))
        for n in range(data.draw(st.sampled_from([1, 75])))
        for one in lines
    )
    scope = Scope(ScopeType.TEAM, "files:T1", data.draw(names))
    digest = Digest(Cadence.MONTHLY, scope, WEEK, readings, (of_week("deals", "1", by=many),), 3)
    for message in (digest_message(digest, "de-DE"), scorecard_message(digest, "ja-JP")):
        assert problems(message) == []
        assert 0 < len(message["text"]) <= 4_000
