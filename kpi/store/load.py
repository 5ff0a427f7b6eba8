"""Loading a batch: typed, told apart, and written together with its cursor in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from kpi.periods import Calendar
from kpi.schema import TABLES, Column, Table
from kpi.store.changes import record_column
from kpi.store.progress import Progress, read_progress, write_progress
from kpi.store.staging import judge_changes, judge_listing, staged
from kpi.store.typed import Origin, bit, is_checked, quoted, stored_id_sql

if TYPE_CHECKING:
    import pyarrow as pa


class UnreadableRow(Protocol):
    """A row that could not even be split into columns."""

    @property
    def row(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def raw(self) -> str: ...


class RowBatch(Protocol):
    """What the store takes: the shape of ``connectors.base.Batch``, which says what each part means."""

    @property
    def table(self) -> str: ...
    @property
    def rows(self) -> pa.Table: ...
    @property
    def cursor(self) -> str: ...
    @property
    def starts(self) -> bool: ...
    @property
    def ends(self) -> bool: ...
    @property
    def deleted(self) -> tuple[str, ...]: ...
    @property
    def unreadable(self) -> Sequence[UnreadableRow]: ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a batch did, in rows: written (new or replaced), deleted (gone from the source), set aside."""

    written: int
    deleted: int
    set_aside: int


def load_batch(connection: duckdb.DuckDBPyConnection, calendar: Calendar, origin: Origin, batch: RowBatch) -> Loaded:
    """Types the batch and writes rows, what is set aside, and the cursor in one transaction: after a kill at any moment
    all of it is there or none.

    In a listing the first row of an id stands, later ones are set aside; in a pull of changes the last is the newest
    and replaces the others. Where rows have no id but belong to records, those of a pull of changes replace all that
    there were of theirs. ValueError for a pull of changes of a table whose rows belong to no record, which can be
    listed whole only.
    """
    table = TABLES[batch.table]
    progress = read_progress(connection, origin.name, table).next(starts=batch.starts, ends=batch.ends)
    if not (record_column(table) or progress.is_listing) and (batch.rows.num_rows or batch.deleted):
        raise ValueError(f"The rows of {table.name} belong to no record: it can only be listed whole.")
    where = {"source": origin.name, "table": table.name}
    with staged(connection, calendar, table, origin, batch.rows):
        if progress.is_listing:
            judge_listing(connection, table, origin.name, progress.number)
        else:
            judge_changes(connection, table)
        _keep_raw(connection, table, where, progress, batch)
        connection.execute("begin")
        try:
            loaded = _write(connection, table, origin, progress, batch)
            write_progress(connection, where, progress, batch.cursor)
            connection.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):  # a commit that failed has rolled back
                connection.execute("rollback")
            raise
    return loaded


def _keep_raw(
    connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], progress: Progress, batch: RowBatch
) -> None:
    """Writes what was set aside to the raw file, before the batch itself: what a kill leaves there without a row in
    ``set_aside`` is overwritten when the batch comes again."""
    key = {**where, "batch": progress.batch}
    bad, emptied = connection.execute(
        "select count(*) filter (where reason is not null), coalesce(bit_or(_emptied), 0) from typed"
    ).fetchall()[0]
    if bad or batch.unreadable:
        connection.execute(
            "delete from _raw.rows where source = $source and table_name = $table and batch = $batch", key
        )
    if bad:
        columns = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in table.column_names)
        connection.execute(
            f"insert into _raw.rows select $source, $table, $batch, ordinal, to_json(struct_pack({columns})) "
            "from staged where ordinal in (select ordinal from typed where reason is not null) order by ordinal",
            key,
        )
    if batch.unreadable:
        connection.execute(
            "insert into _raw.rows "
            "select $source, $table, $batch, unnest($ordinals::bigint[]), unnest($raws::varchar[])",
            {**key, "ordinals": _ordinals(batch), "raws": [entry.raw for entry in batch.unreadable]},
        )
    for column in table.columns:
        if is_checked(column) and emptied & bit(table, column):
            _keep_example(connection, {**where, "column": column.name}, column.name, bit(table, column))


def _keep_example(connection: duckdb.DuckDBPyConnection, where: dict[str, Any], column: str, mask: int) -> None:
    connection.execute(
        "insert into _raw.examples select $source, $table, $column, shown(min_by(staged.example, ordinal)) "
        f"from (select ordinal, {quoted(column)} as example from staged) as staged join typed using (ordinal) "
        f"where _emptied & {mask} <> 0 and not exists (select 1 from _raw.examples as known "
        "where known.source = $source and known.table_name = $table and known.column_name = $column) "
        "having count(*) > 0",
        where,
    )


