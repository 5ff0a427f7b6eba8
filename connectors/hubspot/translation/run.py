"""One making of rows: its connection to the mirror, the columns that the mirror has, and the steps on the way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import duckdb

from connectors.hubspot.fields import property_name
from connectors.hubspot.translation.values import NULL, Property, literal, mapped_sql, quoted, reads_formats
from connectors.mapping import FieldMap, SourceSettings
from kpi.schema import TABLES, Type

# Properties whose values are named by a pipeline or a stage, by the object that has those.
_STAGES = {("deals", "dealstage"), ("leads", "hs_pipeline_stage")}
_PIPELINES = {("deals", "pipeline"), ("leads", "hs_pipeline")}


class Run:
    """Selects become temporary tables, step by step, so that each join knows how few rows it has to look for. All are
    dropped at the end. The rows that are asked for stand in ``wanted`` relations with one column ``id``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: SourceSettings, currency: str) -> None:
        self.connection, self.settings, self.currency = connection, settings, currency
        self.filters = settings.filters
        self._steps: list[str] = []
        self.made: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for name in self._steps:
            self.connection.execute(f"drop table if exists {name}")
        self._steps.clear()

    def step(self, sql: str) -> str:
        """The select's rows as a temporary table; its name."""
        name = f"hs_step_{len(self._steps)}"
        self._steps.append(name)
        self.connection.execute(f"create or replace temp table {name} as {sql}")
        return name

    def once(self, key: str, sql: str) -> str:
        """Like step, made at the first call only."""
        if key not in self.made:
            self.made[key] = self.step(sql)
        return self.made[key]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    @cached_property
    def columns(self) -> Mapping[str, frozenset[str]]:
        """The columns of each table of the mirror."""
        found = self.rows(
            "select table_name, list(column_name) from duckdb_columns() "
            "where database_name = current_database() and not internal group by all"
        )
        return {table: frozenset(names) for table, names in found}

    @cached_property
    def labels(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """By object and property, the label of each value that has one."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for object_name, property_, value, label in self.rows(
            "select object, property, value, min(label) from options "
            "where label is not null and value is not null group by all order by all"
        ):
            found.setdefault((object_name, property_), {})[value] = label
        for keys, table in ((_STAGES, "stages"), (_PIPELINES, "pipelines")):
            for object_name, property_ in keys:
                rows = self.rows(f"select id, label from {self.named(table)} where object = {literal(object_name)}")
                found[object_name, property_] = {id_: label for id_, label in rows if label is not None}
        return found

    def named(self, table: str) -> str:
        """``stages`` or ``pipelines``, each id once: the live one where a deleted one had the same."""
        return self.once(
            table,
            f"select * from {table} qualify row_number() over "
            "(partition by object, id order by coalesce(archived, false), all_ordered) = 1".replace(
                "all_ordered", "label, is_closed, probability" if table == "stages" else "label"
            ),
        )

    def prop(self, object_name: str, name: str, alias: str) -> str:
        """A property of a record as SQL; NULL where the mirror has none of that name."""
        return f"{alias}.{quoted(name)}" if name in self.columns.get(object_name, ()) else NULL

    def first(self, object_name: str, alias: str, *names: str) -> str:
        """The first filled of some properties."""
        there = [f"{alias}.{quoted(name)}" for name in names if name in self.columns.get(object_name, ())]
        return f"coalesce({', '.join(there)})" if there else NULL

    def shown(self, object_name: str, name: str, alias: str, sql: str | None = None) -> str:
        """A property as people see it: its label, else its value."""
        value = sql or self.prop(object_name, name, alias)
        if value == NULL or (object_name, name) not in self.labels:
            return value
        for keys, table in ((_STAGES, "stages"), (_PIPELINES, "pipelines")):
            if (object_name, name) in keys:
                where = f"object = {literal(object_name)} and id = {value}"
                return f"coalesce((select label from {self.named(table)} where {where}), {value})"
        where = f"object = {literal(object_name)} and property = {literal(name)}"
        label = f"select hs_l.label from {self._label_table()} hs_l where {where} and hs_l.value = {value}"
        return f"coalesce(({label}), {value})"

    def _label_table(self) -> str:
        return self.once(
            "labels",
            "select object, property, value, min(label) as label from options "
            "where label is not null and value is not null group by all",
        )

    def field(self, table: str, column: str) -> FieldMap | None:
        table_map = self.settings.maps.get(table)
        return table_map.fields.get(column) if table_map else None

    def is_linked_by_property(self, table: str, column: str) -> bool:
        """Whether a column that points to another record is read from a property, not from associations."""
        return self.field(table, column) is not None

    def value(
        self,
        table: str,
        column: str,
        object_name: str,
        alias: str,
        default: str,
        instead: Mapping[str, str] | None = None,
    ) -> str:
        """A column as SQL: what the mapping says, else the default. ``instead``: SQL that stands for a property."""
        field = self.field(table, column)
        if field is None:
            return default
        properties = []
        for written in field.columns:
            name = property_name(written)
            sql = (instead or {}).get(name) or self.prop(object_name, name, alias)
            labels = self.labels.get((object_name, name), {}) if field.values is not None else {}
            shown = self.shown(object_name, name, alias, sql) if field.values is None else sql
            properties.append(Property(sql, shown, labels))
        return mapped_sql(field, TABLES[table].column(column), properties)

    def finished(self, table: str, column: str, sql: str) -> str:
        """A time or a date in the form that the store reads; not one whose formats are still to be read."""
        described = TABLES[table].column(column)
        if reads_formats(self.field(table, column), described):
            return sql
        if described.type is Type.TIME:
            return f"hs_time({sql})"
        return f"hs_day({sql})" if described.type is Type.DATE else sql
