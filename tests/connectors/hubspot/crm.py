"""A small HubSpot account that is edited and synced, sync by sync, and what a store that had it all at once would hold.

Nothing is played: the emulator answers on loopback, the connector asks it through the vendor's client, the rows lie in a
store. Only waiting is cut short: who sleeps between two tries is told that the time has passed.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Self

import duckdb

from connectors.base import Batch, IncompleteError, Pulled, Surroundings
from connectors.hubspot.auth import open_tokens
from connectors.hubspot.client import HubspotClient
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.faults import Faults
from connectors.hubspot.emulator.limits import UNLIMITED, Limits
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.hubspot.fields import properties_of
from connectors.hubspot.mirror import Mirror, open_mirror
from connectors.hubspot.mirror.arrivals import apply_side
from connectors.hubspot.mirror.chunks import Side
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.paths import DATED, Paths
from connectors.hubspot.patience import Timing
from connectors.limiter import Limiter
from connectors.mapping import SourceSettings, parse_table_map
from kpi.organisation import Organisation
from kpi.schema import TABLES
from kpi.store import open_writer
from tests.connectors.surroundings import MemoryVault

URL = "duckdb:///store.duckdb"
ORGANISATION = Organisation(timezone="UTC", currency="USD")
SOURCE = "hubspot"
START = datetime(2026, 11, 20, 17, tzinfo=UTC)
LAG = timedelta(minutes=16)  # longer than the index may be behind
NIGHT = timedelta(days=1)

Row = tuple[object, ...]
Tables = dict[str, list[Row]]


class Clock:
    """A time that moves when it is told to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


class Hurry:
    """Seconds as they pass, and those at once that somebody would have slept."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._skipped += seconds
        time.sleep(0)

    @property
    def timing(self) -> Timing:
        return Timing(sleep=self.sleep, monotonic=self.monotonic)


class HurriedConnector(HubspotConnector):
    """The connector as it is, but for its waits."""

    @cached_property
    def client(self) -> HubspotClient:
        settings, around, hurry = self._settings, self._surroundings, Hurry()
        paths = Paths(settings.api_version or DATED)
        assert settings.api_url is not None
        return HubspotClient(
            settings.api_url,
            open_tokens(settings, around, paths),
            Limiter(settings.share, sleep=hurry.sleep, monotonic=hurry.monotonic),
            paths=paths,
            clock=around.clock,
            timezone=lambda: self._account_zone,
            secret=around.secret,
            timing=hurry.timing,
        )


class Crm:
    """An account on loopback and a folder to sync it to. Use it as a context manager.

    ``maps``: ``[source.map.TABLE]`` blocks. ``limiter``: makes one that waits as long as it says. Other words are the
    emulator's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        account: Account | None = None,
        clock: Clock | None = None,
        maps: Mapping[str, Mapping[str, Any]] | None = None,
        limits: Limits = UNLIMITED,
        scopes: Collection[str] = READ_SCOPES,
        limiter: Callable[[], Limiter] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.account = account or Account(clock=self.clock, timezone="UTC")
        self.emulator = HubspotEmulator(self.account, limits=limits, scopes=scopes, gzip=False)
        self.maps = dict(maps or {})
        self.limiter = limiter
        self.notices: list[str] = []
        self._parent, self._numbers = folder, count(1)
        self.folder = self.new_folder()

    def __enter__(self) -> Self:
        self.emulator.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.emulator.stop()

    def new_folder(self) -> Path:
        folder = self._parent / str(next(self._numbers))
        folder.mkdir(parents=True)
        return folder

    @property
    def settings(self) -> SourceSettings:
        maps = {table: parse_table_map(table, columns, of_files=False) for table, columns in self.maps.items()}
        return SourceSettings(SOURCE, SOURCE, maps=maps, api_url=self.emulator.api_url)

    def open_connector(self, folder: Path | None = None) -> HubspotConnector:
        limiter = self.limiter() if self.limiter else None
        return open_connector(self.settings, self.emulator.token, folder or self.folder, self.clock, limiter)

    def sync(self, *, full: bool = False, faults: Faults | None = None) -> int:
        """Syncs as ``kpi sync`` does, with faults in between; gives how many requests that took."""
        before = self.emulator.requests
        self.emulator.add_faults(faults or Faults())
        try:
            self.notices = run_sync(self.open_connector(), self.folder, full=full)
        finally:
            self.emulator.clear_faults()
        return self.emulator.requests - before

    def sync_until_done(self, most: int) -> int:
        """Syncs, and where HubSpot gives no more today, goes on when it does; gives how many syncs that took."""
        for number in range(1, most):
            try:
                self.sync()
            except IncompleteError as error:
                self.clock.now = error.resume_at
            else:
                return number
        self.sync()
        return most

    def tables(self) -> Tables:
        """What the store holds."""
        return tables_in(self.folder)

    def query(self, sql: str) -> list[Row]:
        """What the store says."""
        with closing(duckdb.connect(str(self.folder / "store.duckdb"), read_only=True)) as connection:
            return connection.execute(sql).fetchall()

    def fresh_tables(self) -> Tables:
        """What a store would hold that had never been synced before, if it knew of the stages and pipelines that
        HubSpot tells of no more."""
        folder = self.new_folder()
        with self.open_mirror() as known:
            lists = [Side(table, known.side(table)) for table in ("pipelines", "stages")]
        with self.open_mirror(folder) as mirror:
            for each in lists:
                apply_side(mirror, each)
        run_sync(self.open_connector(folder), folder)
        tables = tables_in(folder)
        shutil.rmtree(folder)
        return tables

    def open_mirror(self, folder: Path | None = None) -> Mirror:
        """What was pulled, to look at or to spoil."""
        path = (folder or self.folder) / "mirror" / f"{SOURCE}.duckdb"
        path.parent.mkdir(exist_ok=True)
        return open_mirror(path, {name: properties_of(name, self.settings) for name in OBJECTS})

    def paths(self, since: int = 0) -> list[str]:
        """What was asked since that many requests, method and path."""
        return [f"{each.method} {each.path}" for each in self.emulator.log[since:]]


