from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.organisation import Organisation
from kpi.store.business_hours import BusinessHours, read_business_hours, stretches, zone_or

from .conftest import deal, listing

HOUR = 3_600_000_000


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(n) for n in range((end - start).days + 1)]


def made(hours: str, zone: str, first: str, last: str, holidays=()) -> list[tuple[str, str, int]]:
    """Stretches as (start, end, hours before)."""
    found = stretches(Organisation(business_hours=hours), zone, days(first, last), holidays)
    return [(f"{s.starts_at:%m-%d %H:%M}", f"{s.ends_at:%m-%d %H:%M}", s.before_us / HOUR) for s in found]


@pytest.mark.parametrize(
    ("text", "weekdays", "opens", "closes"),
    [
        ("mon-fri 09:00-18:00", {0, 1, 2, 3, 4}, "9:0", "18:0"),
        ("sat 8:30-12:00", {5}, "8:30", "12:0"),
        ("mon-wed, fri 00:00-24:00", {0, 1, 2, 4}, "0:0", None),
        ("mon,wed-thu,sun 07:05-23:59", {0, 2, 3, 6}, "7:5", "23:59"),
        ("sat-mon 09:00-18:00", {5, 6, 0}, "9:0", "18:0"),
        ("sun-sun 09:00-18:00", {6}, "9:0", "18:0"),
    ],
)
def test_days_and_hours_are_read_as_the_configuration_has_them(text, weekdays, opens, closes):
    read = read_business_hours(text)
    assert read.weekdays == weekdays
    assert f"{read.opens.hour}:{read.opens.minute}" == opens
    assert (read.closes and f"{read.closes.hour}:{read.closes.minute}") == closes


def test_the_default_of_an_organisation_is_monday_to_friday_from_9_to_18():
    hours = read_business_hours(Organisation().business_hours)
    assert hours == BusinessHours(frozenset(range(5)), datetime(1, 1, 1, 9).time(), datetime(1, 1, 1, 18).time())


def test_weekends_and_holidays_are_left_out_and_hours_before_add_up():
    assert made("mon-fri 09:00-18:00", "UTC", "2026-11-19", "2026-11-25", [date(2026, 11, 24)]) == [
        ("11-19 09:00", "11-19 18:00", 0),
        ("11-20 09:00", "11-20 18:00", 9),
        ("11-23 09:00", "11-23 18:00", 18),
        ("11-25 09:00", "11-25 18:00", 27),
    ]


def test_hours_keep_to_the_clock_over_both_changes_of_a_year():
    assert made("sat-mon 09:00-18:00", "America/New_York", "2026-03-07", "2026-03-09") == [
        ("03-07 14:00", "03-07 23:00", 0),
        ("03-08 13:00", "03-08 22:00", 9),
        ("03-09 13:00", "03-09 22:00", 18),
    ]
    assert made("sat-mon 09:00-18:00", "America/New_York", "2026-10-31", "2026-11-02") == [
        ("10-31 13:00", "10-31 22:00", 0),
        ("11-01 14:00", "11-01 23:00", 9),
        ("11-02 14:00", "11-02 23:00", 18),
    ]


def test_round_the_clock_a_day_has_23_or_25_hours_when_clocks_change():
    assert made("mon-sun 00:00-24:00", "America/New_York", "2026-03-08", "2026-03-09") == [
        ("03-08 05:00", "03-09 04:00", 0),
        ("03-09 04:00", "03-10 04:00", 23),
    ]
    assert made("mon-sun 00:00-24:00", "America/New_York", "2026-11-01", "2026-11-02") == [
        ("11-01 04:00", "11-02 05:00", 0),
        ("11-02 05:00", "11-03 05:00", 25),
    ]


def test_hours_that_a_change_of_clocks_leaves_out_are_none():
    assert made("sun 02:00-03:00", "America/New_York", "2026-03-08", "2026-03-08") == []
    assert made("sun 02:30-03:15", "America/New_York", "2026-03-08", "2026-03-08") == []
    assert made("sun 01:30-02:30", "America/New_York", "2026-03-08", "2026-03-08") == [
        ("03-08 06:30", "03-08 07:30", 0)
    ]


