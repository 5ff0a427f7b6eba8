"""Who may see what: the ``[access]`` rules, pure. They stand before every answer, digest and post."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from kpi.model import Filter, Request, Scope, ScopeType
from kpi.scopes import COMPANY, Directory, Rep


class Policy(StrEnum):
    OWN = "own"  # oneself; managers their people
    TEAM = "team"  # also teammates, and the totals of the own team, of those it lies in, and of the company
    OPEN = "open"  # everything


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. ``rep`` is None for somebody whom the CRM does not know: they see nothing, unless they are an admin."""

    rep: Rep | None
    is_admin: bool = False


ADMIN = Viewer(None, is_admin=True)
STRANGER = Viewer(None)


def viewer_of(email: str | None, directory: Directory, admins: Collection[str]) -> Viewer:
    """The viewer with that email, case ignored: the first active rep who has it. An inactive rep is a stranger."""
    if not email:
        return STRANGER
    rep = next((rep for rep in directory.reps_by_email(email) if rep.active), None)
    is_admin = email.casefold() in {admin.casefold() for admin in admins}
    return Viewer(rep, is_admin)


class Access:
    """The rules of one policy over the people there are."""

    def __init__(self, policy: Policy, directory: Directory) -> None:
        self._policy = policy
        self._directory = directory

    def is_known(self, viewer: Viewer) -> bool:
        return viewer.is_admin or viewer.rep is not None

    def may_see(self, viewer: Viewer, scope: Scope) -> bool:
        """Whether the viewer may see the figures of a scope as a whole."""
        if viewer.is_admin:
            return True
        if viewer.rep is None:
            return False
        if self._policy is Policy.OPEN:
            return True
        if scope.type is ScopeType.COMPANY:
            return self._policy is Policy.TEAM
        if scope.type is ScopeType.TEAM:
            return self._may_see_team(viewer.rep, scope)
        return self._may_see_rep(viewer.rep, scope.id or "")

    def may_see_request(self, viewer: Viewer, request: Request) -> bool:
        """Whether the viewer may see the scope, each line of it where it is broken down by rep or team, and each rep or
        team that it is filtered by: what is left of a total without one tells that one too."""
        return (
            self.may_see(viewer, request.scope)
            and all(self.may_see_breakdown(viewer, request.scope, by) for by in request.by)
            and all(self._may_see_filter(viewer, each) for each in request.where)
        )

    def _may_see_filter(self, viewer: Viewer, each: Filter) -> bool:
        if each.dimension not in ("rep", "team") or viewer.is_admin:
            return True
        return all(self.may_see(viewer, Scope(ScopeType(each.dimension), value)) for value in each.values)

    def may_see_breakdown(self, viewer: Viewer, scope: Scope, by: str | None) -> bool:
        """Whether the viewer may see every line of the scope by ``rep`` or ``team``; other lines name nobody."""
        if by not in ("rep", "team") or viewer.is_admin or (viewer.rep and self._policy is Policy.OPEN):
            return True
        if by == "rep" or scope.type is ScopeType.REP:
            lines = [Scope(ScopeType.REP, rep_id) for rep_id in self._directory.members(scope)]
        else:
            lines = [self._directory.scope_of_team(team) for team in self._directory.children(scope.id)]
            lines += [Scope(ScopeType.REP, rep_id) for rep_id in self._in_no_child(scope)]
        return all(self.may_see(viewer, line) for line in lines)

    def _in_no_child(self, scope: Scope) -> list[str]:
        """Who stands together in one line: the team's direct members, or those of the company without a team."""
        reps, teams = self._directory.reps.values(), self._directory.teams
        return [rep.id for rep in reps if (rep.team_id == scope.id if scope.id else rep.team_id not in teams)]

    def _may_see_rep(self, viewer: Rep, rep_id: str) -> bool:
        rep = self._directory.reps.get(rep_id)
        if rep is None:
            return False
        if rep_id == viewer.id or self._manages(viewer, rep):
            return True
        return self._policy is Policy.TEAM and viewer.team_id is not None and rep.team_id == viewer.team_id

    def _may_see_team(self, viewer: Rep, scope: Scope) -> bool:
        if self._policy is Policy.TEAM and scope.id in self._directory.ancestry(viewer.team_id):
            return True
        if viewer.role == "manager" and viewer.team_id in self._directory.ancestry(scope.id):
            return True
        members = self._directory.members(scope) - {viewer.id}
        return bool(members) and all(self._manages(viewer, self._directory.reps[rep_id]) for rep_id in members)

    def _manages(self, viewer: Rep, rep: Rep) -> bool:
        """Whether the rep is beneath the viewer: by the chain of managers, or in the team that the viewer leads."""
        if viewer.role == "manager" and viewer.team_id in self._directory.ancestry(rep.team_id):
            return True
        seen: set[str] = set()
        above = rep.manager_id
        while above is not None and above not in seen:
            if above == viewer.id:
                return True
            seen.add(above)
            above = self._directory.reps[above].manager_id if above in self._directory.reps else None
        return False


def default_scope(viewer: Viewer, directory: Directory) -> Scope:
    """Whose numbers are meant where the question names nobody: a manager's team, a rep's own, else the company's."""
    rep = viewer.rep
    if rep is None:
        return COMPANY
    if rep.role == "manager" and rep.team_id in directory.teams:
        return directory.scope_of_team(directory.teams[rep.team_id or ""])
    return directory.scope_of_rep(rep)
