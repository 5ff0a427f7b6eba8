"""Bringing what is derived from the loaded tables up to date, in the writer's file: only what has become stale."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from kpi.organisation import Organisation
from kpi.relations import Relation
from kpi.scopes import Override
from kpi.store.calculated import calculate_tables, keep_calculated
from kpi.store.changes import Change, find_changes
from kpi.store.facts import count_facts
from kpi.store.lineage import read_lineages
from kpi.store.made import Made, forget_made, note_made, read_made
from kpi.store.remake import PartMaker, make_whole
from kpi.store.typed import quoted

_TABLE, _VIEW = "table", "view"


def derive_tables(
    connection: duckdb.DuckDBPyConnection,
    organisation: Organisation,
    overrides: Sequence[Override],
    relations: Sequence[Relation],
    was: str | None,
) -> None:
    """Brings what is derived up to date. The same rows in the loaded tables give the same derived ones, whether they
    are made whole or in part.

    ``was`` is the last snapshot, attached: what is not as it was there has changed. After a kill at any moment each
    table is either as noted in ``made`` or made anew by the next call.
    """
    known = read_made(connection)
    base = was if was is not None and _is_of(connection, was, known) else None
    changes = find_changes(connection, known, base)
    with _transaction(connection):
        contents = _refresh_inputs(connection, organisation, overrides, known, changes)
        steps = _plan(relations, organisation.currency, known, contents, changes)
        has_dropped = _drop_stale(connection, known, {each.name for each in relations}, steps)
    if has_dropped:
        connection.execute("checkpoint")  # what was dropped leaves its room in the file to what is made next
    parts = PartMaker(connection, organisation.currency, base or "")
    for step in steps:
        with _transaction(connection):
            if step.changed is None:
                make_whole(connection, step.relation, organisation.currency)
            else:
                parts.make_part(step.relation, step.changed, step.scanned)
            note_made(connection, step.relation.name, step.made)


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What a relation was made of: its SQL, and what its inputs held, by name."""

    definition: str
    inputs: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> _Recipe:
        return cls(*json.loads(text))

    def text(self) -> str:
        return json.dumps((self.definition, self.inputs), sort_keys=True)


@dataclass(frozen=True, slots=True)
class _Step:
    """A relation to be made, of tables that are ``scanned``. ``changed``: the temporary tables of the changed ids, by
    table; None: make it whole."""

    relation: Relation
    made: Made
    scanned: Collection[str]
    changed: Mapping[str, str] | None


def _is_of(connection: duckdb.DuckDBPyConnection, was: str, known: Mapping[str, Made]) -> bool:
    """Whether a snapshot holds what the derived tables were made of."""
    try:
        return read_made(connection, was) == known
    except duckdb.Error:
        return False


def _refresh_inputs(
    connection: duckdb.DuckDBPyConnection,
    organisation: Organisation,
    overrides: Sequence[Override],
    known: Mapping[str, Made],
    changes: Mapping[str, Change],
) -> Mapping[str, str]:
    """Counts and calculates what does not come from relations, and gives what relations may read: names of contents."""
    count_facts(connection, (name for name, change in changes.items() if change.is_touched))
    contents = {name: change.made.content for name, change in changes.items()}
    connection.execute("delete from gone")
    for name, change in changes.items():
        if change.made != known.get(name):
            note_made(connection, name, change.made)
    for table in calculate_tables(connection, organisation, overrides):
        contents[table.name] = keep_calculated(connection, table, known.get(table.name)).content
    return contents


def _plan(
    relations: Sequence[Relation],
    currency: str,
    known: Mapping[str, Made],
    contents: Mapping[str, str],
    changes: Mapping[str, Change],
) -> Sequence[_Step]:
    """The relations that are stale, in their order."""
    lineages = read_lineages(relations)
    steps = []
    for relation in relations:
        lineage = lineages[relation.name]
        inputs = {name: contents[name] for name in lineage.inputs} if relation.kept else {}
        recipe = _Recipe(f"{lineage.definition} {currency}", inputs)
        made = Made(recipe.text(), _TABLE if relation.kept else _VIEW)
        if made != known.get(relation.name):
            steps.append(_Step(relation, made, lineage.scanned, _changed_part(relation, recipe, known, changes)))
    return steps


def _changed_part(
    relation: Relation, recipe: _Recipe, known: Mapping[str, Made], changes: Mapping[str, Change]
) -> Mapping[str, str] | None:
    """Which tables' changes have made a relation stale, if it says how to remake it from them, and they are known."""
    if relation.name not in known or relation.key is None:
        return None
    before = _Recipe.read(known[relation.name].recipe)
    if before.definition != recipe.definition:
        return None
    changed: dict[str, str] = {}
    for name, content in recipe.inputs.items():
        if content == before.inputs[name]:
            continue
        was = known.get(name)  # none, once a source of its rows has been taken out
        ids = changes[name].ids if name in changes and was and before.inputs[name] == was.content else None
        if ids is None or name not in relation.remade_by:
            return None
        changed[name] = ids
    return changed


def _drop_stale(
    connection: duckdb.DuckDBPyConnection, known: Mapping[str, Made], wanted: Collection[str], steps: Sequence[_Step]
) -> bool:
    """Drops relations that are to be made whole, and those that are no longer wanted; gives whether there were any."""
    whole = {step.relation.name for step in steps if step.changed is None}
    dropped = {
        name: made.content
        for name, made in known.items()
        if made.content in (_TABLE, _VIEW) and (name in whole or name not in wanted)
    }
    for name, kind in dropped.items():
        connection.execute(f"drop {kind} {quoted(name)}")
        forget_made(connection, name)
    return bool(dropped)


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back
            connection.execute("rollback")
        raise
