"""The text of a CSV file as people have them: plain or gzipped, in one of the usual encodings."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from connectors.base import SourceError
from connectors.files.folder import SourceFile

SAMPLE_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are read. ``notice`` says what was guessed or given up."""

    name: str
    has_nul: bool = False
    notice: str | None = None


@contextmanager
def open_bytes(file: SourceFile) -> Iterator[BinaryIO]:
    """The bytes of the file, unpacked where it is gzipped (by content, not by name). SourceError for a damaged one."""
    try:
        with file.open() as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            if not is_gzip:
                yield raw
                return
            with gzip.open(raw) as unpacked:
                yield cast("BinaryIO", unpacked)
    except EOFError:
        raise SourceError(f"{file.path} ends in the middle (a broken download?); get the file again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise SourceError(f"{file.path} is damaged: it cannot be unpacked; get the file again.") from None
    except OSError as error:
        raise SourceError(f"{file.path} cannot be read: {error.strerror or error}.") from None


@contextmanager
def open_lines(file: SourceFile, encoding: Encoding) -> Iterator[Iterator[str]]:
    """The lines of the file with their line ends; NUL characters are taken out."""
    with open_bytes(file) as data, io.TextIOWrapper(data, encoding.name, errors="replace", newline="") as text:
        yield (line.replace("\0", "") for line in text) if encoding.has_nul else text


def sample(file: SourceFile) -> bytes:
    """The beginning of the file, unpacked."""
    with open_bytes(file) as data:
        return data.read(SAMPLE_BYTES)


def unpacked_size(file: SourceFile) -> int:
    """About how many bytes the file unpacks to: an archive says so in its last four bytes, for one below 4 GB."""
    with file.open() as raw:
        if raw.read(2) != _GZIP_MAGIC:
            return file.size
        raw.seek(-4, os.SEEK_END)
        return max(int.from_bytes(raw.read(4), "little"), file.size)


def decode_sample(data: bytes) -> str:
    """The beginning of a file as text, by its mark, else as UTF-8 if it is that, else as cp1252."""
    name = _marked(data) or "utf-8"
    decoder = codecs.getincrementaldecoder(name)(errors="replace" if name != "utf-8" else "strict")
    try:
        return decoder.decode(data).replace("\0", "")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").replace("\0", "")


def find_encoding(file: SourceFile) -> Encoding:
    """The encoding of the whole file: it is read through, since the first umlaut may stand on its last line. With it
    a damaged archive is found before its first row is given on."""
    with open_bytes(file) as data:
        head = data.read(_BUFFER_BYTES)
        marked = _marked(head)
        decoder = codecs.getincrementaldecoder(marked or "utf-8")()
        is_valid, has_nul, block = True, False, head
        while block:
            has_nul = has_nul or (b"\0" in block and marked != "utf-16")
            is_valid = is_valid and _decodes(decoder, block, final=False)
            block = data.read(_BUFFER_BYTES)
        is_valid = is_valid and _decodes(decoder, b"", final=True)
    name = marked or ("utf-8" if is_valid else "cp1252")
    return Encoding(name, has_nul or marked == "utf-16", _notice(file, marked, is_valid=is_valid, has_nul=has_nul))


def _notice(file: SourceFile, marked: str | None, *, is_valid: bool, has_nul: bool) -> str | None:
    if not is_valid and marked:
        return f"{file.path.name} says it is {marked} and is not quite: what cannot be read stands as \ufffd."
    if not is_valid:
        return f"{file.path.name} is not UTF-8; it is read as Windows-1252. Export it as UTF-8 if names look wrong."
    return f"{file.path.name} holds NUL characters; they are left out." if has_nul else None


def _marked(data: bytes) -> str | None:
    if data.startswith(_UTF16_MARKS):
        return "utf-16"
    return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else None


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
