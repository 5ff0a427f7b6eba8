"""Checks that JSON values are made of: each yields what is wrong with a value, named by its path."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

Check: TypeAlias = Callable[[object, str], Iterator[str]]
"""Takes a value and its path (``blocks[2].text``) and gives one line per problem."""


def string(most: int, least: int = 1) -> Check:
    """Text of ``least`` to ``most`` characters."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path}: must be text, is {_kind(value)}"
        elif len(value) > most:
            yield f"{path}: has {len(value):,} characters, at most {most:,} are allowed"
        elif len(value) < least:
            yield f"{path}: must not be empty"

    return check


def number(low: float = -math.inf, high: float = math.inf, *, above: float = -math.inf) -> Check:
    """A finite number from ``low`` to ``high`` and greater than ``above``."""

    def check(value: object, path: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path}: must be a number, is {_kind(value)}"
        elif not math.isfinite(value):
            yield f"{path}: must be a finite number"
        elif not low <= value <= high:
            yield f"{path}: is {value}, must be from {low} to {high}"
        elif not value > above:
            yield f"{path}: is {value}, must be greater than {above}"

    return check


def whole(low: int, high: int) -> Check:
    """A whole number from ``low`` to ``high``."""

    def check(value: object, path: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{path}: must be a whole number, is {_kind(value)}"
        elif not low <= value <= high:
            yield f"{path}: is {value}, must be from {low} to {high}"

    return check


def flag(value: object, path: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{path}: must be true or false, is {_kind(value)}"


def choice(*allowed: str) -> Check:
    """One of the words."""

    def check(value: object, path: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{path}: is {value!r}, must be one of {', '.join(allowed)}"

    return check


def url(most: int, *schemes: str) -> Check:
    """An absolute address of at most ``most`` characters with one of the schemes."""

    def check(value: object, path: str) -> Iterator[str]:
        wrong = list(string(most)(value, path))
        if wrong or not isinstance(value, str):
            yield from wrong
        elif not _is_address(value, schemes):
            yield f"{path}: must be an address that begins with {' or '.join(f'{scheme}:' for scheme in schemes)}"

    return check


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    if any(character.isspace() or not character.isprintable() for character in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname or parts.scheme not in {"http", "https"})


def many(item: Check, most: int, least: int = 1) -> Check:
    """A list of ``least`` to ``most`` items."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield f"{path}: must be a list, is {_kind(value)}"
            return
        if len(value) > most:
            yield f"{path}: has {len(value):,} items, at most {most:,} are allowed"
        if len(value) < least:
            yield f"{path}: has {len(value)} items, at least {least} {'is' if least == 1 else 'are'} needed"
        for index, each in enumerate(value):
            yield from item(each, f"{path}[{index}]")

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: must be an object, is {_kind(value)}"
            return
        for name in required:
            if name not in value:
                yield f"{path}.{name}: is missing"
        for name, each in value.items():
            if name in known:
                yield from known[name](each, f"{path}.{name}")
            else:
                yield f"{path}.{name}: is not a field of this object"

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says which of the checks holds for it."""

    def check(value: object, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: must be an object, is {_kind(value)}"
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            yield f"{path}: type {kind!r} is unknown or not allowed here; allowed: {', '.join(kinds)}"
            return
        yield from kinds[kind]({name: each for name, each in value.items() if name != "type"}, path)

    return check


def every(*checks: Check) -> Check:
    """All of the checks, the later ones only on what the earlier ones found sound."""

    def check(value: object, path: str) -> Iterator[str]:
        for each in checks:
            wrong = list(each(value, path))
            yield from wrong
            if wrong:
                return

    return check


def anything(_value: object, _path: str) -> Iterator[str]:
    """Whatever it is."""
    yield from ()


def _kind(value: object) -> str:
    names = {type(None): "null", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "an object" if isinstance(value, Mapping) else "a list")
