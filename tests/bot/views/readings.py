"""Readings as the core would give them, for the tests of what people read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kpi.catalogue import CATALOGUE
from kpi.model import Amount, Better, Figure, Filter, Key, Line, Reading, Scope, ScopeType, TargetReading, Unit
from kpi.organisation import Organisation
from kpi.periods import Calendar

CALENDAR = Calendar(Organisation(timezone="America/New_York"))
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
OCTOBER, NOVEMBER = CALENDAR.parse("2026-10"), CALENDAR.parse("2026-11")
TEAM = Scope(ScopeType.TEAM, "files:T1", "EMEA")
REP = Scope(ScopeType.REP, "files:R1", "Zoë Müller")

HOSTILE = "<!channel> *Ana* _x_ `y` ~z~ & <@U1> \n> \u202e#\x07 :tada:"
LONG = "Ångström-O'Neill & Söhne " * 40


def reading(**different: Any) -> Reading:
    """EMEA's win rate of October, asked in November; any field may be different."""
    september = CALENDAR.parse("2026-09")
    usual = Reading(
        kpi="winrate",
        name="Win rate",
        variant=None,
        unit=Unit.PERCENT,
        better=Better.UP,
        currency="USD",
        scope=TEAM,
        period=OCTOBER,
        value=Decimal("0.6315005215318134406198778125"),
        numerator=Decimal(4238),
        denominator=Decimal(6711),
        records=6711,
        reason=None,
        interval=(Decimal("0.6199"), Decimal("0.6430")),
        previous=Figure(september, Decimal("0.59"), Decimal(59), Decimal(100), 100),
        previous_to_date=None,
        benchmark=Decimal("0.62"),
        target=TargetReading(Decimal("0.65"), Decimal("0.97"), None),
        as_of=datetime(2026, 11, 20, 16, 55, tzinfo=UTC),
        now=NOW,
    )
    return replace(usual, **different)


def of_kpi(kpi: str, value: str | None, before: str | None = None, **different: Any) -> Reading:
    """A reading of any KPI of the catalogue, with nothing but its value and that of the period before."""
    own = CATALOGUE[kpi]
    period = different.get("period", OCTOBER)
    bare: dict[str, Any] = {
        "kpi": kpi,
        "name": own.name,
        "unit": own.unit,
        "value": None if value is None else Decimal(value),
        "numerator": None,
        "denominator": None,
        "records": 12,
        "interval": None,
        "previous": None if before is None else Figure(CALENDAR.previous(period), Decimal(before)),
        "benchmark": None,
        "target": None,
    }
    return reading(**{**bare, **different})


def line(name: str, value: str | None, key: str = "", **different: Any) -> Line:
    usual = Line(
        Key("rep", key or (name if name.startswith("(") else f"files:{name}"), name),
        None if value is None else Decimal(value),
        None,
        None,
        10,
    )
    return replace(usual, **different)


def share_line(name: str, won: int, closed: int) -> Line:
    if not closed:
        return line(name, None, numerator=Decimal(0), denominator=Decimal(0), records=0, reason="zero_denominator")
    return line(name, str(Decimal(won) / closed), numerator=Decimal(won), denominator=Decimal(closed), records=closed)


RUNNING = reading(
    period=NOVEMBER,
    previous=Figure(OCTOBER, Decimal("0.613")),
    previous_to_date=Figure(OCTOBER, Decimal("0.59")),
    target=TargetReading(Decimal("0.65"), Decimal("0.97"), None),
)
ZERO = of_kpi("deals", "0", "3", extras={}, records=0)
NO_DATA = of_kpi("winrate", None, reason="zero_denominator", numerator=Decimal(0), denominator=Decimal(0), records=0)
BROKEN_DOWN = reading(by=(share_line("Ana", 7, 10), share_line("山田太郎", 0, 4), share_line("Zoë", 0, 0)))
ATTAINMENT = of_kpi(
    "attainment",
    "0.62",
    period=NOVEMBER,
    numerator=Decimal(62000),
    denominator=Decimal(100000),
    target=TargetReading(Decimal(100000), Decimal("0.62"), Decimal("0.95")),
)


def of_dimensions(one: str, other: str, *keys: tuple[str, str, Line]) -> tuple[Line, ...]:
    """Lines of two dimensions, each with what a line of one tells."""
    return tuple(replace(own, key=Key(one, a, a), second=Key(other, b, b)) for a, b, own in keys)


FILTERED = reading(
    where=(
        Filter("type", ("new",)),
        Filter("rep", ("files:R1", "(unassigned)"), excluded=True),
        Filter("campaign", ("files:C1",)),
    )
)
VALUE_NAMES = {("rep", "files:R1"): "Zoë Müller", ("campaign", "files:C1"): HOSTILE}
VERSUS = replace(
    RUNNING,
    versus=Figure(CALENDAR.parse("2025-11"), Decimal("0.7"), Decimal(7), Decimal(10), 10),
    is_noise=True,
)
MATURING = of_kpi(
    "mql2sql", "0.25", "0.3", numerator=Decimal(3), denominator=Decimal(12), is_maturing=True, is_noise=False
)
BY_TWO = reading(
    by=of_dimensions(
        "team",
        "contact_method",
        ("EMEA", "phone", share_line("", 7, 10)),
        ("EMEA", "(none)", replace(share_line("", 2, 4), is_small=True)),
        ("APAC", "phone", replace(share_line("", 0, 0), is_small=True)),
    )
)
PRODUCTS = of_kpi(
    "products",
    "3000",
    "2000",
    extras={
        "units": Amount(Decimal(9), Unit.COUNT),
        "share": Amount(Decimal(1), Unit.PERCENT),
        "previous": Amount(Decimal(2000), Unit.MONEY),
    },
    by=(
        line(
            "Widget",
            "2500",
            extras={
                "units": Amount(Decimal(8), Unit.COUNT),
                "share": Amount(Decimal("0.8333"), Unit.PERCENT),
                "previous": Amount(Decimal(2000), Unit.MONEY),
            },
        ),
        line(
            "Gadget",
            "500",
            extras={
                "units": Amount(Decimal(1), Unit.COUNT),
                "share": Amount(Decimal("0.1667"), Unit.PERCENT),
                "previous": Amount(None, Unit.MONEY),
            },
        ),
        line("(other)", "0", records=0),
    ),
)
CALLS = of_kpi(
    "activities",
    "20",
    name="Calls",
    extras={
        "answered": Amount(Decimal(12), Unit.COUNT),
        "answer_rate": Amount(Decimal("0.6"), Unit.PERCENT),
        "minutes": Amount(Decimal(95), Unit.MINUTES),
        "term_months": Amount(Decimal("14.5"), Unit.MONTHS),
    },
)
MONEY_SHARE = of_kpi("margin", "0.4", numerator=Decimal(40_000), denominator=Decimal(100_000))
