"""Parts sum to their whole, exactly, and are as even as whole units allow."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.targets.apportion import apportion, spread, unit_within

UNIT, CENT = Decimal(1), Decimal("0.01")

weights = st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=4)), min_size=1, max_size=12).filter(
    any
)


def decimals(*numbers):
    return [Decimal(str(number)) for number in numbers]


def test_what_is_left_over_goes_to_the_largest_remainders():
    assert apportion(Decimal(10), [5, 3, 1], UNIT) == [6, 3, 1]  # 5.56, 3.33, 1.11


def test_of_equal_remainders_the_first_ones_get_more():
    assert apportion(Decimal(11), [1, 1, 1], UNIT) == [4, 4, 3]
    assert apportion(Decimal(100), [1, 1, 1], CENT) == decimals("33.34", "33.33", "33.33")


def test_who_weighs_nothing_gets_nothing():
    assert apportion(Decimal(7), [0, 2, 0], UNIT) == [0, 7, 0]


def test_the_unit_is_finer_where_the_whole_is_no_multiple_of_it():
    assert unit_within(Decimal("10.50"), UNIT) == Decimal("0.1")
    assert unit_within(Decimal(1200), UNIT) == UNIT
    assert unit_within(Decimal(0), CENT) == CENT
    assert unit_within(Decimal("99999999999999.9999"), CENT) == Decimal("0.0001")


@given(st.integers(0, 10**16), weights, st.sampled_from([UNIT, CENT, Decimal("0.0001")]))
def test_parts_sum_to_the_whole_and_lie_within_a_unit_of_their_quota(units, weighing, unit):
    whole = units * unit

    parts = apportion(whole, weighing, unit)

    assert sum(parts) == whole
    total = sum(map(Decimal, weighing))
    for part, weight in zip(parts, weighing, strict=True):
        assert part % unit == 0
        assert abs(part * total - whole * Decimal(weight)) < unit * total * (1 + Decimal("1e-9"))


@given(st.integers(0, 10**6), weights)
def test_more_weight_is_never_a_smaller_part(units, weighing):
    parts = apportion(Decimal(units), weighing, UNIT)

    for weight, part in zip(weighing, parts, strict=True):
        assert all(part >= other for lighter, other in zip(weighing, parts, strict=True) if lighter < weight)


@given(
    st.integers(0, 10**15),
    st.lists(st.integers(0, 50), min_size=1, max_size=9).filter(any),
    st.lists(st.integers(1, 23), min_size=1, max_size=9),
    st.sampled_from([UNIT, CENT]),
)
def test_a_spread_table_has_the_sums_of_its_rows_and_of_its_columns(units, row_weights, column_weights, unit):
    rows = apportion(units * unit, row_weights, unit)
    columns = apportion(units * unit, column_weights, unit)

    table = spread(rows, columns, unit)

    assert [sum(row) for row in table] == rows
    assert [sum(column) for column in zip(*table, strict=True)] == columns
    assert all(cell >= 0 and cell % unit == 0 for row in table for cell in row)


def test_a_few_units_are_spread_as_they_come():
    assert spread(decimals(2, 1), decimals(1, 1, 1), UNIT) == [decimals(1, 0, 1), decimals(0, 1, 0)]


def test_nothing_is_spread_as_nothing():
    assert spread(decimals(0, 0), decimals(0), UNIT) == [decimals(0), decimals(0)]


@pytest.mark.parametrize("rows", [[], decimals(3)])
def test_no_columns_leave_empty_rows(rows):
    assert spread(rows, [], UNIT) == [[] for _ in rows]
