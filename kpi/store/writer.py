"""The one writer of a store: it loads batches and publishes what is complete."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
from filelock import FileLock, Timeout

from kpi.engines.base import NotCompleteError, StoreBusyError, StoreError
from kpi.engines.files import StoreFiles, duckdb_files
from kpi.organisation import Organisation
from kpi.periods import Calendar
from kpi.relations import RELATIONS, Relation
from kpi.schema import TABLES
from kpi.scopes import Override
from kpi.store.derive import derive_tables
from kpi.store.load import Loaded, RowBatch, load_batch
from kpi.store.publish import last_snapshot, publish_snapshot
from kpi.store.tables import ensure_tables
from kpi.store.typed import MACROS, Origin, quoted

_PRIVATE_UMASK = 0o077

# Loading takes no more memory, however large the account is: what DuckDB would keep of the file it can read again. Each
# thread needs some of its own, so that more would need a higher limit. Publishing takes what there is.
_FRUGAL = "set memory_limit = '96MB'; set threads = 2"
_LAVISH = "reset memory_limit; reset threads"


def open_writer(url: str, organisation: Organisation, *, base: Path, sources: Collection[str] = ()) -> Writer:
    """The store's writer, for ``with``; its files are made where there are none, for their owner's eyes only.

    ``url`` is ``duckdb:///relative/path`` from ``base``, or absolute with four slashes. ``sources``: the names of all
    that are configured; rows of one may refer to ids of another, as ``hubspot:7001``. Raises StoreBusyError at once
    while another writer has the store, StoreError for other URLs and for files that cannot be opened.

    As long as it is open, this process makes all its files private (umask): DuckDB makes files at its own moments.
    """
    return Writer(duckdb_files(url, base), organisation, sources)


class Writer:
    """Writes a store. Get it from ``open_writer``; one thread uses it."""

    def __init__(self, files: StoreFiles, organisation: Organisation, sources: Collection[str]) -> None:
        self._files = files
        self._organisation = organisation
        self._sources = tuple(sources)
        self._calendar = Calendar(organisation)
        self._old_umask = os.umask(_PRIVATE_UMASK)
        try:
            self._lock = _locked(files)
            try:
                self._connection = _connect(files)
            except BaseException:
                self._lock.release()
                raise
        except BaseException:
            os.umask(self._old_umask)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the store."""
        try:
            self._connection.close()
        finally:
            self._lock.release()
            os.umask(self._old_umask)

    def cursors(self, source: str) -> dict[str, str]:
        """Where to go on with each table of a source, as its last committed batch said."""
        rows = self._connection.execute(
            "select table_name, cursor from passes where source = $source", {"source": source}
        ).fetchall()
        return dict(rows)

    def load(self, source: str, batch: RowBatch) -> Loaded:
        """Writes a batch and its cursor, all or nothing. StoreError where the disk refuses."""
        with _told_in_one_line(self._files):
            origin = Origin(source, tuple(each for each in self._sources if each != source))
            try:
                return load_batch(self._connection, self._calendar, origin, batch)
            except duckdb.OutOfMemoryException:  # such long rows are rare, and nothing of them has been written
                self._connection.execute(_LAVISH)
                return load_batch(self._connection, self._calendar, origin, batch)

    def forget(self, keep: Collection[str]) -> None:
        """Takes out everything of the sources that are not in ``keep``: those no longer configured."""
        columns = [(table, "_source") for table in TABLES]
        columns += [("passes", "source"), ("set_aside", "source"), ("syncs", "source")]
        with _told_in_one_line(self._files):
            self._connection.execute("begin")
            # A source of that name may come back: its passes would be counted from the beginning.
            self._connection.execute(
                "delete from made where name in "
                "(select table_name from passes where not list_contains($keep::varchar[], source))",
                {"keep": list(keep)},
            )
            for table, column in columns:
                self._connection.execute(
                    f"delete from {quoted(table)} where not list_contains($keep::varchar[], {column})",
                    {"keep": list(keep)},
                )
            self._connection.execute("commit")

    def publish(
        self,
        began_at: Mapping[str, datetime],
        overrides: Sequence[Override],
        sources: Sequence[str],
        *,
        relations: Sequence[Relation] = RELATIONS,
    ) -> Path:
        """Publishes what is loaded as a new snapshot and gives its path.

        ``began_at``: when the syncs that were completed now began, by source (aware); the others keep their time.
        ``sources``: all that are configured, in their order. Raises NotCompleteError where a table of one is not
        complete.
        """
        with _told_in_one_line(self._files):
            self._require_complete(sources)
            self._note_syncs(began_at, sources)
            self._drop_stale_raw()
            try:
                self._connection.execute(_LAVISH)
                with last_snapshot(self._connection, self._files) as was:
                    derive_tables(self._connection, self._organisation, overrides, relations, was)
                # Merges the log into the file, which then holds everything, and can be copied. Closing would merge it,
                # too, but not say what the disk refuses.
                self._connection.execute("checkpoint")
                self._connection.close()
                return publish_snapshot(self._files, relations)
            finally:
                self._connection.close()
                self._connection = _connect(self._files)

    def _require_complete(self, sources: Sequence[str]) -> None:
        rows = self._connection.execute("select source, table_name, complete from passes order by all").fetchall()
        for source, table, is_complete in rows:
            if source in sources and not is_complete:
                raise NotCompleteError(f"{table} of source {source!r} is not complete yet: run kpi sync again.")
        missing = [source for source in sources if source not in {row[0] for row in rows}]
        if missing:
            raise NotCompleteError(f"Source {missing[0]!r} has not been pulled yet: run kpi sync.")

    def _note_syncs(self, began_at: Mapping[str, datetime], sources: Sequence[str]) -> None:
        known = dict(self._connection.execute("select source, began_at from syncs").fetchall())
        known |= {source: at.astimezone(UTC).replace(tzinfo=None) for source, at in began_at.items()}
        missing = [source for source in sources if source not in known]
        if missing:
            raise NotCompleteError(f"Source {missing[0]!r} has never been synced to its end: run kpi sync.")
        self._connection.execute("begin; delete from syncs")
        for position, source in enumerate(sources):
            self._connection.execute("insert into syncs values ($1, $2, $3)", [source, known[source], position])
        self._connection.execute("commit")

    def _drop_stale_raw(self) -> None:
        """Raw values go with what they belong to."""
        self._connection.execute(
            "delete from _raw.rows as raw where not exists (select 1 from set_aside as kept "
            "where kept.source = raw.source and kept.table_name = raw.table_name "
            "and kept.batch = raw.batch and kept.ordinal = raw.ordinal)"
        )


