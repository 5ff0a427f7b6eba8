"""What decides about a deal for others: its status, its stage, its account, its lead."""

from __future__ import annotations

from connectors.hubspot.translation.contacts import deal_leads
from connectors.hubspot.translation.links import ids_in, linked_companies
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import NULL


def deal_type(run: Run) -> str:
    """A deal's type; a value that we do not know stays as it is, and is counted as unreadable."""
    value = run.prop("deals", "dealtype", "d")
    label = run.shown("deals", "dealtype", "d")
    return (
        f"case when lower({value}) = 'newbusiness' then 'new' "
        f"when lower({value}) = 'existingbusiness' then 'expansion' "
        f"when contains(lower({label}), 'renew') then 'renewal' else {value} end"
    )


def deal_created(run: Run, alias: str) -> str:
    return f"coalesce({run.prop('deals', 'createdate', alias)}, {alias}.created_at)"


def status_sql(stage: str, probability: str = "null", is_closed: str = "null") -> str:
    """A deal's status by its stage (alias ``stage`` of the stages), else by what the deal itself says."""
    return (
        f"case when {stage}.id is not null then "
        f"case when not coalesce({stage}.is_closed, hs_number({stage}.probability) in (0, 1), false) then 'open' "
        f"when hs_number({stage}.probability) = 1 then 'won' else 'lost' end "
        f"when lower({is_closed}) = 'true' and hs_number({probability}) = 1 then 'won' "
        f"when lower({is_closed}) = 'true' and hs_number({probability}) = 0 then 'lost' else 'open' end"
    )


def deal_core(run: Run, wanted: str, *, with_lead: bool) -> str:
    """``id`` (a number) and name, owner_id, pipeline, pipeline_id, stage, type, status, closed_at, account_id, lead_id
    of the wanted live deals, before filters. Without ``with_lead`` the lead is NULL unless it is mapped."""
    companies = linked_companies(run, "deals", wanted)
    keys = None
    if with_lead and run.field("deals", "lead_id") is None:
        keys = deal_leads(run, "deals", wanted)
    pipeline_id = run.prop("deals", "pipeline", "d")
    defaults = {
        "name": run.prop("deals", "dealname", "d"),
        "owner_id": run.prop("deals", "hubspot_owner_id", "d"),
        "pipeline": f"coalesce(p.label, {pipeline_id})",
        "stage": f"coalesce(s.label, {run.prop('deals', 'dealstage', 'd')})",
        "type": deal_type(run),
        "status": status_sql(
            "s", run.prop("deals", "hs_deal_stage_probability", "d"), run.prop("deals", "hs_is_closed", "d")
        ),
        "closed_at": run.prop("deals", "closedate", "d"),
        "account_id": "cast(k.company_id as varchar)",
        "lead_id": "l.key" if keys else NULL,
    }
    columns = ", ".join(f"{run.value('deals', name, 'deals', 'd', sql)} as {name}" for name, sql in defaults.items())
    joined = f"left join {keys} l on l.id = d.id " if keys else ""
    return run.step(
        f"select d.id, {columns}, {pipeline_id} as pipeline_id, s.probability as stage_probability from deals d "
        f"left join {run.named('stages')} s on s.object = 'deals' and s.id = {run.prop('deals', 'dealstage', 'd')} "
        f"left join {run.named('pipelines')} p on p.object = 'deals' and p.id = {pipeline_id} "
        f"left join {companies} k on k.id = d.id {joined}where d.id in (select id from {wanted})"
    )


def candidates_of_leads(run: Run, ids: str) -> str:
    """The deals that may have one of the leads in ``ids``."""
    if run.field("deals", "lead_id") is not None:
        return ids_in(run, f"select d.id from deals d where trim({_link(run, 'lead_id')}) in (select id from {ids})")
    contacts = f"select try_cast(id as bigint) from {ids}"
    leads = f"select try_cast(substr(id, 6) as bigint) from {ids} where starts_with(id, 'lead-')"
    return ids_in(
        run,
        f"select target_id from leads__deals where source_id in ({leads}) union "
        f"select source_id from deals__contacts where target_id in ({contacts}) or target_id in "
        f"(select target_id from leads__contacts where source_id in ({leads}))",
    )


def candidates_of_accounts(run: Run, wanted: str) -> str:
    """The deals that may have one of the wanted companies as their account."""
    if run.field("deals", "account_id") is not None:
        account_id = f"try_cast({_link(run, 'account_id')} as bigint)"
        return ids_in(run, f"select d.id from deals d where {account_id} in (select id from {wanted})")
    return ids_in(run, f"select source_id from deals__companies where target_id in (select id from {wanted})")


def _link(run: Run, column: str) -> str:
    return run.value("deals", column, "deals", "d", NULL)
