"""A folder of exported files, and what the files connector makes of it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors import open_connector
from connectors.base import Batch, Connector
from connectors.mapping import Filters, SourceSettings, parse_table_map
from tests.connectors.surroundings import surroundings

OWNERS = "id,name,email\nR1,Ann,ann@acme.example\nR2,Bo,bo@acme.example\nT,Test,Test@acme.example\n"
DEALS = "id,status,created_at\nD1,open,2026-01-05\nD2,won,2026-01-06\nD3,lost,2026-01-07\n"


@dataclass
class Export:
    """Files in a folder, with the settings they are read by."""

    path: Path
    maps: dict[str, dict[str, Any]] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    timezone: str = "Europe/Berlin"

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return path

    def write_parquet(self, name: str, columns: dict[str, pa.Array]) -> Path:
        path = self.path / name
        pq.write_table(pa.table(columns), path)
        return path

    def connector(self) -> Connector:
        maps = {table: parse_table_map(table, raw) for table, raw in self.maps.items()}
        settings = SourceSettings("crm", "files", self.path, self.filters, maps)
        return open_connector(settings, surroundings(self.timezone))

    def pull(self, cursors: Mapping[str, str] | None = None, *, full: bool = False) -> list[Batch]:
        return [each for each in self.connector().pull(cursors or {}, full=full) if isinstance(each, Batch)]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return rows_of(self.pull(), table)

    def column(self, table: str, column: str) -> list[str | None]:
        return [row[column] for row in self.rows(table)]


def rows_of(batches: list[Batch], table: str) -> list[dict[str, Any]]:
    return [row for batch in batches if batch.table == table for row in batch.rows.to_pylist()]


def cursors_of(batches: list[Batch]) -> dict[str, str]:
    return {batch.table: batch.cursor for batch in batches}
