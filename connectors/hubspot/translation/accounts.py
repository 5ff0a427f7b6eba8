"""Companies as accounts; the first won deal makes one a customer."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.deal_core import candidates_of_accounts, deal_core
from connectors.hubspot.translation.left_out import left_of_core
from connectors.hubspot.translation.links import ids_in
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import NULL


def account_rows(run: Run, ids: str) -> str:
    """The select of the accounts whose ids stand in ``ids``."""
    wanted = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    employees = run.prop("companies", "numberofemployees", "c")
    since = run.first("companies", "c", "hs_lifecyclestage_customer_date", "hs_v2_date_entered_customer")
    defaults = {
        "name": run.prop("companies", "name", "c"),
        "owner_id": run.prop("companies", "hubspot_owner_id", "c"),
        "industry": run.shown("companies", "industry", "c"),
        "segment": _segment(employees),
        "region": run.shown("companies", "state", "c"),
        "country": run.shown("companies", "country", "c"),
        "employees": employees,
        "created_at": f"coalesce({run.prop('companies', 'createdate', 'c')}, c.created_at)",
        "customer_since": f"coalesce(hs_text(w.at), {since})",
        "churned_at": NULL,
    }
    columns = {name: run.value("accounts", name, "companies", "c", sql) for name, sql in defaults.items()}
    columns = {"id": "cast(c.id as varchar)", **columns}
    listed = ", ".join(f"{run.finished('accounts', name, sql)} as {name}" for name, sql in columns.items())
    first = _first_won(run, wanted)
    return (
        f"select {listed}, c.id as _row from companies c left join {first} w on w.id = cast(c.id as varchar) "
        f"where c.id in (select id from {wanted}) and not {rules.names_fit(run, columns['name'])} "
        f"and not {rules.owner(run, columns['owner_id'])} order by c.id"
    )


def _segment(employees: str) -> str:
    number = f"hs_number({employees})"
    return (
        f"case when {number} >= 1001 then '1001+' when {number} >= 201 then '201-1000' "
        f"when {number} >= 51 then '51-200' when {number} >= 11 then '11-50' when {number} >= 1 then '1-10' end"
    )


def _first_won(run: Run, wanted: str) -> str:
    """``id`` (text), ``at``: the closing of the first won deal that counts of each account."""
    core = deal_core(run, candidates_of_accounts(run, wanted), with_lead=rules.any_of_leads(run))
    left = f" and id not in (select id from {left_of_core(run, core)})" if rules.any_of_deals(run) else ""
    return run.step(
        f"select trim(account_id) as id, min(hs_instant(closed_at)) as at from {core} "
        f"where status = 'won'{left} group by all"
    )
