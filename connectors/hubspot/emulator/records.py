"""Records of one kind, with their past, and what search still shows of them."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.hubspot.emulator.kinds import Kind
from connectors.hubspot.emulator.values import iso


@dataclass(slots=True)
class Record:
    """``properties``: text by name; what is empty is not in it. ``past``: values with instants, oldest first, of the
    properties that changed since the record was made."""

    id: int
    created_at: datetime
    modified_at: datetime
    properties: dict[str, str]
    past: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    archived_at: datetime | None = None
    merged: tuple[int, ...] = ()

    def value(self, name: str, kind: Kind) -> str | None:
        """A property as answers hold it; None when it is empty."""
        found = self.properties.get(name)
        return self._of_system(name, kind) if found is None else found

    def history(self, name: str, kind: Kind) -> list[tuple[datetime, str]]:
        """The values of a property and since when, newest first."""
        if name in self.past:
            return sorted(self.past[name], key=lambda change: change[0])[::-1]
        value = self.value(name, kind)
        since = self.modified_at if name == kind.modified else self.created_at
        return [] if value is None else [(since, value)]

    def change(self, properties: dict[str, str], at: datetime) -> None:
        """Take new values over; an empty one empties its property."""
        for name, value in properties.items():
            self._remember(name, value, at)
            if value:
                self.properties[name] = value
            else:
                self.properties.pop(name, None)
        self.modified_at = at

    def rename(self, old: str, new: str) -> None:
        """Move a property's values, of now and before, to another name."""
        if old in self.properties:
            self.properties[new] = self.properties.pop(old)
        if old in self.past:
            self.past[new] = self.past.pop(old)

    def copy(self) -> Record:
        """As it is now; edits of the record do not reach the copy."""
        return replace(self, properties=dict(self.properties), past={key: list(was) for key, was in self.past.items()})

    def _remember(self, name: str, value: str, at: datetime) -> None:
        before = self.properties.get(name)
        if value == (before or ""):
            return
        if name not in self.past:
            self.past[name] = [] if before is None else [(self.created_at, before)]
        self.past[name].append((at, value))

    def _of_system(self, name: str, kind: Kind) -> str | None:
        if name == kind.modified:
            return iso(self.modified_at)
        if name in {"createdate", "hs_createdate"}:
            return iso(self.created_at)
        if name == "hs_object_id":
            return str(self.id)
        if name == "hs_merged_object_ids" and self.merged:
            return ";".join(map(str, self.merged))
        return None


@dataclass(slots=True)
class Shelf:
    """All records of a kind. ``heirs``: of ids merged away, the record they went into. ``last_search``: what was looked
    for last, and what was found, as long as neither a record nor what search knows of it changes."""

    kind: Kind
    records: dict[int, Record] = field(default_factory=dict)
    heirs: dict[int, int] = field(default_factory=dict)
    last_search: tuple[str, list[Record]] | None = None
    _order: list[int] = field(default_factory=list)
    _stale: dict[int, list[tuple[datetime, Record | None]]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        self.records[record.id] = record
        if not self._order or record.id > self._order[-1]:
            self._order.append(record.id)
        else:
            insort(self._order, record.id)

    def remove(self, record_id: int) -> None:
        """Forget a record; its id stays unused."""
        del self.records[record_id]
        self._order.remove(record_id)

    def heir(self, record_id: int) -> Record | None:
        """The record of an id, or the one it was merged into."""
        seen = record_id
        while seen in self.heirs:
            seen = self.heirs[seen]
        return self.records.get(seen)

    def after(self, record_id: int) -> Iterator[Record]:
        """The records with greater ids, in their order."""
        for index in range(bisect_right(self._order, record_id), len(self._order)):
            yield self.records[self._order[index]]

    def stay_stale(self, record_id: int, until: datetime) -> None:
        """Let search show the record as it is at this moment, before an edit, until the instant."""
        record = self.records.get(record_id)
        before = record.copy() if record and not record.archived_at else None
        self._stale.setdefault(record_id, []).append((until, before))

    @property
    def is_search_behind(self) -> bool:
        """Whether search shows a record otherwise than it is, or did when it was last asked."""
        return bool(self._stale)

    def indexed(self, now: datetime) -> Iterator[Record]:
        """The live records as search knows them, in the order of their ids."""
        self._forget_what_is_known_by(now)
        if not self._stale:
            yield from (each for each in self.after(-1) if not each.archived_at)
            return
        for record_id in sorted({*self._order, *self._stale}):
            stale = self._stale.get(record_id)
            shown = stale[0][1] if stale else self.records[record_id]
            if shown and not shown.archived_at:
                yield shown

    def _forget_what_is_known_by(self, now: datetime) -> None:
        for record_id in list(self._stale):
            left = [(until, before) for until, before in self._stale[record_id] if until > now]
            if left:
                self._stale[record_id] = left
            else:
                del self._stale[record_id]
