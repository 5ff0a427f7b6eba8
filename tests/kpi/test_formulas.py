"""A formula makes a value of the numbers that are read for it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi.evaluate import Value
from kpi.formulas import Before, Growth, Median, Ratio, Total
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.spans import Clock, elapsed

CALENDAR = Calendar(Organisation())
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOVEMBER = elapsed(CALENDAR.parse("2026-11"), Clock(CALENDAR, NOW))


def value(formula, span=NOVEMBER, **numbers):
    """The formula's value; numbers of the previous span end with ``_before``, those of the whole with ``_whole``."""

    def read(measure, at, *, whole=False):
        suffix = "_whole" if whole else "" if at.period == span.period else "_before"
        return numbers[measure + suffix]

    return formula.value(span, read)


def test_a_total_is_its_measure_and_a_count_of_nothing_is_zero():
    assert value(Total("money", "deals"), money=Decimal("1.5"), deals=0) == Value(Decimal("1.5"))
    assert value(Total("deals", "deals"), deals=0).value == 0


def test_a_total_may_be_told_in_a_larger_unit():
    assert value(Total("seconds", "calls", per=60), seconds=90, calls=2) == Value(Decimal("1.5"), records=2)


def test_a_ratio_is_divided_once():
    third = value(Ratio("won", "closed", "closed"), won=1, closed=3)
    assert third == Value(Decimal("0.3333333333333333333333333333"), Decimal(1), Decimal(3), 3)


def test_a_mean_is_in_the_unit_of_the_kpi():
    days = value(Ratio("us", "deals", "deals", per=86_400_000_000), us=3 * 86_400_000_000, deals=2)
    assert (days.value, days.numerator, days.denominator) == (Decimal("1.5"), 3, 2)


def test_a_share_of_the_whole_is_held_against_the_whole():
    assert value(Ratio("won", "won", "won", of_whole=True), won=1, won_whole=4).value == Decimal("0.25")


@pytest.mark.parametrize(("middles", "records", "median"), [(5, 2, "2.5"), (6, 1, "3"), (0, 0, None)])
def test_a_median_is_half_of_the_two_in_the_middle(middles, records, median):
    found = value(Median("middles", "records"), middles=middles, records=records)
    assert (found.value, found.reason) == (median and Decimal(median), None if records else "zero_denominator")


def test_growth_is_told_of_what_was_before():
    assert value(Growth("money", "deals"), money=150, money_before=100, deals=1).value == Decimal("0.5")
    assert value(Growth("money", "deals"), money=150, money_before=0, deals=1).reason == "zero_denominator"


def test_before_is_the_value_of_the_previous_span():
    assert value(Before(Total("money", "money")), money_before=7).value == 7
