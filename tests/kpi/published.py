"""Companies in a store: their rows written as text, as a source would, published, and opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.base import Batch
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine, read_directory
from kpi.engines.base import Engine
from kpi.periods import Calendar
from kpi.plan import Context
from kpi.schema import TABLES
from kpi.store import open_writer
from tests.kpi.expected.records import Company, Row

URL = "duckdb:///crm.duckdb"
SYNCED_AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def publish(company: Company, base: Path) -> None:
    """Writes a company's rows to a store in ``base`` and publishes them."""
    with open_writer(URL, company.organisation, base=base) as writer:
        for source, tables in company.sources.items():
            for table, rows in tables.items():
                writer.load(source, batch_of(table, rows))
        sources = list(company.sources)
        writer.publish(dict.fromkeys(sources, SYNCED_AT), company.overrides, sources)


def open_published(company: Company, base: Path) -> Engine:
    """The company's snapshot; close it after use."""
    publish(company, base)
    return open_engine(URL, base)


def context_of(company: Company, engine: Engine, now: datetime) -> Context:
    calendar = Calendar(company.organisation)
    return Context(CATALOGUE, calendar, company.organisation.currency, read_directory(engine), now)


class CountingEngine:
    """An engine that notes the queries it runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self.queries: list[str] = []

    def run(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        self.queries.append(sql)
        return self._engine.run(sql, parameters)

    def as_of(self, sources: Sequence[str] | None = None) -> datetime | None:
        return self._engine.as_of(sources)

    def close(self) -> None:
        self._engine.close()


def batch_of(table: str, rows: Sequence[Row]) -> Batch:
    """A whole table, its values written as a source would write them."""
    columns: Mapping[str, pa.Array] = {
        name: pa.array([_written(row.get(name)) for row in rows], pa.string()) for name in TABLES[table].column_names
    }
    numbered = {**columns, "_row": pa.array(range(1, len(rows) + 1), pa.int64())}
    return Batch(table, pa.table(numbered), "", len(rows), starts=True, ends=True)


def _written(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value and str(value)
