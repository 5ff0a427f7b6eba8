"""What a target could be, by history, and what history says of one that is set. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median_low

from kpi.evaluate import mean
from kpi.model import Better, Cadence, Kpi, Unit

WEEKS = 13  # full ones, that a suggestion looks back on
PERIODS = 8  # whose best a target is held against
FAR = Decimal("1.5")  # times the best


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``value`` is None where no week worked. ``median_won`` is the rep's median number of deals won in a week."""

    value: Decimal | None
    weeks_worked: int
    median_won: int


def is_activity(kpi: Kpi) -> bool:
    """Whether it counts what reps do in a week, the more the better: what a weekly target is suggested for."""
    return kpi.cadence is Cadence.WEEKLY and kpi.unit is Unit.COUNT and kpi.better is Better.UP


def suggest(won: Sequence[int], done: Sequence[Decimal]) -> Suggestion:
    """The mean of what was done in the weeks that worked, rounded half up to a whole number. A week worked if at least
    the median number of deals was won in it, and at least one. Both for the same weeks, of which there are an odd
    number."""
    middle = median_low(won)
    worked = [number for deals, number in zip(won, done, strict=True) if deals >= max(middle, 1)]
    value = mean(worked)
    whole = value.quantize(Decimal(1), ROUND_HALF_UP) if value is not None else None
    return Suggestion(whole, len(worked), middle)


def best_of(values: Iterable[Decimal | None], better: Better) -> Decimal | None:
    """The best of the values there are: the least where less is better."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return min(known) if better is Better.DOWN else max(known)


def is_far_beyond(target: Decimal, best: Decimal, better: Better) -> bool:
    """Whether the target is more than one and a half times as good as the best so far."""
    return target * FAR < best if better is Better.DOWN else target > best * FAR
