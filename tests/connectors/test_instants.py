"""Local times of exports as instants, and dates as days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.instants import read_dates, read_instants

GERMAN = ("%d.%m.%Y %H:%M",)


def instant(text: str, formats: tuple[str, ...] = GERMAN, timezone: str = "Europe/Berlin") -> str:
    (read,) = read_instants(pa.array([text]), formats, timezone).to_pylist()
    return read


def day(text: str, *formats: str) -> str:
    (read,) = read_dates(pa.array([text]), formats).to_pylist()
    return read


def test_a_local_time_is_moved_by_its_own_offset() -> None:
    assert instant("21.06.2024 15:30") == "2024-06-21T13:30:00Z"
    assert instant("21.12.2024 15:30") == "2024-12-21T14:30:00Z"
    assert instant(" 21.06.2024 15:30 ") == "2024-06-21T13:30:00Z"
    assert instant("1.6.2024 9:05") == "2024-06-01T07:05:00Z"


def test_a_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    assert instant("31.03.2024 02:30") == "2024-03-31T01:30:00Z"


def test_of_a_time_that_exists_twice_the_first_is_meant() -> None:
    assert instant("27.10.2024 02:30") == "2024-10-27T00:30:00Z"


def test_a_format_without_time_of_day_means_midnight_in_the_zone() -> None:
    assert instant("01.07.2024", ("%d.%m.%Y",)) == "2024-06-30T22:00:00Z"


@pytest.mark.parametrize("text", ["31.02.2024 10:00", "2024-06-21", "soon", "", "21.06.2024", "21.06.24 15:30"])
def test_what_does_not_fit_stays_as_it_is(text: str) -> None:
    assert instant(text) == text


def test_formats_are_tried_in_turn() -> None:
    formats = ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%m/%d/%y %I:%M %p")
    assert instant("02.01.2024 08:00", formats) == "2024-01-02T07:00:00Z"
    assert instant("02.01.2024", formats) == "2024-01-01T23:00:00Z"
    assert instant("01/02/24 3:15 PM", formats) == "2024-01-02T14:15:00Z"


def test_an_offset_in_the_text_outdoes_the_zone() -> None:
    assert instant("2024-06-21 15:30 -0500", ("%Y-%m-%d %H:%M %z",)) == "2024-06-21T20:30:00Z"


def test_without_a_format_iso_is_read_in_the_zone() -> None:
    assert instant("2024-06-21T15:30:00", ()) == "2024-06-21T13:30:00Z"
    assert instant("2024-06-21 15:30", ()) == "2024-06-21T13:30:00Z"
    assert instant("2024-06-21", ()) == "2024-06-20T22:00:00Z"
    assert instant("2024-06-21T15:30:00Z", ()) == "2024-06-21T15:30:00Z"


def test_the_ends_of_time_stay_as_they_are() -> None:
    for text in ("31.12.9999 23:59", "01.01.0000 10:00"):
        assert instant(text, timezone="America/New_York") == text


def test_a_date_is_not_moved_by_a_zone() -> None:
    assert day("01.07.2024", "%d.%m.%Y") == "2024-07-01"
    assert day("1.7.24", "%d.%m.%y") == "2024-07-01"
    assert day("2024-07-01 00:30 +0900", "%Y-%m-%d %H:%M %z") == "2024-07-01"
    assert day("2024-07", "%Y-%m") == "2024-07-01"
    assert day("31.06.2024", "%d.%m.%Y") == "31.06.2024"


@settings(max_examples=150, deadline=None)
@given(
    seconds=st.lists(st.integers(min_value=-8_000_000_000, max_value=8_000_000_000), max_size=5),
    timezone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Monrovia", "UTC"]
    ),
)
def test_millions_at_once_read_like_one_by_one(seconds: list[int], timezone: str) -> None:
    """The quick way for plain formats gives what Python's own zones give."""
    format_ = "%Y-%m-%d %H:%M:%S"
    walls = [datetime(1970, 1, 1) + timedelta(seconds=one) for one in seconds]
    texts = pa.array([wall.strftime(format_) for wall in walls], pa.string())
    expected = [
        wall.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC).isoformat().replace("+00:00", "Z") for wall in walls
    ]
    assert read_instants(texts, (format_,), timezone).to_pylist() == expected
