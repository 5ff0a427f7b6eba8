"""What is meant where a question leaves something out. Pure."""

from collections.abc import Mapping
from datetime import datetime

from kpi.model import Cadence, Kpi
from kpi.periods import Calendar, Grain, Period

GRAINS: Mapping[Cadence, Grain] = {
    Cadence.WEEKLY: Grain.WEEK,
    Cadence.MONTHLY: Grain.MONTH,
    Cadence.QUARTERLY: Grain.QUARTER,
}


def default_period(kpi: Kpi, calendar: Calendar, now: datetime) -> Period:
    """The running week, month or quarter, or the last finished one, whichever the KPI is asked for."""
    running = calendar.containing(calendar.local_day(now), GRAINS[kpi.cadence])
    return running if kpi.default_is_running else calendar.previous(running)
