"""Leads: contacts from their first lead-or-later stage on, and lead objects in the place of theirs."""

from __future__ import annotations

from connectors.hubspot.translation import left_out, rules
from connectors.hubspot.translation.deal_core import candidates_of_leads, deal_core, deal_created
from connectors.hubspot.translation.lead_facts import lead_facts
from connectors.hubspot.translation.run import Run
from kpi.schema import TABLES


def lead_rows(run: Run, ids: str) -> str:
    """The select of the leads whose ids stand in ``ids``."""
    facts = lead_facts(run, ids)
    deal_id = run.field("leads", "deal_id")
    named = _named_deals(run, ids) if deal_id is None else None
    columns = ", ".join(
        ("n.deal_id" if named else "f.deal_id")
        if name == "deal_id"
        else f"{run.finished('leads', name, f'f.{name}')}" + f" as {name}"
        for name in TABLES["leads"].column_names
    )
    joined = f" left join {named} n on n.key = f.id" if named else ""
    kept = f"not f.is_left and not {rules.owner(run, 'f.owner_id')}"
    return f"select {columns}, f._row from {facts} f{joined} where {kept} order by f._row, f.id"


def _named_deals(run: Run, ids: str) -> str:
    """``key``, ``deal_id``: of the deals whose lead it is, and that count, the one made first."""
    core = deal_core(run, candidates_of_leads(run, ids), with_lead=True)
    counts = f"d.id not in (select id from {left_out.left_of_core(run, core)})" if rules.any_of_deals(run) else "true"
    return run.step(
        f"select d.lead_id as key, cast(d.id as varchar) as deal_id from {core} d join deals r on r.id = d.id "
        f"where {counts} and d.lead_id in (select id from {ids}) qualify row_number() over "
        f"(partition by d.lead_id order by hs_instant({deal_created(run, 'r')}) nulls last, d.id) = 1"
    )
