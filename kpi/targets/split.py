"""The parts of a target: down the tree, over time, or both, so that they sum to the whole in every direction. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kpi.model import Scope
from kpi.periods import Period
from kpi.targets.apportion import apportion, spread, unit_within
from kpi.targets.rows import Origin, TargetError, TargetKey, Targets, key_of
from kpi.targets.tree import Branch

Weigh = Callable[[Branch], Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the target ``whole``. ``is_kept``: it was set by hand and stays as it is."""

    scope: Scope
    period: Period
    value: Decimal
    whole: TargetKey
    is_kept: bool = False

    @property
    def key(self) -> TargetKey:
        return key_of(self.whole.kpi, self.scope, self.period.key)


@dataclass(frozen=True, slots=True)
class Whole:
    """A target to be split. ``unit`` is the smallest difference there is between parts: 1 for counts, a cent for
    money. ``kept`` are targets that stay as they are if they are among the parts: the rest is split."""

    kpi: str
    scope: Scope
    period: Period
    value: Decimal
    unit: Decimal
    kept: Mapping[TargetKey, Decimal]

    def __post_init__(self) -> None:
        if self.value < 0:
            raise TargetError(f"A target below zero cannot be split: this one is {self.value:f}.")

    @property
    def key(self) -> TargetKey:
        return key_of(self.kpi, self.scope, self.period.key)


def split_down(whole: Whole, branches: Sequence[Branch], weigh: Weigh) -> list[Part]:
    """The parts of all branches, those of a team before those beneath it, in proportion to what they weigh. TargetError
    where what is kept exceeds the whole, or nobody weighs anything."""
    return list(_down(whole, whole.scope, whole.value, branches, weigh))


def split_over(whole: Whole, periods: Sequence[tuple[Period, int]]) -> list[Part]:
    """The parts of the periods, in proportion to their business days. TargetError as in ``split_down``."""
    keys = [key_of(whole.kpi, whole.scope, period.key) for period, _ in periods]
    values = _share(whole, whole.scope, whole.value, keys, [Decimal(days) for _, days in periods])
    return [
        Part(whole.scope, period, value, whole.key, key in whole.kept)
        for (period, _), key, value in zip(periods, keys, values, strict=True)
    ]


def split_both(
    whole: Whole, branches: Sequence[Branch], weigh: Weigh, periods: Sequence[tuple[Period, int]]
) -> list[Part]:
    """Down the tree and over time, and in each of the shorter periods down the tree again. TargetError as in
    ``split_down``, and where something is kept: what is left could not be made to fit everywhere."""
    anew = replace(whole, kept={})
    down, over = split_down(anew, branches, weigh), split_over(anew, periods)
    sums = {part.scope: part.value for part in down}
    within = _within(anew, whole.scope, [part.value for part in over], branches, [p for p, _ in periods], sums)
    parts = [*down, *over, *within]
    kept = [part for part in parts if part.key in whole.kept]
    if kept:
        raise TargetError(
            f"{len(kept)} of the parts were set by hand, the first for {kept[0].scope.name} in {kept[0].period.key}: "
            "write --overwrite to replace them, or split down the tree and over time one after the other."
        )
    return parts


def stale_parts(targets: Targets, parts: Sequence[Part]) -> list[TargetKey]:
    """What earlier splits down the tree wrote and this one does not: the parts of who has left, or beneath a depth that
    is no longer asked for."""
    written = {part.key for part in parts}
    wholes = {key for part in parts if part.period.key == part.whole.period for key in (part.whole, part.key)}
    split = {key: target.whole for key in targets if (target := targets.get(key)) and target.origin is Origin.SPLIT}
    found: dict[TargetKey, None] = {}
    while more := [
        key
        for key, whole in split.items()
        if whole in wholes and whole.period == key.period and key not in written and key not in found
    ]:
        found.update(dict.fromkeys(more))
        wholes.update(more)
    return list(found)


def _down(whole: Whole, above: Scope, value: Decimal, branches: Sequence[Branch], weigh: Weigh) -> Iterator[Part]:
    if not branches:
        return
    of = key_of(whole.kpi, above, whole.period.key)
    keys = [key_of(whole.kpi, branch.scope, whole.period.key) for branch in branches]
    values = _share(whole, above, value, keys, [weigh(branch) for branch in branches])
    for branch, key, part in zip(branches, keys, values, strict=True):
        yield Part(branch.scope, whole.period, part, of, key in whole.kept)
        yield from _down(whole, branch.scope, part, branch.beneath, weigh)


def _within(
    whole: Whole,
    above: Scope,
    columns: Sequence[Decimal],
    branches: Sequence[Branch],
    periods: Sequence[Period],
    sums: Mapping[Scope, Decimal],
) -> Iterator[Part]:
    """The parts of the shorter periods beneath a scope whose own parts of them are the columns."""
    if not branches:
        return
    rows = [sums[branch.scope] for branch in branches]
    unit = min(unit_within(number, whole.unit) for number in (*rows, *columns))
    for branch, values in zip(branches, spread(rows, columns, unit), strict=True):
        for period, value in zip(periods, values, strict=True):
            yield Part(branch.scope, period, value, key_of(whole.kpi, above, period.key))
        yield from _within(whole, branch.scope, values, branch.beneath, periods, sums)


def _share(
    whole: Whole, above: Scope, value: Decimal, keys: Sequence[TargetKey], weights: Sequence[Decimal]
) -> list[Decimal]:
    """What each of the keys gets of the value, which is that of the scope above: what is kept, and of the rest its
    share."""
    kept = sum((whole.kept[key] for key in keys if key in whole.kept), Decimal(0))
    rest = value - kept
    if rest < 0:
        raise TargetError(
            f"The parts of {above.name} that were set by hand sum to {kept:f}, more than the whole, {value:f}: raise "
            "the whole, or write --overwrite to replace them."
        )
    weighing = [weight for key, weight in zip(keys, weights, strict=True) if key not in whole.kept]
    if rest and weighing and not any(weighing):
        raise TargetError(
            f"Nobody beneath {above.name} has a share of the last period: split it --by headcount or equally, or set "
            "the parts by hand."
        )
    shares = iter(apportion(rest, weighing, unit_within(rest, whole.unit)) if rest else [Decimal(0)] * len(weighing))
    return [whole.kept[key] if key in whole.kept else next(shares) for key in keys]
