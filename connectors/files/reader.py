"""What reading one file gives, whatever its form: chunks of text columns with their row numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from connectors.base import Unreadable
from connectors.translation import ROW

BATCH_ROWS = 50_000
_BATCH_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a file: the readable ones as text columns and ``_row``, the others apart. ``last_row`` is
    the number of the last of both."""

    rows: pa.Table
    last_row: int
    unreadable: tuple[Unreadable, ...] = ()


class Reader(Protocol):
    """One file. All methods raise SourceError for a file that cannot be read at all."""

    def header(self) -> tuple[str, ...]:
        """The column names as the file has them; a repeated name stands for the first column of that name."""
        ...

    def notices(self) -> tuple[str, ...]:
        """What whoever runs the sync should know: a guessed encoding, a repeated column name."""
        ...

    def read(self, columns: Sequence[str], after: int) -> Iterator[Chunk]:
        """The rows behind row ``after``, in order, of these columns alone."""
        ...

    def estimate_rows(self) -> int:
        """About how many rows there are, without reading them all."""
        ...


def text_table(columns: dict[str, pa.Array], numbers: Sequence[int]) -> pa.Table:
    """A chunk's rows: text columns by name, and the numbers of the rows."""
    return pa.table({**columns, ROW: pa.array(numbers, pa.int64())})


def gathered(chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, bool]]:
    """Chunks put together to the size of a batch, each with whether it is the last."""
    pending: Chunk | None = None
    for chunk in chunks:
        if pending is None:
            pending = chunk
        elif _is_full(pending, chunk):
            yield pending, False
            pending = chunk
        else:
            pending = Chunk(
                pa.concat_tables([pending.rows, chunk.rows]), chunk.last_row, pending.unreadable + chunk.unreadable
            )
    if pending is not None:
        yield pending, True


def _is_full(pending: Chunk, chunk: Chunk) -> bool:
    rows = pending.rows.num_rows + len(pending.unreadable) + chunk.rows.num_rows + len(chunk.unreadable)
    size: int = pending.rows.nbytes + chunk.rows.nbytes
    return rows > BATCH_ROWS or size > _BATCH_BYTES
