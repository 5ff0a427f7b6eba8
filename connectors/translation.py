"""A source's rows as rows of the schema: which of its columns feeds which, and the values the mapping makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import MappingError
from connectors.instants import read_dates, read_instants
from connectors.mapping import FieldMap, TableMap
from connectors.suggestion import did_you_mean
from kpi.schema import REFERRED_TO, Column, Table, Type

ROW = "_row"
_MIDNIGHT = r"^\s*(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?\s*$"


@dataclass(frozen=True, slots=True)
class Translation:
    """How a table is read from columns of one source. ``fields`` name those columns exactly; ``missing`` are required
    columns that nothing feeds; ``ignored`` are columns of the source that feed nothing."""

    table: Table
    fields: Mapping[str, FieldMap]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]
    generates_ids: bool

    @property
    def sources(self) -> tuple[str, ...]:
        """The source's columns that are needed, each once."""
        return tuple(dict.fromkeys(name for field in self.fields.values() for name in field.columns))

    def only(self, names: Sequence[str]) -> Translation:
        """The same, of these schema columns alone."""
        return replace(self, fields={name: field for name, field in self.fields.items() if name in names})


def plan_translation(table: Table, table_map: TableMap | None, header: Sequence[str]) -> Translation:
    """What feeds each column of ``table``, given the source's column names: the mapping, else the column of the same
    name (exactly, or else ignoring case and surrounding blanks). Raises MappingError for a column the mapping names
    and the source does not have."""
    mapped = table_map.fields if table_map else {}
    fields: dict[str, FieldMap] = {}
    for column in table.columns:
        if column.name in mapped:
            where = f"[source.map.{table.name}] {column.name}"
            field = mapped[column.name]
            fields[column.name] = replace(field, columns=tuple(_found(where, name, header) for name in field.columns))
        elif (same := _match(column.name, header)) is not None:
            fields[column.name] = FieldMap(columns=(same,))
    used = {name for field in fields.values() for name in field.columns}
    generates_ids = table_map is not None and table.has_id and "id" not in fields and table.name not in REFERRED_TO
    return Translation(
        table=table,
        fields=fields,
        missing=tuple(name for name in table.required if name not in fields and not (name == "id" and generates_ids)),
        ignored=tuple(dict.fromkeys(name for name in header if name.strip() and name not in used)),
        generates_ids=generates_ids,
    )


def apply_map(rows: pa.Table, translation: Translation, timezone: str) -> pa.Table:
    """The schema columns of ``rows`` (text columns of the source, beside ``_row``, which passes through). ``timezone``
    is the organisation's, for local times whose mapping names no zone.

    An empty value stays empty whatever ``otherwise`` says (nobody wrote "open" there), unless ``values`` lists the
    empty text ``""``. What no rule can read stays as it is, so that the store counts it as unreadable."""
    columns = {
        name: _translate(rows, field, translation.table.column(name), timezone)
        for name, field in translation.fields.items()
    }
    return pa.table({**columns, ROW: rows[ROW]})


def _match(name: str, header: Sequence[str]) -> str | None:
    if name in header:
        return name
    folded = name.strip().casefold()
    return next((one for one in header if one.strip().casefold() == folded), None)


def _found(where: str, name: str, header: Sequence[str]) -> str:
    found = _match(name, header)
    if found is None:
        named = [one for one in header if one.strip()]
        raise MappingError(f'{where}: the source has no column "{name}"; {did_you_mean(name, named)}')
    return found


def _translate(rows: pa.Table, field: FieldMap, column: Column, timezone: str) -> pa.ChunkedArray | pa.Array:
    if not field.columns:
        return pa.repeat(pa.scalar(field.constant or "", pa.string()), rows.num_rows)
    values = _first_filled([rows[name] for name in field.columns])
    if field.values is not None:
        return _of_distinct(values, lambda texts: _replaced(texts, field))
    return read_formatted(values, field, column, timezone)


def read_formatted(
    values: pa.ChunkedArray, field: FieldMap, column: Column, timezone: str
) -> pa.ChunkedArray | pa.Array:
    """The texts of a time or date column read by the mapping's formats and zone (else ``timezone``'s local time);
    those of other columns as they are."""
    if column.type is Type.DATE:
        return _of_distinct(values, lambda texts: _as_dates(texts, field))
    if column.type is Type.TIME and (field.formats or field.timezone):
        return _of_distinct(values, lambda texts: read_instants(texts, field.formats, field.timezone or timezone))
    return values


def _first_filled(candidates: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    values = candidates[0]
    for candidate in candidates[1:]:
        blank = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(values, "")), "")
        values = pc.if_else(blank, candidate, values)
    return values


def _of_distinct(values: pa.ChunkedArray, change: Callable[[pa.StringArray], pa.StringArray]) -> pa.Array:
    """``change`` applied to each distinct value once."""
    encoded = pc.dictionary_encode(pc.fill_null(values, "").combine_chunks())
    return change(encoded.dictionary).take(encoded.indices)


def _replaced(texts: pa.StringArray, field: FieldMap) -> pa.StringArray:
    listed = field.values or {}

    def replaced(text: str) -> str:
        key = text.strip()
        fallback = text if field.otherwise is None or not key else field.otherwise
        return listed.get(key, fallback)

    return pa.array([replaced(text) for text in texts.to_pylist()], pa.string())


def _as_dates(texts: pa.StringArray, field: FieldMap) -> pa.StringArray:
    """Dates by the mapping's formats; a midnight, as many tools write a date, is its day."""
    days = read_dates(texts, field.formats) if field.formats else texts
    return pc.replace_substring_regex(days, pattern=_MIDNIGHT, replacement=r"\1")
