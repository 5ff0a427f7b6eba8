"""Suggestions are the mean of the weeks that worked; what is far beyond history is told."""

from decimal import Decimal

import pytest

from kpi.catalogue import CATALOGUE
from kpi.model import Better
from kpi.targets.suggest import Suggestion, best_of, is_activity, is_far_beyond, suggest

UP, DOWN, NONE = Better.UP, Better.DOWN, Better.NONE


def done(*numbers):
    return [Decimal(number) for number in numbers]


def test_a_week_worked_if_at_least_the_median_was_won_in_it():
    won = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5]  # median 3
    calls = done(1, 1, 1, 10, 20, 30, 40, 1, 1, 1, 10, 20, 30)
    assert suggest(won, calls) == Suggestion(Decimal(23), 7, 3)  # 160 / 7 = 22.86


def test_a_median_of_none_still_takes_one_deal_to_work():
    won = [1, *[0] * 12]
    assert suggest(won, done(8, *[99] * 12)) == Suggestion(Decimal(8), 1, 0)


def test_without_a_week_that_worked_there_is_no_suggestion():
    assert suggest([0] * 13, done(*[5] * 13)) == Suggestion(None, 0, 0)


@pytest.mark.parametrize(("calls", "rounded"), [((2, 3), 3), ((1, 2), 2), ((1, 1, 2), 1)])
def test_halves_are_rounded_up(calls, rounded):
    won = [5] * len(calls) + [0] * (13 - len(calls))
    assert suggest(won, done(*calls, *[0] * (13 - len(calls)))).value == rounded


def test_the_best_is_the_least_where_less_is_better():
    assert best_of([Decimal(3), None, Decimal(1)], UP) == 3
    assert best_of([Decimal(3), None, Decimal(1)], DOWN) == 1
    assert best_of([None], UP) is None


@pytest.mark.parametrize(
    ("target", "best", "better", "far"),
    [
        ("15", "10", UP, False),
        ("15.0001", "10", UP, True),
        ("15.0001", "10", NONE, True),
        ("1", "0", UP, True),
        ("0", "0", UP, False),
        ("10", "15", DOWN, False),
        ("9.9999", "15", DOWN, True),
        ("20", "15", DOWN, False),
        ("0", "0", DOWN, False),
    ],
)
def test_far_beyond_is_more_than_one_and_a_half_times_as_good_as_the_best(target, best, better, far):
    assert is_far_beyond(Decimal(target), Decimal(best), better) is far


def test_weekly_counts_of_what_is_done_are_activity():
    assert is_activity(CATALOGUE["activities"])
    assert not any(is_activity(CATALOGUE[kpi]) for kpi in ("winrate", "deals", "bookings"))
