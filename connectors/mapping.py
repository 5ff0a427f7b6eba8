"""How a source's own columns become the schema's: the ``[source.map.TABLE]`` blocks as data, and applying them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where one schema column comes from: the first filled of ``columns``, or ``constant``; then ``values`` (with
    ``otherwise`` for the rest), or ``formats`` (strptime) read in ``timezone``."""

    columns: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    formats: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class TableMap:
    """One ``[source.map.TABLE]`` block. ``file``: read that file, not the one named like the table. ``distinct``: rows
    that repeat an id are one row (a list of owners read out of a list of deals)."""

    fields: Mapping[str, FieldMap]
    file: str | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """What counts: ``[source.include]`` and ``[source.exclude]``. Empty means no filter."""

    pipelines: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    excluded_owners: tuple[str, ...] = ()  # emails
    excluded_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One ``[[source]]`` block, checked. ``name`` is the prefix of its ids."""

    name: str
    type: str
    path: Path | None = None
    filters: Filters = Filters()
    maps: Mapping[str, TableMap] = field(default_factory=dict)
