"""A sync whose source stops: what is told, what is published, and that it goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Config, load_config
from bot.sync import SilentProgress, SyncReport, sync
from connectors import open_connector
from connectors.base import Connector, IncompleteError, SourceError, Surroundings
from connectors.mapping import SourceSettings
from kpi.engines import open_engine
from kpi.engines.base import NotCompleteError
from tests.bot.acme import NOW, add_rows, write_acme
from tests.bot.stopping_connector import StoppingConnector

RESUME_AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
LIMIT = IncompleteError("The daily limit is used up.", RESUME_AT)


class CountingProgress(SilentProgress):
    """What a bar would have shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, int]] = []

    def advance(self, what: str, rows: int) -> None:
        self.shown.append((what, rows))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = write_acme(tmp_path)
    file.write_text(file.read_text() + '\n[[source]]\nname = "crm"\ntype = "hubspot"\n')
    return load_config(file, {})


def run(config: Config, crm: StoppingConnector, *, at: datetime = NOW, only: str | None = None) -> SyncReport:
    def connect(settings: SourceSettings, surroundings: Surroundings) -> Connector:
        return crm if settings.name == "crm" else open_connector(settings, surroundings)

    return sync(config, only=only, full=False, clock=lambda: at, progress=SilentProgress(), connect=connect)


def deals_won(config: Config) -> int:
    engine = open_engine(config.store_url, config.base)
    try:
        return int(engine.run("select count(*) from deals where status = 'won'")[0][0])
    finally:
        engine.close()


def as_of(config: Config, source: str) -> datetime | None:
    engine = open_engine(config.store_url, config.base)
    try:
        return engine.as_of([source])
    finally:
        engine.close()


def test_a_source_at_its_limit_says_when_it_goes_on_and_others_are_published(config: Config):
    run(config, StoppingConnector("crm"))
    add_rows(config.base, "deals", "D99,new,R3,won,1,USD,new,2026-10-01T10:00:00Z,2026-11-06T15:00:00Z")
    before = deals_won(config)
    later = datetime(2026, 11, 20, 18, tzinfo=UTC)

    report = run(config, StoppingConnector("crm", LIMIT), at=later)

    (accounts,) = [table for table in report.tables if table.source == "crm"]
    assert (accounts.table, accounts.complete, accounts.resume_at) == ("accounts", False, "2026-11-21T05:00:00Z")
    assert all(table.complete and table.resume_at is None for table in report.tables if table.source == "files")
    assert report.snapshot is not None
    assert deals_won(config) == before + 1
    assert (as_of(config, "crm"), as_of(config, "files")) == (NOW, later)


def test_a_source_at_its_limit_that_was_never_complete_leaves_nothing_to_publish(config: Config):
    report = run(config, StoppingConnector("crm", LIMIT))

    assert (report.snapshot, report.is_answering) == (None, False)
    told = {table.table: table.resume_at for table in report.tables if table.source == "crm"}
    assert told["deals"] == told["accounts"] == "2026-11-21T05:00:00Z"
    assert run(config, StoppingConnector("crm")).snapshot is not None


def test_a_source_that_stops_within_a_table_stays_as_it_was_published(config: Config):
    run(config, StoppingConnector("crm"))

    report = run(config, StoppingConnector("crm", LIMIT, after=1))

    assert (report.snapshot, report.is_answering) == (None, True)
    assert run(config, StoppingConnector("crm")).snapshot is not None


def test_a_source_that_stops_at_the_very_end_is_not_complete(config: Config):
    report = run(config, StoppingConnector("crm", SourceError("It broke."), after=2))

    assert [(stop.source, str(stop.error)) for stop in report.stops] == [("crm", "It broke.")]
    assert [table.complete for table in report.tables if table.source == "crm"] == [False]
    assert report.snapshot is None


def test_a_source_left_out_of_the_first_sync_is_an_error_as_before(config: Config):
    with pytest.raises(NotCompleteError, match="'crm' has not been pulled yet"):
        run(config, StoppingConnector("crm"), only="files")


def test_records_count_as_they_arrive_and_notices_are_told_once(config: Config):
    progress = CountingProgress()
    report = sync(
        config,
        only="crm",
        full=False,
        clock=lambda: NOW,
        progress=progress,
        connect=lambda _settings, _surroundings: StoppingConnector("crm", LIMIT, after=2),
    )

    assert progress.shown == [("companies", 2), ("accounts", 0), ("accounts", 0)]
    assert report.notices == ("told once",)


def test_what_a_connector_keeps_of_a_source_goes_with_the_source(config: Config):
    run(config, StoppingConnector("crm"))
    kept = config.base / "var" / "crm.sources"
    kept.mkdir(exist_ok=True)
    for name in ("crm.duckdb", "crm.duckdb.wal", "gone.duckdb", "gone.duckdb.wal", "notes.txt"):
        (kept / name).write_text("")

    run(config, StoppingConnector("crm"))

    assert sorted(path.name for path in kept.iterdir()) == ["crm.duckdb", "crm.duckdb.wal", "notes.txt"]
