"""What was spent on selling."""

from kpi.relations.base import Relation, columns_of

SPEND_MONEY = Relation(
    "spend_money",
    """
    with dated as (
        select
            spend.*,
            local_days.starts_at as dated_at,
            coalesce(upper(spend.currency), $currency) as own_currency
        from spend left join local_days on local_days.day = spend.date
    ),
    rated as (
        select
            dated.*,
            case when dated.own_currency = $currency then cast(1 as decimal(18, 8)) else fx.rate end as rate
        from dated asof left join fx_intervals as fx
            on fx.currency = dated.own_currency and fx.from_at <= dated.dated_at
    )
    select
        rated.id as spend_id,
        cast(null as varchar) as rep_id,
        rated.dated_at,
        rated.category,
        rated.campaign_id as campaign,
        campaigns.channel,
        rated.segment,
        rated.own_currency as currency,
        cast(rated.amount as decimal(38, 4)) * rated.rate as value
    from rated left join campaigns on campaigns.id = rated.campaign_id
    """,
    columns_of("spend", "segment", "category") | {"campaign": "spend.campaign_id", "channel": "campaigns.channel"},
    record=("spend", "spend_id"),
    ordered_by="dated_at",
    key="spend_id",
    remade_by={
        "spend": "id",
        "campaigns": "select spend.id from spend join changed on changed.id = spend.campaign_id",
    },
    what="What was spent, at the midnight of its date. `value` is in the company's currency at the rate of that day, "
    "empty without one. Nobody owns it.",
)

RELATIONS = (SPEND_MONEY,)
