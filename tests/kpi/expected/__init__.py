"""The KPIs, computed a second time: slowly and plainly, in DataFrames, from the words of their definitions.

Nothing here comes from the code under test but its plain data. Each module has ``KPIS`` (KPI and variant, to a function
of the company's frames and the question) and ``NEEDS`` (KPI and variant, to the inputs without which it has no value;
alternatives by ``|``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi.model import ScopeType
from tests.kpi.expected import activity, customers, efficiency, leads, pipeline, revenue
from tests.kpi.expected.ask import NOT_APPLICABLE, Ask, Expected
from tests.kpi.expected.frames import Frames

__all__ = ["KPIS", "NEEDS", "Ask", "Expected", "Frames", "expect", "missing_input"]

_MODULES = (activity, leads, revenue, pipeline, customers, efficiency)

KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    name: compute for module in _MODULES for name, compute in module.KPIS.items()
}
NEEDS: Mapping[str, tuple[str, ...]] = {name: needs for module in _MODULES for name, needs in module.NEEDS.items()}

_COMPANY_ONLY = (ScopeType.COMPANY,)
_COMPANY_AND_TEAMS = (ScopeType.COMPANY, ScopeType.TEAM)
# Nobody owns spend; a capacity is that of many.
_SCOPES: Mapping[str, tuple[ScopeType, ...]] = {
    **dict.fromkeys(("cpl", "cac", "ltv", "ltvcac", "magic"), _COMPANY_ONLY),
    **dict.fromkeys(("bdrcapacity", "aecapacity"), _COMPANY_AND_TEAMS),
}


def expect(frames: Frames, name: str, ask: Ask) -> Expected:
    """What a KPI (``winrate``, ``winrate value``) ought to be."""
    if ask.scope_type not in _SCOPES.get(name.split(maxsplit=1)[0], tuple(ScopeType)):
        return NOT_APPLICABLE
    missing = missing_input(frames, name)
    if missing:
        return Expected(None, reason=f"missing_input: {missing}")
    if frames.wall.start(ask.days) > ask.now:
        return Expected(None, reason="not_begun")
    return KPIS[name](frames, ask)


def missing_input(frames: Frames, name: str) -> str | None:
    """The first input that was never supplied: the table without rows, or the column without values.
    Without subscriptions a customer's worth is the profit they brought."""
    if name in ("ltv", "ltvcac") and not frames.supplied("subscriptions"):
        name = f"{name} profit"
    for need in NEEDS[name]:
        alternatives = need.split("|")
        if not any(map(frames.supplied, alternatives)):
            table = alternatives[0].partition(".")[0]
            return alternatives[0] if frames.supplied(table) else table
    return None
