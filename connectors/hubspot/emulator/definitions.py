"""Definitions of properties: what an account's records may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.hubspot.emulator.standard import standard_properties


class AccountError(Exception):
    """An edit that the account does not allow: an unknown record, property, stage."""


@dataclass(slots=True)
class Definition:
    """``type``: string, number, date, datetime, bool or enumeration. ``options``: labels of an enumeration's values."""

    name: str
    type: str
    label: str
    options: dict[str, str] = field(default_factory=dict)
    is_custom: bool = False
    archived: bool = False


Definitions = dict[str, Definition]


def standard_definitions(object_name: str) -> Definitions:
    """Those of a new account."""
    found = {
        name: Definition(name, type_, _label(name), dict(options))
        for name, type_, options in standard_properties(object_name)
    }
    if "lifecyclestage" in found:
        for stage, label in found["lifecyclestage"].options.items():
            found |= stage_definitions(stage, label)
    return found


def stage_definitions(stage_id: str, label: str) -> Definitions:
    """Those that tell when a record came into a stage and left it."""
    of_stage = stage_in_names(stage_id)
    made = (
        Definition(f"hs_v2_date_entered_{of_stage}", "datetime", f'Date entered "{label}"'),
        Definition(f"hs_v2_date_exited_{of_stage}", "datetime", f'Date exited "{label}"'),
        Definition(f"hs_v2_cumulative_time_in_{of_stage}", "number", f'Cumulative time in "{label}"'),
        Definition(f"hs_v2_latest_time_in_{of_stage}", "number", f'Latest time in "{label}"'),
    )
    return {each.name: each for each in made}


def stage_in_names(stage_id: str) -> str:
    """A stage's id as it stands in names of properties, which hold small letters, digits and underscores alone."""
    return re.sub(r"[^a-z0-9_]", "_", stage_id.lower())


def live_definition(definitions: Mapping[str, Definition], name: str) -> Definition | None:
    """The definition of a name, unless it is archived."""
    found = definitions.get(name)
    return found if found and not found.archived else None


def _label(name: str) -> str:
    return name.removeprefix("hs_").replace("_", " ").capitalize()
