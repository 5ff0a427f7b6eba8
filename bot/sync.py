"""A sync: every source is pulled into the store, batch by batch, and what is complete is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connectors import open_connector
from connectors.base import Connector
from kpi.scopes import Override
from kpi.store import open_writer

if TYPE_CHECKING:
    from bot.config import Config
    from kpi.store import Writer


class UnknownSourceError(Exception):
    """The configuration has no source of that name. One line that names those it has."""


@dataclass(slots=True)
class TableReport:
    """What a sync did with one table of one source, in rows."""

    source: str
    table: str
    pulled: int = 0
    written: int = 0
    deleted: int = 0
    set_aside: int = 0
    complete: bool = False
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class SyncReport:
    tables: tuple[TableReport, ...]
    notices: tuple[str, ...]
    snapshot: Path | None


class Progress(Protocol):
    """Told how far a sync is."""

    def source(self, name: str, rows: int | None) -> None:
        """A source is begun that holds about so many rows; None: unknown."""
        ...

    def advance(self, table: str, rows: int) -> None: ...

    def publishing(self) -> None: ...


class SilentProgress:
    """For where nobody watches."""

    def source(self, name: str, rows: int | None) -> None: ...

    def advance(self, table: str, rows: int) -> None: ...

    def publishing(self) -> None: ...


def sync(
    config: Config, *, only: str | None, full: bool, clock: Callable[[], datetime], progress: Progress
) -> SyncReport:
    """Pulls what changed (everything with ``full``), from every source or ``only`` one, and publishes a snapshot.

    Raises UnknownSourceError, SourceError, StoreError, and StoreBusyError while another sync runs. What was
    pulled before stays.
    """
    sources = {settings.name: settings for settings in config.sources}
    if only is not None and only not in sources:
        raise UnknownSourceError(f"There is no source {only!r}: the configuration has {', '.join(sources)}.")
    reports: list[TableReport] = []
    notices: list[str] = []
    with open_writer(config.store_url, config.organisation, base=config.base) as writer:
        writer.forget(list(sources))
        began_at: dict[str, datetime] = {}
        for name, settings in sources.items():
            if only in (None, name):
                began_at[name] = clock()
                connector = open_connector(settings, timezone=config.organisation.timezone)
                progress.source(name, connector.size())
                reports += _pull(writer, connector, notices, full=full, progress=progress)
        progress.publishing()
        snapshot = writer.publish(began_at, overrides(config), list(sources))
    return SyncReport(tuple(reports), tuple(notices), snapshot)


def overrides(config: Config) -> list[Override]:
    """The ``[[person]]`` blocks as the store takes them."""
    return [Override(person.email, person.role, person.manager, person.team) for person in config.people]


def _pull(
    writer: Writer, connector: Connector, notices: list[str], *, full: bool, progress: Progress
) -> list[TableReport]:
    reports: dict[str, TableReport] = {}
    for batch in connector.pull(writer.cursors(connector.name), full=full):
        loaded = writer.load(connector.name, batch)
        report = reports.setdefault(batch.table, TableReport(connector.name, batch.table))
        report.pulled += batch.pulled
        report.written += loaded.written
        report.deleted += loaded.deleted
        report.set_aside += loaded.set_aside
        report.complete = batch.ends
        notices += batch.notices
        progress.advance(batch.table, batch.pulled)
    return list(reports.values())
