"""A company cut down to what HubSpot can hold of it, and named by HubSpot's ids: what files say of the same company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from connectors.hubspot.emulator.filling.activities import OUTCOMES
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.money import goal_key
from connectors.hubspot.emulator.filling.rows import Row, Tables, held, local_day, midnight, read_tables
from connectors.hubspot.emulator.filling.stages import PIPELINE, STAGE, trace_deals
from kpi.organisation import Organisation
from kpi.schema import TABLES, Type

# Columns that a HubSpot account has no place for, nor a property of the company's own would stand for.
WITHOUT: Mapping[tuple[str, str], str] = {
    ("owners", "manager_id"): "owners have no manager; [[person]] says who it is",
    ("owners", "locale"): "owners have no language",
    ("campaigns", "channel"): "campaigns have no channel",
    ("stage_changes", "amount"): "the history that is pulled is that of the stage alone",
    ("leads", "deal_id"): "an association says the same from both ends, and deals.lead_id says it already",
}

# What is otherwise than the schema has it, and what stands there instead.
OTHERWISE: Mapping[str, str] = {
    "every table": "instants have no microseconds, and nothing points to a record that is not there",
    "leads": "a lead begins with the first date of its lifecycle",
    "deals": "each has a pipeline, a stage and one closing date; a closed stage's probability is 1 or 0",
    "stage_changes": "each deal has a history that ends where it stands, and no two steps at once",
    "activities": "each type has its own outcomes; only calls and emails come in; only emails are opened; each has a "
    "date of making; communications and tasks have no length",
    "line_items": "the cost is of one unit, in eight places",
    "subscriptions": "they run from day to day",
    "fx_rates": "the company's own currency has none",
}

_REFERENCES: Mapping[str, str] = {
    "owner_id": "owners",
    "team_id": "teams",
    "parent_id": "teams",
    "account_id": "accounts",
    "lead_id": "leads",
    "deal_id": "deals",
    "campaign_id": "campaigns",
    "scope_id": "owners",  # of goals
}
_TIMED = frozenset({"call", "meeting", "demo", "onboarding"})
_UNIT_COST = Decimal("1e-8")


def held_tables(tables: Mapping[str, list[Row]], organisation: Organisation) -> Tables:
    """The rows that HubSpot can hold, with the ids that they came with."""
    read = read_tables(tables)
    known = {table: {row["id"] for row in read[table]} for table in set(_REFERENCES.values())}
    for name, rows in read.items():
        for row in rows:
            _cut(name, row, known)
            if name in _ADJUSTED:
                _ADJUSTED[name](row, organisation)
    read["stage_changes"][:] = [
        {"deal_id": deal_id, "stage": place.stage, "at": at, "status": place.status, "probability": place.probability}
        for deal_id, steps in trace_deals(read["deals"], read["stage_changes"]).items()
        for place, at in steps
    ]
    for name in ("subscriptions", "line_items"):
        needed = "account_id" if name == "subscriptions" else "deal_id"
        read[name][:] = [row for row in read[name] if row[needed]]
    read["fx_rates"][:] = [row for row in read["fx_rates"] if row["currency"].upper() != organisation.currency]
    return read


def named_as_in_hubspot(tables: Tables, ids: Ids) -> dict[str, list[Row]]:
    """The rows that HubSpot holds, with its ids."""
    goals = {goal_key(row): row for row in tables["targets"] if goal_key(row) in ids.all("targets")}
    held_rows = {**tables, "targets": list(goals.values()), "holidays": []}
    return {
        name: [
            _renamed(name, row, ids) for row in held_rows[name] if not TABLES[name].has_id or row["id"] in ids.all(name)
        ]
        for name in TABLES
    }


def _renamed(name: str, row: Row, ids: Ids) -> Row:
    references = {column: table for column, table in _REFERENCES.items() if column in row}
    renamed = {column: ids.of(table, row[column]) for column, table in references.items() if row[column]}
    return {**row, **renamed, **({"id": ids.of(name, row["id"])} if "id" in row else {})}


def _cut(name: str, row: Row, known: Mapping[str, set[str]]) -> None:
    for column in TABLES[name].columns:
        value = row[column.name]
        if (name, column.name) in WITHOUT:
            row[column.name] = None
        elif value is not None and column.type is Type.TIME:
            row[column.name] = held(value)
        elif name != "targets" and column.name in _REFERENCES and value not in known[_REFERENCES[column.name]]:
            row[column.name] = None


def _adjust_lead(row: Row, _organisation: Organisation) -> None:
    steps = [row[name] for name in ("created_at", "mql_at", "sql_at", "opportunity_at", "won_at") if row[name]]
    row["created_at"] = min(steps)


def _adjust_deal(row: Row, organisation: Organisation) -> None:
    row["pipeline"], row["stage"] = row["pipeline"] or PIPELINE, row["stage"] or STAGE
    if row["status"] == "open":
        row["closed_at"] = None
        return
    row["probability"] = Decimal(row["status"] == "won")
    if row["close_date"] and not row["closed_at"]:
        row["closed_at"] = midnight(row["close_date"], organisation.timezone)
    row["close_date"] = local_day(row["closed_at"], organisation.timezone) if row["closed_at"] else None


def _adjust_activity(row: Row, _organisation: Organisation) -> None:
    kind = row["type"]
    if row["outcome"] not in OUTCOMES[kind]:
        row["outcome"] = "completed" if kind == "task" else None
    if row["direction"] != "inbound" or kind not in ("call", "email"):
        row["direction"] = "outbound"
    if kind not in _TIMED:
        row["duration_seconds"] = None
    if kind != "email":
        row["opened"] = row["replied"] = None
    row["created_at"] = row["created_at"] or row["at"]


def _adjust_line_item(row: Row, _organisation: Organisation) -> None:
    if row["cost"] is not None:
        quantity = Decimal(1) if row["quantity"] is None else row["quantity"]
        unit = (row["cost"] / quantity).quantize(_UNIT_COST) if quantity else Decimal(0)
        row["cost"] = (unit * quantity).quantize(Decimal("1e-4"))


def _adjust_subscription(row: Row, organisation: Organisation) -> None:
    for name in ("started_at", "ended_at"):
        if row[name]:
            row[name] = midnight(local_day(row[name], organisation.timezone), organisation.timezone)


_ADJUSTED: Mapping[str, Callable[[Row, Organisation], None]] = {
    "leads": _adjust_lead,
    "deals": _adjust_deal,
    "activities": _adjust_activity,
    "line_items": _adjust_line_item,
    "subscriptions": _adjust_subscription,
}
