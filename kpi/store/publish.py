"""Publishing: a copy of the writer's file, without what is the writer's alone, under a name of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from kpi.engines.base import StoreError
from kpi.engines.files import StoreFiles, current_snapshot, snapshot_number
from kpi.engines.layout import layout_of
from kpi.relations import Relation
from kpi.schema import TABLES
from kpi.store.changes import record_column
from kpi.store.tables import PRIVATE
from kpi.store.typed import quoted

_WAS = "_was"
_SOURCE_STEP = 2**40  # more rows than a source has


@contextmanager
def last_snapshot(connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> Iterator[str | None]:
    """Attaches the current snapshot for the while and gives its name; None where there is none that can be read."""
    try:
        path = str(current_snapshot(files)).replace("'", "''")
        connection.execute(f"attach '{path}' as {_WAS} (read_only)")
    except (StoreError, duckdb.Error):
        yield None
        return
    try:
        yield _WAS
    finally:
        with suppress(duckdb.Error):  # a connection that the disk has broken
            connection.execute(f"detach {_WAS}")


def publish_snapshot(files: StoreFiles, relations: Sequence[Relation]) -> Path:
    """Makes the next snapshot from the writer's file, which is closed, and moves the pointer to it.

    A copy of the file is ten times as fast as writing its tables anew, and as large. Whatever moment it is cut short
    at, the pointer names a whole snapshot; what is left over goes with the next call.
    """
    if _log_of(files.database).exists():
        raise StoreError(f"The log of {files.database} could not be merged: run kpi sync again.")
    files.snapshots.mkdir(mode=0o700, exist_ok=True)
    snapshot = files.snapshots / f"{_next_number(files.snapshots):06}.duckdb"
    _remove_left_overs(files.snapshots)
    _remove_all_but_current(files)  # before the copy, which takes their room
    partial = snapshot.with_suffix(".partial")
    try:
        shutil.copyfile(files.database, partial)
        with duckdb.connect(str(partial)) as connection:
            _complete(connection, relations)
        _sync_to_disk(partial)
        partial.replace(snapshot)
    except BaseException:
        _remove_left_overs(files.snapshots)
        raise
    _sync_to_disk(files.snapshots)
    _point_to(files, snapshot)
    return snapshot


def _complete(connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation]) -> None:
    _number_rows(connection)
    connection.execute("update layout set fingerprint = $1", [layout_of(relations)])
    for table in PRIVATE:
        connection.execute(f"drop table {table}")
    connection.execute("checkpoint")


def _number_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Lets ``row_number`` of tables whose rows belong to no record order those of all sources, in the order of the
    configuration."""
    for table in TABLES.values():
        if record_column(table) is None:
            connection.execute(
                f"update {quoted(table.name)} as t set row_number = t.row_number + syncs.position * {_SOURCE_STEP} "
                "from syncs where syncs.source = t._source and syncs.position > 0"
            )


def _point_to(files: StoreFiles, snapshot: Path) -> None:
    partial = files.pointer.with_suffix(".partial")
    partial.write_text(f"{snapshot.name}\n", encoding="ascii")
    _sync_to_disk(partial)
    partial.replace(files.pointer)
    _sync_to_disk(files.snapshots)


def _next_number(folder: Path) -> int:
    return max(map(_number, folder.iterdir()), default=0) + 1


def _number(path: Path) -> int:
    return snapshot_number(path) or 0


def _remove_left_overs(folder: Path) -> None:
    for path in folder.glob("*.partial*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _remove(path)


def _remove_all_but_current(files: StoreFiles) -> None:
    """Who reads an old snapshot keeps it open: its file lasts until it is closed, its name goes now. The current one
    stays beside the next, for those who are just about to open it."""
    numbered = [path for path in files.snapshots.iterdir() if snapshot_number(path) is not None]
    try:
        current = current_snapshot(files)
    except StoreError:
        current = max(numbered, key=_number, default=files.snapshots)
    for path in numbered:
        if path != current:
            _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):  # a system that does not let go of open files: the next call tries again
        path.unlink()


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _log_of(database: Path) -> Path:
    return database.with_name(database.name + ".wal")
