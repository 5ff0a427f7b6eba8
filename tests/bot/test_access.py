"""Who may see what: one table of policies, viewers, scopes and breakdowns."""

import pytest

from bot.access import ADMIN, STRANGER, Access, Policy, Viewer, default_scope, viewer_of
from kpi.catalogue import CATALOGUE
from kpi.model import Request, Scope, ScopeType
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.scopes import COMPANY, Directory, Rep, Team

# EMEA is led by Head by role; Lead has the chain of managers Lead > Mid > Low, Mid and Low are in team Chain with Lead's
# own; Ring1 and Ring2 manage each other.
REPS = {
    rep.name: rep
    for rep in (
        Rep("a:head", "Head", "head@x", "a:EMEA", role="manager"),
        Rep("a:ann", "Ann", "ann@x", "a:EMEA"),
        Rep("a:ben", "Ben", "ben@x", "a:EMEA", active=False),
        Rep("a:dach", "Dach", "dach@x", "a:DACH"),
        Rep("a:lead", "Lead", "lead@x", "a:Chain"),
        Rep("a:mid", "Mid", "mid@x", "a:Chain", manager_id="a:lead"),
        Rep("a:low", "Low", "low@x", "a:Chain", manager_id="a:mid"),
        Rep("a:ring1", "Ring1", "ring1@x", "a:Ring", manager_id="a:ring2"),
        Rep("a:ring2", "Ring2", "ring2@x", "a:Ring", manager_id="a:ring1"),
        Rep("a:lone", "Lone", "lone@x", None),
        Rep("a:loneboss", "Loneboss", "loneboss@x", None, role="manager"),
    )
}
TEAMS = (
    Team("a:EMEA", "EMEA"),
    Team("a:DACH", "DACH", "a:EMEA"),
    Team("a:Chain", "Chain"),
    Team("a:Ring", "Ring"),
    Team("a:Empty", "Empty"),
)
DIRECTORY = Directory(REPS.values(), TEAMS, ["a"])


def scope(name):
    if name == "company":
        return COMPANY
    if name in REPS:
        return DIRECTORY.scope_of_rep(REPS[name])
    return Scope(ScopeType.TEAM, f"a:{name}", name)


def viewer(name):
    return {"admin": ADMIN, "stranger": STRANGER}.get(name) or Viewer(REPS[name])


# policy, viewer: what they may see of SCOPES, and no more
SCOPES = ("company", "EMEA", "DACH", "Chain", "Ring", "Empty", "gone", *REPS, "nobody")
EVERYTHING = " ".join(SCOPES)
SEEN = [
    *((policy, "admin", EVERYTHING) for policy in Policy),
    *((policy, "stranger", "") for policy in Policy),
    ("open", "Ann", EVERYTHING),
    ("own", "Ann", "Ann"),
    ("team", "Ann", "company EMEA Head Ann Ben"),
    ("own", "Dach", "Dach"),
    ("team", "Dach", "company EMEA DACH Dach"),  # who is in a team is in those above it, but no teammate there
    ("own", "Head", "EMEA DACH Head Ann Ben Dach"),
    ("team", "Head", "company EMEA DACH Head Ann Ben Dach"),
    ("own", "Lead", "Chain Lead Mid Low"),
    ("team", "Lead", "company Chain Lead Mid Low"),
    ("own", "Mid", "Mid Low"),
    ("team", "Mid", "company Chain Lead Mid Low"),
    ("own", "Low", "Low"),
    # Each stands above the other in the circle.
    ("own", "Ring1", "Ring Ring1 Ring2"),
    ("own", "Lone", "Lone"),
    ("team", "Lone", "company Lone"),
    # A manager without a team leads none: not those without a team either.
    ("own", "Loneboss", "Loneboss"),
    ("team", "Loneboss", "company Loneboss"),
]


@pytest.mark.parametrize(("policy", "who", "seen"), SEEN)
def test_who_sees_which_scope(policy, who, seen):
    access = Access(Policy(policy), DIRECTORY)
    found = [name for name in SCOPES if access.may_see(viewer(who), _scope_or_nobody(name))]
    assert found == seen.split()


def _scope_or_nobody(name):
    return Scope(ScopeType.REP, "a:nobody", "nobody") if name == "nobody" else scope(name)


