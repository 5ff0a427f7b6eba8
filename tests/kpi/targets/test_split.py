"""A whole is split down the tree, over time and both ways, and its parts sum to it everywhere."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.model import Scope, ScopeType
from kpi.organisation import Organisation
from kpi.periods import Calendar, Grain
from kpi.scopes import COMPANY, Directory
from kpi.targets import Origin, Target, TargetError, Targets, key_of
from kpi.targets.spans import parts_of_time
from kpi.targets.split import Whole, split_both, split_down, split_over, stale_parts
from kpi.targets.tree import Depth, branches_of
from tests.kpi.targets.conftest import REPS, TEAMS

CALENDAR = Calendar(Organisation())
DIRECTORY = Directory(REPS, TEAMS, ("f",))
QUARTER = CALENDAR.parse("2026-Q4")
MONTHS = parts_of_time(CALENDAR, QUARTER, Grain.MONTH, ())
SALES = Scope(ScopeType.TEAM, "f:T0", "Sales")
CENT = Decimal("0.01")


def whole(value, scope=COMPANY, kept=None, unit=1):
    of_keys = {key_of("deals", _named(name), QUARTER.key): Decimal(number) for name, number in (kept or {}).items()}
    return Whole("deals", scope, QUARTER, Decimal(value), Decimal(unit), of_keys)


def _named(name):
    rep = next((DIRECTORY.scope_of_rep(rep) for rep in REPS if rep.name == name), None)
    return rep or next(DIRECTORY.scope_of_team(team) for team in TEAMS if team.name == name)


def equally(_branch):
    return Decimal(1)


def by_headcount(branch):
    return Decimal(branch.headcount)


def down(split_from, weigh=equally, depth=Depth.REPS, roles=()):
    branches = branches_of(DIRECTORY, split_from.scope, depth, roles)
    return {part.scope.name: part.value for part in split_down(split_from, branches, weigh)}


def sums_beneath(parts):
    """What the parts of each whole sum to, by the whole's key."""
    sums = {}
    for part in parts:
        sums[part.whole] = sums.get(part.whole, 0) + part.value
    return sums


def test_equally_is_among_those_directly_beneath():
    assert down(whole(90)) == {
        "Sales": 30,
        "EMEA": 10,
        "Ann": 4,
        "Bob": 3,
        "Cem": 3,
        "Americas": 10,
        "Dee": 10,
        "Head": 10,
        "Solo": 30,
        "Gone team": 30,
    }


def test_headcount_counts_the_active_reps_beneath():
    parts = down(whole(70), by_headcount)
    assert (parts["Sales"], parts["Solo"], parts["Gone team"]) == (50, 10, 10)
    assert (parts["EMEA"], parts["Americas"], parts["Head"]) == (30, 10, 10)


def test_who_has_left_and_a_team_with_nobody_active_get_no_part():
    assert down(whole(90)).keys().isdisjoint({"Left", "Ex", "Empty"})


def test_down_to_teams_the_teams_share_the_whole_alone():
    assert down(whole(9), depth=Depth.TEAMS) == {"Sales": 9, "EMEA": 5, "Americas": 4}


def test_only_reps_of_the_roles_count_and_get_parts():
    assert down(whole(40, SALES), by_headcount, roles=("ae",)) == {
        "EMEA": 27,
        "Ann": 14,
        "Bob": 13,
        "Americas": 13,
        "Dee": 13,
    }


def test_a_rep_has_nobody_beneath():
    assert branches_of(DIRECTORY, _named("Ann"), Depth.REPS) == ()


def test_what_is_set_by_hand_stays_and_the_rest_is_split():
    parts = down(whole(90, SALES, kept={"EMEA": 50, "Ann": 40}))
    assert (parts["EMEA"], parts["Americas"], parts["Head"]) == (50, 20, 20)
    assert (parts["Ann"], parts["Bob"], parts["Cem"]) == (40, 5, 5)


def test_what_is_set_by_hand_may_not_exceed_the_whole():
    with pytest.raises(TargetError) as caught:
        down(whole(90, SALES, kept={"EMEA": 60, "Head": 40}))
    assert str(caught.value).startswith("The parts of Sales that were set by hand sum to 100, more than the whole, 90:")


def test_where_all_parts_are_set_by_hand_they_stay_though_they_do_not_meet_the_whole():
    assert down(whole(90, _named("Americas"), kept={"Dee": 80})) == {"Dee": 80}


def test_nobody_with_a_share_is_told_unless_there_is_nothing_to_share():
    with pytest.raises(TargetError, match="Nobody beneath Company has a share of the last period: split it --by"):
        down(whole(90), lambda _branch: Decimal(0))
    assert set(down(whole(0), lambda _branch: Decimal(0)).values()) == {0}


