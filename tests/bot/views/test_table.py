from decimal import Decimal

from bot.views.table import answer_table, breakdown_rows, name_columns, trend_rows
from kpi.model import Figure
from tests.bot.views.readings import (
    BROKEN_DOWN,
    BY_TWO,
    CALENDAR,
    CALLS,
    FILTERED,
    MATURING,
    MONEY_SHARE,
    NO_DATA,
    OCTOBER,
    PRODUCTS,
    RUNNING,
    VERSUS,
    of_kpi,
    reading,
)


def test_an_answer_is_a_table_of_what_and_words() -> None:
    rows = dict(answer_table(RUNNING, "en-US"))
    assert rows["Win rate"] == "63.2%"
    assert rows["When"] == "November 2026 so far"
    assert rows["Likely"] == "between 62% and 64%, n = 6,711"
    assert rows["Data as of"] == "2026-11-20 16:55 UTC"


def test_no_value_says_why() -> None:
    assert dict(answer_table(NO_DATA, "en-US"))["Win rate"] == "n/a"
    assert "nothing to divide by" in dict(answer_table(NO_DATA, "en-US"))["Why"]


def test_a_breakdown_names_its_parts() -> None:
    assert breakdown_rows(BROKEN_DOWN, "en-US") == [
        ["Rep", "Win rate", "Of"],
        ["Ana", "70%", "7 of 10"],
        ["山田太郎", "0%", "0 of 4"],
        ["Zoë", "n/a", "0 of 0"],
    ]
    assert breakdown_rows(reading(), "en-US") == []


def test_a_breakdown_by_two_names_both_and_marks_what_stands_on_few_records() -> None:
    assert breakdown_rows(BY_TWO, "en-US") == [
        ["Team", "Contact method", "Win rate", "Of"],
        ["EMEA", "phone", "70%", "7 of 10"],
        ["EMEA", "(none)", "50%", "2 of 4, few"],
        ["APAC", "phone", "n/a", "0 of 0"],
    ]
    assert [name_columns(each) for each in (BY_TWO, BROKEN_DOWN, RUNNING)] == [2, 1, 1]


def test_a_line_tells_its_further_figures_and_the_change_from_the_period_before() -> None:
    assert breakdown_rows(PRODUCTS, "en-US") == [
        ["Rep", "Product performance", "Records", "Units", "Share", "Change"],
        ["Widget", "$2,500", "10", "8", "83.3%", "▲ up 25%"],
        ["Gadget", "$500", "10", "1", "16.7%", "n/a"],
        ["(other)", "$0", "0", "n/a", "n/a", "n/a"],
    ]
    assert dict(answer_table(PRODUCTS, "en-US"))["Also"] == "units 9, share 100%"


def test_further_figures_are_told_in_their_units() -> None:
    assert dict(answer_table(CALLS, "en-US"))["Also"] == (
        "answered 12, answer rate 60%, minutes 1 hr 35 min, term months 14.5 mths"
    )


def test_the_records_that_count_alone_are_told_by_their_names() -> None:
    told = dict(answer_table(FILTERED, "en-US", {("rep", "files:R1"): "Zoë"}))["Only"]
    assert told == "type = new; rep not Zoë or (unassigned); campaign = files:C1"
    assert "Only" not in dict(answer_table(RUNNING, "en-US"))


def test_the_period_that_was_asked_for_is_compared_like_for_like() -> None:
    rows = dict(answer_table(VERSUS, "en-US"))
    assert rows["Against the same part of November 2025"] == "▼ down 6.8 points from 70%"
    whole = reading(versus=Figure(CALENDAR.parse("2026-Q2"), Decimal("0.5")))
    assert dict(answer_table(whole, "en-US"))["Against Q2 2026"] == "▲ up 13.2 points from 50%"
    running = reading(versus=Figure(CALENDAR.parse("2026"), Decimal("0.5")))
    assert "Against 2026 so far" in dict(answer_table(running, "en-US"))


def test_a_comparison_without_a_value_says_why() -> None:
    nothing = reading(versus=Figure(CALENDAR.parse("2025-10"), None, reason="zero_denominator"))
    assert dict(answer_table(nothing, "en-US"))["Against October 2025"].startswith("n/a: there is nothing to divide by")


def test_one_missing_input_is_explained_once() -> None:
    reason = "missing_input: deals"
    nothing = of_kpi("deals", None, reason=reason, versus=Figure(CALENDAR.parse("2025-10"), None, reason=reason))
    assert str(answer_table(nothing, "en-US")).count("the table deals is missing") == 1


def test_the_period_before_is_compared_once_though_it_was_asked_for() -> None:
    labels = [label for label, _ in answer_table(reading(versus=reading().previous), "en-US")]
    assert labels.count("Against September 2026") == 1


def test_only_the_fair_comparison_is_told_as_chance() -> None:
    rows = dict(answer_table(VERSUS, "en-US"))
    assert rows["Against the same part of October 2026"] == "▲ up 4.2 points from 59%, no more than chance can do"
    assert rows["Against October 2026"] == "▲ up 1.9 points from 61.3%"
    certain = dict(answer_table(reading(is_noise=False), "en-US"))
    assert certain["Against September 2026"] == "▲ up 4.2 points from 59%"
    unchanged = of_kpi("winrate", "0.5", "0.5", is_noise=True)
    assert dict(answer_table(unchanged, "en-US"))["Against September 2026"] == "= unchanged from 50%"


def test_a_figure_that_matures_says_so() -> None:
    assert "at the same age" in dict(answer_table(MATURING, "en-US"))["Still maturing"]
    assert "Still maturing" not in dict(answer_table(of_kpi("mql2sql", None, is_maturing=True), "en-US"))


def test_a_share_is_told_in_what_it_is_a_share_of() -> None:
    assert dict(answer_table(MONEY_SHARE, "en-US"))["That is"] == "$40,000 of $100,000"
    assert dict(answer_table(MATURING, "en-US"))["That is"] == "3 of 12"
    unknown = of_kpi("openrate", "0.5", numerator=Decimal(1), denominator=Decimal(2), records=7)
    assert "That is" not in dict(answer_table(unknown, "en-US"))


def test_a_trend_is_told_oldest_first() -> None:
    with_trend = reading(trend=(Figure(OCTOBER, Decimal("0.5")),))
    assert trend_rows(with_trend, "en-US") == [["Period", "Win rate"], ["October 2026", "50%"]]
    assert trend_rows(reading(), "en-US") == []
