"""Which KPIs a whole and its parts make sense on."""

from __future__ import annotations

from kpi.formulas import Total
from kpi.model import Combine, Kpi, is_additive


def adds_up(kpi: Kpi) -> bool:
    """Whether the figures of reps sum to those of teams and the company. Rates, means, medians and distinct counts
    do not."""
    return isinstance(kpi.value, Total) and kpi.measures[kpi.value.measure].combine is Combine.SUM


def adds_up_over_time(kpi: Kpi) -> bool:
    """Whether the figures of months sum to those of quarters too. How things stand at an instant does not."""
    return is_additive(kpi.value, kpi.measures)
