"""What was closed, and what was sold with it."""

from kpi.relations.base import Relation, columns_of

# The cast comes before the product: DECIMAL(18,4) * DECIMAL(18,8) overflows at 10,000,000 * 1.2.
# A UTC day's instants lie in the local day of that date or in one beside it.
CLOSED_DEALS = Relation(
    "closed_deals",
    """
    with days as (
        select day, starts_at, lead(starts_at) over (order by day) as ends_at from local_days
    ),
    closed as (
        select
            deals.*,
            coalesce(deals.closed_at, days.starts_at) as closed_instant,
            coalesce(upper(deals.currency), $currency) as deal_currency
        from deals left join days on days.day = deals.close_date
        where deals.status in ('won', 'lost')
    ),
    items as (
        select deal_id, sum(amount) as amount, sum(cost) as cost
        from line_items
        group by deal_id
        having count(amount) = count(*) and count(cost) = count(*)
    ),
    named_by_leads as (select deal_id, min(id) as lead_id from leads where deal_id is not null group by deal_id),
    dated as (
        select
            closed.*,
            coalesce(closed.lead_id, named_by_leads.lead_id) as deal_lead_id,
            case
                when items.deal_id is not null then items.amount
                when closed.cost is not null then cast(closed.amount as decimal(38, 4))
            end as margin_amount,
            case
                when items.deal_id is not null then items.cost
                when closed.amount is not null then cast(closed.cost as decimal(38, 4))
            end as margin_cost,
            case
                when closed.closed_instant < days.starts_at then days.day - 1
                when closed.closed_instant >= days.ends_at then days.day + 1
                else days.day
            end as closed_day
        from closed
        left join days on days.day = cast(closed.closed_instant as date)
        left join items on items.deal_id = closed.id
        left join named_by_leads on named_by_leads.deal_id = closed.id
        where closed.closed_instant is not null
    ),
    rated as (
        select
            dated.*,
            case when dated.deal_currency = $currency then cast(1 as decimal(18, 8)) else fx.rate end as rate
        from dated asof left join fx_intervals as fx
            on fx.currency = dated.deal_currency and fx.from_at <= dated.closed_instant
    )
    select
        rated.id as deal_id,
        rep_owners.rep_id,
        case when reps.active then reps.role end as owner_role,
        rated.status,
        rated.closed_instant,
        rated.closed_day,
        rated.created_at,
        rated.amount is not null as has_amount,
        rated.deal_currency as currency,
        rated.rate,
        cast(rated.amount as decimal(38, 4)) * rated.rate as value,
        accounts.id as account_id,
        rated.deal_lead_id as lead_id,
        leads.campaign_id as campaign,
        rated.pipeline, rated.source, rated.product, rated.type, rated.contact_method,
        rated.term_months,
        epoch_us(rated.closed_instant) - epoch_us(coalesce(rated.first_contact_at, rated.created_at)) as cycle_us,
        rated.margin_amount is not null as has_margin,
        rated.margin_amount * rated.rate as margin_value,
        rated.margin_cost * rated.rate as margin_cost,
        accounts.industry, accounts.segment, accounts.region
    from rated
    left join rep_owners on rep_owners.owner_id = rated.owner_id
    left join reps on reps.id = rep_owners.rep_id
    left join accounts on accounts.id = rated.account_id
    left join leads on leads.id = rated.deal_lead_id
    """,
    columns_of("deals", "pipeline", "source", "product", "type", "contact_method")
    | columns_of("accounts", "industry", "segment", "region")
    | {"campaign": "leads.campaign_id"},
    record=("deals", "deal_id"),
    ordered_by="closed_instant",
    key="deal_id",
    remade_by={
        "deals": "id",
        "line_items": "deal_id",
        "leads": """
            select leads.deal_id from leads join changed using (id) where leads.deal_id is not null
            union all select deals.id from deals join changed on changed.id = deals.lead_id
        """,
        "accounts": "select deals.id from deals join changed on changed.id = deals.account_id",
    },
    what="Won and lost deals at their closed instant, which is the midnight of the close date where the time is "
    "unknown. `value` is the amount in the company's currency at the rate of that day, empty without amount or rate; "
    "`margin_value` and `margin_cost` come from the line items where every one has both amount and cost, else from "
    "the deal. `cycle_us` is in microseconds.",
)

UNDATED_DEALS = Relation(
    "undated_deals",
    """
    select deals.id as deal_id, rep_owners.rep_id, deals.status
    from deals left join rep_owners on rep_owners.owner_id = deals.owner_id
    where deals.status in ('won', 'lost') and deals.closed_at is null and not exists (
        select 1 from local_days where local_days.day = deals.close_date
    )
    """,
    record=("deals", "deal_id"),
    key="deal_id",
    remade_by={"deals": "id"},
    what="Deals that are closed, but nobody knows when: they are in no period.",
)

SOLD_PRODUCTS = Relation(
    "sold_products",
    """
    select
        won.deal_id,
        items.id as line_item_id,
        won.rep_id,
        won.closed_instant,
        case when items.id is null then won.product else items.product end as product,
        items.family,
        coalesce(items.quantity, 1) as quantity,
        case when items.id is null then won.has_amount else items.amount is not null end as has_amount,
        won.currency,
        case when items.id is null then won.value else cast(items.amount as decimal(38, 4)) * won.rate end as value
    from closed_deals as won left join line_items as items on items.deal_id = won.deal_id
    where won.status = 'won'
    """,
    {"product": "line_items.product|deals.product", "family": "line_items.family"},
    record=("deals", "deal_id"),
    ordered_by="closed_instant",
    key="deal_id",
    remade_by=CLOSED_DEALS.remade_by,
    what="What was sold with won deals: all line items of a deal that has any, in the deal's currency; else the deal "
    "itself as one unit. `value` is in the company's currency.",
)

RELATIONS = (CLOSED_DEALS, UNDATED_DEALS, SOLD_PRODUCTS)
