"""Bringing the mirror up to date: what was begun is ended, what is new is listed, what has changed is found and read.

Every step is kept with the cursor behind it. Whatever moment a pull is cut short at, the next one goes on there, and
ends with what an undisturbed one would have brought.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from connectors.base import Pulled
from connectors.hubspot.client import HubspotError
from connectors.hubspot.mirror import Mirror
from connectors.hubspot.mirror.arrivals import apply_archived, apply_found, apply_listed, apply_read
from connectors.hubspot.mirror.chunks import Archived, Found, Links, Listed, Read, Records, join_reads
from connectors.hubspot.objects import CrmObject, Pair
from connectors.hubspot.reading import (
    LINKS_BATCH,
    Client,
    as_records,
    histories_of,
    in_columns,
    milliseconds,
    parts,
    read_batch,
    read_links,
)
from connectors.hubspot.reconciling import find_slipped
from connectors.hubspot.streams import INDEX_LAG_MS, Absent, Chunk, Counted, Streams
from connectors.hubspot.workers import in_order, side_by_side

_READ_AT_ONCE = 8  # parts of what was pending that are written at once
_PENDING_AT_ONCE = 50_000  # ids that are looked up at once
_MOST_ROUNDS = 20  # what is read may show more to be read: a merged record, what hangs on it
_LINKED_DEALS = 1_000  # open deals whose associations are looked at each time


class Puller:
    """Pulls ``objects`` with their ``properties`` and ``pairs`` into the mirror. One use."""

    def __init__(
        self,
        client: Client,
        mirror: Mirror,
        objects: Mapping[str, CrmObject],
        pairs: Sequence[Pair],
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        self._client, self._mirror = client, mirror
        self._objects, self._pairs, self._properties = objects, pairs, properties
        self._streams = Streams(client, mirror, objects, pairs, properties)
        self.absent: dict[str, tuple[str, ...]] = {}
        self.listed: list[str] = []
        self.counted: dict[str, int] = {}
        self._empty: set[str] = set()

    def restart(self) -> None:
        """Has every object listed anew."""
        for name in self._objects:
            self._mirror.restart(name)

    def pull(self, began_at: datetime) -> Iterator[Pulled]:
        """All objects up to ``began_at`` (the account's clock) at least."""
        for name in self._objects:
            self._look_again_at_newest(name)
        yield from self.read_pending()
        self.listed = [name for name in self._objects if not self._streams.is_listed(name)]
        yield from self._apply(self._streams.of(name, began_at) for name in self._objects)
        self._look_at_open_deals()
        yield from self.read_pending()

    def read_pending(self) -> Iterator[Pulled]:
        """Reads what was found to be read, until nothing is."""
        for _ in range(_MOST_ROUNDS):
            names = [name for name in self._mirror.pending_objects() if name in self._objects]
            if not names:
                return
            self._empty = {name for name in self._objects if name not in names and not self._mirror.count(name)}
            for name in names:
                yield from self._read_pending_of(name)
        raise HubspotError("HubSpot's records change faster than they can be read: run kpi sync again.")

    def read_archived(self) -> Iterator[Pulled]:
        """Every recycle bin, however long."""
        yield from self._apply(self._streams.bin(name) for name in self._objects if name not in self.absent)

    def look_for_slipped(self, name: str, began_at: datetime) -> None:
        """Has records read again that are not here as HubSpot's index knows them."""
        until = milliseconds(began_at) - INDEX_LAG_MS
        self._mirror.look_again(name, find_slipped(self._client, self._mirror, self._objects[name], until))

    def _look_again_at_newest(self, name: str) -> None:
        """Has read again what changed while the last pull was under way: once more within that millisecond, after it
        had been read, a change would not be told from the one that is known."""
        search_on, listing = (self._mirror.cursor(f"{stream}:{name}") for stream in ("search", "list"))
        if search_on is not None:
            self._mirror.look_again_since(name, search_on["from"] + INDEX_LAG_MS)
        elif listing is not None:
            self._mirror.look_again_since(name, int(listing["began"]))

    def look_at_links(self) -> None:
        """Has all associations read again: they change without a trace in the records."""
        for name in self._objects:
            if name not in self.absent and any(pair.source == name for pair in self._pairs):
                self._mirror.look_at_links(name, "true", (), both=False)

    # What they bring

    def _apply(self, streams: Iterator[Iterator[Chunk]]) -> Iterator[Pulled]:
        for chunk in side_by_side(list(streams)):
            match chunk:
                case Listed():
                    apply_listed(self._mirror, chunk)
                    yield Pulled(chunk.records.object, chunk.records.count)
                case Found():
                    yield Pulled(chunk.object, apply_found(self._mirror, chunk))
                case Archived():
                    apply_archived(self._mirror, chunk)
                case Counted():
                    self.counted[chunk.object] = chunk.records
                case Absent():
                    self.absent[chunk.object] = chunk.scopes
                    self._mirror.empty(chunk.object)

    def _look_at_open_deals(self) -> None:
        """Associations change without a trace in the record. Those of open deals are what changes most: some are read
        anew each time, in turn; the others each night."""
        if "deals" not in self._objects or not self._pairs:
            return
        cursor = self._mirror.cursor("links:deals") or {"last": 0}
        rows = self._mirror.connection.execute(
            "select id from deals where coalesce(hs_is_closed, '') <> 'true' and id > $1 order by id limit $2",
            [cursor["last"], _LINKED_DEALS],
        ).fetchall()
        if rows:
            self._mirror.look_at_links("deals", "list_contains($1, id)", [[id_ for (id_,) in rows]], both=True)
        last = rows[-1][0] if len(rows) == _LINKED_DEALS else 0
        self._mirror.set_cursor("links:deals", json.dumps({"last": last}))

    # What is pending

    def _read_pending_of(self, name: str) -> Iterator[Pulled]:
        stream = f"read:{name}"
        cursor = self._mirror.cursor(stream) or {"wave": self._mirror.pending_wave(name), "after": 0}
        reads = in_order(self._pending_tasks(name, cursor["wave"], cursor["after"]))
        while some := list(islice(reads, _READ_AT_ONCE)):
            apply_read(self._mirror, join_reads(some))
            yield Pulled(name, sum(len(read.asked) for read in some))
        self._mirror.end_read(name, cursor["wave"])

    def _pending_tasks(self, name: str, wave: int, after: int) -> Iterator[Callable[[], Read]]:
        while many := self._mirror.pending(name, wave, after, _PENDING_AT_ONCE):
            for rows in parts(many, LINKS_BATCH):
                after = rows[-1][0]
                yield partial(self._read_some, self._objects[name], rows, json.dumps({"wave": wave, "after": after}))

    def _read_some(self, kind: CrmObject, rows: Sequence[tuple[int, bool, bool, bool]], cursor: str) -> Read:
        """What is to be read of some records."""
        asked = [id_ for id_, record, _, _ in rows if record]
        records, archived = self._read_records(kind, asked) if asked else (None, [])
        alone = [id_ for id_, record, history, _ in rows if history and not record]
        histories = self._read_histories(kind, alone) if alone and kind.history else {}
        links = self._read_links(kind.name, [id_ for id_, *_ in rows], [id_ for id_, _, _, both in rows if both])
        return Read(kind.name, asked, archived, records, histories, links, cursor, kind.history_when)

    def _read_records(self, kind: CrmObject, asked: Sequence[int]) -> tuple[Records, list[int]]:
        properties = self._properties[kind.name]
        with_history = kind.history is not None
        read = partial(read_batch, self._client, kind, with_history=with_history)
        found = read(asked, properties)
        missing = _missing(asked, found)
        in_bin = read_batch(self._client, kind, missing, (), archived=True) if missing else []
        archived = [int(one["id"]) for one in in_bin if one.get("archived", True)]
        if missing := _missing(missing, in_bin):
            # Once more: an answer in part is no proof that the others are gone, and one may have come out of the bin.
            found += read(missing, properties)
        histories = list(histories_of(kind, found)) if with_history else None
        return as_records(kind, in_columns(kind, found, properties), properties, histories), archived

    def _read_histories(self, kind: CrmObject, ids: Sequence[int]) -> dict[int, list[tuple[int, str, str]]]:
        histories: dict[int, list[tuple[int, str, str]]] = {id_: [] for id_ in ids}
        for record in read_batch(self._client, kind, ids, (), with_history=True):
            if int(record["id"]) in histories:
                histories[int(record["id"])] = list(histories_of(kind, [record]))
        return histories

    def _read_links(self, name: str, ids: Sequence[int], both: Sequence[int]) -> list[Links]:
        links: list[Links] = []
        for pair in self._pairs:
            if not self._has(pair):
                continue
            if pair.source == name:
                links.append(read_links(self._client, pair, ids))
            elif pair.target == name and both and not pair.is_one_way:
                links.append(read_links(self._client, pair, both, by_target=True))
        return links

    def _has(self, pair: Pair) -> bool:
        """Whether there may be associations of a pair. Where an object has no record, none names one; the first that
        comes is read from all sides."""
        return {pair.source, pair.target}.isdisjoint(self._empty | self.absent.keys())


def _missing(asked: Sequence[int], found: Sequence[Mapping[str, object]]) -> list[int]:
    there = {str(one["id"]) for one in found}
    return [id_ for id_ in asked if str(id_) not in there]
