"""Who is who across sources, which teams lie in which, and how people and teams are found."""

import pytest

from kpi.model import Scope, ScopeType
from kpi.scopes import COMPANY, Directory, Override, Rep, ScopeError, Team, resolve_people

TEAMS = (
    Team("a:T1", "EMEA"),
    Team("a:T2", "DACH", "a:T1"),
    Team("a:T3", "Bavaria", "a:T2"),
    Team("a:lost", "Lost", "a:unknown"),
    Team("a:self", "Self", "a:self"),
    Team("a:x", "X", "a:y"),
    Team("a:y", "Y", "a:x"),
    Team("a:below", "Below", "a:x"),
)


def directory_of(*owners, overrides=(), teams=TEAMS, sources=("a", "b")):
    people = resolve_people(owners, teams, overrides)
    return Directory(people.reps, people.teams, sources, people.rep_of_owner)


def test_an_owner_with_the_email_of_another_source_is_the_same_person():
    people = resolve_people([Rep("a:1", "Ann", "ann@x.example"), Rep("b:9", "A.", "ANN@X.example")], (), ())
    assert [rep.id for rep in people.reps] == ["a:1"]
    assert people.rep_of_owner == {"a:1": "a:1", "b:9": "a:1"}


def test_two_owners_of_one_source_who_share_an_email_stay_two():
    people = resolve_people([Rep("a:1", "Ann", "team@x.example"), Rep("a:2", "Bob", "team@x.example")], (), ())
    assert [rep.id for rep in people.reps] == ["a:1", "a:2"]
    assert people.rep_of_owner == {"a:1": "a:1", "a:2": "a:2"}


def test_owners_of_another_source_join_the_first_of_those_who_share_an_email():
    shared = [Rep(each, each, "team@x.example") for each in ("a:1", "a:2", "b:3", "b:4")]
    assert resolve_people(shared, (), ()).rep_of_owner == {"a:1": "a:1", "a:2": "a:2", "b:3": "a:1", "b:4": "a:1"}


def test_owners_without_an_email_are_never_one():
    assert len(resolve_people([Rep("a:1", "Ann", None), Rep("b:1", "Ann", "")], (), ()).reps) == 2


def test_one_person_takes_from_the_other_source_what_is_missing():
    first = Rep("a:1", "Ann", "ann@x.example", role="ae", active=False)
    other = Rep("b:9", "A.", "ann@x.example", "b:T9", "b:8", "manager", active=True, timezone="UTC", locale="de")
    boss = Rep("b:8", "Boss", "boss@x.example")
    ann = resolve_people([first, boss, other], (), ()).reps[0]
    assert ann == Rep("a:1", "Ann", "ann@x.example", "b:T9", "b:8", "ae", active=True, timezone="UTC", locale="de")


def test_a_manager_is_the_person_whatever_the_source_that_names_them():
    boss, same = Rep("a:1", "Boss", "boss@x.example"), Rep("b:1", "Boss", "boss@x.example")
    rep, orphan = Rep("b:2", "Rep", manager_id="b:1"), Rep("b:3", "Orphan", manager_id="b:unknown")
    reps = {rep.id: rep for rep in resolve_people([boss, same, rep, orphan], (), ()).reps}
    assert reps["b:2"].manager_id == "a:1"
    assert reps["b:3"].manager_id is None


def test_overrides_say_role_team_and_manager():
    owners = [Rep("a:1", "Ann", "ann@x.example", "a:T1", role="ae"), Rep("a:2", "Bob", "bob@x.example")]
    overrides = [Override("ANN@x.example", "manager", "Bob@x.example", "dach"), Override("nobody@x.example", "ae")]
    ann = resolve_people(owners, TEAMS, overrides).reps[0]
    assert (ann.role, ann.manager_id, ann.team_id) == ("manager", "a:2", "a:T2")


@pytest.mark.parametrize("team", ["a:T2", "t2", "DACH"])
def test_an_override_names_a_team_by_id_or_name(team):
    assert directory_of(Rep("a:1", "A", "a@x"), overrides=[Override("a@x", team=team)]).reps["a:1"].team_id == "a:T2"


def test_a_manager_whom_nobody_is_leaves_what_the_crm_says():
    owner = Rep("a:1", "Ann", "ann@x.example", "a:T1", None, "ae")
    assert resolve_people([owner], TEAMS, [Override("ann@x.example", None, "nobody@x.example")]).reps == (owner,)


def test_a_team_that_only_overrides_name_is_made_once():
    owners = [Rep("a:1", "Ann", "ann@x.example"), Rep("a:2", "Bob", "bob@x.example")]
    overrides = [Override("ann@x.example", team="Inside sales"), Override("bob@x.example", team="inside SALES")]
    people = resolve_people(owners, TEAMS, overrides)
    assert [rep.team_id for rep in people.reps] == ["a:Inside sales", "a:Inside sales"]
    assert people.teams[len(TEAMS) :] == (Team("a:Inside sales", "Inside sales"),)
    assert ("a:Inside sales", "a:Inside sales", 0) in people.closure


