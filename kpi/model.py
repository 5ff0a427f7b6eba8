"""What a KPI is (``Kpi`` and its parts) and what an answer is (``Reading``): plain, frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kpi.formulas import AgainstTarget, Formula, Total
from kpi.periods import Period


class Unit(StrEnum):
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"  # a fraction in data: 0.25 is 25 %
    MINUTES = "minutes"
    DAYS = "days"
    MONTHS = "months"
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


class HeldAt(StrEnum):
    """At which end of a window an interval ``(from_at, until_at]`` is looked at: how things stand just before it."""

    START = "start"
    END = "end"


class Combine(StrEnum):
    """How the numbers of reps make the number of a team."""

    SUM = "sum"
    MAX = "max"
    WHOLE = "whole"  # not at all: distinct counts and medians are counted for the team as a whole


@dataclass(frozen=True, slots=True)
class Measure:
    """A number counted over one relation, as an SQL expression of aggregates.

    Which records count: ``dated_by`` names the instant that places a record in the window; ``held_at`` takes those
    whose interval ``(from_at, until_at]`` holds the window's start or end; both may be given; without either every
    record counts, whatever the window. The expression may name the window: ``$start``, ``$end`` (of what has elapsed)
    and ``$now`` (what happens then or later is not known yet).

    ``per`` counts in two steps: the records are grouped by these columns first, with ``each`` (name, aggregate)
    computed for each group, and ``expression`` is over the groups, with both for columns. ``in_own_currency``: the
    expression is a sum in the record's ``currency``, converted at the rate of the day at which the window is looked at
    (``held_at``), else of today; ``if_rated``: it is a count of the records whose currency has such a rate.
    """

    relation: str
    expression: str
    dated_by: str | None = None
    held_at: HeldAt | None = None
    per: tuple[str, ...] = ()
    each: tuple[tuple[str, str], ...] = ()
    combine: Combine = Combine.SUM
    in_own_currency: bool = False
    if_rated: bool = False

    @property
    def is_by_currency(self) -> bool:
        """Whether the rate of a record's currency matters."""
        return self.in_own_currency or self.if_rated


@dataclass(frozen=True, slots=True)
class Extra:
    """A figure told beside the value."""

    value: Formula
    unit: Unit


@dataclass(frozen=True, slots=True)
class Doubt:
    """What makes a figure doubtful: a measure that counts such records and the words for them.

    ``text`` holds ``{n}`` and, with ``by`` (a column of the relation), ``{key}``; ``one`` is the singular. ``unrated``:
    ``by`` is a currency, and only those count that have no rate on the day at which the window is looked at.
    ``is_fault``: somebody ought to put the records right.
    """

    measure: Measure
    one: str
    text: str
    by: str | None = None
    unrated: bool = False
    is_fault: bool = True


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to compute a KPI, an option of it: what differs from the KPI's own. ``needs`` as in ``Kpi``.
    ``names`` are the words, by language, that name KPI and variant at once (``calls per rep``); ``doubts``,
    ``better`` and ``extras`` are the KPI's where they are not given."""

    name: str
    what: str
    formula: str
    value: Formula | AgainstTarget
    unit: Unit
    needs: tuple[str, ...]
    doubts: tuple[Doubt, ...] | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    better: Better | None = None
    extras: Mapping[str, Extra] | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI, declared once.

    ``what`` and ``formula`` say in words what it is. ``needs`` are the inputs without which it has no value: a table
    (``"deals"``) or a column (``"deals.amount"``), alternatives by ``|``. ``extras`` are told beside the value, those
    that ``line_extras`` names beside each line of a breakdown too. ``names`` are the words people use for it, by
    language. ``source`` says where the definition comes from. ``scopes`` are those that it has a value for.
    """

    id: str
    name: str
    what: str
    formula: str
    measures: Mapping[str, Measure]
    value: Formula | AgainstTarget
    unit: Unit
    better: Better
    cadence: Cadence
    dimensions: tuple[str, ...]
    needs: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    source: str
    extras: Mapping[str, Extra] = field(default_factory=dict)
    line_extras: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    benchmark_periods: int = 0
    default_variant: str | None = None  # the name that the KPI's own formula has among its variants
    without: tuple[str, str] | None = None  # (input, variant): the variant that stands where the input is not supplied
    scopes: tuple[ScopeType, ...] = tuple(ScopeType)
    ranked: bool = True  # whether people may be put in order by it
    default_is_running: bool = True  # whether a question without a period means the running one, else the last finished
    redefined: bool = False  # by the company's configuration, in place of a built-in one

    def variant(self, name: str | None) -> Variant | None:
        """The variant of that name; ``None`` for the KPI's own formula. KeyError for a name it does not have."""
        if name is None or name == self.default_variant:
            return None
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)


def is_additive(formula: Formula | AgainstTarget, measures: Mapping[str, Measure]) -> bool:
    """Whether values add up: over reps to teams, and over days to periods."""
    if not isinstance(formula, Total):
        return False
    measure = measures[formula.measure]
    return measure.combine is Combine.SUM and measure.dated_by is not None and measure.held_at is None


@dataclass(frozen=True, slots=True)
class Filter:
    """Only records whose ``dimension`` is one of ``values`` (``(none)``: empty), or none of them (``excluded``), case
    ignored unless they are ``exact``."""

    dimension: str
    values: tuple[str, ...]
    excluded: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the core: one KPI for one scope and period.

    ``by`` are up to two dimensions to break it down by, of whose values the ``top`` ones stand by themselves and the
    rest as ``(other)``; ``where`` are filters, all of which hold (values of ``rep`` and ``team`` are stored ids);
    ``trend`` are periods to tell beside it, ``versus`` is a period to compare it with.
    """

    kpi: Kpi
    scope: Scope
    period: Period
    variant: str | None = None
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    top: int | None = None
    trend: tuple[Period, ...] = ()
    versus: Period | None = None


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
class Amount:
    """A number and its unit; ``value`` is None where there is none."""

    value: Decimal | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Key:
    """What a line stands for. ``key`` is an id, a value, or one of ``(none)``, ``(other)``, ``(unassigned)``,
    ``(no team)`` and ``(direct)``."""

    dimension: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown, by ``key`` and, where two dimensions were asked, ``second``. ``is_small``: it stands on
    too few records to be put in order with others."""

    key: Key
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int
    reason: str | None = None
    second: Key | None = None
    interval: tuple[Decimal, Decimal] | None = None
    is_small: bool = False
    extras: Mapping[str, Amount] = field(default_factory=dict)


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
    ``previous_to_date`` its like part (running periods only), ``versus`` the period that was asked for. ``benchmark``
    is the mean of the periods before. ``is_maturing``: later events still change it; it is compared at the same age.
    ``is_noise``: a change as large as that from the period it is compared with comes about by chance (None: unknown).
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
    extras: Mapping[str, Amount] = field(default_factory=dict)
    by: tuple[Line, ...] = ()
    trend: tuple[Figure, ...] = ()
    versus: Figure | None = None
    notes: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    is_maturing: bool = False
    is_noise: bool | None = None
