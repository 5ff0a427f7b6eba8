from datetime import UTC, datetime

import pytest

from bot.views.labels import period_label
from kpi.organisation import Organisation
from kpi.periods import Calendar
from tests.bot.views.readings import CALENDAR, NOW

FISCAL = Calendar(Organisation(fiscal_year_start=4))


def said(key: str, locale: str = "en-US", calendar: Calendar = CALENDAR) -> str:
    return period_label(calendar.parse(key), NOW, locale).replace("\u2009", " ").replace("\u2013", "-")


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("2026-11-20", "Friday, November 20, 2026 so far"),
        ("2026-W47", "week 47 (Nov 16 - 22) so far"),
        ("2026-W46", "week 46 (Nov 9 - 15)"),
        ("2025-W46", "week 46 (Nov 10 - 16, 2025)"),
        ("2026-11", "November 2026 so far"),
        ("2026-10", "October 2026"),
        ("2026-12", "December 2026"),
        ("2026-Q4", "Q4 2026 so far"),
        ("2026", "2026 so far"),
        ("2026-01-01..2026-03-31", "Jan 1 - Mar 31, 2026"),
    ],
)
def test_a_period_is_called_what_people_call_it(key: str, label: str) -> None:
    assert said(key) == label


def test_fiscal_quarters_and_years_name_their_months() -> None:
    assert said("2026-Q4", calendar=FISCAL) == "fiscal Q4 2026 (January - March 2027)"
    assert said("2026", calendar=FISCAL) == "fiscal 2026 (April 2026 - March 2027) so far"


def test_months_are_english_like_the_words_around_them_and_the_day_stands_where_the_reader_expects_it() -> None:
    assert said("2026-W46", "en-GB") == "week 46 (9-15 Nov)"
    assert said("2026-W46", "en-US") == "week 46 (Nov 9 - 15)"
    assert said("2026-W46", "de-DE") == said("2026-W46", "en-GB")
    assert said("2026-10", "ja-JP") == "October 2026"


def test_a_period_has_ended_at_its_end() -> None:
    november = CALENDAR.parse("2026-11")
    assert period_label(november, november.end, "en-US") == "November 2026"
    assert period_label(november, datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "en-US") == "November 2026"
