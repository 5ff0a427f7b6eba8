"""Records out of the lines of a CSV file: what is broken is told apart, line by line, and never shifts a column."""

from __future__ import annotations

import csv
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

csv.field_size_limit(sys.maxsize)  # the module's default of 128 KB would refuse a long note

_LONGEST_RECORD = 32 * 1024 * 1024  # characters; what is longer is an open quote that swallows the file


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be split into the columns of the header."""

    reason: str
    raw: str


class RecordTooLongError(Exception):
    """The lines taken for one record are more than any record has."""


class RecordLines:
    """Lines for a CSV parser that remembers those of the record being read, and can give them again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._length = 0
        self.record: list[str] = []
        self.has_ended = False  # within the present record
        self.characters = 0  # given in all

    def __iter__(self) -> RecordLines:
        return self

    def __next__(self) -> str:
        if self.record and self._length > _LONGEST_RECORD:
            raise RecordTooLongError
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            self.has_ended = True
            raise
        self.record.append(line)
        self._length += len(line)
        self.characters += len(line)
        return line

    def start_record(self) -> None:
        self.record = []
        self._length = 0
        self.has_ended = False

    def go_back(self) -> None:
        """All lines of the record but the first will be given again."""
        self._again.extendleft(reversed(self.record[1:]))


def read_records(lines: RecordLines, delimiter: str, width: int) -> Iterator[list[str] | Broken]:
    """The records of ``width`` fields each, and the broken ones; blank lines are skipped. Quotes are read leniently,
    but where one that is never closed swallows lines, its own line alone is broken and reading goes on behind it."""
    parser = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.start_record()
        try:
            record = next(parser)
            swallowed = (len(lines.record) > 1 or lines.has_ended) and not _is_well_quoted(lines.record, delimiter)
        except StopIteration:
            return
        except (RecordTooLongError, csv.Error):
            swallowed = True
        if swallowed:
            lines.go_back()
            yield Broken("a quote is not closed", lines.record[0])
        elif len(record) == width:
            yield record
        elif record and not (len(record) == 1 and not record[0].strip()):
            yield Broken(f"{len(record)} columns where the header has {width}", "".join(lines.record))


def _is_well_quoted(lines: Sequence[str], delimiter: str) -> bool:
    try:
        next(csv.reader(iter(lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True
