"""The one division, and the honest answer where there is none."""

from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.evaluate import Value, against_target, divide, is_chance, mean, pace, wilson_interval

MONEY = st.decimals(Decimal("-99999999999999.9999"), Decimal("99999999999999.9999"), places=4)


def rounded(number: Fraction) -> Decimal:
    return Context(prec=28).divide(Decimal(number.numerator), Decimal(number.denominator))


@given(MONEY, MONEY.filter(bool))
def test_a_quotient_is_exact_to_28_digits(numerator, denominator):
    assert divide(numerator, denominator, 3) == Value(
        rounded(Fraction(numerator) / Fraction(denominator)), numerator, denominator, 3
    )


@pytest.mark.parametrize("numerator", ["0", "5"])
def test_a_zero_denominator_gives_no_value(numerator):
    value = divide(Decimal(numerator), Decimal("0.0000"), 3)
    assert value == Value(None, Decimal(numerator), Decimal(0), 3, "zero_denominator")


def test_attainment_is_actual_by_target():
    assert against_target(Value(Decimal(3), records=2), Decimal(4)) == Value(
        Decimal("0.75"), Decimal(3), Decimal(4), records=2
    )


def test_attainment_without_a_target_has_no_value_but_shows_the_actual():
    assert against_target(Value(Decimal(3), records=2), None) == Value(
        None, Decimal(3), None, 2, "missing_input: targets"
    )


def test_attainment_of_a_target_of_zero_has_no_value():
    assert against_target(Value(Decimal(3), records=2), Decimal(0)).reason == "zero_denominator"


def test_attainment_of_what_has_no_value_has_none_for_the_same_reason():
    actual = Value(None, Decimal(0), Decimal(0), 0, "zero_denominator")
    assert against_target(actual, Decimal(1)) == Value(None, None, Decimal(1), 0, "zero_denominator")


@given(MONEY, MONEY.filter(bool), st.integers(1, 300), st.integers(1, 300))
def test_pace_is_rounded_once(actual, target, elapsed, whole):
    exact = Fraction(actual) / (Fraction(target) * elapsed / whole)
    assert pace(actual, target, elapsed, whole) == rounded(exact)


@pytest.mark.parametrize(("target", "elapsed"), [("5", 0), ("0", 3)])
def test_nothing_due_gives_no_pace(target, elapsed):
    assert pace(Decimal(1), Decimal(target), elapsed, 20) is None


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_shares_that_are_not_refuted(counts):
    """Its bounds solve (share - p)^2 = z^2 p (1 - p) / n, and it holds the share itself."""
    won, closed = counts
    low, high = wilson_interval(Decimal(won), Decimal(closed))
    z = Fraction("1.959963984540054")
    for bound in map(Fraction, (low, high)):
        distance = (Fraction(won, closed) - bound) ** 2 - z * z * bound * (1 - bound) / closed
        assert abs(distance) < Fraction(1, 10**24)
    assert 0 <= low <= Decimal(won) / Decimal(closed) <= high <= 1
    assert low < high


@pytest.mark.parametrize("trials", [1, 2, 7, 399, 10**6])
def test_the_interval_of_none_begins_at_exactly_0_and_that_of_all_ends_at_exactly_1(trials):
    assert wilson_interval(Decimal(0), Decimal(trials))[0] == 0
    assert wilson_interval(Decimal(trials), Decimal(trials))[1] == 1


def test_the_interval_of_the_documented_example():
    low, high = wilson_interval(Decimal(4238), Decimal(6711))
    assert (round(low, 4), round(high, 4)) == (Decimal("0.6199"), Decimal("0.6430"))


def test_there_is_no_interval_without_trials():
    assert wilson_interval(Decimal(0), Decimal(0)) is None


def test_the_mean_of_equal_values_is_that_value():
    two_thirds = Decimal(2) / Decimal(3)
    assert mean([two_thirds, two_thirds]) == two_thirds
    assert mean([]) is None


@pytest.mark.parametrize(
    ("share", "before", "chance"),
    [
        ((7, 10), (5, 10), True),
        ((700, 1000), (500, 1000), False),
        ((1, 1), (0, 1), True),
        ((0, 50), (50, 50), False),
        ((3, 10), (3, 10), True),
    ],
)
def test_a_change_is_chance_where_the_interval_of_the_difference_holds_zero(share, before, chance):
    one, other = (tuple(map(Decimal, each)) for each in (share, before))
    assert is_chance(one, other) is chance
    assert is_chance(other, one) is chance


def test_of_no_trials_nothing_is_known():
    assert is_chance((Decimal(0), Decimal(0)), (Decimal(1), Decimal(2))) is None
