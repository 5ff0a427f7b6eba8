from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.views.answer import answer_message, shared_message
from bot.views.limits import problems
from kpi.model import Amount, Figure, Filter, Key, Reading, Scope, ScopeType, TargetReading, Unit
from tests.bot.views.readings import (
    ATTAINMENT,
    BROKEN_DOWN,
    BY_TWO,
    CALENDAR,
    CALLS,
    FILTERED,
    HOSTILE,
    LONG,
    MATURING,
    MONEY_SHARE,
    NO_DATA,
    NOVEMBER,
    PRODUCTS,
    RUNNING,
    VALUE_NAMES,
    VERSUS,
    ZERO,
    line,
    of_kpi,
    reading,
)

TREND = reading(
    trend=tuple(
        Figure(period, None if not part else Decimal(part))
        for period, part in zip(CALENDAR.preceding(NOVEMBER, 5), ("0.5", "0.62", "", "0.4", "0.71"), strict=True)
    )
)
HOSTILE_READING = reading(
    scope=Scope(ScopeType.TEAM, "files:T1", HOSTILE), by=(line(HOSTILE, "0.5"),), notes=(f"3 deals of {HOSTILE}",)
)

CASES = {
    "a finished period": reading(),
    "a running period": RUNNING,
    "zero": ZERO,
    "no data": NO_DATA,
    "missing input": of_kpi("bookings", None, reason="missing_input: deals.amount"),
    "money and extras": of_kpi("bookings", "149523.45", "120000", extras={"deals": Amount(Decimal(14), Unit.COUNT)}),
    "a variant": of_kpi("activities", "41.26", variant="per_rep"),
    "attainment": ATTAINMENT,
    "a breakdown": BROKEN_DOWN,
    "a trend": TREND,
    "notes": reading(notes=("3 deals have no exchange rate for BRL and are left out",)),
    "hostile names": HOSTILE_READING,
    "filters": FILTERED,
    "against another period": VERSUS,
    "maturing": MATURING,
    "by two dimensions": BY_TWO,
    "products": PRODUCTS,
    "extras in their units": CALLS,
    "a share of money": MONEY_SHARE,
    "not applicable": of_kpi("winrate", None, reason="not_applicable"),
    "cjk names": replace(BROKEN_DOWN, scope=Scope(ScopeType.TEAM, "files:T2", "東京営業部")),
}


@pytest.mark.parametrize("case", CASES)
def test_an_answer_reads_like_this(case: str, snapshot: SnapshotAssertion) -> None:
    message = answer_message(CASES[case], locale="en-US", names=VALUE_NAMES)
    assert problems(message) == []
    assert message == snapshot


@pytest.mark.parametrize("locale", ["de-DE", "ja-JP", "vi-VN"])
def test_numbers_and_dates_follow_the_locale(locale: str, snapshot: SnapshotAssertion) -> None:
    assert answer_message(RUNNING, locale=locale)["text"] == snapshot


def test_the_text_alone_says_the_number_and_what_it_is_compared_with() -> None:
    first, *rest = answer_message(RUNNING, locale="en-US")["text"].splitlines()
    assert first == "Win rate, EMEA, November 2026 so far: 63.2%"
    assert "Against the same part of October 2026: ▲ up 4.2 points from 59%" in rest


def test_the_first_line_says_which_records_count() -> None:
    first, *_ = answer_message(FILTERED, locale="en-US", names=VALUE_NAMES)["text"].splitlines()
    assert "only type = new; rep not Zoë Müller or (unassigned); campaign = &lt;!channel&gt;" in first


@pytest.mark.parametrize("of", [HOSTILE_READING, FILTERED])
def test_a_name_pings_nobody(of: Reading) -> None:
    message = answer_message(of, locale="en-US", names=VALUE_NAMES)
    assert not any(ping in str(message) for ping in ("<!channel", "<@", "\u202e", "*Ana*:"))


def test_a_breakdown_beyond_what_slack_shows_says_how_many_are_missing() -> None:
    message = answer_message(reading(by=tuple(line(f"Rep {n}", "0.5") for n in range(300))), locale="en-US")
    (table,) = (block for block in message["blocks"] if block["type"] == "table")
    assert len(table["rows"]) == 100
    assert "and 201 more" in str(message["blocks"])
    assert "… and" in message["text"].splitlines()[-1]


def test_an_answer_can_be_shared_with_what_asks_it_again() -> None:
    *_, actions = answer_message(RUNNING, locale="en-US", share='{"q": "winrate"}')["blocks"]
    (button,) = actions["elements"]
    assert (button["action_id"], button["value"]) == ("share_answer", '{"q": "winrate"}')


@pytest.mark.parametrize("share", [None, "", "x" * 2_001])
def test_there_is_no_button_without_what_it_would_bring_back(share: str | None) -> None:
    message = answer_message(RUNNING, locale="en-US", share=share)
    assert all(block["type"] != "actions" for block in message["blocks"])


def test_a_shared_answer_names_who_shared_it_and_has_no_button() -> None:
    message = shared_message(RUNNING, by="U123", locale="en-US")
    assert message["blocks"][-1]["elements"][0]["text"] == "Shared by <@U123>"
    assert problems(message) == []


numbers = st.decimals(min_value=Decimal("-1E30"), max_value=Decimal("1E30"), allow_nan=False, places=4)
words = st.one_of(st.text(max_size=80), st.sampled_from([HOSTILE, LONG, "&" * 500, "👩\u200d👩\u200d👧" * 60, ""]))
filters = st.builds(Filter, words, st.lists(words, min_size=1, max_size=3).map(tuple), st.booleans())
lines = st.builds(
    lambda name, value, second, is_small: line(name, str(value), second=Key("team", second, second), is_small=is_small),
    words,
    numbers,
    words,
    st.booleans(),
)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    many = draw(st.sampled_from([1, 1, 60]))  # times five lines
    different: dict[str, Any] = {
        "name": draw(words),
        "unit": draw(st.sampled_from(Unit)),
        "currency": draw(st.sampled_from(["USD", "VND", "XXQ", ""])),
        "scope": Scope(ScopeType.TEAM, "files:T1", draw(words)),
        "value": draw(numbers),
        "numerator": draw(numbers),
        "denominator": draw(numbers),
        "previous": Figure(CALENDAR.parse("2026-09"), draw(numbers)),
        "benchmark": draw(numbers),
        "target": TargetReading(draw(numbers), draw(numbers), draw(numbers)),
        "where": tuple(draw(st.lists(filters, max_size=3))) * many,
        "versus": draw(st.none() | st.builds(Figure, st.just(NOVEMBER), numbers | st.none())),
        "is_noise": draw(st.sampled_from([None, True, False])),
        "is_maturing": draw(st.booleans()),
        "extras": draw(st.dictionaries(words, st.builds(Amount, numbers, st.sampled_from(Unit)), max_size=4)),
        "by": tuple(draw(st.lists(lines, max_size=5))) * many,
        "trend": tuple(Figure(period, draw(numbers)) for period in CALENDAR.preceding(NOVEMBER, 3)) * many,
        "notes": tuple(draw(st.lists(words, max_size=4))) * many,
    }
    return reading(**different)


@settings(max_examples=40)
@given(readings(), st.sampled_from(["en-US", "de-DE", "ja-JP", "ar-EG", "xx"]))
def test_no_reading_makes_a_message_that_slack_refuses(any_reading: Reading, locale: str) -> None:
    message = answer_message(any_reading, locale=locale, share="{}")
    assert problems(message) == []
    assert 0 < len(message["text"]) <= 4_000
