"""Parts held against their wholes: down the tree and over time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache, partial

from kpi.evaluate import EXACT
from kpi.model import Kpi, Scope, ScopeType
from kpi.periods import Calendar, Grain, Period, PeriodError
from kpi.scopes import COMPANY, Directory
from kpi.targets.additive import adds_up, adds_up_over_time
from kpi.targets.rows import YES_NO, TargetKey, Targets, key_of
from kpi.targets.spans import fitting_grains, parse_target_period
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
    held = _Held(targets, directory, calendar)
    found: list[Difference] = []
    for key, whole in held.numbers.items():
        scope, period = scope_of(directory, key), held.periods[key.period]
        if scope is None or period is None:
            continue
        for across, parts in held.parts(kpis[key.kpi], scope, period):
            with localcontext(EXACT):
                total = sum(parts, Decimal(0))
            if parts and total != whole:
                found.append(Difference(key.kpi, scope, period, across, whole, total, len(parts)))
    return found


class _Held:
    """The targets that are numbers, found by what they may be parts of."""

    def __init__(self, targets: Targets, directory: Directory, calendar: Calendar) -> None:
        held = ((key, targets.get(key)) for key in targets)
        self.numbers = {key: target.value for key, target in held if target and target.kind != YES_NO}
        self.periods = {name: _period(calendar, name) for name in {key.period for key in self.numbers}}
        self._grains = {name: fitting_grains(calendar, one) for name, one in self.periods.items() if one}
        self._children = cache(partial(direct_children, directory))
        self._in_time: dict[tuple[str, ScopeType, str | None, Grain], list[tuple[Period, Decimal]]] = {}
        for key, value in self.numbers.items():
            if period := self.periods[key.period]:
                of = (key.kpi, key.scope_type, key.scope_id, period.grain)
                self._in_time.setdefault(of, []).append((period, value))

    def parts(self, kpi: Kpi, scope: Scope, period: Period) -> Iterator[tuple[str, list[Decimal]]]:
        """The parts of a whole: those down the tree, and those of each grain over time."""
        if adds_up(kpi):
            yield DOWN, list(self._beneath(kpi.id, scope, period.key))
        if adds_up_over_time(kpi):
            for grain in self._grains[period.key]:
                others = self._in_time.get((kpi.id, scope.type, scope.id, grain), ())
                yield f"{grain}s", [value for part, value in others if _lies_within(part, period)]

    def _beneath(self, kpi: str, scope: Scope, period: str) -> Iterator[Decimal]:
        for child in self._children(scope):
            own = self.numbers.get(key_of(kpi, child, period))
            if own is not None:
                yield own
            else:
                yield from self._beneath(kpi, child, period)


def _lies_within(part: Period, period: Period) -> bool:
    return period.first_day <= part.first_day and part.last_day <= period.last_day


def _period(calendar: Calendar, key: str) -> Period | None:
    try:
        return parse_target_period(calendar, key)
    except PeriodError:
        return None  # a row of the files may say anything
