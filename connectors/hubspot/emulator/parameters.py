"""What a call asks for, read strictly: anything that HubSpot would refuse is an ApiError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.emulator.routing import ApiError, Call


def refused(message: str, **context: Sequence[str]) -> ApiError:
    """400, as for anything wrong with a request."""
    return ApiError(400, "VALIDATION_ERROR", message, context=context or None)


def names(call: Call, parameter: str) -> list[str]:
    """The names in a parameter of the query, joined by commas or given several times; each once."""
    return list(dict.fromkeys(name for value in call.query.get(parameter, ()) for name in value.split(",") if name))


def flag(call: Call, parameter: str) -> bool:
    """A parameter that is ``true`` or ``false``, which it is by default."""
    value = (call.one(parameter) or "false").lower()
    if value not in {"true", "false"}:
        raise refused(f"Invalid value for {parameter}: it must be true or false")
    return value == "true"


def limit(value: object, *, usual: int, most: int) -> int:
    """How many results are asked for."""
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdecimal():
        raise refused("Invalid limit: it must be a whole number")
    number = int(value)
    if not 1 <= number <= most:
        raise refused(f"Invalid limit {number}: it must be from 1 to {most}")
    return number


def object_body(call: Call) -> Mapping[str, Any]:
    """The body, which must be a JSON object."""
    if not isinstance(call.body, dict):
        raise refused("Invalid input JSON: the body must be an object")
    return call.body


def text_list(body: Mapping[str, Any], key: str) -> list[str]:
    """A list of texts in a body; empty where there is none."""
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise refused(f"Invalid input JSON: {key} must be a list of texts")
    return list(dict.fromkeys(found))


def inputs(body: Mapping[str, Any], *, most: int) -> list[Mapping[str, Any]]:
    """The inputs of a batch, each with its ``id``."""
    found = body.get("inputs")
    if not isinstance(found, list) or not found:
        raise refused("Invalid input JSON: inputs must be a list that is not empty")
    if len(found) > most:
        raise refused(f"The maximum batch size is {most}, but {len(found)} inputs were given")
    for each in found:
        if not isinstance(each, dict) or not record_id(each.get("id")):
            raise refused("Invalid input JSON: every input needs the id of a record")
    return found


def record_id(value: object) -> int | None:
    """An id as a number; None where it is none."""
    is_id = isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdecimal()
    return int(str(value)) if is_id else None
