"""What counts of a period, what came before, and the months within."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.spans import Clock, elapsed

NEW_YORK = Calendar(Organisation(timezone="America/New_York", fiscal_year_start=2))
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # noon
CLOCK = Clock(NEW_YORK, NOW, frozenset({date(2026, 11, 11)}))


def span(key, now=NOW):
    return elapsed(NEW_YORK.parse(key), Clock(NEW_YORK, now, CLOCK.holidays))


def test_a_finished_period_is_whole_and_a_running_one_ends_now():
    assert span("2026-10").is_whole
    assert not span("2026-10").is_current
    assert span("2026-11").is_current
    assert span("2026-11").window.end == NOW


def test_a_period_that_has_not_begun_holds_nothing():
    window = span("2026-12").window
    assert window.start == window.end


def test_before_the_elapsed_part_comes_the_like_part():
    before = span("2026-11").previous
    assert (before.period.key, before.until) == ("2026-10", datetime(2026, 10, 20, 16, 0, tzinfo=UTC))
    assert not before.is_current
    assert before.previous.until == datetime(2026, 9, 20, 16, 0, tzinfo=UTC)
    assert span("2026-10").previous.is_whole


def test_money_is_converted_at_the_last_day_that_counts():
    assert span("2026-10").last_day == date(2026, 10, 31)
    assert span("2026-11").last_day == date(2026, 11, 20)
    midnight = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    assert span("2026-11", midnight).last_day == date(2026, 11, 20)
    assert span("2026-11", midnight).previous.last_day == date(2026, 10, 19)


def test_a_quarter_has_the_months_that_have_begun():
    quarter = span("2026-Q4")
    assert quarter.period.first_day == date(2026, 11, 1)
    assert [(month.period.key, month.is_whole) for month in quarter.months] == [("2026-11", False)]
    assert quarter.months[0].is_current
    assert [month.period.key for month in span("2026-Q3").months] == ["2026-08", "2026-09", "2026-10"]
    assert [month.period.key for month in span("2026-02-01..2026-03-31").months] == ["2026-02", "2026-03"]


@pytest.mark.parametrize("key", ["2026-11-01", "2026-W47", "2026-02-01..2026-03-30", "2026-02-02..2026-03-31"])
def test_what_does_not_consist_of_months_has_none(key):
    assert span(key).months == ()


def test_the_last_days_end_with_today_or_with_the_period():
    assert span("2026-11").days_up_to_last(2).window.start == NEW_YORK.midnight(date(2026, 11, 19))
    assert span("2026-10").days_up_to_last(90).window.start == NEW_YORK.midnight(date(2026, 8, 3))
    assert span("2026-10").days_up_to_last(90).window.end == NEW_YORK.midnight(date(2026, 11, 1))


def test_business_days_leave_holidays_out_and_today_counts():
    november = span("2026-11")
    assert (november.business_days, november.elapsed_business_days) == (20, 14)


def test_everything_up_to_the_end_has_no_beginning():
    assert span("2026-11").since_the_beginning().window.start < datetime(2, 1, 1, tzinfo=UTC)
    assert span("2026-11").since_the_beginning().window.end == NOW


def test_spans_of_one_period_are_the_same_whatever_clock_told_them():
    later = Clock(NEW_YORK, NOW, frozenset())
    assert elapsed(NEW_YORK.parse("2026-11"), later) == span("2026-11")
    assert span("2026-11") != span("2026-11", NOW + timedelta(seconds=1))
