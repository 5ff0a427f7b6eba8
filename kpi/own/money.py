"""What an own KPI in money says of the records that it leaves out, where its block does not say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpi.model import Doubt, Measure
from kpi.own.expressions import empties_of
from kpi.own.measures import counting, tree_of
from kpi.relations import BY_NAME

_CONVERTED = "value"  # the column, in relations, of an amount in the company's currency: empty without amount or rate


def money_doubts(measure: Measure) -> Iterator[Doubt]:
    """The doubts about a sum of money: records without an amount, and those whose currency has no rate."""
    if measure.per or "currency" not in BY_NAME[measure.relation].columns:
        return
    empties = empties_of(tree_of(measure))
    if measure.in_own_currency:
        if empties:
            yield _left_out(replace(measure, expression=empties[1], in_own_currency=False), f"no {empties[0]}")
        rated = replace(counting(measure), if_rated=False)
        yield replace(_left_out(rated, "no exchange rate for {key}"), by="currency", unrated=True)
    elif empties and empties[0] == _CONVERTED:
        without = replace(measure, expression=empties[1])
        yield replace(_left_out(without, "no amount, or no exchange rate for {key},"), by="currency")


def _left_out(measure: Measure, lack: str) -> Doubt:
    words = lack.replace("_", " ")
    return Doubt(
        measure, one=f"1 record has {words} and is left out", text=f"{{n}} records have {words} and are left out"
    )
