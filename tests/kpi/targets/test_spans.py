"""Which shorter periods make up a longer one, and how many business days they have."""

from datetime import date
from itertools import pairwise

import pytest

from kpi.organisation import Organisation
from kpi.periods import Calendar, Grain, PeriodError
from kpi.targets.spans import parse_target_period, parts_of_time

CALENDAR = Calendar(Organisation())
FISCAL = Calendar(Organisation(fiscal_year_start=4))


def parts(key, grain, holidays=()):
    return [(period.key, days) for period, days in parts_of_time(CALENDAR, CALENDAR.parse(key), Grain(grain), holidays)]


def test_a_quarter_is_its_months_by_their_business_days():
    assert parts("2026-Q4", "month") == [("2026-10", 22), ("2026-11", 21), ("2026-12", 23)]


def test_holidays_are_no_business_days():
    assert parts("2026-Q4", "month", [date(2026, 12, 25), date(2026, 12, 26)])[-1] == ("2026-12", 22)


def test_a_fiscal_year_is_its_own_quarters():
    found = parts_of_time(FISCAL, FISCAL.parse("2026"), Grain.QUARTER, ())
    assert [period.key for period, _ in found] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert found[0][0].first_day == date(2026, 4, 1)


def test_days_without_work_bear_no_part():
    assert [key for key, _ in parts("2026-W47", "day")] == [f"2026-11-{day}" for day in (16, 17, 18, 19, 20)]


def test_weeks_make_up_a_month_that_begins_and_ends_with_a_week():
    assert [key for key, _ in parts("2027-02", "week")] == ["2027-W05", "2027-W06", "2027-W07", "2027-W08"]


@pytest.mark.parametrize(
    ("key", "grain", "told"),
    [
        ("2026-11", "week", "The weeks of 2026-11 lie across its ends: split it over days."),
        ("2026-Q4", "week", "The weeks of 2026-Q4 lie across its ends: split it over days or months."),
        ("2026-11", "month", "A month has no months to be split into: split it over days."),
        ("2026-W47", "quarter", "A week has no quarters to be split into: split it over days."),
        ("2026-11-20", "day", "2026-11-20 is a day, which has no parts over time."),
    ],
)
def test_a_grain_that_does_not_fit_is_refused_with_those_that_do(key, grain, told):
    with pytest.raises(PeriodError) as caught:
        parts(key, grain)
    assert str(caught.value) == told


def test_a_period_without_a_business_day_has_no_parts():
    with pytest.raises(PeriodError, match="no business day in 2026-W53"):
        parts("2026-W53", "day", [date(2026, 12, day) for day in range(28, 32)] + [date(2027, 1, 1)])


def test_a_range_is_no_period_of_a_target():
    with pytest.raises(PeriodError, match="a day, week, month, quarter or year"):
        parse_target_period(CALENDAR, "2026-01-01..2026-01-31")
    assert parse_target_period(CALENDAR, "2026-q4").key == "2026-Q4"


def test_the_parts_of_a_period_follow_one_another_from_its_start_to_its_end():
    year = CALENDAR.parse("2026")
    for grain in (Grain.MONTH, Grain.QUARTER):
        found = [period for period, _ in parts_of_time(CALENDAR, year, grain, ())]
        assert found[0].start == year.start
        assert found[-1].end == year.end
        assert all(one.end == other.start for one, other in pairwise(found))
