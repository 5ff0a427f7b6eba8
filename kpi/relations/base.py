"""What a relation is: a table that KPIs read, derived from the schema's tables when a snapshot is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Relation:
    """A derived table. It holds ``rep_id`` (NULL: no known owner), so that sums over reps give teams and the company.

    ``sql`` is one select in DuckDB's dialect over the schema's tables, the tables that publishing makes in Python
    (``reps``, ``rep_owners``, ``org_teams``, ``team_closure``, ``local_days``, ``fx_intervals``, ``business_hours``)
    and relations before it. Parameter: ``$currency``, the company's. Every column of its own has a name in the select.

    ``dimensions`` are the columns one may break down by, each with the schema's column that it comes from.
    ``record`` is the schema's table whose records stand behind the rows, and the column that holds their ids.
    What is costly is ``kept`` as a table, in the order of ``ordered_by``; the rest is a view.

    The ends of rows that are intervals are ``from_at`` and ``until_at`` (excluded, included; never NULL). ``tells_now``:
    beside its history each record has one row with ``is_current`` that says how it stands now; its ``from_at`` is when
    the record came to be.
    """

    name: str
    sql: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    record: tuple[str, str] | None = None
    kept: bool = True
    ordered_by: str | None = None
    tells_now: bool = False

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        from sqlglot import exp, parse_one

        return tuple(parse_one(self.sql, dialect="duckdb", into=exp.Select).named_selects)


def columns_of(table: str, *columns: str) -> dict[str, str]:
    """Dimensions that are columns of a schema table under their own names."""
    return {column: f"{table}.{column}" for column in columns}
