"""Who stands in the lines by rep and team."""

from kpi.breakdown import groups_by
from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY, Directory, Rep, Team

DIRECTORY = Directory(
    (
        Rep("a:1", "zoe", team_id="a:T1"),
        Rep("a:2", "Ann", team_id="a:T2"),
        Rep("a:3", "ann", team_id="a:T2", active=False),
        Rep("a:4", "Bob", team_id="a:unknown"),
        Rep("a:T1", "A rep with the id of a team"),
    ),
    (Team("a:T1", "One"), Team("a:T2", "Two", "a:T1"), Team("a:T3", "another"), Team("a:T4", "empty", "a:T1")),
    ["a"],
)
TEAM = Scope(ScopeType.TEAM, "a:T1", "One")


def lines(by, scope):
    return [(group.keys[0].key, group.keys[0].name, group.members) for group in groups_by(by, scope, DIRECTORY)]


def test_reps_stand_by_name_whatever_its_case_and_those_without_owner_last():
    assert [key for key, _, _ in lines("rep", COMPANY)] == ["a:T1", "a:2", "a:3", "a:4", "a:1", "(unassigned)"]


def test_a_teams_reps_are_those_of_its_sub_teams_too_and_never_the_unassigned():
    assert [key for key, _, _ in lines("rep", TEAM)] == ["a:2", "a:3", "a:1"]


def test_a_rep_by_rep_is_themselves():
    rep = Scope(ScopeType.REP, "a:1", "zoe")
    assert lines("rep", rep) == [("a:1", "zoe", {"a:1"})]


def test_only_active_reps_stand_without_records():
    empty = {group.keys[0].key: group.stands_empty for group in groups_by("rep", COMPANY, DIRECTORY)}
    assert empty == {"a:1": True, "a:2": True, "a:3": False, "a:4": True, "a:T1": True, "(unassigned)": False}


def test_the_companys_teams_are_the_top_level_ones_with_all_beneath_and_the_rest():
    assert lines("team", COMPANY) == [
        ("a:T3", "another", frozenset()),
        ("a:T1", "One", {"a:1", "a:2", "a:3"}),
        ("(no team)", "(no team)", {"a:4", "a:T1"}),
        ("(unassigned)", "(unassigned)", {None}),
    ]


def test_a_teams_own_members_stand_as_direct():
    assert lines("team", TEAM) == [
        ("a:T4", "empty", frozenset()),
        ("a:T2", "Two", {"a:2", "a:3"}),
        ("(direct)", "(direct)", {"a:1"}),
    ]


def test_a_rep_has_no_teams_not_even_with_the_id_of_one():
    assert lines("team", Scope(ScopeType.REP, "a:T1")) == []


def test_the_lines_hold_everybody_once():
    for by, scope in (("rep", COMPANY), ("team", COMPANY), ("rep", TEAM), ("team", TEAM)):
        members = [member for group in groups_by(by, scope, DIRECTORY) for member in group.members]
        everybody = DIRECTORY.members(scope) | ({None} if scope is COMPANY else set())
        assert sorted(members, key=str) == sorted(everybody, key=str)
