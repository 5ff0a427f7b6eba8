"""Which tables a relation stands on, read from its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi.relations import Relation
from kpi.store.made import digest


@dataclass(frozen=True, slots=True)
class Lineage:
    """``inputs``: the tables, loaded or calculated, that a relation reads, itself or through relations before it;
    ``scanned``: those that making it reads, itself or through views. ``definition`` names its SQL and theirs: another
    SQL, another name."""

    inputs: frozenset[str]
    scanned: frozenset[str]
    definition: str


def read_lineages(relations: Sequence[Relation]) -> Mapping[str, Lineage]:
    """The lineage of each relation; they are in the order in which they are made."""
    lineages: dict[str, Lineage] = {}
    views = {relation.name for relation in relations if not relation.kept}
    for relation in relations:
        tables = tables_read(relation.sql)
        before = {name: lineages[name] for name in sorted(tables & lineages.keys())}
        own = tables - before.keys()
        inputs = own.union(*(one.inputs for one in before.values()))
        scanned = own.union(*(one.scanned for name, one in before.items() if name in views))
        parts = (relation.sql, relation.kept, relation.ordered_by, [one.definition for one in before.values()])
        lineages[relation.name] = Lineage(inputs, scanned, digest(parts))
    return lineages


def tables_read(sql: str) -> frozenset[str]:
    """The names of the tables and views that a select reads; its common table expressions and functions are none."""
    from sqlglot import exp, parse_one
    from sqlglot.optimizer.scope import traverse_scope

    sources = (
        source
        for scope in traverse_scope(parse_one(sql, dialect="duckdb", into=exp.Select))
        for source in scope.sources.values()
    )
    return frozenset(source.name for source in sources if isinstance(source, exp.Table) and source.name)
