from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from connectors.base import Batch
from kpi.store import open_writer
from tests.kpi.store.conftest import BEGAN, NEW_YORK, URL, deal, listing


def publish_in(folder: Path, *batches: Batch) -> Path:
    """Publishes a snapshot of these tables and gives its path."""
    with open_writer(URL, NEW_YORK, base=folder) as writer:
        for batch in batches or (listing("deals", [deal("1", name="Ann")]),):
            writer.load("files", batch)
        return writer.publish({"files": BEGAN}, [], ["files"], relations=())


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """Publishes a snapshot of these tables in ``tmp_path`` and gives its path."""
    return partial(publish_in, tmp_path)
