"""What arrives from HubSpot in one go, and is written to the mirror in one transaction with the cursor behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from connectors.hubspot.objects import Pair

History = tuple[int, str, str]  # id, value, since when
Link = tuple[int, int, bool]  # source_id, target_id, is_primary


@dataclass(frozen=True, slots=True)
class Records:
    """Records of an object as they are now. ``table``: ``id`` (int64), ``created_at``, ``updated_at``, ``modified`` and
    the properties, as text. ``histories``: all that is known of the ids in ``with_history``."""

    object: str
    table: pa.Table
    with_history: Sequence[int] = ()
    histories: Sequence[History] = ()

    @property
    def count(self) -> int:
        return int(self.table.num_rows)


@dataclass(frozen=True, slots=True)
class Links:
    """All associations that a pair has for ``ids``, which are sources, or targets where ``by_target``."""

    pair: Pair
    ids: Sequence[int]
    links: Sequence[Link]
    by_target: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of a whole listing of an object's live records. What hangs on them is to be read by itself: their
    associations where ``has_links``, the history of those for which ``history_when`` (SQL over the record) is true."""

    records: Records
    number: int  # of the listing
    cursor: str
    has_links: bool
    history_when: str = "false"
    incomplete: Sequence[int] = ()  # ids that came without all of their properties
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Records that may have changed since they were read, by a search: ids and the moment of the change as text."""

    object: str
    modified: Mapping[int, str]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was still to be read of some records. Of those ``asked`` for that did not come as ``records``, and so are
    not there any more, ``archived`` are in the recycle bin. Of the ``records``, those keep their history for which
    ``history_when`` (SQL over the record) is true."""

    object: str
    asked: Sequence[int] = ()
    archived: Sequence[int] = ()
    records: Records | None = None
    histories: Mapping[int, Sequence[History]] = field(default_factory=dict)
    links: Sequence[Links] = ()
    cursor: str | None = None
    history_when: str = "true"


def join_reads(reads: Sequence[Read]) -> Read:
    """Several parts of the same object, one after another, as one."""
    told = [read.records for read in reads if read.records is not None]
    links: dict[tuple[Pair, bool], list[Links]] = {}
    for each in (link for read in reads for link in read.links):
        links.setdefault((each.pair, each.by_target), []).append(each)
    return Read(
        reads[-1].object,
        [id_ for read in reads for id_ in read.asked],
        [id_ for read in reads for id_ in read.archived],
        _join_records(told) if told else None,
        {id_: history for read in reads for id_, history in read.histories.items()},
        [_join_links(some) for some in links.values()],
        reads[-1].cursor,
        reads[-1].history_when,
    )


def _join_records(several: Sequence[Records]) -> Records:
    return Records(
        several[0].object,
        pa.concat_tables([records.table for records in several]),
        [id_ for records in several for id_ in records.with_history],
        [entry for records in several for entry in records.histories],
    )


def _join_links(several: Sequence[Links]) -> Links:
    ids = [id_ for links in several for id_ in links.ids]
    return Links(several[0].pair, ids, [link for links in several for link in links.links], several[0].by_target)


@dataclass(frozen=True, slots=True)
class Archived:
    """All ids of an object that are in its recycle bin, and which records are merged into those (loser, winner)."""

    object: str
    ids: Sequence[int]
    merged: Sequence[tuple[int, int]] = ()
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """A side table's rows, all of them, in the order of its columns."""

    table: str
    rows: Sequence[tuple[object, ...]]
