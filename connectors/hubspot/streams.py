"""All that is asked about an object, step by step: its recycle bin, its list, what has changed, how many there are.

A stream runs in a thread of its own. It knows the mirror's cursors as they were when it was made, and hands on chunks,
each with the cursor behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import pyarrow as pa

from connectors.hubspot.client import MissingScopesError, NotFoundError, RefusedError
from connectors.hubspot.mirror import Mirror
from connectors.hubspot.mirror.chunks import Archived, Found, History, Listed
from connectors.hubspot.objects import CrmObject, Pair
from connectors.hubspot.reading import (
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
    read_batch,
    search,
)

# HubSpot's index may know of a change only minutes after it: every search looks that far behind the last one.
INDEX_LAG_MS = 15 * 60 * 1000
_GATHERED = 5_000  # records that are written at once
_MOST_RESTARTS = 3  # of a listing whose pages are no longer known to HubSpot
_FEW_PAGES = 20  # of a recycle bin, that are read every time
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


class Streams:
    """The streams of ``objects`` with their ``properties``, of which ``pairs`` says which have associations."""

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

    def of(self, name: str, began_at: datetime) -> Iterator[Chunk]:
        """The stream that brings an object up to ``began_at`` (the account's clock) at least."""
        kind = self._objects[name]
        if self.is_listed(name):
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

    def bin(self, name: str) -> Iterator[Chunk]:
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

    def is_listed(self, name: str) -> bool:
        cursor = self._mirror.cursor(f"list:{name}")
        return cursor is not None and bool(cursor["done"])

    def _is_bin_read(self, name: str) -> bool:
        """A short bin is read every time, a long one each night alone."""
        pages = (self._mirror.cursor(f"archived:{name}") or {"pages": 0})["pages"]
        return int(pages) <= _FEW_PAGES


def _gathered(arrivals: Iterator[_Arrival]) -> Iterator[list[_Arrival]]:
    gathered: list[_Arrival] = []
    count = 0
    for arrival in arrivals:
        gathered.append(arrival)
        count += len(arrival.rows)
        if count >= _GATHERED or arrival.after is None:
            yield gathered
            gathered, count = [], 0


def _int(value: object) -> int:
    return int(str(value))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
