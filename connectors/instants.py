"""Dates and times as people's exports write them, as ISO 8601 in UTC. Fast on millions: exact in Arrow where the
format is plain, one by one in Python for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

_ISO_FORMATS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
_PLAIN_FORMAT = re.compile(r"(?:[^%]|%[YmdHMS])*")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (a clock time of the zone at hand)
_BUCKET = 900  # seconds: zones change their offset at whole quarters of an hour; where one does not, Python reads it


def read_instants(texts: pa.StringArray, formats: Sequence[str], timezone: str) -> pa.StringArray:
    """Each text read by the first format that fits (none given: ISO 8601), as ``2026-01-31T09:30:00Z``; texts that fit
    none stay as they are. Local times are of ``timezone``: one that does not exist moves forward by the gap, of two
    the first is meant. A format without a time of day means midnight."""
    zone = ZoneInfo(timezone)

    def read_one(text: str) -> str:
        moment = _read_moment(text, formats)
        return (None if moment is None else _utc_text(moment, zone)) or text

    return _read(texts, formats, lambda walls: _utc_texts(walls, zone), read_one)


def read_dates(texts: pa.StringArray, formats: Sequence[str]) -> pa.StringArray:
    """Like read_instants, but the day as it is written (``2026-01-31``): no zone moves a date."""

    def read_one(text: str) -> str:
        moment = _read_moment(text, formats)
        return text if moment is None else moment.date().isoformat()

    return _read(texts, formats, lambda walls: pc.cast(pc.cast(walls, pa.date32()), pa.string()), read_one)


def _read(
    texts: pa.StringArray,
    formats: Sequence[str],
    write: Callable[[pa.Array], pa.StringArray],
    read_one: Callable[[str], str],
) -> pa.StringArray:
    trimmed = pc.utf8_trim_whitespace(texts)
    read = pa.nulls(len(texts), pa.string())
    for format_ in formats or _ISO_FORMATS:
        if not _is_plain(format_):
            break  # later formats must not overtake this one
        read = pc.coalesce(read, write(_walls(trimmed, format_)))
    left = pc.and_(pc.is_null(read), pc.is_valid(texts))
    one_by_one = [read_one(text) for text in pc.filter(texts, left).to_pylist()]
    return pc.replace_with_mask(read, left, pa.array(one_by_one, pa.string()))


def _is_plain(format_: str) -> bool:
    return bool(_PLAIN_FORMAT.fullmatch(format_)) and all(part in format_ for part in ("%Y", "%m", "%d"))


def _walls(texts: pa.StringArray, format_: str) -> pa.Array:
    """Clock times without a zone; null unless writing the time gives the very same text, since Arrow takes
    ``31.02.`` for a day in March."""
    walls = pc.strptime(texts, format=format_, unit="s", error_is_null=True)
    same = pc.equal(pc.strftime(walls, format=format_), texts)
    return pc.if_else(pc.fill_null(same, False), walls, None)


def _utc_texts(walls: pa.Array, zone: ZoneInfo) -> pa.StringArray:
    seconds = pc.cast(walls, pa.int64())
    # Integer division of Arrow goes towards zero; before 1970 that would be the bucket above.
    buckets = pc.divide(pc.subtract(seconds, pc.if_else(pc.less(seconds, 0), _BUCKET - 1, 0)), _BUCKET)
    encoded = pc.dictionary_encode(buckets)
    offsets = [_offset(bucket, zone) for bucket in encoded.dictionary.to_pylist()]
    utc = pc.subtract(seconds, pa.array(offsets, pa.int64()).take(encoded.indices))
    text = pc.cast(pc.cast(utc, pa.timestamp("s")), pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")


def _offset(bucket: int, zone: ZoneInfo) -> int | None:
    """The zone's offset in seconds during a quarter of an hour of its own clock; None where it changes within, and at
    the ends of the calendar."""
    try:
        start = _EPOCH + timedelta(seconds=bucket * _BUCKET)
        walls = [start.replace(tzinfo=zone), (start + timedelta(seconds=_BUCKET - 1)).replace(tzinfo=zone)]
        first, last = (wall.replace(tzinfo=UTC) - wall.astimezone(UTC) for wall in walls)
    except OverflowError:
        return None
    return int(first.total_seconds()) if first == last else None


def _read_moment(text: str, formats: Sequence[str]) -> datetime | None:
    trimmed = text.strip()
    for format_ in formats:
        try:
            return datetime.strptime(trimmed, format_)  # noqa: DTZ007 (the caller knows the zone)
        except ValueError:
            continue
    if formats:
        return None
    try:
        return datetime.fromisoformat(trimmed)
    except ValueError:
        return None


def _utc_text(moment: datetime, zone: ZoneInfo) -> str | None:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:  # less than a day from the ends of the calendar
        return None
