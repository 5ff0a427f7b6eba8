"""Writing what arrives: each chunk in one transaction, together with the cursor behind it and what it has changed."""

from __future__ import annotations

import json

import pyarrow as pa

from connectors.hubspot.mirror.belongings import (
    forget_histories,
    note_links_with_new,
    write_histories,
    write_history,
    write_links,
)
from connectors.hubspot.mirror.chunks import Archived, Found, Listed, Read, Side
from connectors.hubspot.mirror.mirror import Mirror, as_columns
from connectors.hubspot.mirror.records import (
    forget_missing,
    merge,
    note_changed_records,
    note_merges,
    note_whole,
    replace,
    stage,
)
from connectors.hubspot.mirror.tables import SIDE_TABLES, quoted


def apply_listed(mirror: Mirror, chunk: Listed) -> None:
    """Part of a whole listing. What hangs on the records becomes pending."""
    name = chunk.records.object
    with mirror.transaction():
        note_whole(mirror, name)
        stage(mirror, chunk.records)
        note_merges(mirror, chunk.records, is_listing=True)
        if not mirror.count(name):
            note_links_with_new(mirror, name)
        replace(mirror, name, chunk.number)
        write_histories(mirror, chunk.records)
        if chunk.history_when != "false":
            forget_histories(mirror, name, chunk.history_when)
        if chunk.has_links or chunk.history_when != "false":
            mirror.execute(
                f"insert into pending select $1, id, false, coalesce({chunk.history_when}, true), false, $2 "
                "from incoming",
                [name, mirror.version],
            )
        mirror.note_pending(name, chunk.incomplete, record=True)
        if chunk.is_last:
            # What it did not see is looked at once more by its id: it may just have come back.
            mirror.execute(
                f"insert into pending select $1, id, true, false, true, $2 from {quoted(name)} where _pass <> $3",
                [name, mirror.version, chunk.number],
            )
        mirror.keep_cursor(f"list:{name}", chunk.cursor)


def apply_found(mirror: Mirror, chunk: Found) -> int:
    """What a search has found: those that are not as they are here become pending. Gives how many. What is new here is
    read from all sides, since others may have named it before it came."""
    with mirror.transaction():
        mirror.register(
            "found", {"id": pa.array(chunk.modified, pa.int64()), "modified": list(chunk.modified.values())}
        )
        mirror.execute(
            "insert into pending select $1, found.id, true, false, known.id is null, "
            f"$2 from found left join {quoted(chunk.object)} as known on known.id = found.id "
            "where (known.id is null or known.modified is distinct from found.modified) "
            "and found.id not in (select loser from merged where object = $1)",
            [chunk.object, mirror.version],
        )
        count = mirror.last_count()
        if chunk.cursor is not None:
            mirror.keep_cursor(f"search:{chunk.object}", chunk.cursor)
    return count


def apply_read(mirror: Mirror, chunk: Read) -> None:
    """What was pending."""
    name = chunk.object
    with mirror.transaction():
        if chunk.records is not None:
            stage(mirror, chunk.records)
            note_changed_records(mirror, name)
            note_merges(mirror, chunk.records, is_listing=False)
            replace(mirror, name, None)
            write_histories(mirror, chunk.records, chunk.history_when)
            forget_missing(mirror, name, chunk.asked, chunk.archived)
        if chunk.histories:
            entries = [entry for history in chunk.histories.values() for entry in history]
            write_history(mirror, name, list(chunk.histories), entries)
        for links in chunk.links:
            write_links(mirror, links)
        if chunk.cursor is not None:
            mirror.keep_cursor(f"read:{name}", chunk.cursor)


def apply_archived(mirror: Mirror, chunk: Archived) -> int:
    """The whole recycle bin: what is new there goes, and what is no longer there may have come back, which is
    looked at. Gives how many have gone."""
    name = chunk.object
    with mirror.transaction():
        mirror.register("bin", {"id": pa.array(chunk.ids, pa.int64())})
        mirror.execute(
            f"insert into changed select $2, $1, id from {quoted(name)} where id in (select id from bin)",
            [name, mirror.version],
        )
        count = mirror.last_count()
        mirror.execute(f"delete from {quoted(name)} where id in (select id from bin)")
        mirror.execute(
            "insert into pending select $1, id, true, false, true, $2 from gone "
            "where object = $1 and id not in (select id from bin)",
            [name, mirror.version],
        )
        mirror.execute("delete from gone where object = $1", [name])
        mirror.execute("insert into gone select distinct $1, id from bin", [name])
        if chunk.merged:
            mirror.register("mergers", as_columns(chunk.merged, ("loser", "winner")))
            merge(mirror, name, is_listing=False)
        mirror.keep_cursor(f"archived:{name}", json.dumps({"pages": chunk.pages}))
    return count


def apply_side(mirror: Mirror, chunk: Side) -> None:
    """A side table anew; noted as changed if any row differs."""
    names = [part.split()[0].strip('"') for part in SIDE_TABLES[chunk.table].split(", ")]
    table = quoted(chunk.table)
    with mirror.transaction():
        mirror.execute(f"create or replace temp table side as select * from {table} limit 0")
        if chunk.rows:
            mirror.insert_rows("side", names, chunk.rows)
        differs = mirror.rows(
            f"select 1 from ((from side except all from {table}) union all (from {table} except all from side)) limit 1"
        )
        if differs:
            mirror.execute(f"delete from {table}")
            mirror.execute(f"insert into {table} from side")
            mirror.execute("insert into changed values ($1, $2, null)", [mirror.version, chunk.table])
