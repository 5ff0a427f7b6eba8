"""Engines run queries over what was published. Which one is meant stands in the store's URL: the seam for others."""

from __future__ import annotations

from pathlib import Path

from kpi.engines.base import Engine
from kpi.engines.files import duckdb_files
from kpi.scopes import Directory, Rep, Team


class Snapshots:
    """What is published, for a process that stays and its many threads. StoreError for a store of an unknown kind."""

    def __init__(self, url: str, base: Path) -> None:
        files = duckdb_files(url, base)
        from kpi.engines.duckdb import DuckdbSnapshots

        self._snapshots = DuckdbSnapshots(files)

    def engine(self) -> Engine:
        """An engine on what is current now, which stays on it until it is closed; close it after use.

        Raises NothingPublishedError before the first sync, StoreError where the store cannot be read.
        """
        return self._snapshots.engine()

    def close(self) -> None:
        """Lets go of the snapshot; engines given out before stay good until they are closed."""
        self._snapshots.close()


def open_engine(url: str, base: Path) -> Engine:
    """An engine on the current snapshot of the store (relative paths from ``base``); close it after use.

    Raises NothingPublishedError before the first sync, StoreError where the store cannot be read.
    """
    files = duckdb_files(url, base)
    from kpi.engines.duckdb import open_duckdb

    return open_duckdb(files)


def read_directory(engine: Engine) -> Directory:
    """Who is there, as published."""
    reps = engine.run("select id, name, email, team_id, manager_id, role, active, timezone, locale from reps")
    owners = engine.run("select owner_id, rep_id from rep_owners where owner_id <> rep_id")
    teams = engine.run("select id, name, parent_id from org_teams")
    sources = engine.run("select source from syncs order by position")
    return Directory(
        (Rep(*row) for row in reps), (Team(*row) for row in teams), (source for (source,) in sources), dict(owners)
    )
