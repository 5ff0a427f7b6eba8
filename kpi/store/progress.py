"""How far the pulls of a table are, as noted with each batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from kpi.schema import Table


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a table of a source is: ``number`` counts listings and pulls of changes, ``batch`` all their batches."""

    number: int = 0
    batch: int = 0
    is_listing: bool = False
    is_complete: bool = True

    def next(self, *, starts: bool, ends: bool) -> Progress:
        """How far it is with one more batch, which ``starts`` or ``ends`` what it belongs to."""
        begins = starts or self.is_complete
        return replace(
            self,
            number=self.number + begins,
            batch=self.batch + 1,
            is_listing=starts or (self.is_listing and not begins),
            is_complete=ends,
        )


def read_progress(connection: duckdb.DuckDBPyConnection, source: str, table: Table) -> Progress:
    """As noted with the last batch that was written; none is as if all had come."""
    rows = connection.execute(
        "select pass, batch, listing, complete from passes where source = $source and table_name = $table",
        {"source": source, "table": table.name},
    ).fetchall()
    return Progress(*rows[0]) if rows else Progress()


def write_progress(
    connection: duckdb.DuckDBPyConnection, where: dict[str, str], progress: Progress, cursor: str
) -> None:
    """Notes it in the open transaction. ``where``: the source and the table."""
    connection.execute("delete from passes where source = $source and table_name = $table", where)
    connection.execute(
        "insert into passes values ($source, $table, $pass, $batch, $listing, $complete, $cursor)",
        {
            **where,
            "pass": progress.number,
            "batch": progress.batch,
            "listing": progress.is_listing,
            "complete": progress.is_complete,
            "cursor": cursor,
        },
    )
