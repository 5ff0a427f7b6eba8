"""Who is a customer, since when and until when."""

from kpi.relations.base import Relation, columns_of

# One interval an account: since customer_since, else the earlier of its first won deal and first subscription; until
# churned_at, else the end of its last subscription. A churn that is not after the start, or that a subscription
# outlasts (the customer came back), is none.
CUSTOMER_INTERVALS = Relation(
    "customer_intervals",
    """
    with subscribed as (
        select
            account_id,
            min(started_at) as first_started_at,
            case when count(*) = count(ended_at) then max(ended_at) end as last_ended_at
        from subscriptions
        where ended_at is null or ended_at > started_at
        group by account_id
    ),
    bought as (
        select deals.account_id, min(closed_deals.closed_instant) as first_won_at
        from closed_deals join deals on deals.id = closed_deals.deal_id
        where closed_deals.status = 'won'
        group by deals.account_id
    ),
    started as (
        select
            accounts.*,
            coalesce(
                accounts.customer_since,
                least(bought.first_won_at, subscribed.first_started_at)
            ) as since,
            subscribed.account_id is not null as has_subscription,
            subscribed.last_ended_at
        from accounts
        left join subscribed on subscribed.account_id = accounts.id
        left join bought on bought.account_id = accounts.id
    )
    select
        started.id as account_id,
        rep_owners.rep_id,
        started.since,
        case
            when started.churned_at > started.since
                and not (started.has_subscription
                    and (started.last_ended_at is null or started.last_ended_at > started.churned_at))
            then started.churned_at
            when started.last_ended_at > started.since then started.last_ended_at
        end as until,
        started.segment, started.industry, started.region
    from started left join rep_owners on rep_owners.owner_id = started.owner_id
    where started.since is not null
    """,
    columns_of("accounts", "segment", "industry", "region"),
)

RELATIONS = (CUSTOMER_INTERVALS,)
