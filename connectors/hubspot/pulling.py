"""Bringing the mirror up to date: what was begun is ended, what is new is listed, what has changed is found and read.

Every step is kept with the cursor behind it. Whatever moment a pull is cut short at, the next one goes on there, and
ends with what an undisturbed one would have brought.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from connectors.base import Pulled
from connectors.hubspot.client import HubspotError, MissingScopesError, NotFoundError, RefusedError
from connectors.hubspot.mirror import Mirror
from connectors.hubspot.mirror.arrivals import apply_archived, apply_found, apply_listed, apply_read
from connectors.hubspot.mirror.chunks import Archived, Found, History, Links, Listed, Read, Records, join_reads
from connectors.hubspot.objects import CrmObject, Pair
from connectors.hubspot.reading import (
    LINKS_BATCH,
    Client,
    Page,
    RepeatedPageError,
    as_records,
    changed_between,
    count_found,
    fitting_properties,
    histories_of,
    in_columns,
    list_pages,
    milliseconds,
    parts,
    read_batch,
    read_links,
    search,
)
from connectors.hubspot.reconciling import find_slipped
from connectors.hubspot.workers import in_order, side_by_side

# HubSpot's index may know of a change only minutes after it: every search looks that far behind the last one.
INDEX_LAG_MS = 15 * 60 * 1000
_GATHERED = 5_000  # records that are written at once
_READ_AT_ONCE = 8  # parts of what was pending that are written at once
_PENDING_AT_ONCE = 50_000  # ids that are looked up at once
_MOST_ROUNDS = 20  # what is read may show more to be read: a merged record, what hangs on it
_MOST_RESTARTS = 3  # of a listing whose pages are no longer known to HubSpot
_FEW_PAGES = 20  # of a recycle bin, that are read every time
_LINKED_DEALS = 1_000  # open deals whose associations are looked at each time
_MERGED = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that the account does not have, or (``scopes``) the token may not read."""

    object: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many live records of an object HubSpot says there are."""

    object: str
    records: int


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A page of a listing. ``incomplete``: the ids that came without all of their properties."""

    rows: pa.StructArray
    histories: Sequence[History]
    incomplete: Sequence[int]
    after: str | None


