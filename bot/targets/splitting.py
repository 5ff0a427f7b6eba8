"""A split as it is asked for: who and what periods get a part, what stays, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from babel.numbers import get_currency_precision

from kpi.engines.base import Engine
from kpi.inputs import read_holidays
from kpi.model import Kpi, Scope, Unit
from kpi.periods import Grain, Period
from kpi.plan import Context
from kpi.targets import YES_NO, Origin, StatedTarget, Target, TargetError, TargetKey, Targets, kind_of
from kpi.targets.additive import adds_up, adds_up_over_time
from kpi.targets.history import last_full_period, read_last
from kpi.targets.spans import parts_of_time
from kpi.targets.split import Part, Weigh, Whole, split_both, split_down, split_over, stale_parts
from kpi.targets.tree import Branch, Depth, branches_of

_LISTED = 5  # names in a note


class By(StrEnum):
    EQUALLY = "equally"
    HEADCOUNT = "headcount"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class How:
    """How to split: down the tree (``by``), over time (``over``), or both. ``roles``: among reps of these alone.
    ``overwrite``: parts that were set by hand, too."""

    by: By | None
    over: Grain | None
    depth: Depth = Depth.REPS
    roles: tuple[str, ...] = ()
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """The parts, those to be taken away since an earlier split wrote them, and notes. ``stated`` is what to write."""

    whole: Target
    kind: str
    parts: Sequence[Part]
    stale: Sequence[TargetKey]
    notes: list[str] = field(default_factory=list)

    @property
    def stated(self) -> list[StatedTarget]:
        return [
            StatedTarget(part.key, Target(part.value, self.kind, Origin.SPLIT, part.whole))
            for part in self.parts
            if not part.is_kept
        ]


def plan_split(
    engine: Engine, context: Context, targets: Targets, kpi: Kpi, scope: Scope, period: Period, how: How
) -> Split:
    """What the split would write. TargetError where the KPI does not add up, there is no target to split, or nobody to
    split it among; PeriodError where the grain does not fit the period."""
    _check_adds_up(kpi, how)
    target = targets.find(kpi.id, scope, period.key)
    if target is None:
        raise TargetError(
            f'There is no target on {kpi.id} for {scope.name} in {period.key}: set it with "kpi targets set" first.'
        )
    if target.kind == YES_NO:
        raise TargetError("A yes or no has no parts.")
    whole = Whole(kpi.id, scope, period, target.value, _unit(kpi, context), _kept(targets, how))
    branches = _branches(context, scope, how) if how.by else ()
    weigh, notes = _weights(engine, context, kpi, period, branches, how)
    spans = parts_of_time(context.calendar, period, how.over, read_holidays(engine)) if how.over else ()
    if how.by and how.over:
        parts = split_both(whole, branches, weigh, spans)
    else:
        parts = split_down(whole, branches, weigh) if how.by else split_over(whole, spans)
    _check_no_yes_no(targets, parts, how)
    stale = stale_parts(targets, parts)
    notes += _told(parts, stale)
    return Split(target, kind_of(kpi), parts, stale, notes)


def _check_adds_up(kpi: Kpi, how: How) -> None:
    if not adds_up(kpi):
        raise TargetError(f"{kpi.name} does not add up: the parts of a whole are not parts of it. Set each by itself.")
    if how.over and not adds_up_over_time(kpi):
        raise TargetError(
            f"{kpi.name} tells how things stand at the end of a period, which does not add up over time: set a target "
            "for each period by itself."
        )


def _unit(kpi: Kpi, context: Context) -> Decimal:
    return Decimal(1).scaleb(-get_currency_precision(context.currency)) if kpi.unit is Unit.MONEY else Decimal(1)


def _kept(targets: Targets, how: How) -> Mapping[TargetKey, Decimal]:
    if how.overwrite:
        return {}
    found = ((key, targets.get(key)) for key in targets)
    return {
        key: target.value
        for key, target in found
        if target and target.origin is not Origin.SPLIT and target.kind != YES_NO
    }


def _branches(context: Context, scope: Scope, how: How) -> tuple[Branch, ...]:
    branches = branches_of(context.directory, scope, how.depth, how.roles)
    if not branches:
        sought = "teams with active reps" if how.depth is Depth.TEAMS else "active reps"
        of_roles = f" with the role {' or '.join(how.roles)}" if how.roles else ""
        raise TargetError(f"There are no {sought}{of_roles} beneath {scope.name} to split a target among.")
    return branches


def _weights(
    engine: Engine, context: Context, kpi: Kpi, period: Period, branches: Sequence[Branch], how: How
) -> tuple[Weigh, list[str]]:
    if how.by is not By.SHARE:
        return (lambda branch: Decimal(branch.headcount if how.by is By.HEADCOUNT else 1)), []
    last = last_full_period(context.calendar, period, context)
    scopes = [branch.scope for top in branches for branch in top.walk()]
    actual = read_last(engine, kpi, scopes, last, context)
    none = [scope.name for scope in scopes if not actual[scope]]
    notes = [f"The shares are those of {last.key}."]
    if none:
        notes.append(f"{_named(none)}: nothing in {last.key}, hence no share of it.")
    return (lambda branch: actual[branch.scope]), notes


def _check_no_yes_no(targets: Targets, parts: Sequence[Part], how: How) -> None:
    for part in parts:
        target = targets.get(part.key)
        if target and target.kind == YES_NO and not how.overwrite:
            raise TargetError(
                f"{part.scope.name} has a yes or no for a target in {part.period.key}: write --overwrite to replace it."
            )


def _told(parts: Sequence[Part], stale: Sequence[TargetKey]) -> Iterator[str]:
    kept = [f"{part.scope.name} in {part.period.key}" for part in parts if part.is_kept]
    if kept:
        yield f"{_named(kept)}: set by hand, and kept. --overwrite replaces such parts."
    if stale:
        yield f"{len(stale)} {'part' if len(stale) == 1 else 'parts'} of earlier splits stand no longer."


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
