"""Subscriptions: subscription objects where the account has any, else the recurring line items of won deals."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.deal_core import deal_core
from connectors.hubspot.translation.left_out import chosen_deals, left_deals
from connectors.hubspot.translation.line_items import line_columns, product_id
from connectors.hubspot.translation.links import PRIMARY, ids_in, linked_companies
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import COMPANY_CURRENCY, listed
from kpi.schema import TABLES

_PREFIX = "line_item-"
_ENDED = ("canceled", "cancelled", "expired")  # without an end date: ended when it was last changed
_PER_MONTH = {  # how many bills a month
    "weekly": "52.0 / 12",
    "biweekly": "26.0 / 12",
    "monthly": "1",
    "quarterly": "1.0 / 3",
    "per_six_months": "1.0 / 6",
    "annually": "1.0 / 12",
    "per_two_years": "1.0 / 24",
    "per_three_years": "1.0 / 36",
    "per_four_years": "1.0 / 48",
    "per_five_years": "1.0 / 60",
}


def subscription_rows(run: Run, ids: str) -> str:
    """The select of the subscriptions whose ids stand in ``ids``."""
    has_objects = bool(run.rows("select 1 from subscriptions limit 1"))
    made = run.step(_object_rows(run, ids) if has_objects else _line_rows(run, ids))
    reasons = [rules.owner(run, "r.owner_id"), rules.account(run, made, "r")]
    if rules.any_of_leads(run):
        left = left_deals(run, ids_in(run, f"select try_cast(deal_id as bigint) from {made}"))
        reasons.append(f"coalesce(try_cast(r.deal_id as bigint) in (select id from {left} where is_test), false)")
    columns = ", ".join(
        f"{run.finished('subscriptions', name, name)} as {name}" for name in TABLES["subscriptions"].column_names
    )
    return f"select {columns}, _row from {made} r where not ({' or '.join(reasons)}) order by _row"


def _object_rows(run: Run, ids: str) -> str:
    wanted = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    deals = chosen_deals(run, "subscriptions", wanted)
    core = deal_core(run, ids_in(run, f"select deal_id from {deals}"), with_lead=False)
    contacts = _contact_companies(run, wanted)
    amount = run.first("subscriptions", "s", "hs_last_payment_amount", "hs_next_payment_amount")
    frequency = run.prop("subscriptions", "hs_recurring_billing_frequency", "s")
    start, end = (run.prop("subscriptions", f"hs_recurring_billing_{name}_date", "s") for name in ("start", "end"))
    status = run.first("subscriptions", "s", "hs_status", "hs_subscription_status")
    defaults = {
        "account_id": "coalesce(cast(k.company_id as varchar), d.account_id, cast(c.company_id as varchar))",
        "owner_id": run.prop("subscriptions", "hubspot_owner_id", "s"),
        "deal_id": "cast(d.id as varchar)",
        "product": run.prop("subscriptions", "hs_name", "s"),
        "mrr": f"coalesce({run.prop('subscriptions', 'hs_mrr', 's')}, {_mrr(amount, frequency)})",
        "currency": f"coalesce({run.prop('subscriptions', 'hs_currency_code', 's')}, {COMPANY_CURRENCY})",
        "started_at": f"coalesce({_day(start)}, s.created_at)",
        "ended_at": f"coalesce({_next_day(end)}, "
        f"case when lower({status}) in ({listed(_ENDED)}) then s.updated_at end)",
    }
    columns = {name: run.value("subscriptions", name, "subscriptions", "s", sql) for name, sql in defaults.items()}
    columns = {"id": "cast(s.id as varchar)", **columns}
    return (
        f"select {', '.join(f'{sql} as {name}' for name, sql in columns.items())}, s.id as _row from subscriptions s "
        f"left join {linked_companies(run, 'subscriptions', wanted)} k on k.id = s.id "
        f"left join {deals} sd on sd.id = s.id left join {core} d on d.id = sd.deal_id "
        f"left join {contacts} c on c.id = s.id where s.id in (select id from {wanted})"
    )


def _contact_companies(run: Run, wanted: str) -> str:
    """``id``, ``company_id``: through the contacts, for a subscription that names no company itself."""
    return run.step(
        f"select s.source_id as id, {PRIMARY} as company_id "
        "from subscriptions__contacts s join contacts__companies p on p.source_id = s.target_id "
        f"where s.source_id in (select id from {wanted}) and s.target_id in (select id from contacts) "
        "and p.target_id in (select id from companies) group by s.source_id"
    )


def _line_rows(run: Run, ids: str) -> str:
    wanted = ids_in(
        run,
        f"select try_cast(substr(id, {len(_PREFIX) + 1}) as bigint) from {ids} where starts_with(id, '{_PREFIX}')",
    )
    deals = chosen_deals(run, "line_items", wanted)
    core = deal_core(run, ids_in(run, f"select deal_id from {deals}"), with_lead=False)
    lines = line_columns(run)
    frequency = run.prop("line_items", "recurringbillingfrequency", "i")
    period = f"hs_months({run.prop('line_items', 'hs_recurring_billing_period', 'i')})"
    started = _day(run.prop("line_items", "hs_recurring_billing_start_date", "i"))
    ended = _next_day(run.prop("line_items", "hs_recurring_billing_end_date", "i"))
    starts_on = f"coalesce(hs_calendar_day({started}), hs_local_day(hs_instant(d.closed_at)))"
    defaults = {
        "account_id": "d.account_id",
        "owner_id": "d.owner_id",
        "deal_id": "cast(d.id as varchar)",
        "product": lines["product"],
        "mrr": f"coalesce({run.prop('line_items', 'hs_mrr', 'i')}, {_mrr(lines['amount'], frequency, period)})",
        "currency": f"coalesce(c.currency, {COMPANY_CURRENCY})",
        "started_at": f"coalesce({started}, d.closed_at)",
        "ended_at": f"coalesce({ended}, cast(cast({starts_on} + to_months({period}) as date) as varchar))",
    }
    columns = {name: run.value("subscriptions", name, "line_items", "i", sql) for name, sql in defaults.items()}
    columns = {"id": f"'{_PREFIX}' || i.id", **columns}
    currency = run.value("deals", "currency", "deals", "d2", run.prop("deals", "deal_currency_code", "d2"))
    return (
        f"select {', '.join(f'{sql} as {name}' for name, sql in columns.items())}, i.id as _row from line_items i "
        f"left join products p on p.id = {product_id(run)} join {deals} ld on ld.id = i.id "
        f"join {core} d on d.id = ld.deal_id "
        f"join (select d2.id, {currency} as currency from deals d2 where d2.id in (select deal_id from {deals})) c "
        f"on c.id = d.id where i.id in (select id from {wanted}) and d.status = 'won' "
        f"and ({frequency} is not null or {period} is not null)"
    )


def _mrr(amount: str, frequency: str, period_months: str = "null") -> str:
    """An amount per bill as an amount per month."""
    cases = " ".join(f"when '{name}' then {bills}" for name, bills in _PER_MONTH.items())
    bills = f"coalesce(case lower({frequency}) {cases} end, 1.0 / nullif({period_months}, 0))"
    return f"cast(cast(round(cast(hs_number({amount}) as double) * {bills}, 4) as decimal(18, 4)) as varchar)"


def _day(value: str) -> str:
    """A date property: its day, which the store reads as the organisation's midnight."""
    return f"coalesce(cast(hs_calendar_day({value}) as varchar), {value})"


def _next_day(value: str) -> str:
    """The day after an inclusive end."""
    return f"coalesce(cast(cast(hs_calendar_day({value}) + interval 1 day as date) as varchar), {value})"
