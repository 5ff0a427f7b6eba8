"""Records as they arrive: staged, held against those that are here, written; and those that are gone or merged away."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from connectors.hubspot.mirror.chunks import Records
from connectors.hubspot.mirror.mirror import Mirror
from connectors.hubspot.mirror.tables import history_table, quoted
from connectors.hubspot.objects import OBJECTS, PAIRS

_MERGED = "hs_merged_object_ids"


def note_whole(mirror: Mirror, name: str) -> None:
    """A whole listing has changed anything; noted once, instead of each record."""
    if name not in mirror.whole:
        mirror.execute("insert into changed values ($1, $2, null)", [mirror.version, name])
        mirror.whole.add(name)


def stage(mirror: Mirror, records: Records) -> None:
    """The records as ``incoming``, each id once and none that has been merged into another, once that is known."""
    mirror.connection.register("incoming_all", _each_once(records.table))
    mirror.execute(
        "create or replace temp view incoming as select * from incoming_all "
        f"where id not in (select loser from merged where object = '{records.object}')"
    )


def replace(mirror: Mirror, name: str, number: int | None) -> None:
    """Writes ``incoming``. Read one by one, records count as seen by the listing that last saw any."""
    table = quoted(name)
    seen = number if number is not None else mirror.rows(f"select coalesce(max(_pass), 0) from {table}")[0][0]
    mirror.execute(f"delete from {table} where id in (select id from incoming)")
    mirror.execute(f"insert into {table} by name select *, cast($1 as bigint) as _pass from incoming", [seen])


def note_changed_records(mirror: Mirror, name: str) -> None:
    if name in mirror.whole:
        return
    columns = ", ".join(quoted(each) for each in mirror.columns[name] if each != "_pass")
    given = {column for (column,) in mirror.rows("select column_name from (describe incoming)")}
    arrived = ", ".join(
        quoted(each) if each in given else f"null as {quoted(each)}" for each in mirror.columns[name] if each != "_pass"
    )
    mirror.execute(
        f"insert into changed select $2, $1, id from (select {arrived} from incoming except "
        f"select {columns} from {quoted(name)} where id in (select id from incoming))",
        [name, mirror.version],
    )


def forget_missing(mirror: Mirror, name: str, asked: Sequence[int], archived: Sequence[int]) -> None:
    mirror.register("asked", {"id": pa.array(asked, pa.int64())})
    mirror.execute(
        "create or replace temp table missing as select id from asked where id not in (select id from incoming)"
    )
    mirror.execute(
        f"insert into changed select $2, $1, id from {quoted(name)} where id in (select id from missing)",
        [name, mirror.version],
    )
    mirror.execute(f"delete from {quoted(name)} where id in (select id from missing)")
    if OBJECTS[name].history:
        mirror.execute(f"delete from {history_table(name)} where id in (select id from missing)")
    mirror.execute("delete from gone where object = $1 and id in (select id from asked)", [name])
    mirror.register("bin", {"id": pa.array(archived, pa.int64())})
    mirror.execute("insert into gone select distinct $1, id from bin where id in (select id from missing)", [name])


def note_merges(mirror: Mirror, records: Records, *, is_listing: bool) -> None:
    if _MERGED not in records.table.column_names or records.table[_MERGED].null_count == records.count:
        return
    mirror.execute(
        "create or replace temp table mergers as select try_cast(trim(loser) as bigint) as loser, winner from ("
        f"select unnest(string_split({quoted(_MERGED)}, ';')) as loser, id as winner from incoming "
        f"where {quoted(_MERGED)} is not null) where loser is not null"
    )
    merge(mirror, records.object, is_listing=is_listing)


def merge(mirror: Mirror, name: str, *, is_listing: bool) -> None:
    """The losers in ``mergers`` go, and their winners are read from all sides: what hung on one hangs on the other
    now. In a listing only where a loser was here or is named by associations: all others are read after it."""
    mirror.execute(
        "create or replace temp table fresh as select distinct loser, winner from mergers where loser is not null "
        "and loser not in (select loser from merged where object = $1)",
        [name],
    )
    if not mirror.rows("select 1 from fresh limit 1"):
        return
    table = quoted(name)
    was_here = f"loser in (select id from {table})"
    is_to_read = f"{was_here} or loser in ({_named(name)})" if is_listing else "true"
    mirror.execute(
        f"insert into pending select distinct $1, winner, false, false, true, $2 from fresh where {is_to_read}",
        [name, mirror.version],
    )
    mirror.execute(f"insert into changed select $2, $1, loser from fresh where {was_here}", [name, mirror.version])
    mirror.execute(f"delete from {table} where id in (select loser from fresh)")
    mirror.execute("delete from gone where object = $1 and id in (select loser from fresh)", [name])
    mirror.execute("insert into merged select $1, loser, winner from fresh", [name])


def _named(name: str) -> str:
    """A select of the ids of an object that associations name."""
    ends = [(pair.name, "source_id") for pair in PAIRS if pair.source == name]
    ends += [(pair.name, "target_id") for pair in PAIRS if pair.target == name]
    return " union all ".join(f"select {column} from {quoted(table)}" for table, column in ends)


def _each_once(table: pa.Table) -> pa.Table:
    """The rows whose id comes for the first time."""
    if pc.count_distinct(table["id"]).as_py() == table.num_rows:
        return table
    positions = pa.array(range(table.num_rows), pa.int64())
    numbered = pa.table({"id": table["id"], "position": positions})
    return table.take(numbered.group_by("id").aggregate([("position", "min")])["position_min"].sort())
