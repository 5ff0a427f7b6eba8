"""What belongs to records: their history, and their associations."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from connectors.hubspot.mirror.chunks import History, Links, Records
from connectors.hubspot.mirror.mirror import Mirror
from connectors.hubspot.mirror.tables import history_table, quoted
from connectors.hubspot.objects import PAIRS


def write_histories(mirror: Mirror, records: Records, wanted: str = "true") -> None:
    """Of the records that stand as ``incoming``, those for which ``wanted`` (SQL) is true keep their history: whether
    rows take it up shall not depend on how a record came."""
    if not records.with_history:
        return
    ids = {id_ for (id_,) in mirror.rows(f"select id from incoming where coalesce({wanted}, true)")}
    write_history(mirror, records.object, records.with_history, [each for each in records.histories if each[0] in ids])


def forget_histories(mirror: Mirror, name: str, wanted: str) -> None:
    """Of the records that stand as ``incoming``, those for which ``wanted`` (SQL) is not true lose their history."""
    mirror.execute(
        f"delete from {history_table(name)} where id in (select id from incoming where not coalesce({wanted}, true))"
    )


def write_history(mirror: Mirror, name: str, ids: Sequence[int], history: Sequence[History]) -> None:
    table = history_table(name)
    mirror.register("told", {"id": pa.array(ids, pa.int64())})
    mirror.register("entries", _entries(history))
    if name not in mirror.whole:
        before = f"select * from {table} where id in (select id from told)"
        mirror.execute(
            "insert into changed select distinct $2, $1, id from "
            f"((from entries except all {before}) union all ({before} except all from entries))",
            [name, mirror.version],
        )
    mirror.execute(f"delete from {table} where id in (select id from told)")
    mirror.execute(f"insert into {table} from entries")


def note_links_with_new(mirror: Mirror, name: str) -> None:
    """What is here was read without its associations with an object of which there was no record."""
    for source in {pair.source for pair in PAIRS if pair.target == name}:
        mirror.execute(
            f"insert into pending select $1, id, false, false, false, $2 from {quoted(source)}",
            [source, mirror.version],
        )


def write_links(mirror: Mirror, links: Links) -> None:
    """Replaces the associations of some records; both ends of what has come or gone are noted."""
    table, side = quoted(links.pair.name), "target_id" if links.by_target else "source_id"
    mirror.register("told", {"id": pa.array(links.ids, pa.int64())})
    mirror.register("linked", _linked(links))
    if links.pair.source in mirror.whole and links.pair.target in mirror.whole:  # nobody asks what has changed
        mirror.execute(f"delete from {table} where {side} in (select id from told)")
        mirror.execute(f"insert into {table} from linked")
        return
    mirror.execute(f"create or replace temp table known as select * from {table} where {side} in (select id from told)")
    for temporary, minuend, subtrahend in (("lost", "known", "linked"), ("won", "linked", "known")):
        mirror.execute(f"create or replace temp table {temporary} as (from {minuend} except from {subtrahend})")
    for name, column in ((links.pair.source, "source_id"), (links.pair.target, "target_id")):
        if name not in mirror.whole:
            mirror.execute(
                f"insert into changed select distinct $2, $1, {column} from (from lost union all from won)",
                [name, mirror.version],
            )
    if mirror.rows("select 1 from lost limit 1"):
        mirror.execute(f"delete from {table} where (source_id, target_id, is_primary) in (from lost)")
    mirror.execute(f"insert into {table} from won")


def _entries(history: Sequence[History]) -> dict[str, pa.Array]:
    distinct = list(dict.fromkeys(history))  # what was asked for under two ids may come twice
    return {
        "id": pa.array([id_ for id_, _, _ in distinct], pa.int64()),
        "value": pa.array([value for _, value, _ in distinct], pa.string()),
        "at": pa.array([since for _, _, since in distinct], pa.string()),
    }


def _linked(links: Links) -> dict[str, pa.Array]:
    distinct = sorted({(source, target): is_primary for source, target, is_primary in links.links}.items())
    return {
        "source_id": pa.array([source for (source, _), _ in distinct], pa.int64()),
        "target_id": pa.array([target for (_, target), _ in distinct], pa.int64()),
        "is_primary": pa.array([is_primary for _, is_primary in distinct], pa.bool_()),
    }
