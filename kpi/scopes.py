"""Who is there: reps and teams as they are now, how teams lie within teams, and how one is found by id or email."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kpi.model import Scope, ScopeType

COMPANY = Scope(ScopeType.COMPANY, None, "Company")

NO_TEAM = "(no team)"
UNASSIGNED = "(unassigned)"
DIRECT = "(direct)"
NONE = "(none)"


class ScopeError(Exception):
    """No such rep or team, or more than one. One line, with what to write instead."""


@dataclass(frozen=True, slots=True)
class Rep:
    """A person who owns records: one, whatever the number of sources that know them (told by the email)."""

    id: str
    name: str
    email: str | None = None
    team_id: str | None = None
    manager_id: str | None = None
    role: str | None = None
    active: bool = True
    timezone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A ``[[person]]`` block: what the CRM does not say about someone, or says wrongly. ``None`` leaves it."""

    email: str
    role: str | None = None
    manager: str | None = None  # an email
    team: str | None = None  # a team's id or name


@dataclass(frozen=True, slots=True)
class People:
    """Reps with overrides applied, which owner of which source is which rep, and teams whose parents hold."""

    reps: tuple[Rep, ...]
    rep_of_owner: Mapping[str, str]
    teams: tuple[Team, ...]
    closure: tuple[tuple[str, str, int], ...]  # (team, ancestor or itself, how many levels up)


def resolve_people(owners: Iterable[Rep], teams: Iterable[Team], overrides: Iterable[Override]) -> People:
    """Owners (in the order of their sources) to reps: one whose email a rep of another source has is that rep, the
    first of them; the first owner stands and takes from the others what it lacks, active where any of them is. Owners
    of one source who share an email are two. A parent that is unknown or part of a circle is none. A team that only an
    override names is made: not every CRM keeps teams."""
    known = {team.id: team for team in teams}
    straight = tuple(replace(team, parent_id=_sound_parent(team, known)) for team in known.values())
    reps: dict[str, Rep] = {}
    rep_of_owner: dict[str, str] = {}
    by_email: dict[str, list[str]] = {}
    for owner in owners:
        sharing = by_email.setdefault(_folded(owner.email), []) if owner.email else []
        elsewhere = (rep_id for rep_id in sharing if _source(rep_id) != _source(owner.id))
        rep_id = rep_of_owner[owner.id] = next(elsewhere, owner.id)
        if rep_id == owner.id:
            sharing.append(rep_id)
        reps[rep_id] = _merged(reps[rep_id], owner) if rep_id in reps else owner
    for rep_id, rep in reps.items():
        reps[rep_id] = replace(rep, manager_id=rep_of_owner.get(rep.manager_id or ""))
    for override in overrides:
        for rep_id in by_email.get(_folded(override.email), ()):
            straight = _with_team(straight, override.team, _source(rep_id))
            reps[rep_id] = _overridden(reps[rep_id], override, straight, by_email)
    return People(tuple(reps.values()), rep_of_owner, straight, _closure(straight))


def _folded(email: str | None) -> str:
    return (email or "").casefold()


def _source(stored: str) -> str:
    return stored.partition(":")[0]


def _sound_parent(team: Team, teams: Mapping[str, Team]) -> str | None:
    seen, at = {team.id}, team.parent_id
    while at is not None and at in teams:
        if at == team.id:
            return None
        if at in seen:
            break  # a circle further up, which does not hold this team
        seen.add(at)
        at = teams[at].parent_id
    return team.parent_id if team.parent_id in teams else None


def _merged(first: Rep, other: Rep) -> Rep:
    return replace(
        first,
        team_id=first.team_id or other.team_id,
        manager_id=first.manager_id or other.manager_id,
        role=first.role or other.role,
        active=first.active or other.active,
        timezone=first.timezone or other.timezone,
        locale=first.locale or other.locale,
    )


def _with_team(teams: tuple[Team, ...], named: str | None, source: str) -> tuple[Team, ...]:
    """The teams, and the named one if it is new: a top-level team whose id is its name."""
    if not named or _team_named(named, teams):
        return teams
    return (*teams, Team(f"{source}:{named}", named))


def _team_named(named: str, teams: Iterable[Team]) -> str | None:
    """The id of the team of that id or name, case ignored."""
    wanted = named.casefold()
    found = (t.id for t in teams if wanted in (t.id.casefold(), bare_id(t.id).casefold(), t.name.casefold()))
    return next(found, None)


def _overridden(rep: Rep, override: Override, teams: tuple[Team, ...], by_email: Mapping[str, Sequence[str]]) -> Rep:
    team_id = (_team_named(override.team, teams) if override.team else None) or rep.team_id
    manager_id = rep.manager_id
    if override.manager is not None:
        manager_id = next(iter(by_email.get(_folded(override.manager), ())), rep.manager_id)
    return replace(rep, team_id=team_id, manager_id=manager_id, role=override.role or rep.role)


def _closure(teams: tuple[Team, ...]) -> tuple[tuple[str, str, int], ...]:
    parents = {team.id: team.parent_id for team in teams}
    rows = []
    for team in teams:
        at: str | None = team.id
        depth = 0
        while at is not None and depth <= len(teams):
            rows.append((team.id, at, depth))
            at, depth = parents[at], depth + 1
    return tuple(rows)


def bare_id(stored: str) -> str:
    """A stored id without its source's name: ``files:R1`` is ``R1``."""
    return stored.partition(":")[2]


