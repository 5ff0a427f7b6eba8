"""Who is a customer, since when and until when, what their subscriptions bring, and what is done with them."""

from kpi.relations.base import UNTOUCHED, Relation, columns_of

_NEVER = "timestamp '9999-12-31 23:59:59.999999'"

CUSTOMER_INTERVALS = Relation(
    "customer_intervals",
    f"""
    with subscribed as (
        select
            account_id,
            min(started_at) as first_started_at,
            max(coalesce(ended_at, {_NEVER})) as last_ended_at
        from subscriptions
        where ended_at is null or ended_at > started_at
        group by account_id
    ),
    bought as (
        select account_id, min(closed_instant) as first_won_at
        from closed_deals
        where status = 'won' and account_id is not null
        group by account_id
    ),
    started as (
        select
            accounts.*,
            coalesce(accounts.customer_since, least(bought.first_won_at, subscribed.first_started_at)) as from_at,
            subscribed.last_ended_at
        from accounts
        left join subscribed on subscribed.account_id = accounts.id
        left join bought on bought.account_id = accounts.id
    ),
    judged as (
        select
            started.*,
            coalesce(churned_at <= from_at, false) as is_churn_too_early,
            coalesce(churned_at > from_at and last_ended_at > churned_at, false) as has_come_back
        from started
        where from_at is not null
    )
    select
        judged.id as account_id,
        rep_owners.rep_id,
        judged.from_at,
        case
            when judged.churned_at > judged.from_at and not judged.has_come_back then judged.churned_at
            when judged.last_ended_at > judged.from_at then judged.last_ended_at
            else {_NEVER}
        end as until_at,
        judged.is_churn_too_early,
        judged.has_come_back,
        judged.segment, judged.industry, judged.region
    from judged left join rep_owners on rep_owners.owner_id = judged.owner_id
    """,
    columns_of("accounts", "segment", "industry", "region"),
    record=("accounts", "account_id"),
    ordered_by="from_at",
    key="account_id",
    remade_by={
        "accounts": "id",
        "subscriptions": "account_id",
        "deals": "account_id",
        "leads": UNTOUCHED,
        "line_items": UNTOUCHED,
    },
    what="Who is a customer, one interval an account: since `customer_since`, else the earlier of its first won deal "
    "and first subscription; until `churned_at`, else the end of its last subscription. A churn that is not after the "
    "start, or that a subscription outlasts (the customer came back), is none.",
)

MRR_SPANS = Relation(
    "mrr_spans",
    f"""
    with dated as (
        select
            subscriptions.*,
            coalesce(ended_at, {_NEVER}) as until_at,
            coalesce(upper(currency), $currency) as own_currency
        from subscriptions
    ),
    rated as (
        select
            dated.*,
            case when dated.own_currency = $currency then cast(1 as decimal(18, 8)) else fx.rate end as rate
        from dated asof left join fx_intervals as fx
            on fx.currency = dated.own_currency and fx.from_at <= dated.started_at
    )
    select
        rated.id as subscription_id,
        coalesce(own.rep_id, of_account.rep_id) as rep_id,
        rated.account_id,
        rated.product,
        accounts.segment,
        accounts.id is not null as has_account,
        rated.started_at as from_at,
        rated.until_at,
        rated.until_at > rated.started_at as ends_after_start,
        rated.own_currency as currency,
        rated.mrr,
        cast(rated.mrr as decimal(38, 4)) * rated.rate as value
    from rated
    left join accounts on accounts.id = rated.account_id
    left join rep_owners as own on own.owner_id = rated.owner_id
    left join rep_owners as of_account on of_account.owner_id = accounts.owner_id
    """,
    columns_of("subscriptions", "product") | columns_of("accounts", "segment"),
    record=("subscriptions", "subscription_id"),
    ordered_by="from_at",
    key="account_id",
    remade_by={"subscriptions": "account_id", "accounts": "id"},
    what="Subscriptions while they are active. One brings what its MRR is worth at the rate of the day on which it "
    "starts, for ever: `value` is empty without a rate. It is its owner's, else the account's owner's. One that does "
    "not end after it starts is never active.",
)

MRR_MOVEMENTS = Relation(
    "mrr_movements",
    f"""
    with events as (
        select account_id, from_at as moved_at, value as change, true as is_start, value, subscription_id
        from mrr_spans
        where value is not null and ends_after_start
        union all
        select account_id, until_at, -value, false, value, subscription_id
        from mrr_spans
        where value is not null and ends_after_start and until_at < {_NEVER}
    ),
    instants as (
        select
            account_id,
            moved_at,
            sum(change) as change,
            first(subscription_id order by is_start desc, value desc, subscription_id) as subscription_id
        from events
        group by account_id, moved_at
    ),
    totals as (
        select
            instants.*,
            sum(change) over (partition by account_id order by moved_at rows unbounded preceding) as after
        from instants
    ),
    moved as (
        select totals.*, after - change as before
        from totals
        where change <> 0
    )
    select
        moved.account_id,
        moved.subscription_id,
        spans.rep_id,
        spans.product,
        spans.segment,
        moved.moved_at as at,
        case
            when moved.before = 0 then 'new'
            when moved.after = 0 then 'churned'
            when moved.change > 0 then 'expansion'
            else 'contraction'
        end as kind,
        case
            when moved.before <> 0 and (moved.after = 0 or moved.change < 0) then -moved.change
            else moved.change
        end as value
    from moved join mrr_spans as spans on spans.subscription_id = moved.subscription_id
    """,
    columns_of("subscriptions", "product") | columns_of("accounts", "segment"),
    record=("subscriptions", "subscription_id"),
    ordered_by="at",
    key="account_id",
    remade_by={"subscriptions": "account_id", "accounts": "id"},
    what="Where what an account brings just before an instant and from then on differ. The whole change stands with "
    "the largest subscription that starts then, else the largest that ends; of several the lowest id.",
)

ACCOUNT_ACTIVITIES = Relation(
    "account_activities",
    """
    select
        activities.id as activity_id,
        customers.rep_id,
        customers.segment,
        activities.at,
        customers.from_at,
        customers.until_at
    from activities
    left join deals on deals.id = activities.deal_id
    left join leads on leads.id = activities.lead_id
    join customer_intervals as customers
        on customers.account_id = coalesce(activities.account_id, deals.account_id, leads.account_id)
    where activities.outcome is null or activities.outcome in ('connected', 'no_answer', 'completed')
    """,
    columns_of("accounts", "segment"),
    record=("activities", "activity_id"),
    kept=False,
    what="What is done on an account, else on that of the deal, else on that of the lead, with the interval in which "
    "the account is a customer. It is the account's owner's.",
)

RELATIONS = (CUSTOMER_INTERVALS, MRR_SPANS, MRR_MOVEMENTS, ACCOUNT_ACTIVITIES)
