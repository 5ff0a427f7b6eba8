"""Deals, and the stages that they went through."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.activities import first_contacts
from connectors.hubspot.translation.deal_core import deal_core, deal_created, status_sql
from connectors.hubspot.translation.left_out import left_deals, left_of_core
from connectors.hubspot.translation.line_items import deal_lines
from connectors.hubspot.translation.links import PRIMARY, ids_in
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import COMPANY_CURRENCY, NULL
from kpi.schema import TABLES


def deal_rows(run: Run, ids: str) -> str:
    """The select of the deals whose ids stand in ``ids``."""
    wanted = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    core = deal_core(run, wanted, with_lead=True)
    lines, first = deal_lines(run, wanted), first_contacts(run, wanted)
    cost = run.prop("deals", "hs_cost_of_goods_sold", "d")
    currency = f"coalesce({run.prop('deals', 'deal_currency_code', 'd')}, {COMPANY_CURRENCY})"
    own = {
        "amount": run.prop("deals", "amount", "d"),
        "cost": f"coalesce({cost}, cast(x.cost as varchar))",
        "currency": currency,
        "probability": f"coalesce({run.prop('deals', 'hs_deal_stage_probability', 'd')}, c.stage_probability)",
        "source": _source(run, core),
        "contact_method": "f.type",
        "product": "x.product",
        "created_at": deal_created(run, "d"),
        "first_contact_at": "hs_text(f.at)",
        "close_date": run.prop("deals", "closedate", "d"),
        "term_months": "cast(x.term_months as varchar)",
        "mrr": run.prop("deals", "hs_mrr", "d"),
    }
    columns = {name: run.value("deals", name, "deals", "d", sql) for name, sql in own.items()}
    columns |= {"id": "cast(d.id as varchar)"}
    listed = ", ".join(
        f"{run.finished('deals', name, columns.get(name, f'c.{name}'))} as {name}"
        for name in TABLES["deals"].column_names
    )
    left = f"where d.id not in (select id from {left_of_core(run, core)}) " if rules.any_of_deals(run) else ""
    return (
        f"select {listed}, d.id as _row from {core} c join deals d on d.id = c.id "
        f"left join {lines} x on x.id = d.id left join {first} f on f.id = d.id {left}order by d.id"
    )


def _source(run: Run, core: str) -> str:
    """The deal's own source, else that of its lead's contact."""
    of_lead = run.shown("contacts", "hs_analytics_source", "hs_c")
    objects = f"select try_cast(substr(lead_id, 6) as bigint) from {core} where starts_with(lead_id, 'lead-')"
    leads = run.step(
        "select core.id, coalesce(try_cast(core.lead_id as bigint), o.contact_id) as contact_id from "
        f"{core} core left join (select 'lead-' || p.source_id as key, "
        f"{PRIMARY} as contact_id from leads__contacts p "
        f"where p.source_id in ({objects}) "
        "and p.target_id in (select id from contacts) group by all) o on o.key = core.lead_id"
    )
    sources = run.step(f"select k.id, {of_lead} as source from {leads} k join contacts hs_c on hs_c.id = k.contact_id")
    own = run.shown("deals", "hs_analytics_source", "d")
    return f"coalesce({own}, (select source from {sources} hs_s where hs_s.id = d.id))"


def stage_change_rows(run: Run, ids: str) -> str:
    """The select of the stage changes of the deals whose ids stand in ``ids``."""
    wanted = ids_in(run, f"select id from deals where id in (select try_cast(id as bigint) from {ids})")
    left = left_deals(run, wanted)
    kept = f"and h.id not in (select id from {left})" if left else ""
    instead = {"dealstage": "h.value"}
    status = _of_history(run, "status", "case when s.id is not null then " + status_sql("s") + " end", instead)
    stage = _of_history(run, "stage", "coalesce(s.label, h.value)", instead)
    columns = {
        "deal_id": "cast(h.id as varchar)",
        "stage": run.value("stage_changes", "stage", "deals", "h", stage),
        "at": run.value("stage_changes", "at", "deals", "h", "h.at"),
        "status": run.value("stage_changes", "status", "deals", "h", status),
        "amount": run.value("stage_changes", "amount", "deals", "h", NULL),
        "probability": run.value("stage_changes", "probability", "deals", "h", "s.probability"),
    }
    listed = ", ".join(f"{run.finished('stage_changes', name, sql)} as {name}" for name, sql in columns.items())
    return (
        f"select {listed}, h.id as _row from deals__history h "
        f"left join {run.named('stages')} s on s.object = 'deals' and s.id = h.value "
        f"where h.id in (select id from {wanted}) and h.value is not null {kept} "
        "order by h.id, hs_instant(h.at), h.at, h.value"
    )


def _of_history(run: Run, column: str, default: str, instead: dict[str, str]) -> str:
    """A mapping of deals.stage or deals.status that reads the stage alone holds for stages of the past as well."""
    field = run.field("deals", column)
    if field is None:
        return default
    if field.columns != ("dealstage",):
        return default if column == "stage" else NULL
    return run.value("deals", column, "deals", "h", default, instead)
