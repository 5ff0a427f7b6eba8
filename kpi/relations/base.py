"""What a relation is: a table that KPIs read, derived from the schema's tables when a snapshot is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

UNTOUCHED = "select id from changed where false"  # in `remade_by`: a table that is read, but for nothing that matters


@dataclass(frozen=True)
class Relation:
    """A derived table. It holds ``rep_id`` (NULL: no known owner), so that sums over reps give teams and the company.

    ``sql`` is one select in DuckDB's dialect over the schema's tables, the tables that publishing makes in Python
    (``reps``, ``rep_owners``, ``org_teams``, ``team_closure``, ``local_days``, ``fx_intervals``, ``rep_zones``,
    ``business_hours``) and relations before it. Parameter: ``$currency``, the company's. Every column of its own has a
    name in the select.

    ``key`` and ``remade_by`` say how to remake only some of its rows, those of the records that changed. ``key`` is
    the column, never NULL, that tells which rows are remade together. ``remade_by`` gives, for each table of the schema
    that the relation reads (itself or through others), how a change of that table finds the keys:

    - a column of that table: the one that holds the key. Then the rows of a key stand on no other rows of that table
      than its own, and while a key is remade, only those are there to be read.
    - a select over ``changed (id)``, the ids of that table's changed records (of ``stage_changes``: their deals' ids),
      which gives the keys: ``select deals.id from deals join changed on changed.id = deals.account_id``. It is asked of
      the tables both as they were and as they are, so that it need not think of old links.

    Where one of these tables is missing, its changes make the whole relation anew. To be quick, have the largest table
    by a column.

    ``dimensions`` are the columns one may break down by, each with the schema's column that it comes from.
    ``record`` is the schema's table whose records stand behind the rows, and the column that holds their ids.
    What is costly is ``kept`` as a table, in the order of ``ordered_by``; the rest is a view.

    The ends of rows that are intervals are ``from_at`` and ``until_at`` (excluded, included; never NULL).
    ``tells_now``: beside its history each record has one row with ``is_current`` that says how it stands now; its
    ``from_at`` is when the record came to be.

    ``what`` says in words what the rows are, for people who read or write KPIs.
    """

    name: str
    sql: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    record: tuple[str, str] | None = None
    kept: bool = True
    ordered_by: str | None = None
    tells_now: bool = False
    key: str | None = None
    remade_by: Mapping[str, str] = field(default_factory=dict)
    what: str = ""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        from sqlglot import exp, parse_one

        return tuple(parse_one(self.sql, dialect="duckdb", into=exp.Select).named_selects)


def columns_of(table: str, *columns: str) -> dict[str, str]:
    """Dimensions that are columns of a schema table under their own names."""
    return {column: f"{table}.{column}" for column in columns}
