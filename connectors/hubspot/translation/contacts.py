"""What makes a contact a lead, since when, and under which id it stands among the leads."""

from __future__ import annotations

from connectors.hubspot.fields import LEAD_STAGES, lifecycle_dates
from connectors.hubspot.translation.links import LeadObjects, lead_created
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import listed, literal

_DATED = {
    "mql_at": "marketingqualifiedlead",
    "sql_at": "salesqualifiedlead",
    "opportunity_at": "opportunity",
    "won_at": "customer",
}
_CONVERTED = ("opportunity", "customer", "evangelist")


def lifecycles(run: Run, contacts: str) -> str:
    """``id``, ``is_lead``, ``is_converted``, ``since`` (the instant from which it is one) and the dates of its stages,
    of each wanted live contact. A date that HubSpot did not stamp is taken from the history of lifecyclestage."""
    at = "hs_instant(h.at)"
    past = ", ".join(
        f"min({at}) filter (where h.value = {literal(stage)}) as {column}" for column, stage in _DATED.items()
    )
    history = run.step(
        f"select h.id, min({at}) as since, {past} from contacts__history h "
        f"where h.id in (select id from {contacts}) and h.value in ({listed(LEAD_STAGES)}) group by h.id"
    )
    stage = f"lower({run.prop('contacts', 'lifecyclestage', 'c')})"
    stamped = [f"hs_instant({run.prop('contacts', name, 'c')})" for one in LEAD_STAGES for name in lifecycle_dates(one)]
    known = f"least({', '.join([*stamped, 'h.since'])})"
    dates = {
        column: f"coalesce({run.first('contacts', 'c', *lifecycle_dates(one))}, hs_text(h.{column}))"
        for column, one in _DATED.items()
    }
    is_lead = f"({known} is not null or coalesce({stage} in ({listed(LEAD_STAGES)}), false))"
    converted = f"coalesce({stage} in ({listed(_CONVERTED)}), false)"
    created = f"hs_instant(coalesce({run.prop('contacts', 'createdate', 'c')}, c.created_at))"
    return run.step(
        f"select c.id, {is_lead} as is_lead, case when {is_lead} then coalesce({known}, {created}) end as since, "
        f"{', '.join(f'{sql} as {column}' for column, sql in dates.items())}, "
        f"({converted} or {dates['opportunity_at']} is not null or {dates['won_at']} is not null) as is_converted "
        f"from contacts c left join {history} h on h.id = c.id where c.id in (select id from {contacts})"
    )


def lead_keys(run: Run, contacts: str) -> str:
    """``id``, ``key``, ``at``: of the wanted contacts that are leads, or have a lead object, the id among the leads
    (``lead-<id>`` of the first lead object, else the contact's) and the instant of becoming one."""
    facts = lifecycles(run, contacts)
    first = LeadObjects(run, contacts).first
    created = run.value("leads", "created_at", "contacts", "c", "null")
    at = "least(f.since, o.created)" if created == "null" else f"coalesce(hs_instant({created}), f.since, o.created)"
    return run.step(
        "select f.id, case when o.lead_id is null then cast(f.id as varchar) else 'lead-' || o.lead_id end as key, "
        f"{at} as at from {facts} f join contacts c on c.id = f.id left join {first} o on o.contact_id = f.id "
        "where f.is_lead or o.lead_id is not null"
    )


def deal_leads(run: Run, source: str, wanted: str) -> str:
    """``id``, ``key``: the lead of each wanted record of ``source`` (deals or an activity): the earliest made of its
    lead objects, else of its contacts the one that was a lead first; ties go to the lowest id."""
    lead_of, lead_id = ("leads__deals p", "p.source_id") if source == "deals" else (f"{source}__leads p", "p.target_id")
    of = "p.target_id" if source == "deals" else "p.source_id"
    created = f"hs_instant({lead_created(run, 'l')})"
    objects = run.step(
        f"select {of} as id, {lead_id} as lead_id from {lead_of} join leads l on l.id = {lead_id} "
        f"where {of} in (select id from {wanted}) "
        f"qualify row_number() over (partition by {of} order by {created} nulls last, {lead_id}) = 1"
    )
    contacts = run.step(
        f"select distinct p.source_id as record_id, p.target_id as id from {source}__contacts p "
        f"where p.source_id in (select id from {wanted}) and p.source_id not in (select id from {objects})"
    )
    keys = lead_keys(run, contacts)
    return run.step(
        f"select id, 'lead-' || lead_id as key from {objects} union all "
        f"(select p.record_id, k.key from {contacts} p join {keys} k on k.id = p.id "
        "qualify row_number() over (partition by p.record_id order by k.at nulls last, k.id) = 1)"
    )
