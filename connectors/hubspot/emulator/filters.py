"""Filters of a search: from what stands in a request to functions over records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from connectors.hubspot.emulator.definitions import Definitions, live_definition
from connectors.hubspot.emulator.kinds import Kind
from connectors.hubspot.emulator.parameters import refused
from connectors.hubspot.emulator.records import Record
from connectors.hubspot.emulator.values import epoch_milliseconds

Value = int | float | str
Reader = Callable[[Record], Value | None]
Test = Callable[[Record], bool]

_MODIFIED = frozenset({"lastmodifieddate", "hs_lastmodifieddate"})
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda found, wanted: found == wanted,
    "NEQ": lambda found, wanted: found != wanted,
    "LT": lambda found, wanted: found < wanted,
    "LTE": lambda found, wanted: found <= wanted,
    "GT": lambda found, wanted: found > wanted,
    "GTE": lambda found, wanted: found >= wanted,
}


def test_of(given: object, kind: Kind, definitions: Definitions) -> Test:
    """The test that one filter stands for. Records without a value pass NOT_HAS_PROPERTY alone."""
    if not isinstance(given, dict) or not isinstance(given.get("propertyName"), str):
        raise refused("Invalid input JSON: every filter needs a propertyName")
    name, operator = given["propertyName"], given.get("operator")
    if is_silent(kind, name):
        return lambda _record: False
    read, type_ = reader(kind, definitions, name), type_of(definitions, name)
    if operator == "HAS_PROPERTY":
        return lambda record: read(record) is not None
    if operator == "NOT_HAS_PROPERTY":
        return lambda record: read(record) is None
    passes = _passes(str(operator), given, type_)
    return lambda record: (value := read(record)) is not None and passes(value)


def is_silent(kind: Kind, name: str) -> bool:
    """The modified date of other objects: HubSpot takes its name here too, and finds nothing by it."""
    return name in _MODIFIED and name != kind.modified


def type_of(definitions: Definitions, name: str) -> str:
    """The type of a property; the API's error where there is none."""
    if found := live_definition(definitions, name):
        return found.type
    raise refused(f"Property '{name}' does not exist", propertyName=[name])


def reader(kind: Kind, definitions: Definitions, name: str) -> Reader:
    """What gives a property in a form that compares as HubSpot does."""
    if name == kind.modified:
        return lambda record: epoch_milliseconds(record.modified_at)
    if name == "hs_object_id":
        return lambda record: record.id
    type_ = type_of(definitions, name)

    def read(record: Record) -> Value | None:
        text = record.value(name, kind)
        return None if text is None else _stored(text, type_)

    return read


def instant(text: str) -> int | None:
    """Milliseconds since 1970 from such a number or from an ISO date or instant; None where it is neither."""
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return epoch_milliseconds(at if at.tzinfo else at.replace(tzinfo=UTC))


def _passes(operator: str, given: Mapping[str, Any], type_: str) -> Callable[[Any], bool]:
    if compare := _COMPARISONS.get(operator):
        wanted = _wanted(given, "value", type_)
        return lambda value: compare(value, wanted)
    if operator == "BETWEEN":
        low, high = _wanted(given, "value", type_), _wanted(given, "highValue", type_)
        return lambda value: low <= value <= high
    if operator in {"IN", "NOT_IN"}:
        values, is_in = _wanted_values(given, type_), operator == "IN"
        return lambda value: (value in values) is is_in
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        pattern, is_in = str(_wanted(given, "value", "string")), operator == "CONTAINS_TOKEN"
        return lambda value: _has_token(str(value), pattern) is is_in
    raise refused(f"Invalid input JSON: there is no operator {operator}")


def _wanted(given: Mapping[str, Any], key: str, type_: str) -> Any:
    if given.get(key) is None:
        raise refused(f"Invalid input JSON: the operator {given['operator']} needs a {key}")
    return _parsed(str(given[key]), type_)


def _wanted_values(given: Mapping[str, Any], type_: str) -> set[Value]:
    values = given.get("values")
    if not isinstance(values, list) or not values:
        raise refused(f"Invalid input JSON: the operator {given['operator']} needs values")
    # Text is looked for in small letters, but what is given here is not made small: capitals find nothing.
    return {str(each) if type_ == "string" else _parsed(str(each), type_) for each in values}


def _parsed(text: str, type_: str) -> Value:
    """A value of a request in the form of ``reader``; the API's error where it is none of the type."""
    value = instant(text) if type_ in {"date", "datetime"} else _number(text) if type_ == "number" else None
    if value is not None:
        return value
    if type_ in {"date", "datetime", "number"}:
        raise refused(f"Invalid {type_}: {text}")
    return text.casefold() if type_ == "string" else text


def _stored(text: str, type_: str) -> Value | None:
    if type_ in {"date", "datetime"}:
        return instant(text)
    if type_ == "number":
        return _number(text)
    return text.casefold() if type_ == "string" else text


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None


def _has_token(text: str, pattern: str) -> bool:
    return any(fnmatchcase(token, pattern) for token in (text, *re.split(r"[\s@._-]+", text)))
