"""Who stands in the lines of a breakdown by rep or team, so that the lines add up to the whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kpi.cells import Members
from kpi.model import Scope, ScopeType
from kpi.scopes import DIRECT, NO_TEAM, UNASSIGNED, Directory


@dataclass(frozen=True, slots=True)
class Group:
    """A line to be: its scope (None for those who are no scope of their own), key, name and members.
    ``stands_empty``: shown without records too."""

    key: str
    name: str
    members: Members
    scope: Scope | None = None
    stands_empty: bool = False


def groups_by(dimension: str, scope: Scope, directory: Directory) -> list[Group]:
    """The lines of a scope by ``rep`` or ``team``, by name, those without a name of their own last."""
    groups = list(_reps(scope, directory) if dimension == "rep" else _teams(scope, directory))
    named = sorted((group for group in groups if group.scope), key=lambda group: (group.name.casefold(), group.key))
    return named + [group for group in groups if not group.scope]


def _reps(scope: Scope, directory: Directory) -> Iterator[Group]:
    for rep_id in directory.members(scope):
        rep = directory.reps.get(rep_id)
        if rep:
            yield Group(rep.id, rep.name, frozenset({rep.id}), directory.scope_of_rep(rep), rep.active)
    yield from _unassigned(scope)


def _teams(scope: Scope, directory: Directory) -> Iterator[Group]:
    if scope.type is ScopeType.REP:
        return
    for team in directory.children(scope.id):
        team_scope = directory.scope_of_team(team)
        members: Members = frozenset[str | None](directory.members(team_scope))
        yield Group(team.id, team.name, members, team_scope, stands_empty=True)
    in_no_child = [
        rep.id
        for rep in directory.reps.values()
        if (rep.team_id == scope.id if scope.id else rep.team_id not in directory.teams)
    ]
    key = DIRECT if scope.id else NO_TEAM
    yield Group(key, key, frozenset(in_no_child))
    yield from _unassigned(scope)


def _unassigned(scope: Scope) -> Iterator[Group]:
    if scope.type is ScopeType.COMPANY:
        yield Group(UNASSIGNED, UNASSIGNED, frozenset({None}))
