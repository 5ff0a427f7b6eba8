"""Targets as they were set: exactly the row of a KPI, scope and period; none is inferred."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpi.engines.base import Engine
from kpi.model import Scope, ScopeType
from kpi.scopes import Directory

YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Target:
    """``value`` in the KPI's unit, money in the company's currency; ``kind`` is ``number``, ``money``, ``yes_no`` or
    None (what the KPI's unit says)."""

    value: Decimal
    kind: str | None


Key = tuple[str, ScopeType, str | None, str]  # KPI id, scope, rep or team id, period key


class Targets:
    """The targets of some KPIs, looked up in memory."""

    def __init__(self, rows: Mapping[Key, Target]) -> None:
        self._rows = rows

    def find(self, kpi: str, scope: Scope, period: str) -> Target | None:
        """The target of that KPI, scope and period key, or None."""
        return self._rows.get((kpi, scope.type, scope.id, period))


def read_targets(engine: Engine, directory: Directory, kpis: Collection[str]) -> Targets:
    """The targets on these KPIs. Of several rows for one scope and period the last one stands."""
    if not kpis:
        return Targets({})
    wanted = {f"k{n}": kpi for n, kpi in enumerate(sorted(kpis))}
    found = engine.run(
        "select kpi, scope, scope_id, period, kind, value, rep_id "
        "from targets left join rep_owners on rep_owners.owner_id = targets.scope_id "
        f"where kpi in ({', '.join('$' + name for name in wanted)}) order by targets.row_number",
        dict(wanted),
    )
    rows: dict[Key, Target] = {}
    for kpi, scope_type, scope_id, period, kind, value, rep_id in found:
        scope = ScopeType(scope_type)
        by_email = directory.rep_by_email(scope_id or "")
        whose = {ScopeType.COMPANY: None, ScopeType.TEAM: scope_id, ScopeType.REP: by_email.id if by_email else rep_id}
        rows[kpi, scope, whose[scope], period] = Target(value, kind)
    return Targets(rows)