# policy, viewer, scope, by: may they see it
BREAKDOWNS = [
    ("team", "Ann", "company", None, True),
    ("team", "Ann", "company", "source", True),
    ("team", "Ann", "company", "rep", False),
    ("team", "Ann", "company", "team", False),
    ("team", "Ann", "EMEA", "source", True),
    ("team", "Ann", "EMEA", "rep", False),  # Dach is in a team beneath, and no teammate
    ("team", "Ann", "EMEA", "team", False),
    ("team", "Dach", "DACH", "rep", True),
    ("team", "Dach", "DACH", "team", True),
    ("team", "Dach", "EMEA", "source", True),
    ("team", "Dach", "EMEA", "team", False),
    ("own", "Dach", "EMEA", "source", False),
    ("team", "Ann", "Ann", "rep", True),
    ("team", "Ann", "Ann", "team", True),
    ("team", "Ann", "Dach", "rep", False),
    ("own", "Ann", "Ann", "rep", True),
    ("own", "Ann", "company", "source", False),
    ("own", "Head", "EMEA", "rep", True),
    ("own", "Head", "EMEA", "team", True),
    ("own", "Head", "company", "team", False),
    ("own", "Lead", "Chain", "rep", True),
    ("own", "Lead", "Chain", "team", True),
    ("own", "Mid", "Chain", "rep", False),
    ("team", "Mid", "Chain", "rep", True),
    ("open", "Ann", "company", "rep", True),
    ("open", "Lone", "company", "team", True),
    *((policy, "stranger", "company", by, False) for policy in Policy for by in (None, "rep", "team", "source")),
    *((policy, "admin", "company", by, True) for policy in Policy for by in (None, "rep", "team", "source")),
]


@pytest.mark.parametrize(("policy", "who", "what", "by", "allowed"), BREAKDOWNS)
def test_who_sees_which_breakdown(policy, who, what, by, allowed):
    access = Access(Policy(policy), DIRECTORY)
    period = Calendar(Organisation()).parse("2026-11")
    request = Request(CATALOGUE["winrate"], scope(what), period, by=(by,) if by else ())
    assert access.may_see_request(viewer(who), request) is allowed


def test_the_line_of_those_without_a_team_is_theirs_alone():
    """One who may see every team may still not see those without a team, who stand in a line of their own."""
    people = (Rep("a:1", "In", "in@x", "a:T1"), Rep("a:2", "Out", "out@x", None))
    team = (Team("a:T1", "One"),)
    insider = Viewer(people[0])
    assert Access(Policy.TEAM, Directory(people[:1], team, ["a"])).may_see_breakdown(insider, COMPANY, "team")
    assert not Access(Policy.TEAM, Directory(people, team, ["a"])).may_see_breakdown(insider, COMPANY, "team")


def test_a_rep_whose_id_is_also_a_teams_sees_their_own_lines():
    people = (Rep("a:1", "Ann", "ann@x"), Rep("a:2", "Bob", "bob@x", "a:beneath"))
    directory = Directory(people, (Team("a:1", "One"), Team("a:beneath", "Beneath", "a:1")), ["a"])
    ann = directory.scope_of_rep(people[0])
    assert Access(Policy.OWN, directory).may_see_breakdown(Viewer(people[0]), ann, "team")
    assert not Access(Policy.OWN, directory).may_see_breakdown(Viewer(people[1]), ann, "team")


def test_whoever_may_see_a_breakdown_may_see_each_of_its_lines():
    for policy in Policy:
        access = Access(policy, DIRECTORY)
        for who in (*REPS, "admin", "stranger"):
            for name in SCOPES:
                whole = _scope_or_nobody(name)
                if access.may_see(viewer(who), whole) and access.may_see_breakdown(viewer(who), whole, "rep"):
                    for rep_id in DIRECTORY.members(whole):
                        assert access.may_see(viewer(who), Scope(ScopeType.REP, rep_id)), (policy, who, name)


@pytest.mark.parametrize(
    ("email", "rep", "is_admin"),
    [
        ("ann@x", "Ann", False),
        ("ANN@X", "Ann", False),
        ("ben@x", None, False),
        ("BEN@x", None, False),
        ("unknown@x", None, False),
        ("", None, False),
        (None, None, False),
        ("ops@x", None, True),
        ("OPS@X", None, True),
    ],
)
def test_a_viewer_is_the_active_rep_with_that_email(email, rep, is_admin):
    assert viewer_of(email, DIRECTORY, ["Ops@x"]) == Viewer(REPS[rep] if rep else None, is_admin)


def test_an_admin_may_be_a_rep_too():
    assert viewer_of("ann@x", DIRECTORY, ["ann@x"]) == Viewer(REPS["Ann"], is_admin=True)


def test_of_two_reps_with_one_email_the_active_one_asks():
    old, new = Rep("a:1", "Old", "t@x", active=False), Rep("a:2", "New", "T@x")
    assert viewer_of("t@x", Directory((old, new), (), ["a"]), []).rep == new


def test_only_a_rep_or_an_admin_is_known():
    access = Access(Policy.OPEN, DIRECTORY)
    assert [access.is_known(viewer(who)) for who in ("Ann", "admin", "stranger")] == [True, True, False]


@pytest.mark.parametrize(
    ("who", "default"),
    [("Ann", "Ann"), ("Head", "EMEA"), ("Loneboss", "Loneboss"), ("Lead", "Lead"), ("admin", "company")],
)
def test_a_question_that_names_nobody_means_the_asker_or_the_team_they_lead(who, default):
    found, meant = default_scope(viewer(who), DIRECTORY), scope(default)
    assert (found.type, found.id) == (meant.type, meant.id)