class Directory:
    """Reps and teams, looked up in memory. ``sources`` in the order of the configuration; ``rep_of_owner`` tells who
    the owners are whose ids are no rep's: a rep's other ids, in other sources."""

    def __init__(
        self,
        reps: Iterable[Rep],
        teams: Iterable[Team],
        sources: Iterable[str],
        rep_of_owner: Mapping[str, str] | None = None,
    ) -> None:
        self.reps: Mapping[str, Rep] = {rep.id: rep for rep in reps}
        self._by_owner = {**(rep_of_owner or {}), **{rep_id: rep_id for rep_id in self.reps}}
        self.teams: Mapping[str, Team] = {team.id: team for team in teams}
        self.sources = tuple(sources)

    def shown_id(self, stored: str) -> str:
        """The id as people see it: bare while there is one source."""
        return bare_id(stored) if len(self.sources) == 1 else stored

    def rep_by_email(self, email: str) -> Rep | None:
        """The rep with that email, case ignored; the first of several."""
        return next(iter(self.reps_by_email(email)), None)

    def reps_by_email(self, email: str) -> Sequence[Rep]:
        """All reps with that email, case ignored."""
        return self._by_email.get(_folded(email), ())

    def find_rep(self, given: str) -> Rep:
        """The rep of that stored or bare id or email; ScopeError where none or several are meant."""
        by_email = self.rep_by_email(given)
        return by_email or self.reps[self._find(given, self._by_owner, "rep")]

    def knows_rep(self, given: str) -> bool:
        """Whether a stored id or an email is a rep's."""
        return given in self._by_owner or self.rep_by_email(given) is not None

    def find_team(self, given: str) -> Team:
        """The team of that stored or bare id; ScopeError where none or several are meant."""
        return self.teams[self._find(given, {team_id: team_id for team_id in self.teams}, "team")]

    def find_scope(self, given: str) -> Scope:
        """The scope of ``company``, ``team:ID`` or ``rep:ID`` (or an email); ScopeError where there is none."""
        kind, _, name = given.partition(":")
        if given == ScopeType.COMPANY:
            return COMPANY
        if kind == ScopeType.TEAM:
            return self.scope_of_team(self.find_team(name))
        if kind == ScopeType.REP:
            return self.scope_of_rep(self.find_rep(name))
        raise ScopeError(f"{given[:40]!r} names nobody: write company, team:ID or rep:ID.")

    def scope_of_rep(self, rep: Rep) -> Scope:
        return Scope(ScopeType.REP, rep.id, rep.name)

    def scope_of_team(self, team: Team) -> Scope:
        return Scope(ScopeType.TEAM, team.id, team.name)

    def children(self, team_id: str | None) -> tuple[Team, ...]:
        """The teams directly beneath a team, or the top-level ones for None."""
        return tuple(team for team in self.teams.values() if team.parent_id == team_id)

    def ancestry(self, team_id: str | None) -> tuple[str, ...]:
        """The team and those above it, lowest first; nothing for an unknown team."""
        path: list[str] = []
        while team_id is not None and team_id in self.teams and team_id not in path:
            path.append(team_id)
            team_id = self.teams[team_id].parent_id
        return tuple(path)

    def members(self, scope: Scope) -> frozenset[str]:
        """The ids of the reps of a scope: all of them, a team's with its sub-teams, or the one."""
        if scope.type is ScopeType.COMPANY:
            return frozenset(self.reps)
        if scope.type is ScopeType.REP:
            return frozenset({scope.id or ""})
        return self._members_by_team.get(scope.id or "", frozenset())

    def managers_of_team(self, team_id: str) -> tuple[Rep, ...]:
        """Who leads a team: its active members with the role manager, else whom most of its members have as manager."""
        own = [rep for rep in self.reps.values() if rep.team_id == team_id and rep.active]
        leads = tuple(rep for rep in own if rep.role == "manager")
        if leads:
            return leads
        counts: dict[str, int] = {}
        for rep in own:
            manager = self.reps.get(rep.manager_id or "")
            if manager and manager.active:
                counts[manager.id] = counts.get(manager.id, 0) + 1
        return (self.reps[max(counts, key=lambda key: (counts[key], key))],) if counts else ()

    @cached_property
    def _by_email(self) -> Mapping[str, Sequence[Rep]]:
        by_email: dict[str, list[Rep]] = {}
        for rep in self.reps.values():
            if rep.email:
                by_email.setdefault(_folded(rep.email), []).append(rep)
        return by_email

    @cached_property
    def _members_by_team(self) -> Mapping[str, frozenset[str]]:
        members: dict[str, set[str]] = {}
        for rep in self.reps.values():
            for team_id in self.ancestry(rep.team_id):
                members.setdefault(team_id, set()).add(rep.id)
        return {team_id: frozenset(ids) for team_id, ids in members.items()}

    def _find(self, given: str, among: Mapping[str, str], kind: str) -> str:
        """What a stored or bare id means; ``among`` tells it for each stored id."""
        if given in among:
            return among[given]
        stored = [f"{source}:{given}" for source in self.sources if f"{source}:{given}" in among]
        meant = {among[one] for one in stored}
        if len(meant) > 1:
            raise ScopeError(f"{kind} {given!r} is in several sources: write {' or '.join(stored)}.")
        if not meant:
            raise ScopeError(f"There is no {kind} {given!r}.")
        return meant.pop()
