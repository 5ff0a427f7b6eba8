"""Periods: boundaries in local time, labels, what came before, and the like part of a running period."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.organisation import Organisation
from kpi.periods import Calendar, Grain, Period, PeriodError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # until 2019 clocks went forward at midnight
    "America/St_Johns",  # until 2011 clocks turned at 00:01, back into the day before
    "America/Toronto",  # in 1919 from 23:30 to 00:30
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # had no 30 December 2011
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)

organisations = st.builds(
    Organisation,
    timezone=st.sampled_from(ZONES),
    week_start=st.sampled_from(WEEKDAYS),
    fiscal_year_start=st.integers(1, 12),
    fiscal_year_named_by=st.sampled_from(("start", "end")),
)
days = st.dates(date(1902, 1, 1), date(2100, 12, 31))
instants = st.datetimes(datetime(1902, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))
# Clocks turn in these; what random instants seldom meet.
hard_instants = st.builds(
    lambda turn, seconds: turn + timedelta(seconds=seconds),
    st.sampled_from(
        (
            datetime(2018, 11, 4, 3, tzinfo=UTC),
            datetime(2018, 2, 18, 2, tzinfo=UTC),
            datetime(2011, 12, 30, 10, tzinfo=UTC),
            datetime(2010, 11, 7, 2, 31, tzinfo=UTC),
            datetime(1919, 3, 31, 4, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
        )
    ),
    st.integers(-7200, 7200),
)


def calendar(zone="UTC", week_start="monday", fiscal_year_start=1, named_by="start"):
    return Calendar(
        Organisation(
            timezone=zone,
            week_start=week_start,
            fiscal_year_start=fiscal_year_start,
            fiscal_year_named_by=named_by,
        )
    )


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@given(organisations, instants | hard_instants, st.sampled_from(GRAINS))
def test_every_instant_lies_in_one_period_of_each_grain(organisation, now, grain):
    its = Calendar(organisation)
    period = its.containing(its.local_day(now), grain)
    assert period.start <= now < period.end
    assert its.is_running(period, now)


@given(organisations, days, st.sampled_from(GRAINS))
def test_periods_of_a_grain_join_without_gap_or_overlap(organisation, day, grain):
    its = Calendar(organisation)
    period = its.containing(day, grain)
    before = its.previous(period)
    assert period.first_day <= day <= period.last_day
    assert before.end == period.start
    assert before.last_day + timedelta(days=1) == period.first_day
    assert its.containing(before.last_day, grain) == before
    assert before.key < period.key


@given(organisations, days, st.sampled_from(GRAINS))
def test_a_key_names_its_period(organisation, day, grain):
    its = Calendar(organisation)
    period = its.containing(day, grain)
    assert its.parse(period.key) == period
    assert its.parse(period.key.lower()) == period


@given(organisations, days, st.integers(0, 4000))
def test_the_period_before_a_range_is_as_many_days_just_before(organisation, first_day, more):
    its = Calendar(organisation)
    period = its.range(first_day, first_day + timedelta(days=more))
    before = its.previous(period)
    assert its.parse(period.key) == period
    assert before.end == period.start
    assert before.last_day - before.first_day == period.last_day - period.first_day


@given(organisations, days, st.sampled_from((Grain.QUARTER, Grain.YEAR)))
def test_fiscal_periods_are_whole_months_that_begin_with_the_fiscal_year(organisation, day, grain):
    period = Calendar(organisation).containing(day, grain)
    months_in = (period.first_day.month - organisation.fiscal_year_start) % 12
    assert period.first_day.day == 1
    assert months_in in ((0, 3, 6, 9) if grain is Grain.QUARTER else (0,))
    assert (period.last_day + timedelta(days=1)).day == 1


@given(organisations, instants | hard_instants, st.sampled_from(GRAINS))
def test_the_like_part_lies_within_the_previous_period(organisation, now, grain):
    its = Calendar(organisation)
    period = its.containing(its.local_day(now), grain)
    before = its.previous(period)
    assert before.start <= its.like_part_end(period, now) <= before.end


@given(days, days, st.sets(days, max_size=20))
def test_business_days_are_those_that_one_counts(first_day, last_day, holidays):
    last_day = min(last_day, first_day + timedelta(days=400))
    counted = 0
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        counted += day.weekday() < 5 and day not in holidays
    assert calendar().business_days(first_day, last_day, holidays) == counted


@pytest.mark.parametrize(
    ("key", "first_day", "last_day"),
    [
        ("2026-11-20", date(2026, 11, 20), date(2026, 11, 20)),
        ("2026-W46", date(2026, 11, 9), date(2026, 11, 15)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-01-01..2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-01-01..2026-01-01", date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_key_is_read(key, first_day, last_day):
    period = calendar().parse(key)
    assert (period.key, period.first_day, period.last_day) == (key, first_day, last_day)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-13", "There is no '2026-13': a year has the months 01 to 12."),
        ("2026-00", "months 01 to 12"),
        ("2025-W53", "There is no 2025-W53: 2025 has the weeks W01 to W52."),
        ("2026-W54", "the weeks W01 to W53"),
        ("2026-W00", "There is no 2026-W00"),
        ("2026-Q5", "quarters Q1 to Q4"),
        ("2026-Q0", "quarters Q1 to Q4"),
        ("2026-11-31", "There is no '2026-11-31': 2026-11 has the days 01 to 30."),
        ("2026-02-29", "days 01 to 28"),
        ("2026-03-31..2026-01-01", "ends before it begins"),
        ("2026-01..2026-03", "A range is from day to day"),
        ("2026-01-01..", "A range is from day to day"),
        ("2026-01-01..2026-02-01..2026-03-01", "is not a period"),
        ("0000", "The year 0000 is out of reach: write one from 1900 to 2999."),
        ("0000-01-01..2026-01-01", "out of reach"),
        ("9999", "out of reach"),
        ("9999-12-31", "out of reach"),
        ("9999-W52", "out of reach"),
        ("2026-1", "is not a period"),
        ("٢٠٢٦", "is not a period"),
        ("..", "A range is from day to day"),
        ("", "is not a period"),
    ],
)
def test_a_key_that_names_nothing_is_told_in_words(key, words):
    with pytest.raises(PeriodError) as told:
        calendar().parse(key)
    assert words in str(told.value)


def test_a_hostile_key_is_told_in_one_short_line():
    with pytest.raises(PeriodError) as told:
        calendar().parse("\x00\n\u202e<!channel>" * 300)
    assert "\n" not in str(told.value)
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("week_start", WEEKDAYS)
def test_a_week_takes_the_number_of_the_iso_week_whose_thursday_it_contains(week_start):
    period = calendar(week_start=week_start).parse("2026-W46")
    assert period.first_day.weekday() == WEEKDAYS.index(week_start)
    assert period.first_day <= date(2026, 11, 12) <= period.last_day


@pytest.mark.parametrize(
    ("start", "named_by", "key", "first_day"),
    [
        (4, "start", "2026-Q1", date(2026, 4, 1)),
        (4, "start", "2026-Q4", date(2027, 1, 1)),
        (4, "end", "2026-Q1", date(2025, 4, 1)),
        (4, "end", "2026-Q4", date(2026, 1, 1)),
        (4, "end", "2026", date(2025, 4, 1)),
        (2, "start", "2026-Q4", date(2026, 11, 1)),
        (12, "start", "2026-Q2", date(2027, 3, 1)),
        (1, "end", "2026", date(2026, 1, 1)),
    ],
)
def test_quarters_and_years_follow_the_fiscal_year(start, named_by, key, first_day):
    assert calendar(fiscal_year_start=start, named_by=named_by).parse(key).first_day == first_day


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/New_York", date(2026, 7, 1), "2026-07-01T04:00:00+00:00"),
        ("Asia/Kolkata", date(2026, 7, 1), "2026-06-30T18:30:00+00:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00+00:00"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00"),
    ],
)
def test_a_day_begins_at_its_own_midnight(zone, day, begins):
    assert calendar(zone).midnight(day) == instant(begins)


def test_a_local_time_that_does_not_exist_moves_forward_by_the_gap():
    berlin = calendar("Europe/Berlin")
    assert berlin.local(berlin.at(date(2026, 3, 29), time(2, 30))).time() == time(3, 30)


def test_a_local_time_that_comes_twice_is_the_first():
    assert calendar("Europe/Berlin").at(date(2026, 10, 25), time(2, 30)) == instant("2026-10-25T00:30:00+00:00")


def test_a_deal_closed_at_midnight_belongs_to_the_new_month():
    new_york = calendar("America/New_York")
    assert new_york.local_day(instant("2026-11-01T03:59:59+00:00")) == date(2026, 10, 31)
    assert new_york.local_day(instant("2026-11-01T04:00:00+00:00")) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("zone", "key", "now", "like_end"),
    [
        # The 31st has no like in February: the whole of it.
        ("UTC", "2026-03", "2026-03-31T12:00:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("UTC", "2026-03", "2026-03-28T12:00:00+00:00", "2026-02-28T12:00:00+00:00"),
        # 89 whole days into a quarter whose forerunner has 92.
        ("UTC", "2026-Q1", "2026-03-31T06:00:00+00:00", "2025-12-29T06:00:00+00:00"),
        ("UTC", "2026-W47", "2026-11-18T09:30:00+00:00", "2026-11-11T09:30:00+00:00"),
        # Local time, not hours passed: clocks went back on 1 November and on 25 October.
        ("America/New_York", "2026-11", "2026-11-20T17:00:00+00:00", "2026-10-20T16:00:00+00:00"),
        ("Europe/Berlin", "2026-W44", "2026-10-28T11:00:00+00:00", "2026-10-21T10:00:00+00:00"),
        # 02:30 did not exist on 29 March.
        ("Europe/Berlin", "2026-04-05..2026-04-11", "2026-04-05T00:30:00+00:00", "2026-03-29T01:30:00+00:00"),
        # A running day beside the day before; a range beside as many days before it.
        ("UTC", "2026-11-20", "2026-11-20T17:00:00+00:00", "2026-11-19T17:00:00+00:00"),
        ("UTC", "2026-11-11..2026-11-30", "2026-11-21T08:00:00+00:00", "2026-11-01T08:00:00+00:00"),
        # The period has just begun, has not begun, is over.
        ("UTC", "2026-11", "2026-11-01T00:00:00+00:00", "2026-10-01T00:00:00+00:00"),
        ("UTC", "2026-12", "2026-11-20T00:00:00+00:00", "2026-11-01T00:00:00+00:00"),
        ("UTC", "2026-02", "2026-03-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"),
        ("UTC", "2026-02", "2026-11-20T00:00:00+00:00", "2026-02-01T00:00:00+00:00"),
    ],
)
def test_the_like_part_is_as_many_local_days_and_the_same_local_time(zone, key, now, like_end):
    its = calendar(zone)
    assert its.like_part_end(its.parse(key), instant(now)) == instant(like_end)


def test_a_period_runs_from_its_start_until_just_before_its_end():
    its = calendar("America/New_York")
    period = its.parse("2026-10")
    for now, begun, running in (
        (period.start - timedelta(microseconds=1), False, False),
        (period.start, True, True),
        (period.end - timedelta(microseconds=1), True, True),
        (period.end, True, False),
    ):
        assert (its.has_begun(period, now), its.is_running(period, now)) == (begun, running)
    assert its.elapsed_until(period, instant("2026-10-20T10:00:00+00:00")) == instant("2026-10-20T10:00:00+00:00")
    assert its.elapsed_until(period, instant("2027-01-01T00:00:00+00:00")) == period.end


def test_a_trend_is_the_last_finished_periods_oldest_first():
    now = instant("2026-11-22T12:00:00+00:00")
    assert [period.key for period in calendar().trend(Grain.WEEK, 3, now)] == ["2026-W44", "2026-W45", "2026-W46"]
    assert [period.key for period in calendar().trend(Grain.QUARTER, 2, now)] == ["2026-Q2", "2026-Q3"]
    at_the_turn = instant("2026-11-01T00:00:00+00:00")
    assert [period.key for period in calendar().trend(Grain.MONTH, 1, at_the_turn)] == ["2026-10"]


def test_what_precedes_a_period_comes_oldest_first():
    its = calendar()
    assert [before.key for before in its.preceding(its.parse("2026-02"), 3)] == ["2025-11", "2025-12", "2026-01"]
    assert its.preceding(its.parse("2026-02"), 0) == ()


@pytest.mark.parametrize(
    ("now", "elapsed"),
    [
        ("2026-10-31T12:00:00+00:00", 0),
        ("2026-11-01T12:00:00+00:00", 0),  # a Sunday
        ("2026-11-02T00:00:00+00:00", 1),  # today counts, from its first instant
        ("2026-11-22T12:00:00+00:00", 14),  # 15 weekdays less Veterans Day
        ("2027-05-01T00:00:00+00:00", 19),  # over: all of its days
    ],
)
def test_elapsed_business_days_leave_out_weekends_and_holidays(now, elapsed):
    its = calendar()
    holidays = [date(2026, 11, 11), date(2026, 11, 26), date(2026, 11, 11), date(2026, 11, 15), date(2026, 12, 25)]
    assert its.elapsed_business_days(its.parse("2026-11"), instant(now), holidays) == elapsed


def test_the_longest_range_has_a_period_before_it():
    its = calendar("America/New_York")
    before = its.previous(its.parse("1900-01-01..2999-12-31"))
    assert isinstance(before, Period)
    assert before.last_day == date(1899, 12, 31)