def test_a_team_without_a_share_passes_nothing_on():
    shares = {"Sales": 2, "EMEA": 0, "Americas": 1, "Dee": 1, "Solo": 1}
    parts = down(whole(90), lambda branch: Decimal(shares.get(branch.scope.name, 0)))
    assert parts == {
        "Sales": 60,
        "EMEA": 0,
        "Ann": 0,
        "Bob": 0,
        "Cem": 0,
        "Americas": 60,
        "Dee": 60,
        "Head": 0,
        "Solo": 30,
        "Gone team": 0,
    }


def test_a_target_below_zero_has_no_parts():
    with pytest.raises(TargetError, match="below zero cannot be split: this one is -1"):
        whole(-1)


def test_over_time_parts_compare_as_business_days():
    parts = split_over(whole("100000", unit=CENT), MONTHS)
    assert [(part.period.key, part.value) for part in parts] == [
        ("2026-10", Decimal("33333.33")),
        ("2026-11", Decimal("31818.18")),
        ("2026-12", Decimal("34848.49")),
    ]
    assert {part.whole for part in parts} == {key_of("deals", COMPANY, "2026-Q4")}


def test_a_month_that_is_set_by_hand_stays():
    kept = {key_of("deals", COMPANY, "2026-11"): Decimal(10)}
    parts = split_over(Whole("deals", COMPANY, QUARTER, Decimal(55), Decimal(1), kept), MONTHS)
    assert [(part.value, part.is_kept) for part in parts] == [(22, False), (10, True), (23, False)]


@given(st.integers(0, 10**9), st.sampled_from([1, CENT]), st.sampled_from([equally, by_headcount]))
def test_down_the_tree_and_over_time_every_sum_is_its_whole(units, unit, weigh):
    split_from = whole(units * Decimal(unit), unit=unit)
    branches = branches_of(DIRECTORY, COMPANY, Depth.REPS)

    parts = split_both(split_from, branches, weigh, MONTHS)

    values = {part.key: part.value for part in parts} | {split_from.key: split_from.value}
    assert len(values) == len(parts) + 1
    down_the_tree = [part for part in parts if part.period.key == part.whole.period]
    assert all(total == values[key] for key, total in sums_beneath(down_the_tree).items())
    for scope in {part.scope for part in parts}:
        over_time = [values[key_of("deals", scope, month.key)] for month, _ in MONTHS]
        assert sum(over_time) == values[key_of("deals", scope, "2026-Q4")]


def test_both_ways_at_once_nothing_can_be_kept():
    branches = branches_of(DIRECTORY, COMPANY, Depth.REPS)
    with pytest.raises(TargetError, match=r"1 of the parts were set by hand, the first for Ann in 2026-Q4"):
        split_both(whole(90, kept={"Ann": 3}), branches, equally, MONTHS)
    assert split_both(whole(90, kept={"Left": 3}), branches, equally, MONTHS)


def test_parts_of_who_is_no_longer_among_them_are_stale_with_those_beneath():
    split_from = whole(90)
    whole_key, empty, ex = split_from.key, _named("Empty"), _named("Ex")

    def part_of(of):
        return Target(Decimal(1), "number", Origin.SPLIT, of)

    key_of_empty, key_of_ex = key_of("deals", empty, "2026-Q4"), key_of("deals", ex, "2026-Q4")
    by_hand, of_month = key_of("deals", _named("Left"), "2026-Q4"), key_of("deals", ex, "2026-10")
    targets = Targets(
        {
            whole_key: Target(Decimal(90), "number", Origin.SET),
            key_of_empty: part_of(whole_key),
            key_of_ex: part_of(key_of_empty),
            of_month: part_of(key_of_ex),
            by_hand: Target(Decimal(2), "number", Origin.SET),
            key_of("deals", _named("Solo"), "2026-Q4"): part_of(whole_key),
        }
    )
    branches = branches_of(DIRECTORY, COMPANY, Depth.REPS)

    assert stale_parts(targets, split_down(split_from, branches, equally)) == [key_of_empty, key_of_ex]
    assert stale_parts(targets, split_over(split_from, MONTHS)) == []


def test_reps_parts_are_stale_once_a_split_ends_at_teams():
    split_from = whole(90, SALES)
    parts = split_down(split_from, branches_of(DIRECTORY, SALES, Depth.REPS), equally)
    targets = Targets({part.key: Target(part.value, "number", Origin.SPLIT, part.whole) for part in parts})

    teams = split_down(split_from, branches_of(DIRECTORY, SALES, Depth.TEAMS), equally)

    stale = stale_parts(targets, teams)
    assert [key.scope_id for key in stale] == ["f:A", "f:B", "f:C", "f:D", "f:H"]
