"""Among whom a target is split: the teams and reps beneath a scope. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kpi.model import Scope, ScopeType
from kpi.scopes import Directory, Rep


class Depth(StrEnum):
    TEAMS = "teams"
    REPS = "reps"


@dataclass(frozen=True, slots=True)
class Branch:
    """A team or rep, with how many active reps there are in it, and those directly beneath."""

    scope: Scope
    headcount: int
    beneath: tuple[Branch, ...] = ()

    def walk(self) -> Iterator[Branch]:
        """This one and all beneath it."""
        yield self
        for branch in self.beneath:
            yield from branch.walk()


def branches_of(directory: Directory, scope: Scope, depth: Depth, roles: Collection[str] = ()) -> tuple[Branch, ...]:
    """Those directly beneath the company or a team: its teams with active reps in them, then (down to reps) its own
    active reps, the company's being those without a team. ``roles``: only reps of these; none: of any."""
    if scope.type is ScopeType.REP:
        return ()

    def counts(rep: Rep) -> bool:
        return rep.active and (not roles or rep.role in roles)

    return _beneath(directory, [rep for rep in directory.reps.values() if counts(rep)], scope.id, depth)


def direct_children(directory: Directory, scope: Scope) -> tuple[Scope, ...]:
    """The teams and the reps, inactive ones too, directly beneath the company or a team."""
    if scope.type is ScopeType.REP:
        return ()
    return (
        *map(directory.scope_of_team, directory.children(scope.id)),
        *(directory.scope_of_rep(rep) for rep in directory.reps.values() if _team(directory, rep) == scope.id),
    )


def _team(directory: Directory, rep: Rep) -> str | None:
    return rep.team_id if rep.team_id in directory.teams else None


def _beneath(directory: Directory, reps: Collection[Rep], team_id: str | None, depth: Depth) -> tuple[Branch, ...]:
    teams = (
        Branch(directory.scope_of_team(team), headcount, _beneath(directory, reps, team.id, depth))
        for team in directory.children(team_id)
        if (headcount := sum(team.id in directory.ancestry(rep.team_id) for rep in reps))
    )
    if depth is Depth.TEAMS:
        return tuple(teams)
    own = (Branch(directory.scope_of_rep(rep), 1) for rep in reps if _team(directory, rep) == team_id)
    return (*teams, *own)
