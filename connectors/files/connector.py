"""The files connector: a folder with one CSV or Parquet file for each table, read whole whenever one changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch, Finding, SourceError
from connectors.files.folder import SourceFile, files_of_no_table, find_files
from connectors.files.identity import Identity
from connectors.files.left_out import LeftOut, digest, find_left_out, without
from connectors.files.reader import gathered, text_table
from connectors.files.tables import FileTable, open_table, refuse_missing, scan_table
from connectors.mapping import SourceSettings
from connectors.suggestion import in_one_line
from connectors.translation import ROW, apply_map
from kpi.schema import TABLES

_READING = 1  # raised when the same file would be read differently: then every file is read anew
_NO_FILE = "no file"


@dataclass(frozen=True, slots=True)
class _Cursor:
    """How far a listing is. ``fingerprint``: of the file's content and all that decides how it is read."""

    fingerprint: str
    row: int = 0
    done: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | None) -> _Cursor | None:
        """None for no cursor, and for one that an older version wrote."""
        try:
            return cls(**json.loads(text)) if text else None
        except (TypeError, ValueError):
            return None


class FilesConnector:
    """Tables from the files of a folder. ``timezone`` is the organisation's, for local times without a zone."""

    def __init__(self, settings: SourceSettings, timezone: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._timezone = timezone

    def pull(self, cursors: Mapping[str, str], *, full: bool) -> Iterator[Batch]:
        """See Connector. A file is listed whole when it, its mapping or a filter changed; else one empty batch says
        that its table is up to date. Every file's columns are checked before the first batch."""
        tables = self._open_tables(find_files(self._settings))
        left_out = self._find_left_out(tables)
        for name in TABLES:
            before = _Cursor.from_json(cursors.get(name))
            if name in tables:
                yield from self._pull_table(tables[name], left_out, None if full else before)
            elif name in cursors:
                yield _gone(name, before)

    def size(self) -> int:
        """About how many rows all files hold; what has not changed is not read, and not pulled."""
        files = find_files(self._settings)
        return sum(table.reader.estimate_rows() for table in self._open_tables(files).values())

    def check(self) -> Iterator[Finding]:
        """See Connector: a finding for each table with a file, and what is wrong with the folder and the filters."""
        try:
            files = find_files(self._settings)
        except SourceError as error:
            yield Finding("folder", ok=False, detail=str(error))
            return
        tables = {}
        for name, file in files.items():
            try:
                tables[name] = open_table(name, file, self._settings.maps.get(name))
            except SourceError as error:
                yield Finding(name, ok=False, detail=str(error))
            else:
                yield Finding(name, ok=True, detail=_reading_of(tables[name]))
        unread = files_of_no_table(self._settings, files)
        if unread:
            yield Finding("folder", ok=True, detail=f"Not read, since no table is called so: {in_one_line(unread)}")
        if tables.keys() == files.keys():
            yield from self._check_filters(tables)

    def _check_filters(self, tables: Mapping[str, FileTable]) -> Iterator[Finding]:
        try:
            left_out = self._find_left_out(tables)
        except SourceError as error:
            yield Finding("filters", ok=False, detail=str(error))
            return
        for notice in (notice for notices in left_out.notices.values() for notice in notices):
            yield Finding("filters", ok=False, detail=notice)

    def _open_tables(self, files: Mapping[str, SourceFile]) -> dict[str, FileTable]:
        return {name: open_table(name, file, self._settings.maps.get(name)) for name, file in files.items()}

    def _find_left_out(self, tables: Mapping[str, FileTable]) -> LeftOut:
        def scan(table: str, needed: Sequence[str], optional: Sequence[str] = (), *, reason: str) -> Iterator[pa.Table]:
            refuse_missing(tables, table, needed, reason)
            return scan_table(tables[table], (*needed, *optional), self._timezone)

        return find_left_out(self._settings.filters, tables, scan)

    def _pull_table(self, table: FileTable, left_out: LeftOut, before: _Cursor | None) -> Iterator[Batch]:
        hidden = left_out.by_column(table.name)
        start = _Cursor(self._fingerprint(table, digest(hidden)))
        if before is not None and before.fingerprint == start.fingerprint:
            start = before
        if start.done:
            yield Batch(table.name, _no_rows(), start.to_json(), pulled=0, ends=True)
            return
        notices = (*table.notices(), *left_out.notices.get(table.name, ()))
        for batch in self._list(table, hidden, start):
            yield replace(batch, notices=notices)
            notices = ()

    def _list(self, table: FileTable, hidden: Mapping[str, pa.Array], start: _Cursor) -> Iterator[Batch]:
        """The rows behind ``start``, and the end of the listing."""
        identity = Identity(table.translation, distinct=table.is_distinct)
        cursor = start
        for chunk, is_last in gathered(table.reader.read(table.translation.sources, _reading_after(identity, start))):
            rows = apply_map(chunk.rows, table.translation, self._timezone)
            rows = identity.apply(without(rows, hidden))
            table.file.verify()
            if chunk.last_row <= start.row:
                continue
            reached = replace(start, row=chunk.last_row, done=is_last)
            yield Batch(
                table=table.name,
                rows=rows.filter(pc.greater(rows[ROW], start.row)),
                cursor=reached.to_json(),
                pulled=reached.row - cursor.row,
                starts=cursor.row == 0,
                ends=is_last,
                unreadable=tuple(one for one in chunk.unreadable if one.row > start.row),
            )
            cursor = reached
        if not cursor.done:
            table.file.verify()
            reached = replace(cursor, done=True)
            yield Batch(table.name, _no_rows(), reached.to_json(), pulled=0, starts=cursor.row == 0, ends=True)

    def _fingerprint(self, table: FileTable, left_out: str) -> str:
        """Of the file's content and of all that decides what is made of it."""
        settings = (_READING, table.translation, table.is_distinct, self._settings.filters, self._timezone, left_out)
        return hashlib.sha256(f"{table.file.content_hash()} {settings!r}".encode()).hexdigest()


def _reading_after(identity: Identity, start: _Cursor) -> int:
    return 0 if identity.looks_back else start.row


def _gone(table: str, before: _Cursor | None) -> Batch:
    """The batch of a table that was pulled once and has no file any more: nothing is left of it."""
    gone = _Cursor(_NO_FILE, done=True)
    if before == gone:
        return Batch(table, _no_rows(), gone.to_json(), pulled=0, ends=True)
    notice = f"{table}: the file is gone, so its rows are taken out."
    return Batch(table, _no_rows(), gone.to_json(), pulled=0, starts=True, ends=True, notices=(notice,))


def _no_rows() -> pa.Table:
    return text_table({}, [])


def _reading_of(table: FileTable) -> str:
    """What a check says of a file that can be read."""
    name = table.file.path.name
    said = f"{name} gives {in_one_line(table.translation.fields)}"
    if table.translation.generates_ids:
        said += "; ids are made from the content"
    if table.ignored:
        said += f"; not read: {in_one_line(table.ignored)}"
    return said
