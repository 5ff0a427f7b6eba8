"""Activities, and which was the first on a deal."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.activity_core import KINDS, TYPES, Kind, activity_columns, is_done, is_there
from connectors.hubspot.translation.contacts import deal_leads
from connectors.hubspot.translation.left_out import chosen_deals, left_deals, left_leads
from connectors.hubspot.translation.links import ids_in, linked_companies
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import NULL, literal, quoted
from kpi.schema import TABLES


def activity_rows(run: Run, ids: str) -> str:
    """The select of the activities whose ids stand in ``ids``."""
    parts = [_rows_of(run, kind, ids) for kind in KINDS.values() if _has_any(run, kind, ids)]
    columns = ", ".join(
        f"{run.finished('activities', name, quoted(name))} as {name}" for name in TABLES["activities"].column_names
    )
    union = " union all ".join(parts) or f"select {_empty()}"
    return f"select {columns}, _row from ({union}) where id is not null order by kind, _row"


def _empty() -> str:
    names = [*TABLES["activities"].column_names]
    return ", ".join([*(f"{NULL} as {name}" for name in names), "0::bigint as _row", "0 as kind"])


def _has_any(run: Run, kind: Kind, ids: str) -> bool:
    return bool(run.rows(f"select 1 from {ids} where starts_with(id, {literal(kind.prefix + '-')}) limit 1"))


def _rows_of(run: Run, kind: Kind, ids: str) -> str:
    prefix = f"{kind.prefix}-"
    wanted = ids_in(
        run,
        f"select try_cast(substr(id, {len(prefix) + 1}) as bigint) from {ids} where starts_with(id, {literal(prefix)})",
    )
    columns = {
        **activity_columns(run, kind),
        "id": f"'{prefix}' || a.id",
        "account_id": "cast(k.company_id as varchar)",
        "lead_id": "l.key",
        "deal_id": "cast(d.deal_id as varchar)",
    }
    for name in ("account_id", "lead_id", "deal_id"):
        columns[name] = run.value("activities", name, kind.object, "a", columns[name])
    made = run.step(
        f"select {', '.join(f'{columns[name]} as {name}' for name in TABLES['activities'].column_names)}, a.id as _row "
        f"from {kind.object} a left join {linked_companies(run, kind.object, wanted)} k on k.id = a.id "
        f"left join {deal_leads(run, kind.object, wanted)} l on l.id = a.id "
        f"left join {chosen_deals(run, kind.object, wanted)} d on d.id = a.id "
        f"where a.id in (select id from {wanted}) and {is_there(run, kind.object)}"
    )
    number = list(KINDS).index(kind.object)
    return f"select r.*, {number} as kind from {made} r where not ({_is_left(run, made)})"


def _is_left(run: Run, made: str) -> str:
    reasons = [rules.owner(run, "r.owner_id"), rules.account(run, made, "r")]
    if rules.any_of_leads(run):
        left = left_deals(run, ids_in(run, f"select try_cast(deal_id as bigint) from {made}"))
        reasons.append(f"coalesce(trim(r.lead_id) in (select id from {left_leads(run, made)}), false)")
        reasons.append(f"coalesce(try_cast(r.deal_id as bigint) in (select id from {left} where is_test), false)")
    return " or ".join(reasons)


def first_contacts(run: Run, wanted: str) -> str:
    """``id``, ``at`` (an instant), ``type``: the earliest done activity on each wanted deal or its contacts."""
    contacts = run.step(
        "select p.source_id as deal_id, p.target_id as id from deals__contacts p "
        f"where p.source_id in (select id from {wanted}) and p.target_id in (select id from contacts)"
    )
    parts = []
    for kind in KINDS.values():
        near = run.step(
            f"select p.target_id as deal_id, p.source_id as id from {kind.object}__deals p "
            f"where p.target_id in (select id from {wanted}) union all select c.deal_id, p.source_id "
            f"from {kind.object}__contacts p join {contacts} c on c.id = p.target_id"
        )
        parts.append(
            f"select n.deal_id as id, {_packed(run, kind)} as packed from {near} n join {kind.object} a on a.id = n.id "
            f"where {_counts(run, kind)} group by n.deal_id"
        )
    first = run.step(f"select id, min(packed) as packed from ({' union all '.join(parts)}) group by id")
    types = f"[{', '.join(literal(type_) for type_ in TYPES)}]"
    return run.step(
        f"select id, epoch_ms((packed - code) // 8) as at, {types}[code + 1] as type "
        f"from (select *, (packed % 8 + 8) % 8 as code from {first} where packed is not null)"
    )


def _packed(run: Run, kind: Kind) -> str:
    """Instant and type in one number, so that the least of many says both, and always the same."""
    columns = activity_columns(run, kind)
    types = f"[{', '.join(literal(type_) for type_ in TYPES)}]"
    code = f"list_position({types}, {columns['type']}) - 1"
    if run.field("activities", "type") is None and columns["type"].startswith("'"):
        code = str(TYPES.index(kind.type))
    return f"min(epoch_ms(hs_instant({columns['at']})) * 8 + {code})"


def _counts(run: Run, kind: Kind) -> str:
    columns = activity_columns(run, kind)
    is_left = rules.owner(run, columns["owner_id"])
    return f"{is_there(run, kind.object)} and {is_done(columns['outcome'])} and not {is_left}"
