"""Writing what arrives: each chunk in one transaction, together with the cursor behind it and what it has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import duckdb
import pyarrow as pa

from connectors.base import SourceError
from connectors.hubspot.mirror.chunks import Archived, Found, History, Links, Listed, Read, Records, Side
from connectors.hubspot.mirror.tables import FIXED, SIDE_TABLES, columns_of, ensure_tables, history_table, quoted
from connectors.hubspot.objects import OBJECTS, PAIRS

_MEMORY = "96MB"
_MERGED = "hs_merged_object_ids"


def open_mirror(path: Path, properties: Mapping[str, Sequence[str]]) -> Mirror:
    """The mirror in ``path``, made where there is none; ``properties`` are what is pulled, by object. Raises
    SourceError where the file cannot be opened."""
    try:
        connection = duckdb.connect(str(path), config={"memory_limit": _MEMORY, "threads": 2})
        path.chmod(0o600)
        connection.execute("set TimeZone = 'UTC'")
        widened = ensure_tables(connection, properties)
    except (duckdb.Error, OSError) as error:
        raise SourceError(
            f"{path} cannot be opened ({str(error).partition(chr(10))[0]}). It holds what was pulled from HubSpot: if it "
            "is broken, move it away and run kpi sync, which pulls everything anew."
        ) from None
    return Mirror(connection, path, widened)


class Mirror:
    """Get it from ``open_mirror``; one thread uses it. ``widened``: the objects that have got properties which the
    records here were pulled without."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, widened: Sequence[str]) -> None:
        self.connection, self.path, self.widened = connection, path, widened
        self._columns = {name: columns_of(connection, name) for name in OBJECTS}
        self._whole: set[str] = set()
        self.version = int(self.meta("version") or 0)
        self.identity = self.meta("identity") or ""
        if not self.identity:
            self.identity = uuid4().hex
            with self._transaction():
                self._set_meta("identity", self.identity)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    # What is there

    def meta(self, key: str) -> str | None:
        rows = self._rows("select value from meta where key = $1", [key])
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        with self._transaction():
            self._set_meta(key, value)

    def cursor(self, stream: str) -> dict[str, Any] | None:
        """How far a stream is; None before its first chunk."""
        rows = self._rows("select cursor from progress where stream = $1", [stream])
        return json.loads(rows[0][0]) if rows else None

    def set_cursor(self, stream: str, cursor: str) -> None:
        with self._transaction():
            self._set_cursor(stream, cursor)

    def count(self, object_name: str) -> int:
        return int(self._rows(f"select count(*) from {quoted(object_name)}")[0][0])

    def pending(self, object_name: str, wave: int, after: int, limit: int) -> list[tuple[int, bool, bool, bool]]:
        """The next ids of which something is to be read: id, record, history, both."""
        return self._rows(
            "select id, bool_or(record), bool_or(history), bool_or(both) from pending "
            "where object = $1 and wave <= $2 and id > $3 group by id order by id limit $4",
            [object_name, wave, after, limit],
        )

    def pending_objects(self) -> list[str]:
        return [name for (name,) in self._rows("select distinct object from pending order by object")]

    def pending_wave(self, object_name: str) -> int:
        """The newest wave in which something of the object has become pending."""
        return int(self._rows("select coalesce(max(wave), 0) from pending where object = $1", [object_name])[0][0])

    def changed_since(self, version: int) -> list[str]:
        """The tables of which something has changed since."""
        rows = self._rows("select distinct object from changed where version > $1", [version])
        return [name for (name,) in rows]

    def changes(self, name: str, version: int) -> int:
        """How many records of an object have changed since."""
        return int(self._rows("select count(distinct id) from changed where object = $1 and version > $2", [name, version])[0][0])

    # What arrives

    def apply_listed(self, chunk: Listed) -> None:
        """Part of a whole listing. What hangs on the records becomes pending."""
        name = chunk.records.object
        with self._transaction():
            self._note_whole(name)
            self._stage(chunk.records)
            self._note_merges(name, is_listing=True)
            self._replace(name, chunk.number)
            self._write_histories(chunk.records)
            wanted = _history_wanted(name)
            inline = "false" if chunk.records.with_history else wanted
            if inline != "false" or _has_pairs(name):
                self._execute(
                    f"insert into pending select $1, id, false, {inline}, false, $2 from incoming",
                    [name, self.version],
                )
            self._add_pending(name, chunk.incomplete, record=True)
            if chunk.is_last:
                # What it did not see is looked at once more by its id: it may just have come back.
                self._execute(
                    f"insert into pending select $1, id, true, false, true, $2 from {quoted(name)} where _pass <> $3",
                    [name, self.version, chunk.number],
                )
            self._set_cursor(f"list:{name}", chunk.cursor)

    def apply_found(self, chunk: Found) -> int:
        """What a search has found: those that are not as they are here become pending. Gives how many."""
        with self._transaction():
            self._register("found", {"id": pa.array(chunk.modified, pa.int64()), "at": list(chunk.modified.values())})
            self._execute(
                "insert into pending select $1, found.id, true, false, found.id in (select id from gone where object = $1), "
                f"$2 from found left join {quoted(chunk.object)} as known on known.id = found.id "
                "where (known.id is null or known.modified is distinct from found.at) "
                "and found.id not in (select loser from merged where object = $1)",
                [chunk.object, self.version],
            )
            count = self._last_count()
            if chunk.cursor is not None:
                self._set_cursor(f"search:{chunk.object}", chunk.cursor)
        return count

    def apply_read(self, chunk: Read, archived: Sequence[int] = ()) -> None:
        """What was pending. Of those that were asked for and are not there, ``archived`` are in the recycle bin."""
        name = chunk.object
        with self._transaction():
            if chunk.records is not None:
                self._stage(chunk.records)
                self._note_changed_records(name)
                self._note_merges(name, is_listing=False)
                self._replace(name, None)
                self._write_histories(chunk.records)
                self._forget_missing(name, chunk.asked, archived)
            for ids, history in (([key], rows) for key, rows in chunk.histories.items()):
                self._write_history(name, ids, history)
            for links in chunk.links:
                self._write_links(links)
            if chunk.cursor is not None:
                self._set_cursor(f"read:{name}", chunk.cursor)

    def end_read(self, name: str, wave: int) -> None:
        """All that was pending up to ``wave`` has been read."""
        with self._transaction():
            self._execute("delete from pending where object = $1 and wave <= $2", [name, wave])
            self._execute("delete from progress where stream = $1", [f"read:{name}"])

    def apply_archived(self, chunk: Archived) -> int:
        """The whole recycle bin: what is new there goes, and what is no longer there may have come back, which is
        looked at. Gives how many have gone."""
        name = chunk.object
        with self._transaction():
            self._register("bin", {"id": pa.array(chunk.ids, pa.int64())})
            self._execute(
                f"insert into changed select $2, $1, id from {quoted(name)} where id in (select id from bin)",
                [name, self.version],
            )
            count = self._last_count()
            self._execute(f"delete from {quoted(name)} where id in (select id from bin)")
            self._execute(
                "insert into pending select $1, id, true, false, true, $2 from gone "
                "where object = $1 and id not in (select id from bin)",
                [name, self.version],
            )
            self._execute("delete from gone where object = $1", [name])
            self._execute("insert into gone select distinct $1, id from bin", [name])
            if chunk.merged:
                self._register("mergers", _columns(chunk.merged, ("loser", "winner")))
                self._merge(name, is_listing=False)
            self._set_cursor(f"archived:{name}", json.dumps({"pages": chunk.pages}))
        return count

    def apply_side(self, chunk: Side) -> None:
        """A side table anew; noted as changed if any row differs."""
        names = [part.split()[0] for part in SIDE_TABLES[chunk.table].split(", ")]
        table = quoted(chunk.table)
        with self._transaction():
            self._execute(f"create or replace temp table side as select * from {table} limit 0")
            if chunk.rows:
                self._connection_insert("side", names, chunk.rows)
            differs = self._rows(
                f"select 1 from ((from side except all from {table}) union all (from {table} except all from side)) limit 1"
            )
            if differs:
                self._execute(f"delete from {table}")
                self._execute(f"insert into {table} from side")
                self._execute("insert into changed values ($1, $2, null)", [self.version, chunk.table])

    def side(self, table: str) -> list[tuple[Any, ...]]:
        return self._rows(f"from {quoted(table)}")

    def look_again(self, name: str, ids: Sequence[int]) -> None:
        """These records are to be read again, with all that hangs on them."""
        with self._transaction():
            self._add_pending(name, ids, record=True, both=True)

    def look_at_links(self, name: str, where: str, parameters: Sequence[object], *, both: bool) -> None:
        """The associations of the records for which ``where`` (SQL) is true are to be read again."""
        with self._transaction():
            self._execute(
                f"insert into pending select '{name}', id, false, false, {str(both).lower()}, {self.version} "
                f"from {quoted(name)} where {where}",
                parameters,
            )

    def empty(self, name: str) -> None:
        """Takes out all records of an object that can no longer be read, so that it is listed anew once it can."""
        if not self.count(name) and self.cursor(f"list:{name}") is None:
            return
        with self._transaction():
            for table in (quoted(name), *(quoted(pair.name) for pair in PAIRS if name == pair.source)):
                self._execute(f"delete from {table}")
            if OBJECTS[name].history:
                self._execute(f"delete from {history_table(name)}")
            for own in ("gone", "merged", "pending"):
                self._execute(f"delete from {own} where object = $1", [name])
            self._execute("delete from progress where split_part(stream, ':', 2) = $1", [name])
            self._execute("insert into changed values ($1, $2, null)", [self.version, name])

    def restart(self, name: str) -> None:
        """Has an object listed from the beginning."""
        with self._transaction():
            self._execute("delete from progress where stream in ($1, $2)", [f"list:{name}", f"search:{name}"])

    def forget_changes(self, version: int) -> None:
        """Drops the notes of changes that all rows made of them have taken up."""
        with self._transaction():
            self._execute("delete from changed where version <= $1", [version])

    def tidy(self) -> None:
        """Drops associations of records that are neither here nor in the recycle bin: nobody is to be found by them."""
        with self._transaction():
            for pair in PAIRS:
                for column, name in (("source_id", pair.source), ("target_id", pair.target)):
                    self._execute(
                        f"delete from {quoted(pair.name)} where {column} not in (select id from {quoted(name)}) "
                        f"and {column} not in (select id from gone where object = '{name}')"
                    )
        self.connection.execute("checkpoint")

    # How it is written

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self.connection.execute("begin")
            self.version += 1
            try:
                yield
                self._set_meta("version", str(self.version))
                self.connection.execute("commit")
            except BaseException:
                self.version -= 1
                with suppress(duckdb.Error):  # a commit that failed has rolled back
                    self.connection.execute("rollback")
                raise
        except (duckdb.OperationalError, duckdb.FatalException, OSError) as error:
            raise SourceError(f"{self.path} cannot be written: {str(error).partition(chr(10))[0]}") from None

    def _execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._last = self.connection.execute(sql, list(parameters))

    def _last_count(self) -> int:
        ((count,),) = self._last.fetchall()
        return int(count)

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def _register(self, name: str, columns: Mapping[str, Any]) -> None:
        self.connection.register(name, pa.table(dict(columns)))

    def _connection_insert(self, table: str, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        self._register("arrived", _columns(rows, names))
        self._execute(f"insert into {table} by name from arrived")

    def _set_meta(self, key: str, value: str) -> None:
        self._execute("delete from meta where key = $1", [key])
        self._execute("insert into meta values ($1, $2)", [key, value])

    def _set_cursor(self, stream: str, cursor: str) -> None:
        self._execute("delete from progress where stream = $1", [stream])
        self._execute("insert into progress values ($1, $2)", [stream, cursor])

    def _note_whole(self, name: str) -> None:
        """A whole listing has changed anything; noted once, instead of each record."""
        if name not in self._whole:
            self._execute("insert into changed values ($1, $2, null)", [self.version, name])
            self._whole.add(name)

    def _stage(self, records: Records) -> None:
        """The records as ``incoming``, each id once and none that has been merged into another."""
        self.connection.register("incoming_all", records.table)
        self._execute(
            "create or replace temp table incoming as select * from incoming_all "
            "where id not in (select loser from merged where object = $1) "
            "qualify row_number() over (partition by id) = 1 order by id",
            [records.object],
        )
        self.connection.unregister("incoming_all")

    def _replace(self, name: str, number: int | None) -> None:
        """Writes ``incoming``. Read one by one, records count as seen by the listing that last saw any."""
        table = quoted(name)
        seen = number if number is not None else self._rows(f"select coalesce(max(_pass), 0) from {table}")[0][0]
        self._execute(f"delete from {table} where id in (select id from incoming)")
        self._execute(f"insert into {table} by name select *, cast($1 as bigint) as _pass from incoming", [seen])

    def _note_changed_records(self, name: str) -> None:
        if name in self._whole:
            return
        columns = ", ".join(quoted(each) for each in self._columns[name] if each != "_pass")
        given = {column for (column,) in self._rows("select column_name from (describe incoming)")}
        arrived = ", ".join(
            quoted(each) if each in given else f"null as {quoted(each)}" for each in self._columns[name] if each != "_pass"
        )
        self._execute(
            f"insert into changed select $2, $1, id from (select {arrived} from incoming except "
            f"select {columns} from {quoted(name)} where id in (select id from incoming))",
            [name, self.version],
        )

    def _forget_missing(self, name: str, asked: Sequence[int], archived: Sequence[int]) -> None:
        self._register("asked", {"id": pa.array(asked, pa.int64())})
        self._execute(
            "create or replace temp table missing as select id from asked where id not in (select id from incoming)"
        )
        self._execute(
            f"insert into changed select $2, $1, id from {quoted(name)} where id in (select id from missing)",
            [name, self.version],
        )
        self._execute(f"delete from {quoted(name)} where id in (select id from missing)")
        if OBJECTS[name].history:
            self._execute(f"delete from {history_table(name)} where id in (select id from missing)")
        self._execute("delete from gone where object = $1 and id in (select id from asked)", [name])
        self._register("bin", {"id": pa.array(archived, pa.int64())})
        self._execute("insert into gone select distinct $1, id from bin where id in (select id from missing)", [name])

    def _note_merges(self, name: str, *, is_listing: bool) -> None:
        columns = [column for (column,) in self._rows("select column_name from (describe incoming)")]
        if _MERGED not in columns:
            return
        self._execute(
            "create or replace temp table mergers as select try_cast(trim(loser) as bigint) as loser, winner from ("
            f"select unnest(string_split({quoted(_MERGED)}, ';')) as loser, id as winner from incoming "
            f"where {quoted(_MERGED)} is not null) where loser is not null"
        )
        self._merge(name, is_listing=is_listing)

    def _merge(self, name: str, *, is_listing: bool) -> None:
        """The losers in ``mergers`` go, and their winners are read from all sides: what hung on one hangs on the other
        now. In a listing only where a loser was here, since associations are read after it."""
        self._execute(
            "create or replace temp table fresh as select distinct loser, winner from mergers where loser is not null "
            "and loser not in (select loser from merged where object = $1)",
            [name],
        )
        if not self._rows("select 1 from fresh limit 1"):
            return
        table = quoted(name)
        was_here = f"loser in (select id from {table})"
        self._execute(
            "insert into pending select distinct $1, winner, false, false, true, $2 from fresh "
            f"where {was_here if is_listing else 'true'}",
            [name, self.version],
        )
        self._execute(f"insert into changed select $2, $1, loser from fresh where {was_here}", [name, self.version])
        self._execute(f"delete from {table} where id in (select loser from fresh)")
        self._execute("delete from gone where object = $1 and id in (select loser from fresh)", [name])
        self._execute("insert into merged select $1, loser, winner from fresh", [name])
        if self._rows("select 1 from duckdb_tables() where table_name = 'incoming' and temporary"):
            self._execute("delete from incoming where id in (select loser from fresh)")

    def _write_histories(self, records: Records) -> None:
        if records.with_history:
            self._write_history(records.object, records.with_history, records.histories)

    def _write_history(self, name: str, ids: Sequence[int], history: Sequence[History]) -> None:
        table = history_table(name)
        self._register("told", {"id": pa.array(ids, pa.int64())})
        self._execute(f"create or replace temp table entries as select * from {table} limit 0")
        if history:
            self._connection_insert("entries", ("id", "value", "at"), history)
        if name not in self._whole:
            before = f"select * from {table} where id in (select id from told)"
            self._execute(
                "insert into changed select distinct $2, $1, id from "
                f"((from entries except all {before}) union all ({before} except all from entries))",
                [name, self.version],
            )
        self._execute(f"delete from {table} where id in (select id from told)")
        self._execute(f"insert into {table} from entries")

    def _write_links(self, links: Links) -> None:
        """Replaces the associations of some records; both ends of what has come or gone are noted."""
        table, side = quoted(links.pair.name), "target_id" if links.by_target else "source_id"
        self._register("told", {"id": pa.array(links.ids, pa.int64())})
        self._execute(f"create or replace temp table linked as select * from {table} limit 0")
        if links.links:
            self._connection_insert("linked", ("source_id", "target_id", "is_primary"), links.links)
        self._execute(
            f"create or replace temp table known as select * from {table} where {side} in (select id from told)"
        )
        for temporary, minuend, subtrahend in (("lost", "known", "linked"), ("won", "linked", "known")):
            self._execute(f"create or replace temp table {temporary} as (from {minuend} except from {subtrahend})")
        for name, column in ((links.pair.source, "source_id"), (links.pair.target, "target_id")):
            if name not in self._whole:
                self._execute(
                    f"insert into changed select distinct $2, $1, {column} from (from lost union all from won)",
                    [name, self.version],
                )
        if self._rows("select 1 from lost limit 1"):
            self._execute(f"delete from {table} where (source_id, target_id, is_primary) in (from lost)")
        self._execute(f"insert into {table} from won")

    def _add_pending(self, name: str, ids: Sequence[int], *, record: bool, both: bool = False) -> None:
        if ids:
            self._register("asked", {"id": pa.array(ids, pa.int64())})
            self._execute(
                "insert into pending select $1, id, $2, false, $3, $4 from asked", [name, record, both, self.version]
            )


def _has_pairs(name: str) -> bool:
    return any(pair.source == name for pair in PAIRS)


def _history_wanted(name: str) -> str:
    """SQL over ``incoming``: whether a record's history is to be read by itself."""
    kind = OBJECTS[name]
    return "false" if kind.history is None else f"coalesce({kind.history_when}, true)"


def _columns(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> dict[str, pa.Array]:
    return {name: pa.array([row[position] for row in rows]) for position, name in enumerate(names)}


__all__ = ["FIXED", "Mirror", "open_mirror"]
