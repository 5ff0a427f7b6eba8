"""Exact numbers: fractions, and the decimals that they are told as."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

_28_DIGITS, _ALL_DIGITS = Context(prec=28), Context(prec=400)


def quotient(numerator: Fraction | Decimal | int, denominator: Fraction | Decimal | int) -> Decimal:
    """Rounded once, to 28 digits."""
    ratio = Fraction(numerator) / Fraction(denominator)
    return _28_DIGITS.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))


def exact(number: Fraction) -> Decimal:
    """The fraction, which ends after some decimals, as a decimal."""
    return _ALL_DIGITS.divide(Decimal(number.numerator), Decimal(number.denominator))