def test_an_unknown_or_circular_parent_makes_a_top_level_team():
    directory = directory_of()
    assert {team.id for team in directory.children(None)} == {"a:T1", "a:lost", "a:self", "a:x", "a:y"}
    assert [team.id for team in directory.children("a:x")] == ["a:below"]
    assert directory.ancestry("a:T3") == ("a:T3", "a:T2", "a:T1")
    assert directory.ancestry("a:below") == ("a:below", "a:x")
    assert directory.ancestry("a:unknown") == directory.ancestry(None) == ()


def test_the_closure_names_every_team_above_with_its_distance():
    closure = resolve_people((), TEAMS, ()).closure
    assert [row for row in closure if row[0] == "a:T3"] == [
        ("a:T3", "a:T3", 0),
        ("a:T3", "a:T2", 1),
        ("a:T3", "a:T1", 2),
    ]
    assert [row for row in closure if row[0] == "a:y"] == [("a:y", "a:y", 0)]


def test_a_teams_members_are_those_of_its_sub_teams_too():
    directory = directory_of(
        Rep("a:1", "One", team_id="a:T1"), Rep("a:3", "Three", team_id="a:T3", active=False), Rep("a:0", "None")
    )
    assert directory.members(Scope(ScopeType.TEAM, "a:T1")) == {"a:1", "a:3"}
    assert directory.members(Scope(ScopeType.TEAM, "a:T2")) == {"a:3"}
    assert directory.members(Scope(ScopeType.TEAM, "a:self")) == frozenset()
    assert directory.members(Scope(ScopeType.REP, "a:0")) == {"a:0"}
    assert directory.members(COMPANY) == {"a:0", "a:1", "a:3"}


def test_a_rep_is_found_by_stored_id_bare_id_and_email():
    directory = directory_of(Rep("a:R:1", "Ann", "ann@x.example"))
    assert {directory.find_rep(given).name for given in ("a:R:1", "R:1", "ANN@X.EXAMPLE")} == {"Ann"}


def test_a_rep_is_found_by_the_id_of_each_source():
    directory = directory_of(Rep("a:1", "Ann", "ann@x.example"), Rep("b:9", "Ann", "ann@x.example"))
    assert directory.find_rep("9").id == directory.find_rep("b:9").id == "a:1"


def test_an_id_that_is_one_person_in_both_sources_is_not_ambiguous():
    directory = directory_of(Rep("a:1", "Ann", "ann@x.example"), Rep("b:1", "Ann", "ann@x.example"))
    assert directory.find_rep("1").id == "a:1"


def test_an_id_of_two_people_is_refused_with_both_ids():
    directory = directory_of(Rep("a:1", "Ann"), Rep("b:1", "Bob"))
    with pytest.raises(ScopeError, match="in several sources: write a:1 or b:1"):
        directory.find_rep("1")


@pytest.mark.parametrize("find", ["find_rep", "find_team"])
def test_an_unknown_id_is_refused(find):
    with pytest.raises(ScopeError, match="There is no"):
        getattr(directory_of(), find)("unknown")


def test_of_two_reps_with_one_email_the_first_is_meant():
    directory = directory_of(Rep("a:1", "Ann", "T@x"), Rep("a:2", "Bob", "t@X"))
    assert directory.rep_by_email("t@x").id == "a:1"
    assert [rep.id for rep in directory.reps_by_email("t@x")] == ["a:1", "a:2"]
    assert directory.rep_by_email("other@x") is None


def test_ids_are_shown_bare_while_there_is_one_source():
    assert directory_of(sources=["a"]).shown_id("a:R:1") == "R:1"
    assert directory_of(sources=["a", "b"]).shown_id("a:R:1") == "a:R:1"


def test_a_teams_managers_are_its_active_members_of_that_role():
    directory = directory_of(
        Rep("a:1", "Head", team_id="a:T1", role="manager"),
        Rep("a:2", "Gone", team_id="a:T1", role="manager", active=False),
        Rep("a:3", "Rep", team_id="a:T1", manager_id="a:2"),
    )
    assert [rep.id for rep in directory.managers_of_team("a:T1")] == ["a:1"]


def test_a_team_without_a_manager_is_led_by_whom_most_members_have_as_manager():
    directory = directory_of(
        Rep("a:1", "One"),
        Rep("a:2", "Two"),
        *(Rep(f"a:1{n}", "Rep", team_id="a:T1", manager_id="a:1" if n else "a:2") for n in range(3)),
        Rep("a:20", "Gone", team_id="a:T1", manager_id="a:2", active=False),
    )
    assert [rep.id for rep in directory.managers_of_team("a:T1")] == ["a:1"]
    assert directory.managers_of_team("a:T2") == ()
