"""The targets that the state holds, for every question: read without what makes a state, which takes long to import."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kpi.model import ScopeType
from kpi.targets import Origin, StatedTarget, Target, TargetKey

if TYPE_CHECKING:
    from bot.config import Config

_FILE = "sqlite:///"
_TABLE = "select 1 from sqlite_master where type = 'table' and name = 'targets'"
_STANDING = (
    "select kpi, scope_type, scope_id, period, value, kind, origin, whole_scope_type, whole_scope_id, whole_period "
    "from targets where ended_change is null order by id"
)


class StatedTargetsError(Exception):
    """The targets of the state can't be read. One line: what happened, what to do; never a password."""


def stated_targets(config: Config) -> Sequence[StatedTarget]:
    """The targets that were set or split here and stand; none where there is no state yet. StatedTargetsError where
    they can't be read."""
    url = config.state_url
    if url.startswith(_FILE) and "?" not in url:
        return _read_file(config.base / url.removeprefix(_FILE))
    return _read_server(url, config.base)


def _read_file(path: Path) -> Sequence[StatedTarget]:
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            # A state that no version with targets has opened yet lacks the table.
            return _stated(connection.execute(_STANDING)) if connection.execute(_TABLE).fetchone() else ()
    except sqlite3.Error as error:
        raise StatedTargetsError(
            f"The targets in the state database {path} can't be read: {error}. Check [state] url and who may read it."
        ) from error


def _read_server(url: str, base: Path) -> Sequence[StatedTarget]:
    from sqlalchemy import text

    from bot.state import StateError, open_state

    try:
        with closing(open_state(url, base)) as state, state.read() as connection:
            return _stated(tuple(row) for row in connection.execute(text(_STANDING)))
    except StateError as error:
        raise StatedTargetsError(str(error)) from error


def _stated(rows: Iterable[tuple[Any, ...]]) -> Sequence[StatedTarget]:
    return tuple(map(_one, rows))


def _one(row: tuple[Any, ...]) -> StatedTarget:
    kpi, scope_type, scope_id, period, value, kind, origin, whole_type, whole_id, whole_period = row
    whole = TargetKey(kpi, ScopeType(whole_type), whole_id or None, whole_period) if whole_period else None
    key = TargetKey(kpi, ScopeType(scope_type), scope_id or None, period)
    return StatedTarget(key, Target(Decimal(value), kind, Origin(origin), whole))