def _write(
    connection: duckdb.DuckDBPyConnection, table: Table, origin: Origin, progress: Progress, batch: RowBatch
) -> Loaded:
    where = {"source": origin.name, "table": table.name}
    deleted = 0
    if progress.is_listing and table.has_id:
        _delete(connection, table, where, "id in (select id from present where not is_twice)")
    if record := record_column(table):
        if not progress.is_listing:
            _delete(connection, table, where, f"{record} in (select {record} from typed where reason is null)")
        gone = _stored_ids(connection, table.column(record), origin, batch.deleted)
        deleted += _delete_gone(connection, table, where, record, gone)
        if not progress.is_listing:
            deleted += _delete_bad(connection, table, where, record)
            _forgive(connection, where, record, gone)
    written = _insert(connection, table, where, progress)
    set_aside = _set_aside(connection, where, progress, batch)
    if progress.is_listing and progress.is_complete:
        deleted += _sweep(connection, table, where, progress)
    return Loaded(written, deleted, set_aside)


def _stored_ids(
    connection: duckdb.DuckDBPyConnection, column: Column, origin: Origin, given: Sequence[str]
) -> list[str]:
    """Ids as rows of this column have them."""
    if not given:
        return []
    sql = f"select {stored_id_sql('given', column, origin.others)} from (select unnest($given) as given)"
    return [each for (each,) in connection.execute(sql, {"source": origin.name, "given": list(given)}).fetchall()]


def _delete(connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], which: str) -> int:
    return _count(
        connection, f"delete from {quoted(table.name)} where _source = $source and {which}", {"source": where["source"]}
    )


def _delete_gone(
    connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], record: str, gone: list[str]
) -> int:
    """Deletes the rows of records that the source says are gone; the batch may bring such a record anew."""
    if not gone:
        return 0
    _note_gone(connection, table, "select unnest($gone)", {"gone": gone})
    return _count(
        connection,
        f"delete from {quoted(table.name)} where _source = $source and list_contains($gone, {record})",
        {"source": where["source"], "gone": gone},
    )


def _delete_bad(connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], record: str) -> int:
    """Deletes the rows of records that come without a good one."""
    bad = f"select {record} from typed where reason is not null and {record} is not null"
    _note_gone(connection, table, bad, {})
    return _delete(connection, table, where, f"{record} in ({bad})")


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], progress: Progress) -> int:
    columns = ", ".join(map(quoted, table.column_names))
    return _count(
        connection,
        f"insert into {quoted(table.name)} by name select {columns}, $source as _source, row_number, $pass as _pass, "
        "_emptied from typed where reason is null",  # in its order
        {"source": where["source"], "pass": progress.number},
    )


def _set_aside(
    connection: duckdb.DuckDBPyConnection, where: dict[str, Any], progress: Progress, batch: RowBatch
) -> int:
    key = {**where, "pass": progress.number, "batch": progress.batch}
    table = TABLES[where["table"]]
    record = record_column(table) or "null"
    count = _count(
        connection,
        f"insert into set_aside select $source, $table, $pass, $batch, ordinal, row_number, {record}, reason "
        "from typed where reason is not null order by ordinal",
        key,
    )
    if batch.unreadable:
        count += _count(
            connection,
            "insert into set_aside select $source, $table, $pass, $batch, unnest($ordinals::bigint[]), "
            "unnest($rows::bigint[]), null, unnest($reasons::varchar[])",
            {
                **key,
                "ordinals": _ordinals(batch),
                "rows": [entry.row for entry in batch.unreadable],
                "reasons": [entry.reason for entry in batch.unreadable],
            },
        )
    return count


def _forgive(connection: duckdb.DuckDBPyConnection, where: dict[str, Any], record: str, gone: list[str]) -> None:
    """Takes out what an earlier pull has set aside of records that come again or are gone."""
    connection.execute(
        "delete from set_aside where source = $source and table_name = $table "
        f"and (id in (select {record} from typed) or list_contains($gone::varchar[], id))",
        {**where, "gone": gone},
    )


def _sweep(connection: duckdb.DuckDBPyConnection, table: Table, where: dict[str, Any], progress: Progress) -> int:
    """Takes out what the listing, now at its end, has not brought."""
    connection.execute(
        "delete from set_aside where source = $source and table_name = $table and pass < $pass",
        {**where, "pass": progress.number},
    )
    old = f"from {quoted(table.name)} where _source = $source and _pass < $pass"
    parameters = {"source": where["source"], "pass": progress.number}
    _note_gone(connection, table, f"select {'id' if table.has_id else 'any_value(null)'} {old}", parameters)
    swept = _count(connection, f"delete {old}", parameters)
    return swept if table.has_id else 0


def _note_gone(connection: duckdb.DuckDBPyConnection, table: Table, ids: str, parameters: dict[str, Any]) -> None:
    """Notes whose rows go, for publishing; of a listing without ids only that some do (NULL)."""
    connection.execute(
        f"insert into gone select $table_name, id from ({ids}) as ids (id)", {**parameters, "table_name": table.name}
    )


def _ordinals(batch: RowBatch) -> list[int]:
    """Numbers for the rows that could not be split, after those that could."""
    return list(range(batch.rows.num_rows, batch.rows.num_rows + len(batch.unreadable)))


def _count(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> int:
    rows: list[tuple[int]] = connection.execute(sql, parameters).fetchall()
    return rows[0][0]
