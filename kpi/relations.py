"""The relations that KPIs read, derived from the schema's tables and made once, when a snapshot is published.

Every relation holds ``rep_id`` (NULL: no known owner), so that sums over reps give teams and the company.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Relation:
    """A derived table. ``sql`` is one select in DuckDB's dialect over the schema's tables, the tables that publishing
    makes in Python (``reps``, ``rep_owners``, ``org_teams``, ``team_closure``, ``local_days``, ``fx_intervals``) and
    relations before it. Parameter: ``$currency``, the company's. ``dimensions`` are the
    columns one may break down by, each with the schema's column that it comes from."""

    name: str
    sql: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


def _of(table: str, *columns: str) -> dict[str, str]:
    return {column: f"{table}.{column}" for column in columns}


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
    _of("deals", "pipeline", "source", "product", "type") | _of("accounts", "industry", "segment", "region"),
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

# What was scheduled, cancelled or missed counts in no activity KPI.
DONE_ACTIVITIES = Relation(
    "done_activities",
    """
    select activities.id as activity_id, rep_owners.rep_id, activities.type, activities.at
    from activities left join rep_owners on rep_owners.owner_id = activities.owner_id
    where activities.outcome is null or activities.outcome in ('connected', 'no_answer', 'completed')
    """,
    _of("activities", "type"),
)

ACTIVE_REPS = Relation("active_reps", "select id as rep_id, role from reps where active")

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
    _of("accounts", "segment", "industry", "region"),
)

# In the order in which they are made.
RELATIONS: tuple[Relation, ...] = (CLOSED_DEALS, UNDATED_DEALS, DONE_ACTIVITIES, ACTIVE_REPS, CUSTOMER_INTERVALS)

BY_NAME: Mapping[str, Relation] = {relation.name: relation for relation in RELATIONS}
