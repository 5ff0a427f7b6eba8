"""A connector that stops where it is told to, in place of a CRM at its daily limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors.base import Batch, Finding, Pulled, SourceError


@dataclass
class StoppingConnector:
    """Gives two accounts in two batches, announced as records; ``stops`` comes after ``after`` batches."""

    name: str
    stops: SourceError | None = None
    after: int = 0

    def pull(self, cursors: Mapping[str, str], *, full: bool) -> Iterator[Batch | Pulled]:  # noqa: ARG002
        yield Pulled("companies", records=2, notices=("told once",))
        for number in range(2):
            if self.stops and number == self.after:
                raise self.stops
            rows = pa.table({"id": [f"A{number}"], "name": ["x"], "_row": pa.array([number + 1], pa.int64())})
            yield Batch("accounts", rows, str(number), pulled=1, starts=number == 0, ends=number == 1)
        if self.stops and self.after >= 2:
            raise self.stops

    def size(self) -> int:
        return 2

    def check(self) -> Iterator[Finding]:
        yield from ()
