"""Every KPI, by id. Each is one literal in the module of its field, and stands nowhere else."""

from collections.abc import Mapping

from kpi.catalogue import activity, customers, revenue
from kpi.model import Kpi

CATALOGUE: Mapping[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        activity.ACTIVITIES,
        revenue.WINRATE,
        revenue.DEALS,
        revenue.BOOKINGS,
        revenue.ATTAINMENT,
        revenue.DEALSIZE,
        customers.NEWCUSTOMERS,
    )
}
