"""A small mirror, built of literal rows, and the rows of the schema that come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from connectors.hubspot.fields import properties_of
from connectors.hubspot.mirror.tables import ensure_tables
from connectors.hubspot.objects import OBJECTS, PAIRS
from connectors.hubspot.translation import Translator
from connectors.mapping import ActivityRule, Filters, SourceSettings, parse_table_map

MADE = "2026-01-01T00:00:00Z"
_PAIR_NAMES = {pair.name for pair in PAIRS}


class MirrorRows:
    """A mirror in memory and its translator. ``put`` adds or replaces a record, ``link`` an association."""

    def __init__(
        self,
        maps: Mapping[str, Mapping[str, Any]] | None = None,
        filters: Filters | None = None,
        timezone: str = "UTC",
        currency: str = "USD",
        *,
        properties: Mapping[str, tuple[str, ...]] | None = None,
        **rules: ActivityRule,
    ) -> None:
        tables = {table: parse_table_map(table, raw, of_files=False) for table, raw in (maps or {}).items()}
        self.settings = SourceSettings("crm", "hubspot", filters=filters or Filters(), maps=tables, **rules)
        self.translator = Translator(self.settings, timezone, currency)
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 1")
        known = properties or {name: properties_of(name, self.settings) for name in OBJECTS}
        ensure_tables(self.connection, known)
        self.insert("account", portal_id=1, timezone=timezone, currency=currency)
        self.translator.prepare(self.connection)

    def put(self, object_name: str, id_: int, **properties: str | None) -> int:
        self.remove(object_name, id_)
        self.insert(object_name, **{"id": id_, "created_at": MADE, **properties})
        return id_

    def remove(self, object_name: str, id_: int) -> None:
        self.connection.execute(f"delete from {object_name} where id = {id_}")

    def link(self, source: str, source_id: int, target: str, target_id: int, *, primary: bool = False) -> None:
        """From either side."""
        if f"{source}__{target}" not in _PAIR_NAMES:
            source, source_id, target, target_id = target, target_id, source, source_id
        self.insert(f"{source}__{target}", source_id=source_id, target_id=target_id, is_primary=primary)

    def insert(self, table: str, **columns: Any) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        self.connection.execute(f"insert into {table} ({names}) values ({marks})", list(columns.values()))

    def stage(
        self, id_: str, label: str, probability: str, *, closed: bool | None = None, object_name: str = "deals"
    ) -> None:
        is_closed = probability in ("0", "0.0", "1", "1.0") if closed is None else closed
        self.insert(
            "stages", object=object_name, pipeline_id="default", id=id_, label=label, is_closed=is_closed,
            probability=probability, archived=False,
        )  # fmt: skip

    def rows(self, table: str, *ids: str) -> list[dict[str, Any]]:
        """All rows, or those of some ids."""
        if ids:
            self.connection.execute("create or replace temp table asked (id varchar)")
            self.connection.executemany("insert into asked values (?)", [[one] for one in ids])
        chunks = self.translator.rows(self.connection, table, "asked" if ids else None)
        return [row for chunk in list(chunks) for row in chunk.to_pylist()]

    def row(self, table: str, id_: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows(table) if row["id"] == id_]
        return row

    def ids(self, table: str) -> list[str]:
        return [row["id"] for row in self.rows(table)]

    def affected(self, table: str, recent: list[tuple[str, int | None]]) -> set[str]:
        self.connection.execute("create or replace temp table recent (object varchar, id bigint)")
        if recent:
            self.connection.executemany("insert into recent values (?, ?)", [list(one) for one in recent])
        return {id_ for (id_,) in self.connection.execute(self.translator.affected_sql(table)).fetchall()}
