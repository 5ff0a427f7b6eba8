"""Parts held against their wholes: down the tree and over time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from kpi.evaluate import EXACT
from kpi.model import Kpi, Scope, ScopeType
from kpi.periods import Calendar, Period, PeriodError
from kpi.scopes import COMPANY, Directory
from kpi.targets.additive import adds_up, adds_up_over_time
from kpi.targets.rows import YES_NO, TargetKey, Targets, key_of
from kpi.targets.spans import GRAINS, parse_target_period, tiles
from kpi.targets.tree import direct_children

DOWN = "teams and reps"


@dataclass(frozen=True, slots=True)
class Difference:
    """Parts that do not sum to their whole. ``across`` says which parts: ``DOWN``, or ``months``."""

    kpi: str
    scope: Scope
    period: Period
    across: str
    whole: Decimal
    parts: Decimal
    count: int

    @property
    def missing(self) -> Decimal:
        """How much the parts lack; below zero: how much they exceed the whole."""
        return EXACT.subtract(self.whole, self.parts)


def scope_of(directory: Directory, key: TargetKey) -> Scope | None:
    """Whose target it is; None where there is no such team or rep."""
    if key.scope_type is ScopeType.COMPANY:
        return COMPANY
    if key.scope_type is ScopeType.TEAM:
        team = directory.teams.get(key.scope_id or "")
        return directory.scope_of_team(team) if team else None
    rep = directory.reps.get(key.scope_id or "")
    return directory.scope_of_rep(rep) if rep else None


def find_differences(
    targets: Targets, kpis: Mapping[str, Kpi], directory: Directory, calendar: Calendar
) -> list[Difference]:
    """Every whole whose parts sum to something else. A whole without parts is none, nor is one on a KPI that does not
    add up. The parts down the tree are those directly beneath; where a team has none, those beneath the team."""
    found: list[Difference] = []
    for key in targets:
        scope, period = scope_of(directory, key), _period(calendar, key.period)
        whole = _number(targets, key)
        if scope is not None and period is not None and whole is not None:
            for across, parts in _sums(targets, kpis[key.kpi], scope, period, directory, calendar):
                with localcontext(EXACT):
                    total = sum(parts, Decimal(0))
                if parts and total != whole:
                    found.append(Difference(key.kpi, scope, period, across, whole, total, len(parts)))
    return found


def _sums(
    targets: Targets, kpi: Kpi, scope: Scope, period: Period, directory: Directory, calendar: Calendar
) -> Iterator[tuple[str, list[Decimal]]]:
    if adds_up(kpi):
        yield DOWN, list(_beneath(targets, kpi.id, scope, period.key, directory))
    if adds_up_over_time(kpi):
        for grain in GRAINS:
            keys = (key_of(kpi.id, scope, part.key) for part in tiles(calendar, period, grain) or ())
            yield f"{grain}s", [value for key in keys if (value := _number(targets, key)) is not None]


def _beneath(targets: Targets, kpi: str, scope: Scope, period: str, directory: Directory) -> Iterator[Decimal]:
    for child in direct_children(directory, scope):
        own = _number(targets, key_of(kpi, child, period))
        if own is not None:
            yield own
        else:
            yield from _beneath(targets, kpi, child, period, directory)


def _number(targets: Targets, key: TargetKey) -> Decimal | None:
    target = targets.get(key)
    return target.value if target and target.kind != YES_NO else None


def _period(calendar: Calendar, key: str) -> Period | None:
    try:
        return parse_target_period(calendar, key)
    except PeriodError:
        return None  # a row of the files may say anything
