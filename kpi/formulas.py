"""The formulas of KPIs, over measures by name: a KPI's value is the formula's, from sums that are read for it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kpi.evaluate import EXACT, ZERO_DENOMINATOR, Value, divide
from kpi.spans import Span

Number = Decimal | int


class Read(Protocol):
    """Gives the number of a measure, by its name, in a span; nothing counts 0. ``whole``: of the whole scope, also
    where one line of a breakdown, or a filter, is asked for."""

    def __call__(self, measure: str, span: Span, /, *, whole: bool = False) -> Number: ...


class Formula(Protocol):
    """How a value comes about. It must read the same measures and spans whatever the numbers are: what it reads is
    found by a trial with ones, and then read at once for all that is asked."""

    def value(self, span: Span, read: Read) -> Value: ...


@dataclass(frozen=True, slots=True)
class Total:
    """The value is one measure, perhaps in a larger unit of ``per`` each. ``records`` counts the records behind it."""

    measure: str
    records: str
    per: int = 1

    def value(self, span: Span, read: Read) -> Value:
        total, records = read(self.measure, span), int(read(self.records, span))
        return Value(Decimal(total) if self.per == 1 else Decimal(total) / self.per, records=records)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The value is numerator / denominator, divided once, for the whole scope.

    ``per`` is how many of the numerator's units make one of the KPI's. ``counts``: both count records, the numerator's
    among the denominator's, so that a Wilson interval is meant. ``is_maturing``: the numerator counts what has come of
    the denominator's records by now. ``of_whole``: the denominator is that of the whole, also in the line of one value.
    """

    numerator: str
    denominator: str
    records: str
    counts: bool = False
    per: int = 1
    is_maturing: bool = False
    of_whole: bool = False

    def value(self, span: Span, read: Read) -> Value:
        numerator = Decimal(read(self.numerator, span))
        denominator = Decimal(read(self.denominator, span, whole=self.of_whole))
        records = int(read(self.records, span))
        if self.per == 1:
            return divide(numerator, denominator, records)
        return _scaled(numerator, denominator, records, self.per)


@dataclass(frozen=True, slots=True)
class Median:
    """The value is half of ``middles``: the sum of the two middle values (twice the one in the middle), whole numbers
    of which ``per`` make one of the KPI's units. No records: no value."""

    middles: str
    records: str
    per: int = 1

    def value(self, span: Span, read: Read) -> Value:
        middles, records = read(self.middles, span), int(read(self.records, span))
        if not records:
            return Value(None, reason=ZERO_DENOMINATOR)
        return Value(Decimal(middles) / (2 * self.per), records=records)


@dataclass(frozen=True, slots=True)
class Growth:
    """The value is (the measure - that of the previous span) / that of the previous span."""

    measure: str
    records: str

    def value(self, span: Span, read: Read) -> Value:
        this, before = Decimal(read(self.measure, span)), Decimal(read(self.measure, span.previous))
        return divide(EXACT.subtract(this, before), before, int(read(self.records, span)))


@dataclass(frozen=True, slots=True)
class Before:
    """Another formula's value in the previous span."""

    formula: Formula

    def value(self, span: Span, read: Read) -> Value:
        return self.formula.value(span.previous, read)


@dataclass(frozen=True, slots=True)
class Derived:
    """What no other formula can say, as a function. It gives ``not_applicable`` for periods that it does not fit."""

    compute: Callable[[Span, Read], Value]

    def value(self, span: Span, read: Read) -> Value:
        return self.compute(span, read)


@dataclass(frozen=True, slots=True)
class AgainstTarget:
    """The value is another KPI's value / its target for the same scope and period."""

    kpi: str


def _scaled(numerator: Decimal, denominator: Decimal, records: int, per: int) -> Value:
    """Divided once; the numerator that is told is in the KPI's unit."""
    told = numerator / per
    value = divide(numerator, EXACT.multiply(denominator, Decimal(per)), records)
    return Value(value.value, told, denominator, records, value.reason)
