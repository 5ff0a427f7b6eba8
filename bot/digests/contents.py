"""Which digest holds which KPIs, by cadence and audience."""

from __future__ import annotations

from collections.abc import Mapping

from kpi.model import Cadence, Kpi, ScopeType

_WEEK = ("contacts", "activities", "appointments", "responsetime", "newopps", "bookings", "attainment")
_MONTH = (
    "winrate", "deals", "bookings", "growth", "attainment", "pipeline", "weighted", "cycle", "dealsize",
    "mqls", "mql2sql", "lead2sale", "newmrr", "expansionmrr",
)  # fmt: skip
_CAPACITY = ("bdrcapacity", "aecapacity")
_QUARTER = (
    "winrate", "bookings", "attainment", "growth", "cycle", "margin", "retention", "churn", "revenuechurn", "products",
)  # fmt: skip
_COMPANY_QUARTER = ("newcustomers", "cac", "ltv", "ltvcac", "magic", "channels")

WEEKLY: Mapping[ScopeType, tuple[str, ...]] = {
    ScopeType.REP: _WEEK,
    ScopeType.TEAM: _WEEK,
    ScopeType.COMPANY: _WEEK,
}
MONTHLY: Mapping[ScopeType, tuple[str, ...]] = {
    ScopeType.REP: _MONTH,
    ScopeType.TEAM: (*_MONTH, *_CAPACITY),
    ScopeType.COMPANY: (*_MONTH, *_CAPACITY),
}
QUARTERLY: Mapping[ScopeType, tuple[str, ...]] = {
    ScopeType.REP: _QUARTER,
    ScopeType.TEAM: _QUARTER,
    ScopeType.COMPANY: (*_QUARTER, *_COMPANY_QUARTER),
}
CONTENTS: Mapping[Cadence, Mapping[ScopeType, tuple[str, ...]]] = {
    Cadence.WEEKLY: WEEKLY,
    Cadence.MONTHLY: MONTHLY,
    Cadence.QUARTERLY: QUARTERLY,
}

BREAKDOWN = ("activities", "bookings", "deals")
"""The columns of the table by rep (team) below a team's (the company's) digest."""


def kpis_for(cadence: Cadence, audience: ScopeType, catalogue: Mapping[str, Kpi]) -> tuple[Kpi, ...]:
    """The KPIs of a digest in their order; those that the catalogue does not have are passed over."""
    return tuple(catalogue[kpi] for kpi in CONTENTS[cadence][audience] if kpi in catalogue)