Chunk = Listed | Found | Archived | Counted | Absent


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
        self.listed = [name for name in self._objects if not self._is_listed(name)]
        yield from self._apply(self._stream(name, began_at) for name in self._objects)
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
        yield from self._apply(self._archived(name) for name in self._objects if name not in self.absent)

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
            self._mirror.look_again_since(name, _int(listing["began"]))

    def look_at_links(self) -> None:
        """Has all associations read again: they change without a trace in the records."""
        for name in self._objects:
            if name not in self.absent and any(pair.source == name for pair in self._pairs):
                self._mirror.look_at_links(name, "true", (), both=False)

    # Streams: they run in threads of their own, and know the mirror's cursors only as they were at the start

    def _stream(self, name: str, began_at: datetime) -> Iterator[Chunk]:
        """All that is asked about an object, step by step."""
        kind = self._objects[name]
        if self._is_listed(name):
            changes = self._search(kind, self._search_cursor(name, began_at))
            return self._guarded(name, chain(changes, self._read_bin(kind) if self._is_bin_read(name) else ()))
        listing = self._list_cursor(name, began_at)
        search_on = {
            "from": _int(listing["began"]) - INDEX_LAG_MS,
            "next": milliseconds(began_at) - INDEX_LAG_MS,
            "last": 0,
        }
        # The bin before and after: what comes out of it meanwhile may be on a page that has been read already.
        steps = (
            self._read_bin(kind),
            self._list(kind, listing),
            self._search(kind, search_on),
            self._read_bin(kind),
            self._count(kind),
        )
        return self._guarded(name, chain(*steps))

    def _list_cursor(self, name: str, began_at: datetime) -> dict[str, object]:
        known = self._mirror.cursor(f"list:{name}")
        if known is not None:
            return known
        number = int(self._mirror.meta(f"listing:{name}") or 0) + 1
        self._mirror.set_meta(f"listing:{name}", str(number))
        return {"number": number, "after": None, "began": milliseconds(began_at), "done": False}

    def _search_cursor(self, name: str, began_at: datetime) -> dict[str, int]:
        next_from = milliseconds(began_at) - INDEX_LAG_MS
        known = self._mirror.cursor(f"search:{name}")
        if known is None:
            began = _int((self._mirror.cursor(f"list:{name}") or {})["began"])
            return {"from": began - INDEX_LAG_MS, "next": next_from, "last": 0}
        return known if known["last"] else {**known, "next": next_from}

    def _list(self, kind: CrmObject, cursor: dict[str, object]) -> Iterator[Chunk]:
        restarts = 0
        while True:
            try:
                for chunk in self._list_on(kind, cursor):
                    yield chunk
                    cursor = json.loads(chunk.cursor)
            except (RefusedError, RepeatedPageError):
                # A page's token has expired, or leads in a circle: everything is read once more.
                restarts += 1
                if cursor["after"] is None or restarts > _MOST_RESTARTS:
                    raise
                cursor = {**cursor, "after": None}
            else:
                return

    def _list_on(self, kind: CrmObject, cursor: dict[str, object]) -> Iterator[Listed]:
        fitting, rest = fitting_properties(self._properties[kind.name])
        inline = kind.history is not None and kind.history_when == "true"
        after = cursor["after"]
        pages = list_pages(self._client, kind, fitting, None if after is None else str(after), with_history=inline)
        properties = self._properties[kind.name]
        for gathered in _gathered(self._arrivals(kind, pages, rest, inline=inline)):
            cursor = {**cursor, "after": gathered[-1].after, "done": gathered[-1].after is None}
            rows = pa.concat_arrays([arrival.rows for arrival in gathered])
            histories = [entry for arrival in gathered for entry in arrival.histories] if inline else None
            whole = as_records(kind, rows, properties, histories)
            yield Listed(
                whole,
                _int(cursor["number"]),
                json.dumps(cursor),
                has_links=any(pair.source == kind.name for pair in self._pairs),
                history_when="false" if inline or kind.history is None else kind.history_when,
                incomplete=[id_ for arrival in gathered for id_ in arrival.incomplete],
                is_last=bool(cursor["done"]),
            )

    def _arrivals(
        self, kind: CrmObject, pages: Iterator[Page], rest: Sequence[str], *, inline: bool
    ) -> Iterator[_Arrival]:
        for page in pages:
            records, incomplete = self._completed(kind, page.records, rest) if rest else (page.records, ())
            rows = in_columns(kind, records, self._properties[kind.name])
            yield _Arrival(rows, list(histories_of(kind, records)) if inline else (), incomplete, page.after)

    def _completed(
        self, kind: CrmObject, records: Sequence[Mapping[str, object]], rest: Sequence[str]
    ) -> tuple[list[Mapping[str, Any]], list[int]]:
        """Records with the properties that had no room in the address; those that are gone meanwhile stay without."""
        ids = [int(str(record["id"])) for record in records]
        more = {str(one["id"]): one["properties"] for one in read_batch(self._client, kind, ids, rest)}
        completed: list[Mapping[str, Any]] = [
            {**record, "properties": {**_mapping(record["properties"]), **more.get(str(record["id"]), {})}}
            for record in records
        ]
        return completed, [id_ for id_ in ids if str(id_) not in more]

    def _search(self, kind: CrmObject, cursor: dict[str, int]) -> Iterator[Chunk]:
        filters = changed_between(kind, cursor["from"], None)
        for found in search(self._client, kind, filters, cursor["last"]):
            if found:
                yield Found(kind.name, found, json.dumps({**cursor, "last": max(found)}))
        yield Found(kind.name, {}, json.dumps({"from": max(cursor["next"], cursor["from"]), "next": 0, "last": 0}))

    def _archived(self, name: str) -> Iterator[Chunk]:
        return self._guarded(name, self._read_bin(self._objects[name]))

    def _read_bin(self, kind: CrmObject) -> Iterator[Chunk]:
        asked = [_MERGED] if _MERGED in self._properties[kind.name] else []
        ids: list[int] = []
        merged: list[tuple[int, int]] = []
        pages = 0
        for page in list_pages(self._client, kind, asked, archived=True):
            pages += 1
            for record in page.records:
                ids.append(int(record["id"]))
                losers = str(record["properties"].get(_MERGED) or "").split(";")
                merged += [(int(loser), ids[-1]) for loser in losers if loser.strip().isdigit()]
        yield Archived(kind.name, ids, merged, pages)

    def _count(self, kind: CrmObject) -> Iterator[Chunk]:
        yield Counted(kind.name, count_found(self._client, kind, []))

    def _guarded(self, name: str, stream: Iterator[Chunk]) -> Iterator[Chunk]:
        """The stream, or that the account has no such object."""
        try:
            yield from stream
        except (MissingScopesError, NotFoundError) as error:
            if self._objects[name].is_needed or not self._is_refused_again(name):
                raise
            scopes = error.scopes or self._objects[name].scopes if isinstance(error, MissingScopesError) else ()
            yield Absent(name, tuple(scopes))

    def _is_refused_again(self, name: str) -> bool:
        """What is absent goes from the mirror: one refusal, which may have been a slip, is not enough for that."""
        try:
            self._client.get(self._client.paths.objects(name), {"limit": "1"})
        except (MissingScopesError, NotFoundError):
            return True
        return False

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

    def _is_listed(self, name: str) -> bool:
        cursor = self._mirror.cursor(f"list:{name}")
        return cursor is not None and bool(cursor["done"])

    def _is_bin_read(self, name: str) -> bool:
        """A short bin is read every time, a long one each night."""
        pages = (self._mirror.cursor(f"archived:{name}") or {"pages": 0})["pages"]
        return int(pages) <= _FEW_PAGES or name in self.listed

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


def _gathered(arrivals: Iterator[_Arrival]) -> Iterator[list[_Arrival]]:
    gathered: list[_Arrival] = []
    count = 0
    for arrival in arrivals:
        gathered.append(arrival)
        count += len(arrival.rows)
        if count >= _GATHERED or arrival.after is None:
            yield gathered
            gathered, count = [], 0


def _missing(asked: Sequence[int], found: Sequence[Mapping[str, object]]) -> list[int]:
    there = {str(one["id"]) for one in found}
    return [id_ for id_ in asked if str(id_) not in there]


def _int(value: object) -> int:
    return int(str(value))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
