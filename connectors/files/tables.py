"""The tables of a folder, ready to be read: file, reader and translation of each, checked against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from connectors.base import MappingError, SourceError
from connectors.files.csv_reader import CsvReader
from connectors.files.folder import SourceFile
from connectors.files.parquet_reader import ParquetReader
from connectors.files.reader import Reader
from connectors.mapping import TableMap
from connectors.suggestion import in_one_line, nearest
from connectors.translation import Translation, apply_map, plan_translation
from kpi.schema import TABLES


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table of the schema and the file it is read from."""

    name: str
    file: SourceFile
    reader: Reader
    translation: Translation
    table_map: TableMap | None

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns that a file in the schema's shape should not have; a foreign export has many, and may."""
        return () if self.table_map else self.translation.ignored

    @property
    def is_distinct(self) -> bool:
        return self.table_map is not None and self.table_map.distinct

    def notices(self) -> tuple[str, ...]:
        """What whoever runs the sync should know of this file."""
        if not self.ignored:
            return self.reader.notices()
        unknown = f"{self.file.path.name}: {self.name} have no such columns, not read: {in_one_line(self.ignored)}"
        return (*self.reader.notices(), unknown)


def open_table(name: str, file: SourceFile, table_map: TableMap | None) -> FileTable:
    """Looks at the file's column names. Raises SourceError where they do not give the table."""
    reader = ParquetReader(file) if file.is_parquet else CsvReader(file)
    try:
        translation = plan_translation(TABLES[name], table_map, reader.header())
    except MappingError as error:
        raise MappingError(f"{file.path}: {error}") from None
    if translation.missing:
        raise SourceError(_what_is_missing(file, translation, reader.header()))
    return FileTable(name, file, reader, translation, table_map)


def scan_table(table: FileTable, columns: Sequence[str], timezone: str) -> Iterator[pa.Table]:
    """These schema columns of the whole table; those that nothing feeds are empty."""
    translation = table.translation.only(columns)
    for chunk in table.reader.read(translation.sources, after=0):
        rows = apply_map(chunk.rows, translation, timezone)
        for column in columns:
            if column not in rows.column_names:
                rows = rows.append_column(column, pa.repeat(pa.scalar(""), rows.num_rows))
        yield rows
    table.file.verify()


def refuse_missing(tables: Mapping[str, FileTable], table: str, needed: Sequence[str], reason: str) -> None:
    """Raises SourceError where a filter has nothing to be held against."""
    if table not in tables:
        raise SourceError(f"{reason} needs the table {table}, which is not there; add it or take the filter out.")
    fed = tables[table].translation.fields
    missing = [column for column in needed if column not in fed]
    if missing:
        raise SourceError(
            f"{reason} needs the column {missing[0]} of {table}, which {tables[table].file.path} does not have; "
            f"map it in [source.map.{table}] or take the filter out."
        )


def _what_is_missing(file: SourceFile, translation: Translation, header: Sequence[str]) -> str:
    table = translation.table.name
    named = [name for name in header if name.strip()]
    near = {column: nearest(column, named) for column in translation.missing}
    lines = " ".join(f'{column} = "{near[column] or "..."}"' for column in translation.missing)
    return (
        f"{file.path} has no column {' and no '.join(translation.missing)}, which {table} need. "
        f"It has: {in_one_line(named) or 'none'}. Rename the columns, or say which they are: "
        f"[source.map.{table}] {lines}"
    )
