"""CSV files, read with Python's parser: a tenth of Arrow's speed (270,000 rows of ten columns a second, not
2.7 million), but it survives what people export, and says which row is broken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from functools import cached_property

import pyarrow as pa

from connectors.base import SourceError, Unreadable
from connectors.files.csv_records import Broken, RecordLines, read_records
from connectors.files.csv_text import (
    SAMPLE_BYTES,
    Encoding,
    decode_sample,
    find_encoding,
    open_lines,
    sample,
    unpacked_size,
)
from connectors.files.folder import SourceFile
from connectors.files.reader import Chunk, text_table
from connectors.suggestion import in_one_line

_DELIMITERS = (",", ";", "\t")
_CHUNK_ROWS = 5_000
_CHUNK_CHARACTERS = 8 * 1024 * 1024
_LONGEST_RAW = 10_000  # characters of a broken row that are kept


class CsvReader:
    """One CSV file, plain or gzipped."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    def header(self) -> tuple[str, ...]:
        return self._header

    def notices(self) -> tuple[str, ...]:
        """See Reader. Reads the file through once, for its encoding."""
        found = [self._encoding.notice] if self._encoding.notice else []
        named = [name for name in self._header if name]
        repeated = dict.fromkeys(name for name in named if named.count(name) > 1)
        if repeated:
            found.append(f"{self._file.path.name} repeats columns; the first counts: {in_one_line(repeated)}")
        return tuple(found)

    def read(self, columns: Sequence[str], after: int) -> Iterator[Chunk]:
        places = {name: self._header.index(name) for name in columns}
        with open_lines(self._file, self._encoding) as text:
            lines = RecordLines(text)
            records = read_records(lines, self._delimiter, len(self._header))
            self._pass_header(records)
            yield from _chunks(enumerate(records, start=1), lines, places, after)

    def estimate_rows(self) -> int:
        """See Reader. From the length of the first lines."""
        data = sample(self._file)
        rows = max(len(decode_sample(data).splitlines()) - 1, 0)
        return rows if len(data) < SAMPLE_BYTES else rows * unpacked_size(self._file) // len(data)

    @cached_property
    def _encoding(self) -> Encoding:
        return find_encoding(self._file)

    @cached_property
    def _dialect(self) -> tuple[str, tuple[str, ...]]:
        """The delimiter that splits the header into most columns, and those columns."""
        text = decode_sample(sample(self._file))
        headers = {delimiter: _first_record(text, delimiter) for delimiter in _DELIMITERS}
        delimiter = max(_DELIMITERS, key=lambda one: len(headers[one]))
        if not headers[delimiter]:
            raise SourceError(f"{self._file.path} is empty: it has not even a line of column names. Export it again.")
        return delimiter, tuple(name.strip() for name in headers[delimiter])

    @property
    def _delimiter(self) -> str:
        return self._dialect[0]

    @property
    def _header(self) -> tuple[str, ...]:
        return self._dialect[1]

    def _pass_header(self, records: Iterator[list[str] | Broken]) -> None:
        header = next((record for record in records if isinstance(record, Broken) or _is_filled(record)), None)
        if isinstance(header, Broken):
            raise SourceError(f"The column names of {self._file.path} cannot be read: {header.reason}.")


def _first_record(text: str, delimiter: str) -> list[str]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next((record for record in records if _is_filled(record)), [])


def _is_filled(record: list[str]) -> bool:
    return any(cell.strip() for cell in record)


def _chunks(
    records: Iterator[tuple[int, list[str] | Broken]], lines: RecordLines, places: dict[str, int], after: int
) -> Iterator[Chunk]:
    kept: list[list[str]] = []
    numbers: list[int] = []
    broken: list[Unreadable] = []
    row, characters = 0, 0

    def chunk() -> Chunk:
        columns = {name: pa.array([record[place] for record in kept], pa.string()) for name, place in places.items()}
        return Chunk(text_table(columns, numbers), row, tuple(broken))

    for row, record in records:
        if row <= after:
            continue
        if isinstance(record, Broken):
            broken.append(Unreadable(row, record.reason, record.raw[:_LONGEST_RAW]))
        else:
            kept.append(record)
            numbers.append(row)
        if len(kept) + len(broken) >= _CHUNK_ROWS or lines.characters - characters > _CHUNK_CHARACTERS:
            yield chunk()
            kept, numbers, broken, characters = [], [], [], lines.characters
    if kept or broken:
        yield chunk()
