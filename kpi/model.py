"""What a KPI is (``Kpi`` and its parts) and what an answer is (``Reading``): plain, frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kpi.periods import Period


class Unit(StrEnum):
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"  # a fraction in data: 0.25 is 25 %
    MINUTES = "minutes"
    DAYS = "days"
    RATIO = "ratio"


class Better(StrEnum):
    UP = "up"
    DOWN = "down"
    NONE = "none"


class Cadence(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class ScopeType(StrEnum):
    COMPANY = "company"
    TEAM = "team"
    REP = "rep"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers: the company (id ``None``), a team with its sub-teams, or a rep; ids as stored (``files:R1``)."""

    type: ScopeType
    id: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum or a count over one relation, as an SQL expression; ``dated_by`` is the instant that places a record in
    a period, ``None`` counts whatever the period."""

    relation: str
    expression: str
    dated_by: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The value is one measure. ``records`` names the measure that counts the records behind it."""

    measure: str
    records: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """The value is numerator / denominator, divided once, for the whole scope. ``counts``: both count records, the
    numerator's among the denominator's, so that a Wilson interval is meant."""

    numerator: str
    denominator: str
    records: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class AgainstTarget:
    """The value is another KPI's value / its target for the same scope and period."""

    kpi: str


Formula = Total | Ratio | AgainstTarget


@dataclass(frozen=True, slots=True)
class Doubt:
    """What makes a figure doubtful: a measure that counts such records and the words for them.

    ``text`` holds ``{n}`` and, with ``by`` (a column of the relation), ``{key}``; ``one`` is the singular.
    """

    measure: Measure
    one: str
    text: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to compute a KPI, an option of it: what differs from the KPI's own. ``needs`` as in ``Kpi``.
    ``names`` are the words, by language, that name KPI and variant at once (``calls per rep``)."""

    name: str
    what: str
    formula: str
    value: Formula
    unit: Unit
    needs: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI, declared once.

    ``what`` and ``formula`` say in words what it is. ``needs`` are the inputs without which it has no value: a table
    (``"deals"``) or a column (``"deals.amount"``), alternatives by ``|``. ``extras`` are measures told beside the
    value. ``names`` are the words people use for it, by language. ``source`` says where the definition comes from.
    """

    id: str
    name: str
    what: str
    formula: str
    measures: Mapping[str, Measure]
    value: Formula
    unit: Unit
    better: Better
    cadence: Cadence
    dimensions: tuple[str, ...]
    needs: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    source: str
    extras: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    benchmark_periods: int = 0
    default_variant: str | None = None  # the name that the KPI's own formula has among its variants

    def variant(self, name: str | None) -> Variant | None:
        """The variant of that name; ``None`` for the KPI's own formula. KeyError for a name it does not have."""
        if name is None or name == self.default_variant:
            return None
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the core: one KPI for one scope and period, perhaps broken down or as a trend."""

    kpi: Kpi
    scope: Scope
    period: Period
    variant: str | None = None
    by: str | None = None
    trend: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value in one period. ``value`` is None with a ``reason`` where there is none."""

    period: Period
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    records: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown. ``key`` is an id, a value, or one of ``(none)``, ``(unassigned)``, ``(no team)`` and
    ``(direct)``."""

    dimension: str
    key: str
    name: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TargetReading:
    """A target beside a value. ``attainment`` is value / target; ``pace`` holds it against the elapsed business days
    and is there for figures that add up over days only."""

    value: Decimal
    attainment: Decimal | None
    pace: Decimal | None


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer: the figure of the asked period, what it is compared with, and what makes it doubtful.

    Percent values are fractions; money is in ``currency`` (the company's). ``previous`` is the whole period before,
    ``previous_to_date`` its like part (running periods only). ``benchmark`` is the mean of the periods before.
    ``as_of`` is when the oldest needed source's last complete sync began, ``now`` the question's clock; both UTC.
    """

    kpi: str
    name: str
    variant: str | None
    unit: Unit
    better: Better
    currency: str
    scope: Scope
    period: Period
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int
    reason: str | None
    interval: tuple[Decimal, Decimal] | None
    previous: Figure | None
    previous_to_date: Figure | None
    benchmark: Decimal | None
    target: TargetReading | None
    as_of: datetime | None
    now: datetime
    extras: Mapping[str, Decimal] = field(default_factory=dict)
    by: tuple[Line, ...] = ()
    trend: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
