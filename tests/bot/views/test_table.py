from decimal import Decimal

from bot.views.table import answer_table, breakdown_rows, trend_rows
from kpi.model import Figure
from tests.bot.views.readings import BROKEN_DOWN, NO_DATA, OCTOBER, RUNNING, reading


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


def test_a_trend_is_told_oldest_first() -> None:
    with_trend = reading(trend=(Figure(OCTOBER, Decimal("0.5")),))
    assert trend_rows(with_trend, "en-US") == [["Period", "Win rate"], ["October 2026", "50%"]]
    assert trend_rows(reading(), "en-US") == []