def _locked(files: StoreFiles) -> FileLock:
    folder = files.database.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)  # 0700 by the umask
        lock = FileLock(files.lock, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout:
        raise StoreBusyError(f"Another sync is writing {files.database}: wait until it is done.") from None
    except OSError as error:
        raise StoreError(f"The store cannot be made in {folder}: {error.strerror}.") from error
    return lock


def _connect(files: StoreFiles) -> duckdb.DuckDBPyConnection:
    try:
        connection = duckdb.connect(str(files.database))
        connection.execute(f"set TimeZone = 'UTC'; {_FRUGAL}")
        connection.execute(f"attach {_literal(files.raw)} as _raw")
        connection.execute(MACROS)
        ensure_tables(connection)
    except (duckdb.IOException, duckdb.SerializationException) as error:
        raise StoreError(
            f"{files.database} cannot be opened as a store ({_first_line(error)}). If it is broken, move it and "
            f"{files.raw.name} away and run kpi sync."
        ) from error
    return connection


@contextmanager
def _told_in_one_line(files: StoreFiles) -> Iterator[None]:
    """Turns what the disk, or memory, refuses into a StoreError."""
    try:
        yield
    except (duckdb.OperationalError, duckdb.FatalException, OSError) as error:
        raise StoreError(f"The store {files.database} cannot be written: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
