"""Line items, quotes, and what line items say about their deal."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.left_out import chosen_deals, left_deals
from connectors.hubspot.translation.links import ids_in
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import COMPANY_CURRENCY, listed
from kpi.schema import TABLES

_UNSENT = ("DRAFT", "MINIMAL_DRAFT", "PENDING_APPROVAL", "REJECTED")


def line_item_rows(run: Run, ids: str) -> str:
    """The select of the line items of deals whose ids stand in ``ids``; those of quotes are copies."""
    wanted = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    columns = {**line_columns(run), "id": "cast(i.id as varchar)"}
    columns["deal_id"] = run.value("line_items", "deal_id", "line_items", "i", "cast(d.deal_id as varchar)")
    selected = ", ".join(f"{columns[name]} as {name}" for name in TABLES["line_items"].column_names)
    made = run.step(
        f"select {selected}, i.id as _row from line_items i left join products p on p.id = {product_id(run)} "
        f"left join {chosen_deals(run, 'line_items', wanted)} d on d.id = i.id where i.id in (select id from {wanted})"
    )
    return f"select * from {made} r where r.deal_id is not null and {_kept(run, made)} order by _row"


def quote_rows(run: Run, ids: str) -> str:
    """The select of the sent quotes whose ids stand in ``ids``."""
    wanted = ids_in(run, f"select try_cast(id as bigint) from {ids}")
    status = f"upper({run.first('quotes', 'q', 'hs_status')})"
    sent = run.first("quotes", "q", "hs_published_date", "hs_createdate")
    is_signed = f"upper({run.prop('quotes', 'hs_quote_esign_status', 'q')}) = 'SIGNED'"
    is_paid = f"upper({run.prop('quotes', 'hs_payment_status', 'q')}) = 'PAID'"
    defaults = {
        "deal_id": "cast(d.deal_id as varchar)",
        "owner_id": run.prop("quotes", "hubspot_owner_id", "q"),
        "amount": run.prop("quotes", "hs_quote_amount", "q"),
        "currency": f"coalesce({run.prop('quotes', 'hs_currency', 'q')}, {COMPANY_CURRENCY})",
        "sent_at": f"case when coalesce({status} not in ({listed(_UNSENT)}), true) "
        f"then coalesce({sent}, q.created_at) end",
        "accepted_at": f"case when {is_signed} then {run.prop('quotes', 'hs_esign_date', 'q')} "
        f"when {is_paid} then {run.prop('quotes', 'hs_payment_date', 'q')} end",
    }
    columns = {name: run.value("quotes", name, "quotes", "q", sql) for name, sql in defaults.items()}
    columns = {"id": "cast(q.id as varchar)", **columns}
    selected = ", ".join(f"{run.finished('quotes', name, sql)} as {name}" for name, sql in columns.items())
    made = run.step(
        f"select {selected}, q.id as _row from quotes q "
        f"left join {chosen_deals(run, 'quotes', wanted)} d on d.id = q.id "
        f"where q.id in (select id from {wanted})"
    )
    kept = f"{_kept(run, made)} and not {rules.owner(run, 'r.owner_id')}"
    return f"select * from {made} r where r.sent_at is not null and {kept} order by _row"


def deal_lines(run: Run, deals: str) -> str:
    """``id``, ``product``, ``cost``, ``term_months`` of each wanted deal that has line items: the largest one's product
    (ties: the lowest id), the cost where every line has one, the longest term."""
    columns = line_columns(run)
    lines = run.step(
        f"select distinct l.target_id as deal_id, l.source_id as id from line_items__deals l "
        f"where l.target_id in (select id from {deals})"
    )
    term = f"coalesce(hs_months({run.prop('line_items', 'hs_recurring_billing_period', 'i')}), "
    term += f"cast(hs_number({run.prop('line_items', 'hs_term_in_months', 'i')}) as integer))"
    made = run.step(
        f"select l.deal_id, i.id, {columns['product']} as product, hs_number({columns['amount']}) as amount, "
        f"hs_number({columns['cost']}) as cost, {term} as months from {lines} l join line_items i on i.id = l.id "
        f"left join products p on p.id = {product_id(run)}"
    )
    largest = (
        f"select deal_id, product from {made} where product is not null "
        "qualify row_number() over (partition by deal_id order by amount desc nulls last, id) = 1"
    )
    return run.step(
        "select m.deal_id as id, any_value(b.product) as product, max(m.months) as term_months, "
        "case when count(*) = count(m.cost) then sum(m.cost) end as cost "
        f"from {made} m left join ({largest}) b on b.deal_id = m.deal_id group by m.deal_id"
    )


def product_id(run: Run) -> str:
    return f"try_cast({run.prop('line_items', 'hs_product_id', 'i')} as bigint)"


def line_columns(run: Run) -> dict[str, str]:
    """By column, SQL over line items (``i``) and their product (``p``). HubSpot's cost is that of one unit."""
    quantity = run.prop("line_items", "quantity", "i")
    unit_cost = f"hs_number({run.prop('line_items', 'hs_cost_of_goods_sold', 'i')})"
    families = [run.shown(of, "hs_product_type", alias) for of, alias in (("line_items", "i"), ("products", "p"))]
    defaults = {
        "product": f"coalesce({run.prop('line_items', 'name', 'i')}, {run.prop('products', 'name', 'p')})",
        "family": f"coalesce({', '.join(families)})",
        "quantity": quantity,
        "amount": run.prop("line_items", "amount", "i"),
        "cost": f"cast(cast({unit_cost} * coalesce(hs_number({quantity}), 1) as decimal(38, 4)) as varchar)",
    }
    return {name: run.value("line_items", name, "line_items", "i", sql) for name, sql in defaults.items()}


def _kept(run: Run, made: str) -> str:
    left = left_deals(run, ids_in(run, f"select try_cast(deal_id as bigint) from {made}"))
    return f"coalesce(try_cast(r.deal_id as bigint) not in (select id from {left}), true)" if left else "true"
