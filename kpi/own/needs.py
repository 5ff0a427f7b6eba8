"""The inputs that a KPI cannot do without, where its block does not name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kpi.fragments import check_expression
from kpi.model import Measure
from kpi.nearest import did_you_mean
from kpi.own.errors import OwnKpiError
from kpi.own.expressions import columns_in
from kpi.relations import BY_NAME
from kpi.schema import TABLES

_CLOSED = "deals.closed_at|deals.close_date"
_WON = f"leads.won_at|{_CLOSED}"

# What derived columns come from, where they do not have its name.
_INPUTS: Mapping[str, Mapping[str, str]] = {
    "closed_deals": {
        "closed_instant": _CLOSED,
        "closed_day": _CLOSED,
        "value": "deals.amount",
        "margin_value": "deals.cost|line_items.cost",
        "margin_cost": "deals.cost|line_items.cost",
    },
    "sold_products": {"closed_instant": _CLOSED, "value": "deals.amount|line_items.amount"},
    "created_deals": {"amount": "deals.amount"},
    "deal_states": {"amount": "deals.amount", "probability": "deals.probability|stage_changes.probability"},
    "lead_funnel": {
        "opportunity_instant": "leads.opportunity_at|deals",
        "won_instant": _WON,
        "created_to_won_us": _WON,
        "contact_to_won_us": _WON,
    },
    "sent_quotes": {"won_instant": _CLOSED},
    "customer_intervals": {"from_at": "accounts.customer_since|deals|subscriptions"},
}


def needs_of(measures: Iterable[Measure]) -> tuple[str, ...]:
    """The tables behind the measures, and what the columns that they stand on come from."""
    return tuple(dict.fromkeys(need for measure in measures for need in _needs(measure)))


def check_needs(needs: Iterable[str], *keys: str) -> tuple[str, ...]:
    """The needs as given; OwnKpiError for one that the schema does not have."""
    for need in needs:
        for one in need.split("|"):
            table, _, column = one.partition(".")
            if table not in TABLES:
                raise OwnKpiError(f"there is no table {table[:60]!r}; {did_you_mean(table, TABLES)}", *keys)
            columns = TABLES[table].column_names
            if column and column not in columns:
                raise OwnKpiError(f"{table} has no column {column[:60]!r}; {did_you_mean(column, columns)}", *keys)
    return tuple(needs)


def _needs(measure: Measure) -> Iterator[str]:
    relation = BY_NAME[measure.relation]
    table = TABLES[relation.record[0] if relation.record else "owners"]
    yield table.name
    expressions = [expression for _, expression in measure.each] if measure.per else [measure.expression]
    read = {column for each in expressions for column in columns_in(check_expression(each, relation.columns))}
    for column in sorted(read | {*measure.per, measure.dated_by or ""}):
        own_input = _INPUTS.get(relation.name, {}).get(column) or relation.dimensions.get(column)
        if own_input:
            yield from [own_input] if not _is_required(own_input) else []
        elif column in table.column_names and not table.column(column).required:
            yield f"{table.name}.{column}"


def _is_required(need: str) -> bool:
    """Whether every row has it anyway."""
    table, _, column = need.partition(".")
    return "|" not in need and bool(column) and TABLES[table].column(column).required
