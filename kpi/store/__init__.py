"""The store: one writer, published snapshots. Reading them is ``kpi.engines``."""

from kpi.store.load import Loaded
from kpi.store.writer import Writer, open_writer

__all__ = ["Loaded", "Writer", "open_writer"]
