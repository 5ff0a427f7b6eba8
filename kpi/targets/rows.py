"""Targets as they were set: exactly the row of a KPI, scope and period; none is inferred."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from kpi.engines.base import Engine
from kpi.model import Kpi, Scope, ScopeType, Unit
from kpi.scopes import Directory, ScopeError

NUMBER, MONEY, YES_NO = "number", "money", "yes_no"


class TargetError(Exception):
    """A target that cannot be set, or split. One line, with what to do instead."""


class Origin(StrEnum):
    FILE = "file"  # a row of the sources' table
    SET = "set"  # by somebody, in the state
    SPLIT = "split"  # a part of another target, in the state


class TargetKey(NamedTuple):
    """What a target is on; of each there is one. ``scope_id`` is a stored id, None for the company; ``period`` a
    Period's key."""

    kpi: str
    scope_type: ScopeType
    scope_id: str | None
    period: str


@dataclass(frozen=True, slots=True)
class Target:
    """``value`` in the KPI's unit, money in the company's currency; ``kind`` is ``number``, ``money``, ``yes_no`` or
    None (what the KPI's unit says). ``whole`` is the target that it is a part of, where it was split from one."""

    value: Decimal
    kind: str | None
    origin: Origin = Origin.FILE
    whole: TargetKey | None = None


@dataclass(frozen=True, slots=True)
class StatedTarget:
    """A target that the state holds, beside those of the files."""

    key: TargetKey
    target: Target


class Targets:
    """The targets of some KPIs, looked up in memory. ``filed`` are those of the files, also where a stated one stands
    in their place."""

    def __init__(self, rows: Mapping[TargetKey, Target], filed: Mapping[TargetKey, Target] | None = None) -> None:
        self._rows = rows
        self._filed = rows if filed is None else filed

    def __iter__(self) -> Iterator[TargetKey]:
        return iter(self._rows)

    def get(self, key: TargetKey) -> Target | None:
        return self._rows.get(key)

    def filed(self, key: TargetKey) -> Target | None:
        """What the files say."""
        return self._filed.get(key)

    def find(self, kpi: str, scope: Scope, period: str) -> Target | None:
        """The target of that KPI, scope and period key, or None."""
        return self._rows.get(key_of(kpi, scope, period))


def key_of(kpi: str, scope: Scope, period: str) -> TargetKey:
    return TargetKey(kpi, scope.type, scope.id, period)


def kind_of(kpi: Kpi) -> str:
    """What kind a target on the KPI is by default."""
    return MONEY if kpi.unit is Unit.MONEY else NUMBER


def read_targets(
    engine: Engine,
    directory: Directory,
    kpis: Collection[str],
    stated: Iterable[StatedTarget] = (),
    periods: Collection[str] | None = None,
) -> Targets:
    """The targets on these KPIs, of these periods (by key; None: of all). Of several rows of the files for one scope
    and period the last one stands; a stated one stands before all of them."""
    if not kpis:
        return Targets({})
    filed = _read_filed(engine, directory, kpis, periods)
    named = {_of_now(one.key, directory): one.target for one in stated if one.key.kpi in kpis}
    return Targets({**filed, **named}, filed)


def _read_filed(
    engine: Engine, directory: Directory, kpis: Collection[str], periods: Collection[str] | None
) -> Mapping[TargetKey, Target]:
    wanted = {f"k{n}": kpi for n, kpi in enumerate(sorted(kpis))}
    of_periods = {f"p{n}": period for n, period in enumerate(sorted(periods or ()))}
    only = "" if periods is None else f"and period in ({', '.join('$' + name for name in of_periods) or 'null'}) "
    found = engine.run(
        "select kpi, scope, scope_id, period, kind, value, rep_id "
        "from targets left join rep_owners on rep_owners.owner_id = targets.scope_id "
        f"where kpi in ({', '.join('$' + name for name in wanted)}) {only}order by targets.row_number",
        {**wanted, **of_periods},
    )
    rows: dict[TargetKey, Target] = {}
    for kpi, scope_type, scope_id, period, kind, value, rep_id in found:
        scope = ScopeType(scope_type)
        by_email = directory.rep_by_email(scope_id or "")
        whose = {ScopeType.COMPANY: None, ScopeType.TEAM: scope_id, ScopeType.REP: by_email.id if by_email else rep_id}
        rows[TargetKey(kpi, scope, whose[scope], period)] = Target(value, kind)
    return rows


def _of_now(key: TargetKey, directory: Directory) -> TargetKey:
    """The key by today's ids: a rep may meanwhile go by the id of another source."""
    if key.scope_type is not ScopeType.REP:
        return key
    try:
        return key._replace(scope_id=directory.find_rep(key.scope_id or "").id)
    except ScopeError:
        return key
