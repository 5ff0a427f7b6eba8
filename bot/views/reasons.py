"""Why there is no value, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from kpi.catalogue import CATALOGUE

NO_VALUE = "n/a"
MISSING_INPUT = "missing_input: "

_REASONS = {
    "zero_denominator": "there is nothing to divide by, since the period has no such records.",
    "not_permitted": "you may not see these numbers. Ask an administrator of Scoreline if you should.",
    "not_begun": "the period has not begun.",
    "not_applicable": "this KPI is not told for this kind of scope or period: some are for the whole company only, "
    "some for finished quarters or whole months only.",
}


def missing_input(reason: str | None) -> str | None:
    """The table or column that was never supplied, where that is the reason."""
    return reason.removeprefix(MISSING_INPUT) if reason and reason.startswith(MISSING_INPUT) else None


def explanation(reason: str | None, kpi: str = "") -> str:
    """One or two sentences for a reason, with how to supply what is missing, and what the KPI takes in its place."""
    given = missing_input(reason)
    if given == "targets":
        return "no target is set here. Add a row to the table targets: kpi, scope, scope_id, period, value."
    if given is not None:
        others = _alternatives().get((kpi, given), ())
        return " ".join([_how_to_supply(given), *([f"Or supply {' or '.join(others)}."] if others else [])])
    return _REASONS.get(reason or "", f"{(reason or 'no reason is known').replace('_', ' ')}.")


def _how_to_supply(given: str) -> str:
    table, dot, column = given.partition(".")
    if dot:
        return (
            f"{given} is empty in all records. Fill it in the CRM, or name the column that holds it: "
            f'{column} = "..." under [source.map.{table}] in scoreline.toml.'
        )
    return (
        f"the table {given} is missing or empty. Add {given}.csv to a source of type files, "
        f"or map a table of yours to it under [source.map.{table}] in scoreline.toml."
    )


@cache
def _alternatives() -> Mapping[tuple[str, str], Sequence[str]]:
    """By KPI and input, what it takes in the input's place."""
    found: dict[tuple[str, str], Sequence[str]] = {}
    for kpi in CATALOGUE.values():
        for need in (*kpi.needs, *(need for variant in kpi.variants for need in variant.needs)):
            first, *others = need.split("|")
            if others:
                found[kpi.id, first] = others
    return found
