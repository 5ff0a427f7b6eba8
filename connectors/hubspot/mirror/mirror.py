"""The mirror's file: what is known of its state, and the transactions that change it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import duckdb
import pyarrow as pa

from connectors.base import SourceError
from connectors.hubspot.mirror.tables import columns_of, ensure_tables, history_table, quoted
from connectors.hubspot.objects import OBJECTS, PAIRS, Pair

_MEMORY = "96MB"
_LOG = "16MB"  # every so much is packed into the file: the last rows there are packed anew each time

# The moment of the last change in ms; what has none comes before all others.
CHANGED_AT = "coalesce(epoch_ms(try_cast(modified as timestamp)), -1)"


def open_mirror(path: Path, properties: Mapping[str, Sequence[str]]) -> Mirror:
    """The mirror in ``path``, made where there is none; ``properties`` are what is pulled, by object. Raises
    SourceError where the file cannot be opened."""
    try:
        connection = duckdb.connect(str(path), config={"memory_limit": _MEMORY, "threads": 2})
        path.chmod(0o600)
        connection.execute(f"set TimeZone = 'UTC'; set wal_autocheckpoint = '{_LOG}'")
        ensure_tables(connection, properties)
    except (duckdb.Error, OSError) as error:
        raise SourceError(
            f"{path} cannot be opened ({str(error).partition(chr(10))[0]}). It holds what was pulled from HubSpot: "
            "if it is broken, move it away and run kpi sync, which pulls everything anew."
        ) from None
    return Mirror(connection, path)


class Mirror:
    """Get it from ``open_mirror``; one thread uses it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection, self.path = connection, path
        self.columns = {name: columns_of(connection, name) for name in OBJECTS}
        self.whole: set[str] = set()  # objects of which any record counts as changed
        self.version = int(self.meta("version") or 0)
        self.identity = self.meta("identity") or ""
        if not self.identity:
            self.identity = uuid4().hex
            with self.transaction():
                self._set_meta("identity", self.identity)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    # What is there

    def meta(self, key: str) -> str | None:
        rows = self.rows("select value from meta where key = $1", [key])
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        with self.transaction():
            self._set_meta(key, value)

    def cursor(self, stream: str) -> dict[str, Any] | None:
        """How far a stream is; None before its first chunk."""
        rows = self.rows("select cursor from progress where stream = $1", [stream])
        return json.loads(rows[0][0]) if rows else None

    def set_cursor(self, stream: str, cursor: str) -> None:
        with self.transaction():
            self.keep_cursor(stream, cursor)

    def count(self, object_name: str) -> int:
        return int(self.rows(f"select count(*) from {quoted(object_name)}")[0][0])

    def pending(self, object_name: str, wave: int, after: int, limit: int) -> list[tuple[int, bool, bool, bool]]:
        """The next ids of which something is to be read: id, record, history, both."""
        return self.rows(
            "select id, bool_or(record), bool_or(history), bool_or(all_sides) from pending "
            "where object = $1 and wave <= $2 and id > $3 group by id order by id limit $4",
            [object_name, wave, after, limit],
        )

    def pending_objects(self) -> list[str]:
        return [name for (name,) in self.rows("select distinct object from pending order by object")]

    def pending_wave(self, object_name: str) -> int:
        """The newest wave in which something of the object has become pending."""
        return int(self.rows("select coalesce(max(wave), 0) from pending where object = $1", [object_name])[0][0])

    def changed_since(self, version: int) -> list[str]:
        """The tables of which something has changed since."""
        rows = self.rows("select distinct object from changed where version > $1", [version])
        return [name for (name,) in rows]

    def changes(self, name: str, version: int) -> int:
        """How many records of an object have changed since."""
        sql = "select count(distinct id) from changed where object = $1 and version > $2"
        return int(self.rows(sql, [name, version])[0][0])

    # What is to be done

    def end_read(self, name: str, wave: int) -> None:
        """All that was pending up to ``wave`` has been read, but for what can be read from the other side alone: that
        becomes pending there."""
        with self.transaction():
            for pair in PAIRS:
                if pair.is_one_way and pair.target == name:
                    self.execute(
                        f"insert into pending select '{pair.source}', id, false, false, false, {self.version} "
                        f"from ({_sources_sql(pair)})",
                        [name, wave],
                    )
            self.execute("delete from pending where object = $1 and wave <= $2", [name, wave])
            self.execute("delete from progress where stream = $1", [f"read:{name}"])

    def side(self, table: str) -> list[tuple[Any, ...]]:
        return self.rows(f"from {quoted(table)}")

    def look_again(self, name: str, ids: Sequence[int]) -> None:
        """These records are to be read again, with all that hangs on them."""
        with self.transaction():
            self.note_pending(name, ids, record=True, both=True)

    def look_again_since(self, name: str, milliseconds: int) -> None:
        """The records that were last changed at that moment or later are to be read again."""
        ids = self.rows(f"select id from {quoted(name)} where {CHANGED_AT} >= $1", [milliseconds])
        if ids:
            with self.transaction():
                self.note_pending(name, [id_ for (id_,) in ids], record=True)

    def look_at_links(self, name: str, where: str, parameters: Sequence[object], *, both: bool) -> None:
        """The associations of the records for which ``where`` (SQL) is true are to be read again."""
        with self.transaction():
            self.execute(
                f"insert into pending select '{name}', id, false, false, {str(both).lower()}, {self.version} "
                f"from {quoted(name)} where {where}",
                parameters,
            )

    def empty(self, name: str) -> None:
        """Takes out all records of an object that can no longer be read, so that it is listed anew once it can."""
        if not self.count(name) and self.cursor(f"list:{name}") is None:
            return
        with self.transaction():
            for table in (quoted(name), *(quoted(pair.name) for pair in PAIRS if name == pair.source)):
                self.execute(f"delete from {table}")
            if OBJECTS[name].history:
                self.execute(f"delete from {history_table(name)}")
            for own in ("gone", "merged", "pending"):
                self.execute(f"delete from {own} where object = $1", [name])
            self.execute("delete from progress where split_part(stream, ':', 2) = $1", [name])
            self.execute("insert into changed values ($1, $2, null)", [self.version, name])

    def restart(self, name: str) -> None:
        """Has an object listed from the beginning."""
        with self.transaction():
            self.execute("delete from progress where stream in ($1, $2)", [f"list:{name}", f"search:{name}"])

    @property
    def forgotten(self) -> int:
        """Up to which version it is no longer known what has changed. A store that is put back to what it was before
        has rows that are older."""
        return int(self.meta("forgotten") or 0)

    def forget_changes(self, version: int) -> None:
        """Drops the notes of changes that all rows made of them have taken up."""
        with self.transaction():
            self.execute("delete from changed where version <= $1", [version])
            self._set_meta("forgotten", str(max(version, self.forgotten)))

    def tidy(self) -> None:
        """Drops associations of records that are neither here nor in the recycle bin: nobody is to be found by them."""
        with self.transaction():
            for pair in PAIRS:
                ends = (("source_id", pair.source), ("target_id", pair.target))
                lost = " or ".join(
                    f"({column} not in (select id from {quoted(name)}) "
                    f"and {column} not in (select id from gone where object = '{name}'))"
                    for column, name in ends
                )
                for column, name in ends:  # what hung on them is found by these rows alone
                    self.execute(
                        f"insert into changed select distinct $1, $2, {column} from {quoted(pair.name)} where {lost}",
                        [self.version, name],
                    )
                self.execute(f"delete from {quoted(pair.name)} where {lost}")
        self.pack()

    def lift_limit(self) -> None:
        """Lets what could not be done within the limit take the memory that it needs."""
        self.connection.execute("reset memory_limit")

    def pack(self) -> None:
        """Writes what stands in the log into the file, which needs less memory then."""
        self.connection.execute("checkpoint")

    # How it is written

    @contextmanager
    def transaction(self) -> Iterator[None]:
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

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._last = self.connection.execute(sql, list(parameters))

    def last_count(self) -> int:
        ((count,),) = self._last.fetchall()
        return int(count)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def register(self, name: str, columns: Mapping[str, Any]) -> None:
        self.connection.register(name, pa.table(dict(columns)))

    def insert_rows(self, table: str, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        self.register("arrived", as_columns(rows, names))
        self.execute(f"insert into {table} by name from arrived")

    def _set_meta(self, key: str, value: str) -> None:
        self.execute("delete from meta where key = $1", [key])
        self.execute("insert into meta values ($1, $2)", [key, value])

    def keep_cursor(self, stream: str, cursor: str) -> None:
        self.execute("delete from progress where stream = $1", [stream])
        self.execute("insert into progress values ($1, $2)", [stream, cursor])

    def note_pending(self, name: str, ids: Sequence[int], *, record: bool, both: bool = False) -> None:
        if ids:
            self.register("asked", {"id": pa.array(ids, pa.int64())})
            self.execute(
                "insert into pending select $1, id, $2, false, $3, $4 from asked", [name, record, both, self.version]
            )


def _sources_sql(pair: Pair) -> str:
    """A select of the ids of a pair's source that may be associated with what of its target ($1) is read from all
    sides up to a wave ($2): those that are known to be, also with what was merged into it, and those that share another
    record with it."""
    told = "select id from pending where object = $1 and wave <= $2 and all_sides"
    merged = f"select loser from merged where object = $1 and winner in ({told})"
    selects = [f"select source_id as id from {quoted(pair.name)} where target_id in ({told} union {merged})"]
    by_target = {each.target: each for each in PAIRS if each.source == pair.target}
    selects += [
        f"select own.source_id from {quoted(own.name)} own join {quoted(by_target[own.target].name)} other "
        f"on other.target_id = own.target_id where other.source_id in ({told})"
        for own in PAIRS
        if own.source == pair.source and own.target in by_target
    ]
    return " union ".join(selects)


def as_columns(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> dict[str, pa.Array]:
    """Rows as columns of these names."""
    return {name: pa.array([row[position] for row in rows]) for position, name in enumerate(names)}
