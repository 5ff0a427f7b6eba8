"""Where the files of a DuckDB store lie, and which snapshot is the current one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kpi.engines.base import NothingPublishedError, StoreError

DUCKDB_SCHEME = "duckdb:///"
_SNAPSHOT = re.compile(r"[0-9]{6,}\.duckdb")


@dataclass(frozen=True, slots=True)
class StoreFiles:
    """The files of the store whose writer's file is ``database`` (``var/crm.duckdb``)."""

    database: Path

    @property
    def raw(self) -> Path:
        """What rows that were set aside hold, as the source wrote it; never published."""
        return self.database.with_suffix(".raw.duckdb")

    @property
    def lock(self) -> Path:
        return self.database.with_suffix(".lock")

    @property
    def snapshots(self) -> Path:
        """The folder of what is published: ``000012.duckdb``, whose content never changes, and the pointer."""
        return self.database.with_suffix(".snapshots")

    @property
    def pointer(self) -> Path:
        """A text file that holds the name of the current snapshot."""
        return self.snapshots / "current"


def duckdb_files(url: str, base: Path) -> StoreFiles:
    """The files of ``duckdb:///relative/path`` from ``base`` (four slashes: absolute). StoreError for other URLs."""
    path = url.removeprefix(DUCKDB_SCHEME)
    if path == url:
        scheme = url.partition(":")[0]
        raise StoreError(
            f"DuckDB is the store of this version, {scheme!r} is not supported: "
            'write url = "duckdb:///var/crm.duckdb" in [store].'
        )
    if not Path(path).name:
        raise StoreError('The store\'s URL names no file: write url = "duckdb:///var/crm.duckdb" in [store].')
    return StoreFiles(base / path)


def current_snapshot(files: StoreFiles) -> Path:
    """The snapshot that the pointer names. NothingPublishedError before the first; StoreError for a broken pointer."""
    try:
        name = files.pointer.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise NothingPublishedError("Nothing has been synced yet: run kpi sync.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{files.pointer} cannot be read ({type(error).__name__}): run kpi sync.") from error
    if not _SNAPSHOT.fullmatch(name):
        raise StoreError(f"{files.pointer} names no snapshot: run kpi sync.")
    return files.snapshots / name


def snapshot_number(path: Path) -> int | None:
    """12 for ``000012.duckdb``; None for a file that is no snapshot."""
    return int(path.stem) if _SNAPSHOT.fullmatch(path.name) else None
