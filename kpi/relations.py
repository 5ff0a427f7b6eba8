"""The relations that KPIs read, derived from the schema's tables and made once, when a snapshot is published."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A derived table: ``sql`` is one select in DuckDB's dialect over the schema's tables, the tables that publishing
    makes in Python (``reps``, ``rep_owners``, ``org_teams``, ``team_closure``, ``local_days``, ``fx_intervals``) and
    relations before it. Parameters: ``$currency``, the company's."""

    name: str
    sql: str


RELATIONS: tuple[Relation, ...] = ()
