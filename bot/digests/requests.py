"""What is asked of the core for a digest: its rows, and the table by rep or team below them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.digests.contents import BREAKDOWN, LINES, LINES_SHOWN, kpis_for
from kpi.formulas import AgainstTarget
from kpi.model import Cadence, Kpi, Request, Scope, ScopeType
from kpi.periods import Period

HasTarget = Callable[[str, Scope, str], bool]
"""Whether there is a target: KPI id (of what is reached: ``bookings``), scope, period key."""

_BROKEN_DOWN_BY: Mapping[ScopeType, str] = {ScopeType.TEAM: "rep", ScopeType.COMPANY: "team"}


def digest_requests(
    cadence: Cadence,
    scope: Scope,
    period: Period,
    *,
    catalogue: Mapping[str, Kpi],
    running: Sequence[Period],
    has_target: HasTarget,
) -> tuple[Request, ...]:
    """One request per row of the digest. ``period`` is what it reports; ``running`` are the periods that run at the
    digest's clock, shortest first (week, month, quarter, year): a weekly digest tells attainment for the first of them
    that has a target, the others for their own period."""
    periods = running if cadence is Cadence.WEEKLY else (period,)
    return tuple(
        _attainment(kpi, scope, period, periods, has_target)
        if isinstance(kpi.value, AgainstTarget)
        else _row(kpi, scope, period)
        for kpi in kpis_for(cadence, scope.type, catalogue)
    )


def breakdown_requests(scope: Scope, period: Period, catalogue: Mapping[str, Kpi]) -> tuple[Request, ...]:
    """One request per column of the table: by rep for a team, by team for the company, none for a rep."""
    by = _BROKEN_DOWN_BY.get(scope.type)
    kpis = [catalogue[kpi] for kpi in BREAKDOWN if kpi in catalogue] if by else []
    return tuple(Request(kpi, scope, period, by=(by,) if by else ()) for kpi in kpis)


def _row(kpi: Kpi, scope: Scope, period: Period) -> Request:
    by = LINES.get(kpi.id)
    return Request(kpi, scope, period, by=(by,), top=LINES_SHOWN) if by else Request(kpi, scope, period)


def _attainment(kpi: Kpi, scope: Scope, period: Period, periods: Sequence[Period], has_target: HasTarget) -> Request:
    for candidate in periods:
        for variant, reached in _reached(kpi):
            if has_target(reached, scope, candidate.key):
                return Request(kpi, scope, candidate, variant=variant)
    return Request(kpi, scope, period)  # without a target: its answer says so


def _reached(kpi: Kpi) -> Iterator[tuple[str | None, str]]:
    """The KPIs that are held against a target, each with the name of its variant, the KPI's own first."""
    for name, value in ((None, kpi.value), *((variant.name, variant.value) for variant in kpi.variants)):
        if isinstance(value, AgainstTarget):
            yield name, value.kpi
