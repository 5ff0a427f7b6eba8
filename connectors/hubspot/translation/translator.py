"""The mirror's tables as rows of the schema."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

import duckdb
import pyarrow as pa

from connectors.hubspot.fields import mapped_properties
from connectors.hubspot.translation import sides
from connectors.hubspot.translation.accounts import account_rows
from connectors.hubspot.translation.activities import activity_rows
from connectors.hubspot.translation.activity_core import KINDS
from connectors.hubspot.translation.affected import AFFECTED, Reach
from connectors.hubspot.translation.deals import deal_rows, stage_change_rows
from connectors.hubspot.translation.leads import lead_rows
from connectors.hubspot.translation.line_items import line_item_rows, quote_rows
from connectors.hubspot.translation.notices import filter_notices
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.subscriptions import subscription_rows
from connectors.hubspot.translation.values import macros_sql, reads_formats
from connectors.hubspot.translation.whole import tables_read, whole_after
from connectors.mapping import SourceSettings
from connectors.translation import ROW, read_formatted
from kpi.schema import TABLES

_VERSION = 1  # another one makes all rows anew: raise it with every change of what rows are made
_CHUNK = 20_000
# Records at a time, which bounds what the steps of a select hold; an account stands for many deals.
_SLICE = 50_000
_SLICES = {"accounts": 10_000}

_SMALL: Mapping[str, Callable[[Run], str]] = {
    "owners": sides.owner_rows,
    "teams": sides.team_rows,
    "campaigns": sides.campaign_rows,
    "spend": sides.spend_rows,
    "fx_rates": sides.rate_rows,
    "targets": sides.target_rows,
}
_BY_RECORD: Mapping[str, Callable[[Run, str], str]] = {
    "accounts": account_rows,
    "leads": lead_rows,
    "deals": deal_rows,
    "stage_changes": stage_change_rows,
    "activities": activity_rows,
    "quotes": quote_rows,
    "line_items": line_item_rows,
    "subscriptions": subscription_rows,
}
# The mirror's records that rows of a table may come from, and the beginning of the ids that those have.
_RECORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "accounts": (("companies", ""),),
    "leads": (("contacts", ""), ("leads", "lead-")),
    "deals": (("deals", ""),),
    "stage_changes": (("deals", ""),),
    "activities": tuple((kind.object, f"{kind.prefix}-") for kind in KINDS.values()),
    "quotes": (("quotes", ""),),
    "line_items": (("line_items", ""),),
    "subscriptions": (("subscriptions", ""), ("line_items", "line_item-")),
}

# Tables that others point to come first.
TRANSLATED: tuple[str, ...] = tuple(name for name in TABLES if name in _SMALL or name in _BY_RECORD)


class Translator:
    """Makes rows of one source's settings. ``timezone`` and ``currency`` are the organisation's. Raises MappingError
    for a mapping that HubSpot cannot serve. ``prepare`` comes first on each connection."""

    def __init__(self, settings: SourceSettings, timezone: str, currency: str) -> None:
        self._settings, self._timezone, self._currency = settings, timezone, currency
        for table in settings.maps:
            mapped_properties(table, settings)

    def recipe(self, table: str) -> str:
        """Changes whenever the same records would give other rows."""
        settings = self._settings
        parts = [_VERSION, self._timezone, self._currency, settings.filters, settings.demo, settings.onboarding]
        for name in tables_read(table, settings.filters):
            fields = settings.maps[name].fields if name in settings.maps else {}
            parts += [name, *((column, field) for column, field in sorted(fields.items()))]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes what the selects need on a connection to the mirror."""
        connection.execute(macros_sql(self._timezone))

    def whole_after(self, table: str) -> frozenset[str]:
        """Mirror tables after whose change all rows of ``table`` are to be made anew, not only affected ones."""
        return whole_after(table, self._settings)

    def affected_sql(self, table: str) -> str:
        """A select of the ids (text; the deals' for stage changes) whose rows may be other ones, or gone, after what
        stands in a table ``recent(object, id)`` has changed. A table that is only ever made as a whole has none."""
        make = AFFECTED.get(table)
        return make(Reach(self._settings)) if make else "select cast(null as varchar) as id where false"

    def rows(self, connection: duckdb.DuckDBPyConnection, table: str, ids: str | None) -> Iterator[pa.Table]:
        """The rows of ``table``, all or those whose id (the deal's for stage changes) stands in the table ``ids``, in
        chunks of at most 50,000 rows: text columns and ``_row``. Ordered by kind of record and id, stage changes by
        deal and time, those of a deal in one chunk. Until the last chunk is taken the connection is busy."""
        if table in _SMALL:
            yield from self._small_rows(connection, table, ids)
            return
        for slice_ in self._slices(connection, table, ids):
            with Run(connection, self._settings, self._currency) as run:
                select = _BY_RECORD[table](run, slice_)
                yield from self._chunks(connection, table, select)
        connection.execute("drop table if exists hs_slice")

    def notices(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """What filters name and nothing has: for who runs the sync."""
        with Run(connection, self._settings, self._currency) as run:
            return filter_notices(run)

    def _small_rows(self, connection: duckdb.DuckDBPyConnection, table: str, ids: str | None) -> Iterator[pa.Table]:
        with Run(connection, self._settings, self._currency) as run:
            select = _SMALL[table](run)
            if ids is not None and TABLES[table].has_id:
                select = f"select * from ({select}) where id in (select id from {ids}) order by _row"
            yield from self._chunks(connection, table, select)

    def _slices(self, connection: duckdb.DuckDBPyConnection, table: str, ids: str | None) -> Iterator[str]:
        """The ids of at most so many records at a time, in their order, as a temporary table."""
        most = _SLICES.get(table, _SLICE)
        for object_name, prefix in _RECORDS[table]:
            after = None
            numbered = _numbered(object_name, prefix, ids)
            while True:
                start = f"where number > {after} " if after is not None else ""
                connection.execute(
                    f"create or replace temp table hs_slice as select id, number from ({numbered}) "
                    f"{start}order by number limit {most}"
                )
                count, after = connection.execute("select count(*), max(number) from hs_slice").fetchall()[0]
                if count:
                    yield "hs_slice"
                if count < most:
                    break

    def _chunks(self, connection: duckdb.DuckDBPyConnection, table: str, select: str) -> Iterator[pa.Table]:
        chunks = (pa.table(batch) for batch in connection.sql(select).to_arrow_reader(_CHUNK))
        whole = _by_deal(chunks) if table == "stage_changes" else chunks
        return (self._formatted(table, chunk) for chunk in whole if chunk.num_rows)

    def _formatted(self, table: str, rows: pa.Table) -> pa.Table:
        """Times and dates read by the formats of their mapping."""
        table_map = self._settings.maps.get(table)
        for name, field in (table_map.fields if table_map else {}).items():
            column = TABLES[table].column(name)
            if reads_formats(field, column):
                values = read_formatted(rows[name], field, column, self._timezone)
                rows = rows.set_column(rows.column_names.index(name), name, values)
        return rows


def _numbered(object_name: str, prefix: str, ids: str | None) -> str:
    """``id`` as in the schema and ``number`` of the records of an object."""
    if ids is None:
        return f"select '{prefix}' || id as id, id as number from {object_name}"
    number = f"try_cast(substr(id, {len(prefix) + 1}) as bigint)"
    return (
        f"select distinct id, {number} as number from {ids} where starts_with(id, '{prefix}') and {number} is not null"
    )


def _by_deal(chunks: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The rows again, those of one deal in one chunk."""
    kept: pa.Table | None = None
    for chunk in chunks:
        rows = chunk if kept is None else pa.concat_tables([kept, chunk])
        last = rows[ROW][-1].as_py()
        ends_at = rows[ROW].to_numpy().searchsorted(last)
        kept = rows.slice(ends_at)
        if ends_at:
            yield rows.slice(0, ends_at)
    if kept is not None:
        yield kept
