"""What the lines of a breakdown stand for, so that they add up to the whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from kpi.cells import Cells, Members, Values
from kpi.model import Key, Scope, ScopeType
from kpi.plan import PEOPLE, Plan
from kpi.scopes import DIRECT, NO_TEAM, UNASSIGNED, Directory, Rep

OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand together in a line: their key and name by dimension (none: the whole scope), who they are, and
    their scope (None for those who are no scope of their own). ``stands_empty``: shown without records too."""

    keys: tuple[Key, ...]
    members: Members
    scope: Scope | None = None
    stands_empty: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A line to be: what it stands for, in the order of the question, of whose records and of which values (None: of
    all)."""

    keys: tuple[Key, ...]
    group: Group
    values: Values | None


def groups_of(plan: Plan, directory: Directory) -> list[Group]:
    """The people of the lines that the plan asks for; the whole scope where it does not ask by rep or team."""
    people = [dimension for dimension in plan.request.by if dimension in PEOPLE]
    if not people:
        return [Group((), plan.members, plan.scope)]
    if len(people) == 1:
        groups = groups_by(people[0], plan.scope, directory)
    else:  # the reps of each team
        groups = [
            replace(rep, keys=(*team.keys, *rep.keys))
            for team in groups_by("team", plan.scope, directory)
            for rep in _reps_within(team, directory)
        ]
    if plan.narrowed(None) is None:
        return groups
    return [replace(group, members=plan.narrowed(group.members), stands_empty=False) for group in groups]


def places_of(plan: Plan, groups: Sequence[Group], cells: Cells) -> Iterator[Place]:
    """The lines to be, people in their order; of values those that any record has."""
    for group in groups:
        if not plan.values_by:
            yield Place(_in_order(plan, group.keys), group, None)
            continue
        for values in _values(plan, group, cells):
            keys = tuple(Key(by, value, value) for by, value in zip(plan.values_by, values, strict=True))
            yield Place(_in_order(plan, (*group.keys, *keys)), group, values)


def _in_order(plan: Plan, keys: Sequence[Key]) -> tuple[Key, ...]:
    return tuple(sorted(keys, key=lambda key: plan.request.by.index(key.dimension)))


def _values(plan: Plan, group: Group, cells: Cells) -> list[Values]:
    """The values of the dimensions that the group's records have."""
    found: dict[str, dict[Values, None]] = {}
    definition = plan.definition
    for measure, span, whole in definition.reads(definition.formula, plan.asked):
        cell = plan.cell(measure, span, by=() if whole else plan.values_by)
        if cell.by:
            found.setdefault(" ".join(cell.by), {}).update(dict.fromkeys(cells.by_values(cell, group.members)))
    together = found.get(" ".join(plan.values_by))
    if together is not None:
        return list(together)
    apart = [[values[0] for values in found.get(dimension, {})] for dimension in plan.values_by]
    return list(product(*apart))


def groups_by(dimension: str, scope: Scope, directory: Directory) -> list[Group]:
    """The lines of a scope by ``rep`` or ``team``, by name, those without a name of their own last."""
    groups = list(_reps(scope, directory) if dimension == "rep" else _teams(scope, directory))
    named = sorted(
        (group for group in groups if group.scope),
        key=lambda group: (group.keys[0].name.casefold(), group.keys[0].key),
    )
    return named + [group for group in groups if not group.scope]


def _reps(scope: Scope, directory: Directory) -> Iterator[Group]:
    for rep_id in directory.members(scope):
        rep = directory.reps.get(rep_id)
        if rep:
            yield _rep_group(rep, directory)
    yield from _unassigned("rep", scope)


def _rep_group(rep: Rep, directory: Directory) -> Group:
    return Group((Key("rep", rep.id, rep.name),), frozenset({rep.id}), directory.scope_of_rep(rep), rep.active)


def _reps_within(team: Group, directory: Directory) -> Iterator[Group]:
    reps = [directory.reps[rep_id] for rep_id in team.members or () if rep_id and rep_id in directory.reps]
    yield from (_rep_group(rep, directory) for rep in sorted(reps, key=lambda rep: (rep.name.casefold(), rep.id)))
    if None in (team.members or ()):
        yield Group((Key("rep", UNASSIGNED, UNASSIGNED),), frozenset({None}))


def _teams(scope: Scope, directory: Directory) -> Iterator[Group]:
    if scope.type is ScopeType.REP:
        return
    for team in directory.children(scope.id):
        team_scope = directory.scope_of_team(team)
        members: Members = frozenset[str | None](directory.members(team_scope))
        yield Group((Key("team", team.id, team.name),), members, team_scope, stands_empty=True)
    in_no_child = [
        rep.id
        for rep in directory.reps.values()
        if (rep.team_id == scope.id if scope.id else rep.team_id not in directory.teams)
    ]
    key = DIRECT if scope.id else NO_TEAM
    yield Group((Key("team", key, key),), frozenset(in_no_child))
    yield from _unassigned("team", scope)


def _unassigned(dimension: str, scope: Scope) -> Iterator[Group]:
    if scope.type is ScopeType.COMPANY:
        yield Group((Key(dimension, UNASSIGNED, UNASSIGNED),), frozenset({None}))
