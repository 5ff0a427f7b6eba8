"""Reads a TOML document into typed dataclasses: unknown keys, wrong types and broken rules end it, by their place."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from bot.config import rules
from bot.config.blocks import RULES, SOURCE_BLOCKS, SourceBlock
from bot.config.errors import Place
from bot.config.settings import SendTime
from connectors.suggestion import did_you_mean

T = TypeVar("T")

_WORDS = {
    str: 'a text in quotes, such as "x"',
    int: "a whole number",
    float: "a number without quotes",
    bool: "true or false",
}
_READ_FROM_TEXT: Mapping[type, rules.Rule] = {str: str, Path: rules.path, SendTime: rules.send_time}


def read_block(block: type[T], raw: object, at: Place) -> T:
    """A table of the document as that dataclass. ConfigError at the first key that is wrong."""
    if not isinstance(raw, dict):
        raise at.error("must be a block with keys of its own, not a value.")
    fields = {field.name: field for field in dataclasses.fields(block)}  # type: ignore[arg-type]
    for key in raw:
        if key not in fields:
            raise at.error(f"unknown key {key[:60]!r}; {_meant(block, key, fields)}")
    for field in fields.values():
        if field.name not in raw and _has_no_default(field):
            raise at.error(f"{field.name} is missing: it has no default, so write {field.name} = ...")
    return block(**{key: _read_key(block, key, fields[key].type, value, at) for key, value in raw.items()})


def _meant(block: type, key: str, fields: Mapping[str, Any]) -> str:
    """What to write instead of a key that the block has not."""
    if issubclass(block, SourceBlock):
        for kind, other in SOURCE_BLOCKS.items():
            if key in (field.name for field in dataclasses.fields(other)):
                return f'it is for a source of type "{kind}": take it out.'
    return did_you_mean(key, fields)


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read_key(block: type, key: str, kind: Any, raw: object, at: Place) -> Any:
    """One key's value, typed and held to its rule (in a list: each entry). An empty text is an unset optional key."""
    inner, is_list, is_optional = _unwrapped(kind)
    if _is_block(inner):
        return _read_blocks(inner, key, raw, at) if is_list else read_block(inner, raw, at.under(key))
    here = at.under(key)
    if is_optional and raw == "":
        return None
    if is_list:
        return _read_list(block, key, inner, raw, here)
    if get_origin(inner) is Mapping and get_args(inner)[1] is not Any:
        return _read_named(block, key, get_args(inner)[1], raw, here)
    return _read_value(block, key, inner, raw, here)


def _read_list(block: type, key: str, kind: Any, raw: object, at: Place) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise at.error('must be a list, such as ["x", "y"].')
    return tuple(_read_value(block, key, kind, value, at) for value in raw)


def _read_named(block: type, key: str, kind: Any, raw: object, at: Place) -> Mapping[str, Any]:
    """A table whose keys are names of the user's own, each with a value of one kind."""
    if not isinstance(raw, dict):
        raise at.error("must be a block with keys of its own, not a value.")
    inner, is_list, _ = _unwrapped(kind)
    found: dict[str, Any] = {}
    for name, value in raw.items():
        here = at.under(name[:60])
        if _is_block(inner):
            found[name] = read_block(inner, value, here)
        else:
            read = _read_list if is_list else _read_value
            found[name] = read(block, key, inner, value, here)
    return found


def _is_block(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) and kind not in _READ_FROM_TEXT


def _unwrapped(kind: Any) -> tuple[Any, bool, bool]:
    """``tuple[X, ...]``, ``X | None``, both or ``X`` as (X, is a list, is optional)."""
    is_optional = isinstance(kind, UnionType)
    inner = get_args(kind)[0] if is_optional else kind
    if get_origin(inner) is tuple:
        return get_args(inner)[0], True, is_optional
    return inner, False, is_optional


def _read_blocks(block: Any, key: str, raw: object, at: Place) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise at.error(f"write [[{key}]] with two brackets: there may be several.")
    places = [at.under(key, entry=entry) for entry in range(1, len(raw) + 1)]
    return tuple(
        read_block(_source_block(value, place) if block is SourceBlock else block, value, place)
        for value, place in zip(raw, places, strict=True)
    )


def _source_block(raw: object, at: Place) -> type[SourceBlock]:
    """The shape of a source depends on its type."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if kind is None:
        raise at.error(f"type is missing: write type = one of {', '.join(SOURCE_BLOCKS)}.")
    if not isinstance(kind, str) or kind not in SOURCE_BLOCKS:
        raise at.under("type").error(f"{kind!r} is not a type of source; {did_you_mean(str(kind), SOURCE_BLOCKS)}")
    return SOURCE_BLOCKS[kind]


def _read_value(block: type, key: str, kind: Any, raw: object, at: Place) -> Any:
    if get_origin(kind) is Mapping:
        kind = dict
    written = str if kind in _READ_FROM_TEXT else kind
    if kind is float and type(raw) is int:
        raw = float(raw)
    if type(raw) is not written:  # not isinstance: true is no number
        raise at.error(f"must be {_WORDS.get(written, 'a block of its own')}, not {raw!r:.60}.")
    try:
        value = _READ_FROM_TEXT[kind](raw) if kind in _READ_FROM_TEXT else raw
        rule = next((RULES[base][key] for base in block.__mro__ if key in RULES.get(base, {})), None)
        return rule(value) if rule else value
    except ValueError as error:
        raise at.error(str(error)) from None
