"""The targets that were set here, with all that they were before: no change loses anything, and each can be undone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, null, or_, select, text, update

from bot.state.database import State
from bot.state.tables import TARGETS
from kpi.model import ScopeType
from kpi.targets import Origin, StatedTarget, Target, TargetKey


@dataclass(frozen=True, slots=True)
class Entry:
    """A target as it was set, and since when it no longer stands (None: it does). Instants are aware, in UTC."""

    key: TargetKey
    target: Target
    set_by: str
    set_at: datetime
    ended_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a target: ``before`` and ``after`` are None where there was, or is, none."""

    key: TargetKey
    before: Target | None
    after: Target | None


class TargetBook:
    """The targets of a state. Each method is one transaction; of changes at the same time one comes after the other.
    ``author`` is who makes them, ``clock`` gives aware instants."""

    def __init__(self, state: State, *, author: str, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._author = author
        self._clock = clock

    def entries(self, *, with_history: bool = False) -> list[Entry]:
        """The targets that stand, in the order in which they were set; with history also those that no longer do."""
        rows = select(TARGETS).order_by(TARGETS.c.id)
        with self._state.read() as connection:
            return [_entry(row) for row in connection.execute(rows if with_history else rows.where(_stands()))]

    def write(self, stated: Iterable[StatedTarget], removed: Collection[TargetKey] = ()) -> list[Change]:
        """Sets these targets in place of what stood there, and takes others away, all or nothing. One that is just so
        already is no change."""
        with self._state.write() as connection:
            return self._write(connection, {one.key: one.target for one in stated} | dict.fromkeys(removed))

    def undo(self) -> list[Change]:
        """Brings back what stood before the last change; an undo is a change, too. Nothing where there was none."""
        with self._state.write() as connection:
            _lock(connection)
            last = _last_change(connection)
            rows = connection.execute(
                select(TARGETS).where(or_(TARGETS.c.change == last, TARGETS.c.ended_change == last))
            ).all()
            before: dict[TargetKey, Target | None] = dict.fromkeys(_key(row) for row in rows)
            before.update({_key(row): _target(row) for row in rows if row.ended_change == last})
            return self._write(connection, before)

    def _write(self, connection: Connection, wanted: dict[TargetKey, Target | None]) -> list[Change]:
        _lock(connection)
        number, now = _last_change(connection) + 1, self._clock()
        kpis = {key.kpi for key in wanted}
        standing = {
            _key(row): row for row in connection.execute(select(TARGETS).where(_stands(), TARGETS.c.kpi.in_(kpis)))
        }
        before = {key: _target(standing[key]) if key in standing else None for key in wanted}
        changes = [Change(key, before[key], after) for key, after in wanted.items() if before[key] != after]
        ended = [{"row": standing[change.key].id} for change in changes if change.before]
        if ended:
            values = {"ended_change": number, "ended_by": self._author, "ended_at": now}
            connection.execute(update(TARGETS).where(TARGETS.c.id == bindparam("row")).values(**values), ended)
        begun = [_values(change.key, change.after) for change in changes if change.after]
        if begun:
            connection.execute(insert(TARGETS).values(change=number, set_by=self._author, set_at=now), begun)
        return changes


def _lock(connection: Connection) -> None:
    """Others who write wait, or two would set the same. On SQLite a writing transaction is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table targets in share row exclusive mode"))


def _last_change(connection: Connection) -> int:
    begun, ended = connection.execute(select(func.max(TARGETS.c.change), func.max(TARGETS.c.ended_change))).one()
    return max(begun or 0, ended or 0)


def _stands() -> ColumnElement[bool]:
    return TARGETS.c.ended_change == null()


def _values(key: TargetKey, target: Target) -> dict[str, object]:
    whole = target.whole
    return {
        "kpi": key.kpi,
        "scope_type": key.scope_type,
        "scope_id": key.scope_id or "",
        "period": key.period,
        "kind": target.kind,
        "value": f"{target.value:f}",
        "origin": target.origin,
        "whole_scope_type": whole.scope_type if whole else None,
        "whole_scope_id": whole.scope_id or "" if whole else None,
        "whole_period": whole.period if whole else None,
    }


def _key(row: Row[Any]) -> TargetKey:
    return TargetKey(row.kpi, ScopeType(row.scope_type), row.scope_id or None, row.period)


def _target(row: Row[Any]) -> Target:
    whole = None
    if row.whole_period is not None:
        whole = TargetKey(row.kpi, ScopeType(row.whole_scope_type), row.whole_scope_id or None, row.whole_period)
    return Target(Decimal(row.value), row.kind, Origin(row.origin), whole)


def _entry(row: Row[Any]) -> Entry:
    return Entry(_key(row), _target(row), row.set_by, row.set_at, row.ended_by, row.ended_at)
