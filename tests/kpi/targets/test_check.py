"""Parts are held against their wholes, in both directions."""

from decimal import Decimal

import pytest

from kpi.catalogue import CATALOGUE
from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY
from kpi.targets import YES_NO, Target, Targets, key_of
from kpi.targets.check import DOWN, find_differences


@pytest.fixture
def differences(directory, calendar):
    def find(kpi, rows):
        keys = {"company": COMPANY} | {
            **{f"team:{team.name}": directory.scope_of_team(team) for team in directory.teams.values()},
            **{f"rep:{rep.name}": directory.scope_of_rep(rep) for rep in directory.reps.values()},
        }
        targets = {
            key_of(kpi, keys.get(who, Scope(ScopeType.REP, who)), period): Target(Decimal(str(value)), None)
            for who, period, value in rows
        }
        found = find_differences(Targets(targets), CATALOGUE, directory, calendar)
        return [(one.scope.name, one.period.key, one.across, one.whole, one.parts, one.count) for one in found]

    return find


def test_parts_that_meet_their_whole_are_no_difference(differences):
    rows = [("company", "2026-11", 10), ("team:Sales", "2026-11", 7), ("rep:Solo", "2026-11", 3)]
    assert differences("deals", rows) == []


def test_a_sum_that_is_not_the_whole_is_told_with_both(differences):
    rows = [("team:EMEA", "2026-11", 10), ("rep:Ann", "2026-11", "4.5"), ("rep:Bob", "2026-11", 5)]
    assert differences("deals", rows) == [("EMEA", "2026-11", DOWN, 10, Decimal("9.5"), 2)]


def test_where_a_team_has_no_target_its_peoples_count_in_its_place(differences):
    rows = [("company", "2026-11", 10), ("rep:Ann", "2026-11", 4), ("rep:Left", "2026-11", 7)]
    assert differences("deals", rows) == [("Company", "2026-11", DOWN, 10, 11, 2)]


def test_each_grain_over_time_is_held_by_itself(differences):
    rows = [
        ("rep:Ann", "2026", 100),
        ("rep:Ann", "2026-Q1", 60),
        ("rep:Ann", "2026-Q2", 40),
        ("rep:Ann", "2026-01", 61),
        ("rep:Ann", "2026-W03", 5),
    ]
    assert differences("deals", rows) == [
        ("Ann", "2026", "months", 100, 61, 1),
        ("Ann", "2026-Q1", "months", 60, 61, 1),
    ]


def test_a_whole_without_parts_is_no_difference(differences):
    assert differences("deals", [("company", "2026", 5), ("company", "2025-11", 3)]) == []


def test_a_kpi_that_does_not_add_up_is_not_held(differences):
    rows = [("company", "2026-11", "0.3"), ("team:Sales", "2026-11", "0.4"), ("company", "2026-11-20", "0.9")]
    assert differences("winrate", rows) == []


def test_rows_of_nobody_and_of_no_period_are_passed_over(differences):
    rows = [("rep:Ann", "some day", 3), ("f:nobody", "2026-11", 3), ("rep:Ann", "2026-01-01..2026-01-02", 3)]
    assert differences("deals", rows) == []


def test_a_yes_or_no_is_neither_whole_nor_part(directory, calendar):
    sales = directory.scope_of_team(directory.teams["f:T0"])
    rows = {
        key_of("deals", COMPANY, "2026-11"): Target(Decimal(5), None),
        key_of("deals", sales, "2026-11"): Target(Decimal(1), YES_NO),
        key_of("deals", COMPANY, "2026-12"): Target(Decimal(1), YES_NO),
        key_of("deals", sales, "2026-12"): Target(Decimal(7), None),
    }
    assert find_differences(Targets(rows), CATALOGUE, directory, calendar) == []