def test_of_an_hour_that_comes_twice_the_first_counts_where_the_day_begins_or_ends_in_it():
    assert made("sun 01:00-01:30", "America/New_York", "2026-11-01", "2026-11-01") == [
        ("11-01 05:00", "11-01 05:30", 0)
    ]
    assert made("sun 01:30-03:00", "America/New_York", "2026-11-01", "2026-11-01") == [
        ("11-01 05:30", "11-01 08:00", 0)
    ]


def test_a_day_that_a_zone_skipped_has_no_hours():
    """Samoa went from 29 to 31 December 2011."""
    assert made("mon-sun 09:00-18:00", "Pacific/Apia", "2011-12-29", "2011-12-31") == [
        ("12-29 19:00", "12-30 04:00", 0),
        ("12-30 19:00", "12-31 04:00", 9),
    ]


def test_a_day_whose_midnight_does_not_exist_begins_after_the_gap():
    """São Paulo's clocks went from midnight to 01:00 on 4 November 2018."""
    assert made("sun 00:00-02:00", "America/Sao_Paulo", "2018-11-04", "2018-11-04") == [
        ("11-04 03:00", "11-04 04:00", 0)
    ]


def test_clocks_turned_back_across_midnight_make_no_overlap():
    """St John's clocks went from 00:01 back to 23:01 on 7 November 2010."""
    assert made("sat-sun 00:00-24:00", "America/St_Johns", "2010-11-06", "2010-11-07") == [
        ("11-06 02:30", "11-07 02:30", 0),
        ("11-07 02:30", "11-08 03:30", 24),
    ]


ZONES = ["UTC", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Gaza"]
CLOCK = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(
    zone=st.sampled_from(ZONES),
    hours=st.tuples(CLOCK, st.one_of(CLOCK, st.just("24:00"))).filter(lambda pair: pair[0] < pair[1]),
    first=st.dates(date(1975, 1, 1), date(2030, 1, 1)),
)
def test_stretches_never_overlap_and_count_what_came_before(zone, hours, first):
    some = [first + timedelta(n) for n in range(400)]
    found = list(stretches(Organisation(business_hours=f"mon-sun {'-'.join(hours)}"), zone, some, ()))
    for one, following in pairwise(found):
        assert one.starts_at < one.ends_at <= following.starts_at
        assert following.before_us - one.before_us == (one.ends_at - one.starts_at) // timedelta(microseconds=1)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", None, "Europe", "../../etc/passwd", "Berlin\x00", "x" * 300])
def test_what_is_no_zone_is_the_organisations(name):
    assert zone_or(name, "Asia/Tokyo") == "Asia/Tokyo"
    assert zone_or("Europe/Berlin", "Asia/Tokyo") == "Europe/Berlin"


def test_a_snapshot_holds_each_zones_hours_and_each_reps_zone(published):
    owners = [{"id": "1", "name": "A", "timezone": "Europe/Berlin"}, {"id": "2", "name": "B", "timezone": "Mars"}]
    lead = {"id": "L", "created_at": "2026-11-20T00:00:00Z", "owner_id": "1"}
    call = {"id": "C", "type": "call", "direction": "outbound", "lead_id": "L", "at": "2026-11-23T12:00:00Z"}
    engine = published(
        listing("owners", owners),
        listing("leads", [lead]),
        listing("activities", [call]),
        listing("holidays", [{"date": "2026-11-20"}]),
    )
    zones = {"files:1": "Europe/Berlin", "files:2": "America/New_York", None: "America/New_York"}
    assert dict(engine.run("from rep_zones")) == zones
    zones = engine.run("select zone, min(starts_at), max(ends_at) from business_hours group by zone order by zone")
    assert zones == [
        ("America/New_York", datetime(2026, 1, 1, 14), datetime(2026, 12, 31, 23)),
        ("Europe/Berlin", datetime(2026, 1, 1, 8), datetime(2026, 12, 31, 17)),
    ]
    around = (
        "select starts_at from business_hours where zone = 'Europe/Berlin' and starts_at between $a and $b order by 1"
    )
    found = engine.run(around, {"a": datetime(2026, 11, 19), "b": datetime(2026, 11, 24)})
    assert found == [(datetime(2026, 11, 19, 8),), (datetime(2026, 11, 23, 8),)]


def test_without_leads_there_are_no_business_hours(published):
    engine = published(listing("deals", [deal("1")]))
    assert engine.run("select count(*) from business_hours") == [(0,)]
