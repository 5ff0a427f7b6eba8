"""What a configuration says of a KPI, key by key. What is not given is None or empty: it has a default, or is as in
the built-in KPI of the same id."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SOURCE = "this company's configuration"  # where the definition of an own KPI comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeasure:
    """A ``kpi.model.Measure``. ``each`` are aggregates by name, ``combine`` is told by the expression."""

    relation: str | None = None
    expression: str | None = None
    dated_by: str | None = None
    held_at: str | None = None
    per: tuple[str, ...] = ()
    each: Mapping[str, str] = field(default_factory=dict)
    combine: str | None = None
    in_own_currency: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValue:
    """A formula over measures: exactly one of ``total``, ``ratio``, ``median`` and ``growth``. ``records`` is the
    measure that counts the records behind it."""

    total: str | None = None
    ratio: tuple[str, ...] = ()
    median: str | None = None
    growth: str | None = None
    records: str | None = None
    per: int = 1
    counts: bool = False
    maturing: bool = False
    of_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnExtra:
    """A figure told beside the value."""

    value: OwnValue
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVariant:
    name: str
    value: OwnValue
    what: str | None = None
    formula: str | None = None
    unit: str | None = None
    better: str | None = None
    needs: tuple[str, ...] | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDoubt:
    """Words for what makes a figure doubtful; ``measure`` is the name of the one that counts it."""

    measure: str
    one: str
    text: str
    by: str | None = None
    unrated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKpi:
    id: str
    name: str | None = None
    what: str | None = None
    formula: str | None = None
    unit: str | None = None
    better: str | None = None
    cadence: str | None = None
    measures: Mapping[str, OwnMeasure] = field(default_factory=dict)
    value: OwnValue | None = None
    dimensions: tuple[str, ...] | None = None
    needs: tuple[str, ...] | None = None
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extras: Mapping[str, OwnExtra] = field(default_factory=dict)
    line_extras: tuple[str, ...] | None = None
    variants: tuple[OwnVariant, ...] = ()
    doubts: tuple[OwnDoubt, ...] | None = None
    scopes: tuple[str, ...] | None = None
    ranked: bool | None = None
    benchmark_periods: int | None = None
