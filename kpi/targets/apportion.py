"""A whole into parts that sum to it exactly, in whole units. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from heapq import heapify, heapreplace
from itertools import pairwise

from kpi.evaluate import EXACT


def unit_within(whole: Decimal, unit: Decimal) -> Decimal:
    """What to split the whole in: ``unit`` (a power of ten), or a finer one where the whole is no multiple of it."""
    exponent = whole.normalize(EXACT).as_tuple().exponent
    return min(unit, Decimal(1).scaleb(int(exponent)))


def apportion(whole: Decimal, weights: Sequence[Decimal | int], unit: Decimal) -> list[Decimal]:
    """The whole (not negative, a multiple of ``unit``) in proportion to the weights (not negative, not all 0), each
    part a multiple of ``unit``: rounded down, and what is left over goes to the largest remainders, of equal ones to
    the first.

    Source: the method of Hamilton, as Hare's quota with largest remainders.
    """
    return [unit * part for part in _by_largest_remainder(int(whole / unit), [Fraction(weight) for weight in weights])]


def spread(rows: Sequence[Decimal], columns: Sequence[Decimal], unit: Decimal) -> list[list[Decimal]]:
    """A table whose rows and whose columns sum to these (of one sum; multiples of ``unit``), each row in proportion to
    the columns as far as whole units allow.

    What lies in the first n columns together is shared out among the rows by a divisor method. Such methods take no
    unit back when there are more to share, so that the difference to the next n is no less than 0 anywhere, and give
    the rows themselves when all of it is shared.
    """
    wanted = [int(row / unit) for row in rows]
    shared = [[0] * len(wanted), *(_by_divisor(total, wanted) for total in _running([int(c / unit) for c in columns]))]
    by_column = [[unit * (now - before) for before, now in zip(*two, strict=True)] for two in pairwise(shared)]
    return [list(row) for row in zip(*by_column, strict=True)] if by_column else [[] for _ in rows]


def _by_largest_remainder(units: int, weights: Sequence[Fraction]) -> list[int]:
    total = sum(weights)
    quotas = [units * weight / total for weight in weights]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - quotas[n], n))
    for n in by_remainder[: units - sum(parts)]:
        parts[n] += 1
    return parts


def _running(numbers: Sequence[int]) -> Iterator[int]:
    total = 0
    for number in numbers:
        total += number
        yield total


def _by_divisor(units: int, weights: Sequence[int]) -> list[int]:
    """The units by Webster's method: each next one goes where weight / (2 x parts + 1) is largest, of equal ones to the
    first. All but the last few are there at once: the rounded quotas of somewhat fewer units."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    few = max(0, units - len(weights))
    parts = [(2 * few * weight + total) // (2 * total) for weight in weights]

    def turn(n: int) -> tuple[Fraction, int]:
        return -Fraction(weights[n], 2 * parts[n] + 1), n

    turns = [turn(n) for n in range(len(parts))]
    heapify(turns)
    for _ in range(units - sum(parts)):
        n = turns[0][1]
        parts[n] += 1
        heapreplace(turns, turn(n))
    return parts
