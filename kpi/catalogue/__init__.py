"""Every KPI, by id. Each is one literal in the module of its field, and stands nowhere else."""

from collections.abc import Mapping

from kpi.catalogue import (
    activity,
    capacity,
    conversion,
    customers,
    efficiency,
    leads,
    lifetime,
    outreach,
    pipeline,
    products,
    recurring,
    revenue,
)
from kpi.model import Kpi

CATALOGUE: Mapping[str, Kpi] = {
    kpi.id: kpi
    for field in (
        outreach,
        activity,
        leads,
        conversion,
        revenue,
        pipeline,
        products,
        capacity,
        recurring,
        customers,
        efficiency,
        lifetime,
    )
    for kpi in field.KPIS
}
