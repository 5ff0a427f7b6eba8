"""The files of a source's folder: which table each is, and that none changes while it is read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.base import MappingError, SourceError
from connectors.mapping import SourceSettings
from connectors.suggestion import did_you_mean, in_one_line
from kpi.schema import TABLES

_FORMS = (".csv.gz", ".csv", ".parquet")
_EXAMPLE = "deals.csv, deals.csv.gz or deals.parquet"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was when the pull began."""

    path: Path
    stamp: tuple[int, int, int]  # inode, size, time of the last change

    @classmethod
    def at(cls, path: Path) -> SourceFile:
        """The file as it is now; SourceError where it cannot be looked at."""
        return cls(path, _stamp(path))

    @property
    def is_parquet(self) -> bool:
        return self.path.name.lower().endswith(".parquet")

    @property
    def size(self) -> int:
        return self.stamp[1]

    def open(self) -> io.BufferedReader:
        """The file's bytes; SourceError where it is not the file any more that it was."""
        try:
            opened = self.path.open("rb")
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}.") from None
        self.verify()
        return opened

    def verify(self) -> None:
        """Raises SourceError where the file has changed since the pull began."""
        if _stamp(self.path) != self.stamp:
            raise SourceError(f"{self.path} changed while it was being read; run the sync again when it is complete.")

    def content_hash(self) -> str:
        with self.open() as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        self.verify()
        return digest


def find_files(settings: SourceSettings) -> dict[str, SourceFile]:
    """The file of each table there is, in the schema's order. Raises SourceError for a folder that is none or has no
    table in it, and for a table in two forms."""
    folder = _folder(settings)
    try:
        present = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise SourceError(f"The folder {folder} cannot be read: {error.strerror or error}.") from None
    found = {}
    for table in TABLES:
        table_map = settings.maps.get(table)
        path = _mapped_file(folder, table, table_map.file) if table_map and table_map.file else _own(table, present)
        if path is not None:
            found[table] = SourceFile.at(path)
    _refuse_maps_without_file(settings, found)
    if not found:
        names = in_one_line(path.name for path in present) or "nothing"
        raise SourceError(
            f"There is no table in the folder {folder}: it holds {names}. Put files named like {_EXAMPLE} there, "
            f'or name one: [source.map.deals] file = "..."'
        )
    return found


def files_of_no_table(settings: SourceSettings, files: Mapping[str, SourceFile]) -> tuple[str, ...]:
    """Names of data files in the folder that no table is read from."""
    read = {file.path for file in files.values()}
    return tuple(
        path.name
        for path in sorted(_folder(settings).iterdir())
        if path.name.lower().endswith(_FORMS) and path not in read
    )


def _folder(settings: SourceSettings) -> Path:
    folder = settings.path
    if folder is None:
        raise SourceError(f'The source "{settings.name}" has no path; write path = "..." (a folder) in its block.')
    if folder.is_file():
        raise SourceError(f'{folder} is a file; write the folder that it lies in: path = "{folder.parent}".')
    if not folder.is_dir():
        raise SourceError(f'There is no folder {folder}; correct the path of the source "{settings.name}".')
    return folder


def _own(table: str, present: list[Path]) -> Path | None:
    named = [path for path in present if path.name.lower() in {table + form for form in _FORMS}]
    if len(named) > 1:
        both = " and ".join(path.name for path in named)
        raise SourceError(f"{named[0].parent} holds {table} twice: {both}. Take one of them away.")
    return named[0] if named else None


def _mapped_file(folder: Path, table: str, name: str) -> Path:
    where = f"[source.map.{table}] file"
    path = folder / name
    if not path.name.lower().endswith(_FORMS):
        raise MappingError(f'{where}: "{name}" is no table; give a file that ends in .csv, .csv.gz or .parquet.')
    if not path.is_file():
        present = sorted(one.name for one in folder.iterdir() if one.is_file())
        raise MappingError(f'{where}: there is no file "{name}" in {folder}; {did_you_mean(name, present)}')
    return path


def _refuse_maps_without_file(settings: SourceSettings, found: Mapping[str, SourceFile]) -> None:
    for table in settings.maps:
        if table not in found:
            raise MappingError(
                f"[source.map.{table}] has no file to read: put {table}.csv into {settings.path}, "
                f'or name one in that block: file = "..."'
            )


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise SourceError(f"{path} went away while it was being read; run the sync again when it is back.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