def open_connector(
    settings: SourceSettings, token: str, folder: Path, clock: Clock, limiter: Limiter | None = None
) -> HubspotConnector:
    """The connector whose records are kept in a folder. Without a limiter it waits for nothing."""
    secrets = {"HUBSPOT_ACCESS_TOKEN": token}
    around = Surroundings("UTC", "USD", folder / "mirror", secrets.get, MemoryVault(), clock)
    return HubspotConnector(settings, around, limiter) if limiter else HurriedConnector(settings, around)


def run_sync(
    connector: HubspotConnector, folder: Path, *, full: bool = False, loaded: Callable[[], object] = lambda: None
) -> list[str]:
    """Loads all that a connector pulls; gives its notices. ``loaded`` is called after each batch."""
    notices: list[str] = []
    with open_writer(URL, ORGANISATION, base=folder, sources=[SOURCE]) as writer:
        for each in connector.pull(writer.cursors(SOURCE), full=full):
            notices += each.notices
            if isinstance(each, Batch):
                writer.load(SOURCE, each)
                loaded()
            else:
                assert isinstance(each, Pulled)
    return notices


def tables_in(folder: Path) -> Tables:
    """The rows of the schema's tables, sorted; stage changes as they follow each other."""
    with closing(duckdb.connect(str(folder / "store.duckdb"), read_only=True)) as connection:
        return {name: _rows(connection, name, table.column_names) for name, table in TABLES.items()}


def differing(tables: Tables, expected: Tables) -> dict[str, tuple[list[Row], list[Row]]]:
    """Of each table that differs: rows that are too many, and rows that are missing."""
    return {
        name: (_beyond(tables[name], expected[name]), _beyond(expected[name], tables[name]))
        for name in expected
        if tables[name] != expected[name]
    }


def _beyond(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    return list((Counter(rows) - Counter(others)).elements())


def _rows(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> list[Row]:
    order = "deal_id, row_number" if name == "stage_changes" else "all"
    listed = ", ".join(f'"{column}"' for column in columns)
    return connection.execute(f'select {listed} from "{name}" order by {order}').fetchall()
