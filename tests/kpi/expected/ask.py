"""What is asked of a second computation, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi.model import ScopeType
from tests.kpi.expected.days import Days
from tests.kpi.expected.exact import exact, quotient
from tests.kpi.expected.frames import Frame, Frames, keep
from tests.kpi.expected.records import Members, is_among


@dataclass(frozen=True)
class Ask:
    """One KPI's question: whose records (``members``), of which local days, up to which instant.

    ``running``: the period is under way and asked as it is now (``until`` is now). ``where`` picks by dimension
    (``(none)``: empty) among the records that carry it. ``seen_until``: what a cohort does at or after it is not known
    yet; None: now.
    """

    members: Members
    days: Days
    until: datetime
    now: datetime
    running: bool = False
    where: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    scope_type: ScopeType = ScopeType.COMPANY
    seen_until: datetime | None = None

    @property
    def seen(self) -> datetime:
        return self.seen_until or self.now


@dataclass(frozen=True)
class Expected:
    """What is expected of an answer. ``extras`` are exact, or rounded to 28 digits; None: no value."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    records: int = 0
    reason: str | None = None
    extras: dict[str, Decimal | None] = field(default_factory=dict)


NOT_APPLICABLE = Expected(None, reason="not_applicable")

Extras = dict[str, Decimal | None]


# Which records are asked about


def happened(frames: Frames, ask: Ask, frame: Frame, column: str) -> Frame:
    """The rows whose instant lies in the elapsed part of the period."""
    start = frames.wall.start(ask.days)
    return keep(frame, column, lambda at: at is not None and start <= at < ask.until)


def theirs(ask: Ask, frame: Frame) -> Frame:
    """The rows of the asked reps, by the column ``rep``."""
    return keep(frame, "rep", lambda rep: is_among(rep, ask.members))


def picked(ask: Ask, frame: Frame) -> Frame:
    """The rows with the asked values of those dimensions that are columns of the frame."""
    for dimension, wanted in ask.where.items():
        if dimension in frame.columns:
            frame = keep(frame, dimension, lambda value, wanted=wanted: (value or "(none)") == wanted)
    return frame


def asked(frames: Frames, ask: Ask, frame: Frame, column: str) -> Frame:
    """The rows of the asked reps with the asked values whose instant lies in the elapsed part of the period."""
    return picked(ask, theirs(ask, happened(frames, ask, frame, column)))


def as_of_day(frames: Frames, ask: Ask) -> date:
    """The local day as of which a state is told: the period's last, today, or the last that a part of it touches."""
    if ask.running:
        return frames.local_day(ask.now)
    day = frames.local_day(ask.until)
    return day - timedelta(days=1) if frames.wall.midnight(day) == ask.until else day


# What is answered


def told(number: Fraction | int) -> Decimal:
    """The number as a decimal: exact where it ends, else to 28 digits."""
    number, rest = Fraction(number), Fraction(number).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return exact(number) if rest == 1 else quotient(number, 1)


def count(number: int, extras: Extras | None = None) -> Expected:
    """A number of records."""
    return Expected(Decimal(number), records=number, extras=extras or {})


def sum_of(worth: Fraction, records: int, extras: Extras | None = None) -> Expected:
    return Expected(told(worth), records=records, extras=extras or {})


def ratio(
    numerator: Fraction | int, denominator: Fraction | int, records: int, extras: Extras | None = None
) -> Expected:
    """Divided once; no value where the denominator is zero."""
    parts = told(numerator), told(denominator)
    if denominator == 0:
        return Expected(None, *parts, records, "zero_denominator", extras or {})
    return Expected(quotient(numerator, denominator), *parts, records, None, extras or {})


def mean(values: Sequence[Fraction], extras: Extras | None = None) -> Expected:
    return ratio(sum(values, Fraction(0)), len(values), len(values), extras)


def median(values: Sequence[Fraction], extras: Extras | None = None) -> Expected:
    """The middle one, or the mean of the middle two."""
    if not values:
        return Expected(None, reason="zero_denominator", extras=extras or {})
    ordered, half = sorted(values), len(values) // 2
    middle = ordered[half : half + 1] if len(values) % 2 else ordered[half - 1 : half + 1]
    return Expected(quotient(sum(middle, Fraction(0)), len(middle)), records=len(values), extras=extras or {})
