"""The mirror's records as rows of the schema's tables: those that may have changed, or all of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch
from connectors.hubspot.mirror import Mirror
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.workers import side_by_side
from kpi.schema import TABLES, Type

if TYPE_CHECKING:
    from connectors.hubspot.translation import Translator


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Up to which version of the mirror a table's rows are, and how they were made. ``recipe`` is empty while a
    listing is under way: it is begun anew then, since nothing has to be pulled for it."""

    recipe: str = ""
    version: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | None) -> _Cursor:
        try:
            return cls(**json.loads(text)) if text else cls()
        except (TypeError, ValueError):  # of an older version
            return cls()


def make_rows(mirror: Mirror, translator: Translator, cursors: Mapping[str, str]) -> Iterator[Batch]:
    """The batches that bring every table to what the mirror holds now. While one is being loaded, another thread makes
    the next: nobody else may use the mirror until the last."""
    mirror.pack()
    return side_by_side([_rows(mirror, translator, cursors)], workers=1, waiting=1)


def _rows(mirror: Mirror, translator: Translator, cursors: Mapping[str, str]) -> Iterator[Batch]:
    from connectors.hubspot.translation import TRANSLATED

    translator.prepare(mirror.connection)
    before = {table: _Cursor.from_json(cursors.get(table)) for table in TRANSLATED}
    mirror.forget_changes(min(cursor.version for cursor in before.values()))
    version = mirror.version
    for table in TRANSLATED:
        now = _Cursor(f"{mirror.identity} {translator.recipe(table)}", version)
        try:
            yield from _rows_of(mirror, translator, table, before[table], now)
        except duckdb.OutOfMemoryException:
            mirror.lift_limit()
            yield from _rows_of(mirror, translator, table, before[table], now)


def _rows_of(mirror: Mirror, translator: Translator, table: str, before: _Cursor, now: _Cursor) -> Iterator[Batch]:
    if before.recipe != now.recipe or _is_whole(mirror, translator, table, before.version):
        return _listing(mirror, translator, table, now)
    return _changes(mirror, translator, table, before, now)


def _is_whole(mirror: Mirror, translator: Translator, table: str, version: int) -> bool:
    """Whether any row may be another: a list that all of them depend on has changed, or an object was listed anew, or
    the store or the mirror has been put back to what it once was."""
    if not mirror.forgotten <= version <= mirror.version:
        return True
    rows = mirror.connection.execute(
        "select distinct object from changed where version > $1 and id is null", [version]
    ).fetchall()
    changed = {name for (name,) in rows}
    if not _has_record(table):
        return bool(mirror.changed_since(version))
    return bool(changed & OBJECTS.keys()) or bool(changed & translator.whole_after(table))


def _has_record(table: str) -> bool:
    """Whether rows belong to a record, so that those of one can be replaced."""
    return TABLES[table].columns[0].type is Type.ID


def _listing(mirror: Mirror, translator: Translator, table: str, now: _Cursor) -> Iterator[Batch]:
    starts = True
    held: pa.Table | None = None
    for rows in translator.rows(mirror.connection, table, None):
        if held is not None:
            yield Batch(table, held, _Cursor().to_json(), pulled=held.num_rows, starts=starts)
            starts = False
        held = rows
    held = held if held is not None else _no_rows()
    yield Batch(table, held, now.to_json(), pulled=held.num_rows, starts=starts, ends=True)


def _changes(mirror: Mirror, translator: Translator, table: str, before: _Cursor, now: _Cursor) -> Iterator[Batch]:
    touched = _touched(mirror, translator, table, before.version)
    if not touched:
        yield Batch(table, _no_rows(), now.to_json(), pulled=0, ends=True)
        return
    held = _no_rows()
    gone = set(touched)
    for rows in translator.rows(mirror.connection, table, "touched"):
        if held.num_rows:
            yield Batch(table, held, before.to_json(), pulled=held.num_rows)
        held = rows
        gone -= set(pc.unique(rows[TABLES[table].columns[0].name]).to_pylist())
    yield Batch(table, held, now.to_json(), pulled=held.num_rows, ends=True, deleted=tuple(sorted(gone)))


def _touched(mirror: Mirror, translator: Translator, table: str, version: int) -> list[str]:
    """The ids of the rows that may be others since; they stand in the temporary table of that name, too."""
    run = mirror.connection.execute
    run(
        "create or replace temp table recent as select distinct object, id from changed "
        f"where version > {version} and id is not null"
    )
    affected = translator.affected_sql(table)
    run(f"create or replace temp table touched as select distinct id from ({affected}) as ids (id)")
    return [id_ for (id_,) in run("select id from touched where id is not null order by id").fetchall()]


def _no_rows() -> pa.Table:
    return pa.table({"_row": pa.array([], pa.int64())})
