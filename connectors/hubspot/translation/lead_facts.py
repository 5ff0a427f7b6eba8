"""The columns of leads: of contacts, and of lead objects in the place of theirs."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.contacts import lifecycles
from connectors.hubspot.translation.links import PRIMARY, LeadObjects, ids_in, lead_created
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import NULL
from kpi.schema import TABLES

# What a lead object has from its contact only where it is the contact's first: it would count twice otherwise.
_OF_FIRST = frozenset({"email", "created_at", "mql_at", "sql_at", "opportunity_at", "won_at", "disqualified_at"})
_DATES = ("mql_at", "sql_at", "opportunity_at", "won_at")
_COLUMNS = tuple(name for name in TABLES["leads"].column_names if name != "deal_id")


def lead_facts(run: Run, ids: str) -> str:
    """All columns of the leads in ``ids`` (``deal_id`` only where it is mapped), as they are before filters, and
    ``is_left``: whether a filter on addresses, domains or names leaves them out."""
    contacts = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    leads = ids_in(run, f"select try_cast(substr(id, 6) as bigint) from {ids} where starts_with(id, 'lead-')")
    near = LeadObjects(run, contacts, leads)
    own = ids_in(run, f"select id from {contacts} union select contact_id from {near.own}")
    lives = lifecycles(run, own)
    companies = _companies(run, own, leads)
    with_deals = ids_in(
        run,
        f"select target_id from deals__contacts where target_id in (select id from {own}) "
        "and source_id in (select id from deals)",
    )
    union = f"{_contact_rows(run, contacts, near, lives, companies, with_deals)} union all " + _object_rows(
        run, leads, near, lives, companies, with_deals
    )
    made = run.step(union)
    flag = rules.lead(run, made, "r")
    return run.step(f"select r.*, {flag} as is_left from {made} r")


def _companies(run: Run, contacts: str, leads: str) -> str:
    """``object``, ``id``, ``company_id``: the primary live company, else the one with the lowest id."""
    parts = [
        f"select '{source}' as object, p.source_id as id, "
        f"{PRIMARY} as company_id "
        f"from {source}__companies p where p.source_id in (select id from {wanted}) "
        "and p.target_id in (select id from companies) group by p.source_id"
        for source, wanted in (("contacts", contacts), ("leads", leads))
    ]
    return run.step(" union all ".join(parts))


def _contact_rows(run: Run, contacts: str, near: LeadObjects, lives: str, companies: str, with_deals: str) -> str:
    status = (
        f"case when f.is_converted or c.id in (select id from {with_deals}) then 'converted' "
        f"when upper({run.prop('contacts', 'hs_lead_status', 'c')}) = 'UNQUALIFIED' then 'disqualified' else 'open' end"
    )
    defaults = {**_of_contact(run), "status": status}
    columns = {name: run.value("leads", name, "contacts", "c", sql) for name, sql in defaults.items()}
    columns |= {"id": "cast(c.id as varchar)"}
    return (
        f"select {_as(columns)}, {_mapped_deal(run, 'contacts', 'c')} as deal_id, {columns['email']} as _email, "
        f"c.id as _row from contacts c join {lives} f on f.id = c.id "
        f"left join {companies} k on k.object = 'contacts' and k.id = c.id "
        f"where c.id in (select id from {contacts}) and f.is_lead and c.id not in (select contact_id from {near.links})"
    )


def _of_contact(run: Run) -> dict[str, str]:
    return {
        "account_id": "cast(k.company_id as varchar)",
        "owner_id": run.prop("contacts", "hubspot_owner_id", "c"),
        "email": run.prop("contacts", "email", "c"),
        "source": run.shown("contacts", "hs_analytics_source", "c"),
        "campaign_id": _campaign(run),
        "created_at": "hs_text(f.since)",
        **{name: f"f.{name}" for name in _DATES},
        "disqualified_at": NULL,
    }


def _campaign(run: Run) -> str:
    """The campaign that made the contact known; HubSpot gives its id, or its name."""
    value = run.prop("contacts", "hs_analytics_first_touch_converting_campaign", "c")
    if value == NULL:
        return NULL
    names = run.once("campaign_names", "select name, min(id) as id from campaigns group by name")
    return f"coalesce((select hs_n.id from {names} hs_n where hs_n.name = {value}), {value})"


def _object_rows(run: Run, leads: str, near: LeadObjects, lives: str, companies: str, with_deals: str) -> str:
    created = f"hs_instant({lead_created(run, 'l')})"
    of_contact = _of_contact(run)
    defaults = {
        "account_id": "cast(coalesce(k.company_id, kc.company_id) as varchar)",
        "owner_id": run.prop("leads", "hubspot_owner_id", "l"),
        "source": of_contact["source"],
        "campaign_id": of_contact["campaign_id"],
        "email": f"case when {_IS_FIRST} then {of_contact['email']} end",
        "status": _object_status(run, with_deals),
        "created_at": f"hs_text(case when {_IS_FIRST} then least({created}, f.since) else {created} end)",
        **{name: f"case when {_IS_FIRST} then f.{name} end" for name in _DATES},
        "disqualified_at": f"case when {_is_disqualified(run)} "
        f"then {run.prop('leads', 'hs_v2_date_entered_current_stage', 'l')} end",
    }
    columns = {name: _object_value(run, name, sql) for name, sql in defaults.items()}
    columns |= {"id": "'lead-' || l.id"}
    email = run.value("leads", "email", "contacts", "c", run.prop("contacts", "email", "c"))
    deal_id = f"coalesce({_mapped_deal(run, 'leads', 'l')}, {_mapped_deal(run, 'contacts', 'c')})"
    return (
        f"select {_as(columns)}, {deal_id} as deal_id, coalesce({email}, {columns['email']}) as _email, l.id as _row "
        f"from leads l left join {near.own} o on o.lead_id = l.id left join contacts c on c.id = o.contact_id "
        f"left join {near.first} t on t.contact_id = o.contact_id left join {lives} f on f.id = c.id "
        f"left join {companies} k on k.object = 'leads' and k.id = l.id "
        f"left join {companies} kc on kc.object = 'contacts' and kc.id = c.id "
        f"where l.id in (select id from {leads})"
    )


_IS_FIRST = "t.lead_id = l.id"


def _object_status(run: Run, with_deals: str) -> str:
    has_deal = (
        "l.id in (select source_id from leads__deals where target_id in (select id from deals)) "
        f"or coalesce({_IS_FIRST} and (f.is_converted or c.id in (select id from {with_deals})), false)"
    )
    return f"case when {has_deal} then 'converted' when {_is_disqualified(run)} then 'disqualified' else 'open' end"


def _is_disqualified(run: Run) -> str:
    stage = run.prop("leads", "hs_pipeline_stage", "l")
    labels = run.named("stages")
    label = f"(select lower(hs_s.label) from {labels} hs_s where hs_s.object = 'leads' and hs_s.id = {stage})"
    flag = f"lower({run.prop('leads', 'hs_lead_is_disqualified', 'l')}) = 'true'"
    words = f"regexp_matches(coalesce({label}, lower({stage})), 'disqualif|unqualif|not qualified')"
    return f"coalesce({flag} or {words}, false)"


def _object_value(run: Run, name: str, default: str) -> str:
    """A mapping names properties of the lead object, or of its contact where the object has none of that name."""
    if run.field("leads", name) is None:
        return default
    of_contact = run.value("leads", name, "contacts", "c", NULL)
    if name in _OF_FIRST:
        of_contact = f"case when {_IS_FIRST} then {of_contact} end"
    return f"coalesce(nullif(trim({run.value('leads', name, 'leads', 'l', NULL)}), ''), {of_contact})"


def _mapped_deal(run: Run, object_name: str, alias: str) -> str:
    return run.value("leads", "deal_id", object_name, alias, NULL)


def _as(columns: dict[str, str]) -> str:
    return ", ".join(f"{columns[name]} as {name}" for name in _COLUMNS)
