"""What a connector is: it pulls rows of the schema's tables from one source, batch by batch, and can go on later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class SourceError(Exception):
    """A source refused, could not be reached, or holds what cannot be read at all. The message is one line for the
    user: what happened and what to do. It never holds a secret."""


class MappingError(SourceError):
    """A ``[source.map.TABLE]`` entry that does not fit the source: a wrong column, format or zone."""


class IncompleteError(SourceError):
    """The source goes on later, as at a daily limit. What was pulled stays; a pull from ``resume_at`` (aware) on goes
    on where this one stopped."""

    def __init__(self, message: str, resume_at: datetime) -> None:
        super().__init__(message)
        self.resume_at = resume_at


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not even be split into columns. ``row`` counts the data rows of its table from 1."""

    row: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one table, and where to go on once they are stored.

    ``rows``: an Arrow table of text columns named as in the schema (any subset), as the source wrote them, and the
    int64 column ``_row``, the row's number in the source. The store types them. ``pulled`` counts what was read,
    rows left out by a filter included. ``cursor`` is opaque to the store and committed together with the rows.

    A listing of the whole table has ``starts`` on its first batch and ``ends`` on its last (both may be one batch):
    rows that it did not bring are gone from the source. A pull of changes has ``starts`` on none; then ``ends`` says
    only that the table is up to date. ``deleted`` are ids (without the source's name) that are gone.

    Where rows have no id but belong to records (``stage_changes``: to deals), a batch of a pull of changes brings all
    the rows of each record that it names, and ``deleted`` names records. What belongs to none (``fx_rates``,
    ``targets``, ``holidays``) can be listed whole only.
    """

    table: str
    rows: pa.Table
    cursor: str
    pulled: int
    starts: bool = False
    ends: bool = False
    deleted: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    notices: tuple[str, ...] = ()  # told once to who runs the sync: an unknown column, a guessed encoding


@dataclass(frozen=True, slots=True)
class Pulled:
    """Records that have arrived and are kept by the connector, before any rows are made of them: for a progress bar.
    ``what`` is the source's own word. ``notices`` are told once to who runs the sync."""

    what: str
    records: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of a check: what was looked at, whether it is fine, and otherwise what to do. ``costs``: the columns of
    the schema (table, column) that stay empty because of it; an empty column means the whole table. ``weakens``: those
    that something else may still fill. ``unfilled``: those that the source does not fill anyway."""

    subject: str
    ok: bool
    detail: str
    costs: tuple[tuple[str, str], ...] = ()
    weakens: tuple[tuple[str, str], ...] = ()
    unfilled: tuple[tuple[str, str], ...] = ()


class Vault(Protocol):
    """Keeps secrets that a source hands out, encrypted, such as a rotated refresh token."""

    def read(self, name: str) -> str | None: ...

    def write(self, name: str, secret: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector is given of the world. ``timezone`` and ``currency`` are the organisation's; ``folder`` is where
    it may keep files of its own; ``secret`` gives an environment variable's value; ``clock`` gives the time (aware)."""

    timezone: str
    currency: str
    folder: Path
    secret: Callable[[str], str | None]
    vault: Vault
    clock: Callable[[], datetime]


class Connector(Protocol):
    """A source of rows. Its clock, network and environment come in when it is made."""

    name: str

    def pull(self, cursors: Mapping[str, str], *, full: bool) -> Iterator[Batch | Pulled]:
        """The batches that bring every table of the source up to date, given the cursors committed so far (by table).
        ``full`` begins anew. Raises SourceError, and IncompleteError where it goes on later; batches given before stay
        good."""
        ...

    def size(self) -> int | None:
        """About how many rows a pull may read, for a progress bar; None where the source does not say."""
        ...

    def check(self) -> Iterator[Finding]:
        """Looks at the source without pulling: can it be reached, is what the mapping names there."""
        ...
