"""A sync: every source is pulled into the store, batch by batch, and what is complete is published."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.surroundings import surroundings_of
from connectors import open_connector
from connectors.base import Batch, Connector, IncompleteError, Pulled, SourceError, Surroundings
from connectors.mapping import SourceSettings
from kpi.engines.base import NotCompleteError, StoreError
from kpi.engines.files import current_snapshot, duckdb_files
from kpi.schema import TABLES
from kpi.scopes import Override
from kpi.store import open_writer

if TYPE_CHECKING:
    from bot.config import Config
    from kpi.store import Writer


class UnknownSourceError(Exception):
    """The configuration has no source of that name. One line that names those it has."""


@dataclass(slots=True)
class TableReport:
    """What a sync did with one table of one source, in rows. ``resume_at`` (ISO 8601, UTC): when its source goes on."""

    source: str
    table: str
    pulled: int = 0
    written: int = 0
    deleted: int = 0
    set_aside: int = 0
    complete: bool = False
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A source that was not pulled to its end: it goes on later (IncompleteError), or something is wrong."""

    source: str
    error: SourceError


@dataclass(frozen=True, slots=True)
class SyncReport:
    """``snapshot``: what was published now; None where no source came to its end, or one never has. ``is_answering``:
    whether anything is published, now or before."""

    tables: tuple[TableReport, ...]
    notices: tuple[str, ...]
    stops: tuple[Stop, ...]
    snapshot: Path | None
    is_answering: bool


class Progress(Protocol):
    """Told how far a sync is."""

    def source(self, name: str, rows: int | None) -> None:
        """A source is begun that holds about so many rows; None: unknown."""
        ...

    def advance(self, what: str, rows: int) -> None:
        """So many more rows have arrived, of a table or of what the source calls its own."""
        ...

    def publishing(self) -> None: ...


class SilentProgress:
    """For where nobody watches."""

    def source(self, name: str, rows: int | None) -> None: ...

    def advance(self, what: str, rows: int) -> None: ...

    def publishing(self) -> None: ...


def sync(
    config: Config,
    *,
    only: str | None,
    full: bool,
    clock: Callable[[], datetime],
    progress: Progress,
    connect: Callable[[SourceSettings, Surroundings], Connector] = open_connector,
) -> SyncReport:
    """Pulls what changed (everything with ``full``), from every source or ``only`` one, and publishes a snapshot.

    A source that stops, for now or by an error, keeps no other from being pulled and published; it stays as it was
    published last. Raises UnknownSourceError, StoreError, and StoreBusyError while another sync runs. What was pulled
    before stays.
    """
    sources = {settings.name: settings for settings in config.sources}
    if only is not None and only not in sources:
        raise UnknownSourceError(f"There is no source {only!r}: the configuration has {', '.join(sources)}.")
    surroundings = surroundings_of(config, clock)
    with open_writer(config.store_url, config.organisation, base=config.base, sources=sources) as writer:
        writer.forget(list(sources))
        _forget_files(surroundings.folder, sources)
        pulls = []
        for name, settings in sources.items():
            if only in (None, name):
                pull = _Pull(name, began_at=clock())
                pull.run(writer, partial(connect, settings, surroundings), progress, full=full)
                pulls.append(pull)
        completed = {pull.source: pull.began_at for pull in pulls if pull.stop is None}
        stops = tuple(pull.stop for pull in pulls if pull.stop)
        snapshot = None
        if completed:
            progress.publishing()
            snapshot = _publish(writer, config, completed, are_all_done=not stops)
    return SyncReport(
        tables=tuple(table for pull in pulls for table in pull.reports()),
        notices=tuple(notice for pull in pulls for notice in pull.notices),
        stops=stops,
        snapshot=snapshot,
        is_answering=snapshot is not None or _is_published(config),
    )


def _forget_files(folder: Path, keep: Container[str]) -> None:
    """Takes out what connectors have kept of sources that are no longer configured: people's records among it."""
    for path in folder.glob("*.duckdb*"):
        if path.is_file() and path.name.partition(".duckdb")[0] not in keep:
            path.unlink(missing_ok=True)


def overrides(config: Config) -> list[Override]:
    """The ``[[person]]`` blocks as the store takes them."""
    return [Override(person.email, person.role, person.manager, person.team) for person in config.people]


def _publish(writer: Writer, config: Config, began_at: dict[str, datetime], *, are_all_done: bool) -> Path | None:
    """The snapshot; None where a source that stopped is in the middle of a table, or has never been complete."""
    try:
        return writer.publish(began_at, overrides(config), [settings.name for settings in config.sources])
    except NotCompleteError:
        if are_all_done:
            raise
        return None


def _is_published(config: Config) -> bool:
    try:
        current_snapshot(duckdb_files(config.store_url, config.base))
    except StoreError:
        return False
    return True


class _Pull:
    """The pull of one source, and what became of it."""

    def __init__(self, source: str, began_at: datetime) -> None:
        self.source = source
        self.began_at = began_at
        self.notices: list[str] = []
        self.stop: Stop | None = None
        self._reports: dict[str, TableReport] = {}

    def run(self, writer: Writer, opened: Callable[[], Connector], progress: Progress, *, full: bool) -> None:
        known = writer.cursors(self.source)
        try:
            connector = opened()
            progress.source(self.source, connector.size())
            self._take_all(writer, connector.pull(known, full=full), progress)
        except SourceError as error:
            self.stop = Stop(self.source, error)
            self._mark_incomplete(known, error)

    def reports(self) -> list[TableReport]:
        return list(self._reports.values())

    def _take_all(self, writer: Writer, pulled: Iterable[Batch | Pulled], progress: Progress) -> None:
        are_counted = False  # records, as they arrived: rows that are made of them then are not counted again
        for each in pulled:
            self.notices += each.notices
            if isinstance(each, Pulled):
                are_counted = True
                progress.advance(each.what, each.records)
            else:
                self._load(writer, each)
                progress.advance(each.table, 0 if are_counted else each.pulled)

    def _load(self, writer: Writer, batch: Batch) -> None:
        loaded = writer.load(self.source, batch)
        report = self._report(batch.table)
        report.pulled += batch.pulled
        report.written += loaded.written
        report.deleted += loaded.deleted
        report.set_aside += loaded.set_aside
        report.complete = batch.ends

    def _mark_incomplete(self, known: Iterable[str], error: SourceError) -> None:
        """All tables of the source: those seen now and before. Of one that goes on later and has given none yet, all
        that there are may follow."""
        resume_at = None
        tables = list(dict.fromkeys((*self._reports, *known)))
        if isinstance(error, IncompleteError):
            resume_at = error.resume_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
            tables = tables or list(TABLES)
        for table in tables:
            report = self._report(table)
            report.complete, report.resume_at = False, resume_at

    def _report(self, table: str) -> TableReport:
        return self._reports.setdefault(table, TableReport(self.source, table))
