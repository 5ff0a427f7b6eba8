"""Parquet files: typed columns as the exact text that the store reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.base import SourceError
from connectors.files.folder import SourceFile
from connectors.files.reader import BATCH_ROWS, Chunk, text_table
from connectors.suggestion import in_one_line


class ParquetReader:
    """One Parquet file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        with self._open() as opened:
            self._names = tuple(opened.schema_arrow.names)
            self._rows: int = opened.metadata.num_rows

    def header(self) -> tuple[str, ...]:
        return self._names

    def notices(self) -> tuple[str, ...]:
        repeated = dict.fromkeys(name for name in self._names if self._names.count(name) > 1)
        if not repeated:
            return ()
        return (f"{self._file.path.name} repeats columns; the first counts: {in_one_line(repeated)}",)

    def read(self, columns: Sequence[str], after: int) -> Iterator[Chunk]:
        row = 0
        with self._open() as opened:
            for batch in opened.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
                first, row = row + 1, row + batch.num_rows
                if row > after:
                    kept = batch.slice(max(after + 1 - first, 0))
                    texts = {name: self._text(kept, name) for name in columns}
                    yield Chunk(text_table(texts, range(row - kept.num_rows + 1, row + 1)), row)

    def estimate_rows(self) -> int:
        return self._rows

    @contextmanager
    def _open(self) -> Iterator[pq.ParquetFile]:
        try:
            with self._file.open() as raw, pq.ParquetFile(raw) as opened:
                yield opened
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise SourceError(f"{self._file.path} cannot be read as Parquet ({reason}); export it again.") from None

    def _text(self, batch: pa.RecordBatch, name: str) -> pa.StringArray:
        column = batch.column(batch.schema.get_all_field_indices(name)[0])
        try:
            return as_text(column)
        except pa.ArrowNotImplementedError:
            kind = f"{name} ({column.type})"
            raise SourceError(f"{self._file.path}: the column {kind} is not text, a number or a time.") from None


def as_text(column: pa.Array) -> pa.StringArray:
    """A typed column as text: instants in UTC (those without a zone are taken for UTC), dates ISO 8601, numbers in
    plain digits, exactly; what is missing, or no number, is null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_date(kind):
        return pc.cast(pc.cast(column, pa.date32()), pa.string())
    if pa.types.is_floating(kind):
        return _plain_digits(pc.if_else(pc.is_finite(column), column, None))
    if pa.types.is_decimal(kind):
        return _plain_digits(column)
    return pc.cast(column, pa.string())


def _instants(column: pa.Array) -> pa.StringArray:
    utc = pc.cast(column, pa.timestamp(column.type.unit))
    return pc.binary_join_element_wise(pc.replace_substring(pc.cast(utc, pa.string()), " ", "T"), "Z", "")


def _plain_digits(column: pa.Array) -> pa.StringArray:
    """Arrow writes some numbers with an exponent (``1.2E-8``); those are written out."""
    texts = pc.cast(column, pa.string())
    has_exponent = pc.fill_null(pc.match_substring(texts, "e", ignore_case=True), False)
    written_out = [format(Decimal(text), "f") for text in pc.filter(texts, has_exponent).to_pylist()]
    return pc.replace_with_mask(texts, has_exponent, pa.array(written_out, pa.string()))
