"""Which digest holds which KPIs, by cadence and audience, and how they stand together in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpi.model import Cadence, Kpi, ScopeType

_WEEK = ("contacts", "activities", "appointments", "responsetime", "newopps", "bookings", "attainment")
_MONTH = (
    "winrate", "deals", "bookings", "growth", "attainment", "pipeline", "weighted", "cycle", "dealsize",
    "mqls", "mql2sql", "lead2sale", "newmrr", "expansionmrr",
)  # fmt: skip
CAPACITIES = ("bdrcapacity", "aecapacity")
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
    ScopeType.TEAM: (*_MONTH, *CAPACITIES),
    ScopeType.COMPANY: (*_MONTH, *CAPACITIES),
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

LINES: Mapping[str, str] = {"products": "product", "channels": "contact_method"}
"""The KPIs whose largest lines are told in the place of their value, and by what."""
LINES_SHOWN = 5

BESIDE: Mapping[str, str] = {
    "newopps": "amount",
    "pipeline": "deals",
    "expansionmrr": "net_new",
    "bdrcapacity": "utilisation",
    "aecapacity": "utilisation",
}
"""The one further figure that is told beside a KPI's value."""

_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Activity": ("contacts", "activities", "appointments", "responsetime"),
    "Sales": (
        "newopps", "winrate", "deals", "bookings", "growth", "attainment", "cycle", "dealsize", "margin", "products",
        "channels",
    ),
    "Pipeline": ("pipeline", "weighted"),
    "Leads": ("mqls", "mql2sql", "lead2sale"),
    "Customers": ("newcustomers", "retention", "churn", "revenuechurn", "newmrr", "expansionmrr"),
    "Cost and value": ("cac", "ltv", "ltvcac", "magic"),
    "Capacity": CAPACITIES,
}  # fmt: skip
_ELSE = "Others"


def kpis_for(cadence: Cadence, audience: ScopeType, catalogue: Mapping[str, Kpi]) -> tuple[Kpi, ...]:
    """The KPIs of a digest in their order; those that the catalogue does not have are passed over."""
    return tuple(catalogue[kpi] for kpi in CONTENTS[cadence][audience] if kpi in catalogue)


def sections(kpis: Iterable[str]) -> dict[str, list[str]]:
    """The KPIs under the headings that they stand under, both in the order of the digest."""
    heading_of = {kpi: heading for heading, own in _SECTIONS.items() for kpi in own}
    found: dict[str, list[str]] = {}
    for kpi in kpis:
        found.setdefault(heading_of.get(kpi, _ELSE), []).append(kpi)
    return found
