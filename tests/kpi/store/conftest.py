from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.base import Batch
from kpi.engines import open_engine
from kpi.engines.base import Engine
from kpi.organisation import Organisation
from kpi.store import Writer, open_writer

URL = "duckdb:///var/crm.duckdb"
NEW_YORK = Organisation(timezone="America/New_York")
BEGAN = datetime(2026, 11, 22, 9, tzinfo=UTC)

Row = dict[str, str | None]


def batch(table: str, rows: Sequence[Row], *, first: int = 1, cursor: str = "c", **more) -> Batch:
    """A batch of rows as a connector gives it; their numbers count from ``first``."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    columns["_row"] = pa.array(range(first, first + len(rows)), pa.int64())
    return Batch(table, pa.table(columns), cursor, len(rows), **more)


def listing(table: str, rows: Sequence[Row], **more) -> Batch:
    """A whole table in one batch."""
    return batch(table, rows, starts=True, ends=True, **more)


def deal(deal_id: str, **more: str | None) -> Row:
    return {"id": deal_id, "status": "won", "created_at": "2026-01-31T09:30:00Z", **more}


def rows_of(writer: Writer, sql: str) -> list[tuple]:
    """What the writer's own file holds now."""
    return writer._connection.execute(sql).fetchall()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with open_writer(URL, NEW_YORK, base=tmp_path) as opened:
        yield opened


@pytest.fixture
def published(writer: Writer, tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Loads whole tables of the source ``files``, publishes, and gives an engine on it."""
    engines: list[Engine] = []

    def publish(*batches: Batch, **more) -> Engine:
        for each in batches:
            writer.load("files", each)
        writer.publish({"files": BEGAN}, [], ["files"], **{"relations": (), **more})
        engines.append(open_engine(URL, tmp_path))
        return engines[-1]

    yield publish
    for engine in engines:
        engine.close()
