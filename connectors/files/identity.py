"""Which rows of a listing are one row, and an id for those that have none."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from connectors.translation import ROW, Translation

_SEPARATOR = "\x1f"


class Identity:
    """Gives ids and takes out repeated rows, batch after batch of one listing, in order. It remembers what it has
    seen: 60 to 100 bytes for each row of a table that needs it."""

    def __init__(self, translation: Translation, *, distinct: bool) -> None:
        self._columns = tuple(translation.fields)
        self._key = "id" if "id" in translation.fields else None
        self._distinct = distinct
        self._generates = translation.generates_ids
        self._seen: set[int | str] = set()
        self._repeats: Counter[int | str] = Counter()

    @property
    def looks_back(self) -> bool:
        """Whether a row's fate hangs on the rows before it, so that they have to be read again to go on."""
        return self._distinct or self._generates

    def apply(self, rows: pa.Table) -> pa.Table:
        if self._distinct:
            rows = rows.filter(pa.array([self._is_new(key) for key in self._keys(rows)], pa.bool_()))
        if self._generates:
            ids = [self._numbered(key) for key in _content_hashes(rows, self._columns)]
            rows = rows.append_column("id", pa.array(ids, pa.string()))
        return rows

    def _keys(self, rows: pa.Table) -> list[int] | list[str]:
        if self._key is None:
            return _content_hashes(rows, self._columns)
        ids: list[str] = pc.utf8_trim_whitespace(pc.fill_null(rows[self._key], "")).to_pylist()
        return ids

    def _is_new(self, key: int | str) -> bool:
        if key == "" or key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _numbered(self, key: int) -> str:
        """The content's hash, and which of the equal rows it is: stable whatever other rows come and go."""
        if self._distinct:
            return f"{key:016x}-1"
        if key in self._seen:
            self._repeats[key] += 1
        self._seen.add(key)
        return f"{key:016x}-{self._repeats[key] + 1}"


def _content_hashes(rows: pa.Table, columns: tuple[str, ...]) -> list[int]:
    """64 bits per row. Two contents of one hash do no harm: they count as equal rows and get different numbers."""
    texts = [pc.fill_null(rows[name], "") for name in columns]
    if not texts:
        return [0] * rows[ROW].length()
    contents = pc.binary_join_element_wise(*texts, _SEPARATOR).to_pylist()
    return [int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) for text in contents]
