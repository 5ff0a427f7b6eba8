"""Sums and counts of records add up, to teams and over time; what stands at an instant adds up to teams alone."""

import pytest

from kpi.catalogue import CATALOGUE
from kpi.targets.additive import adds_up, adds_up_over_time


@pytest.mark.parametrize("kpi", ["deals", "bookings", "activities", "newcustomers"])
def test_sums_and_counts_add_up_both_ways(kpi):
    assert adds_up(CATALOGUE[kpi])
    assert adds_up_over_time(CATALOGUE[kpi])


@pytest.mark.parametrize("kpi", ["pipeline", "weighted", "mrr"])
def test_how_things_stand_adds_up_to_teams_but_not_over_time(kpi):
    assert adds_up(CATALOGUE[kpi])
    assert not adds_up_over_time(CATALOGUE[kpi])


@pytest.mark.parametrize("kpi", ["winrate", "dealsize", "cycle", "growth", "attainment", "aecapacity", "ltv"])
def test_rates_means_and_what_is_derived_do_not_add_up(kpi):
    assert not adds_up(CATALOGUE[kpi])
    assert not adds_up_over_time(CATALOGUE[kpi])
