"""From sums to a value: the one division, and the honest answer where there is none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

EXACT = Context(prec=76)  # twice what one sum of an engine holds: no sum is rounded
_Z = Decimal("1.959963984540054")  # 95 % of a normal distribution lie within so many standard deviations

ZERO_DENOMINATOR = "zero_denominator"
NOT_BEGUN = "not_begun"
NOT_APPLICABLE = "not_applicable"
MISSING_TARGETS = "missing_input: targets"


@dataclass(frozen=True, slots=True)
class Value:
    """A computed value and what it was made of; ``value`` is None with a ``reason``."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    records: int = 0
    reason: str | None = None


def divide(numerator: Decimal, denominator: Decimal, records: int) -> Value:
    """numerator / denominator, or no value where the denominator is zero."""
    if denominator == 0:
        return Value(None, numerator, denominator, records, ZERO_DENOMINATOR)
    return Value(numerator / denominator, numerator, denominator, records)


def against_target(actual: Value, target: Decimal | None) -> Value:
    """actual / target; no value without a target (None), or where the actual has none."""
    if target is None:
        return Value(None, actual.value, None, actual.records, MISSING_TARGETS)
    if actual.value is None:
        return Value(None, None, target, actual.records, actual.reason)
    return divide(actual.value, target, actual.records)


def pace(actual: Decimal, target: Decimal, elapsed: int, whole: int) -> Decimal | None:
    """actual / (target x elapsed days / whole days), divided once; None where the elapsed target is zero."""
    due = EXACT.multiply(target, Decimal(elapsed))
    return EXACT.multiply(actual, Decimal(whole)) / due if due else None


def mean(values: Sequence[Decimal]) -> Decimal | None:
    """The mean of values, divided once; None of none."""
    with localcontext(EXACT):
        total = sum(values, Decimal(0))
    return total / len(values) if values else None


def wilson_interval(successes: Decimal, trials: Decimal) -> tuple[Decimal, Decimal] | None:
    """The Wilson score interval at 95 % of a share, as fractions; None without trials.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    if trials <= 0:
        return None
    share, z2 = successes / trials, _Z * _Z
    centre = share + z2 / (2 * trials)
    spread = _Z * ((share * (1 - share) + z2 / (4 * trials)) / trials).sqrt()
    scale = 1 + z2 / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    # At the ends centre and spread are one and the same, but for what rounding leaves.
    return Decimal(0) if share == 0 else low, Decimal(1) if share == 1 else high


def is_chance(share: tuple[Decimal, Decimal], before: tuple[Decimal, Decimal]) -> bool | None:
    """Whether two shares (successes, trials) differ by no more than chance alone may make them, at 95 %; None without
    trials.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions (1998), method 10.
    """
    one, other = wilson_interval(*share), wilson_interval(*before)
    if one is None or other is None:
        return None
    p, q = share[0] / share[1], before[0] / before[1]
    down = ((p - one[0]) ** 2 + (other[1] - q) ** 2).sqrt()
    up = ((one[1] - p) ** 2 + (q - other[0]) ** 2).sqrt()
    return p - q - down <= 0 <= p - q + up
