"""Which tables a store holds, as a fingerprint: what another version of Scoreline wrote is told by it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from kpi.relations import Relation
from kpi.schema import SQL_TYPES, TABLES

_FORMAT = 2  # of the tables around the schema's; raise it when those in kpi.store change


def layout_of(relations: Sequence[Relation]) -> str:
    """The fingerprint of the schema's tables and these relations."""
    parts = (_FORMAT, sorted(SQL_TYPES.items()), list(TABLES.items()), [(r.name, r.sql) for r in relations])
    return sha256(repr(parts).encode()).hexdigest()
