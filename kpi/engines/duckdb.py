"""DuckDB over published snapshots: read-only, without access to any other file, its configuration locked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from kpi.engines.base import Engine, StoreError
from kpi.engines.files import StoreFiles, current_snapshot
from kpi.engines.layout import layout_of
from kpi.relations import RELATIONS

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
_OPENING_ATTEMPTS = 5  # a snapshot that is read is replaced twice before it goes, so that one more is already rare


class DuckdbEngine:
    """An engine (see ``kpi.engines.base.Engine``) on one snapshot. Any number of threads may use it at once."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """The query's rows. StoreError where the snapshot was made by a version with other tables."""
        cursor = self._connection.cursor()
        try:
            rows: list[tuple[Any, ...]] = cursor.execute(sql, parameters).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            if not _is_of_this_version(cursor):
                message = "What is published was made by another version of Scoreline: run kpi sync."
                raise StoreError(message) from error
            raise
        finally:
            cursor.close()
        return rows

    def as_of(self, sources: Sequence[str] | None = None) -> datetime | None:
        """When the last complete sync of the oldest of these sources (None: of all) began, UTC."""
        if sources is None:
            rows = self.run("select min(began_at) from syncs")
        else:
            rows = self.run(
                "select min(began_at) from syncs where list_contains($sources, source)", {"sources": sources}
            )
        began_at: datetime | None = rows[0][0]
        return began_at and began_at.replace(tzinfo=UTC)

    def close(self) -> None:
        self._connection.close()


def open_duckdb(files: StoreFiles) -> Engine:
    """An engine on the current snapshot. NothingPublishedError before the first, StoreError where it is broken."""
    return DuckdbEngine(_open_current(files)[1])


class DuckdbSnapshots:
    """The current snapshot for a process that stays: opened once, opened anew when another is published."""

    def __init__(self, files: StoreFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._path: Path | None = None
        # Let go of, never closed: closing it would close the engines made from it, each of which keeps the file open.
        self._connection: duckdb.DuckDBPyConnection | None = None

    def engine(self) -> Engine:
        """An engine on what is current now, on which it stays until it is closed, whatever is published since."""
        with self._lock:
            if self._connection is None or self._path != current_snapshot(self._files):
                self._path, self._connection = _open_current(self._files)
            return DuckdbEngine(self._connection.cursor())

    def close(self) -> None:
        """Lets go of the snapshot; engines given out before stay good until they are closed."""
        with self._lock:
            self._path = self._connection = None


def _open_current(files: StoreFiles) -> tuple[Path, duckdb.DuckDBPyConnection]:
    path = current_snapshot(files)
    for _ in range(_OPENING_ATTEMPTS):
        try:
            return path, _open(path)
        except duckdb.Error as error:
            # A newer one may have been published, and this one removed, since the pointer was read.
            failed, path = path, current_snapshot(files)
            if failed == path:
                raise StoreError(f"{path} cannot be read as a snapshot: run kpi sync.") from error
    raise StoreError(f"{path} was replaced again and again while it was opened: ask once more.")


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
    with suppress(duckdb.InvalidInputException):  # locked already: connections of one process to one file share it
        connection.execute("set global TimeZone = 'UTC'; set global lock_configuration = true")
    return connection


def _is_of_this_version(cursor: duckdb.DuckDBPyConnection) -> bool:
    try:
        return cursor.execute("select fingerprint from layout").fetchall() == [(layout_of(RELATIONS),)]
    except duckdb.CatalogException:
        return False
