"""What was closed."""

from kpi.relations.base import Relation, columns_of

# A deal counts at its closed instant, the midnight of its close date where the time is unknown. `value` is the amount
# in the company's currency at the rate of that day: NULL without amount or rate.
# The cast comes before the product: DECIMAL(18,4) * DECIMAL(18,8) overflows at 10,000,000 * 1.2.
CLOSED_DEALS = Relation(
    "closed_deals",
    """
    with dated as (
        select
            deals.*,
            coalesce(deals.closed_at, local_days.starts_at) as closed_instant,
            coalesce(upper(deals.currency), $currency) as deal_currency
        from deals left join local_days on local_days.day = deals.close_date
        where deals.status in ('won', 'lost')
    )
    select
        dated.id as deal_id,
        rep_owners.rep_id,
        dated.status,
        dated.closed_instant,
        dated.amount is not null as has_amount,
        dated.deal_currency as currency,
        cast(dated.amount as decimal(38, 4))
            * case when dated.deal_currency = $currency then cast(1 as decimal(18, 8)) else fx.rate end as value,
        dated.pipeline, dated.source, dated.product, dated.type,
        accounts.industry, accounts.segment, accounts.region
    from dated
    left join rep_owners on rep_owners.owner_id = dated.owner_id
    left join accounts on accounts.id = dated.account_id
    left join fx_intervals as fx
        on upper(fx.currency) = dated.deal_currency
        and dated.closed_instant >= fx.from_at and dated.closed_instant < fx.until_at
    where dated.closed_instant is not null
    """,
    columns_of("deals", "pipeline", "source", "product", "type")
    | columns_of("accounts", "industry", "segment", "region"),
)

# Closed, but nobody knows when: in no period.
UNDATED_DEALS = Relation(
    "undated_deals",
    """
    select rep_owners.rep_id, deals.status
    from deals left join rep_owners on rep_owners.owner_id = deals.owner_id
    where deals.status in ('won', 'lost') and not exists (
        select 1 from closed_deals where closed_deals.deal_id = deals.id
    )
    """,
)

RELATIONS = (CLOSED_DEALS, UNDATED_DEALS)
