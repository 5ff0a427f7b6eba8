"""Leads, from their creation to what became of them; the deals that were opened, and the quotes that were sent."""

from kpi.relations.base import UNTOUCHED, Relation, columns_of

_BY_CAMPAIGN = {"campaign": "leads.campaign_id", "channel": "campaigns.channel"}
# What closed deals stand on, beside the deals themselves, changes neither their closed instant nor their value.
_UNTOUCHED_BY = dict.fromkeys(("accounts", "leads", "line_items"), UNTOUCHED)

# A UTC day's instants lie in the local day of that date or in one beside it.
LEAD_FUNNEL = Relation(
    "lead_funnel",
    """
    with days as (
        select day, starts_at, lead(starts_at) over (order by day) as ends_at from local_days
    ),
    linked as (
        select leads.id as lead_id, deals.id as deal_id, deals.created_at
        from leads join deals on deals.lead_id = leads.id
        union all
        select leads.id, deals.id, deals.created_at
        from leads join deals on deals.id = leads.deal_id
        where deals.lead_id is null
    ),
    outcomes as (
        select
            linked.lead_id,
            min(linked.created_at) as first_opened_at,
            min(won.closed_instant) as first_won_at
        from linked left join closed_deals as won on won.deal_id = linked.deal_id and won.status = 'won'
        group by linked.lead_id
    ),
    contacts as (
        select lead_id, min(activities.at) as first_contact_at
        from activities
        where lead_id is not null and direction = 'outbound' and type in ('call', 'email', 'chat')
            and (outcome is null or outcome in ('connected', 'no_answer', 'completed'))
        group by lead_id
    ),
    reached as (
        select
            leads.*,
            coalesce(leads.opportunity_at, outcomes.first_opened_at) as opportunity_instant,
            coalesce(leads.won_at, outcomes.first_won_at) as won_instant,
            contacts.first_contact_at
        from leads
        left join outcomes on outcomes.lead_id = leads.id
        left join contacts on contacts.lead_id = leads.id
    )
    select
        reached.id as lead_id,
        rep_owners.rep_id,
        case when reps.active then reps.role end as owner_role,
        reached.source,
        reached.campaign_id as campaign,
        campaigns.channel,
        reached.created_at,
        reached.mql_at,
        cast(
            case
                when reached.mql_at < days.starts_at then days.day - 1
                when reached.mql_at >= days.ends_at then days.day + 1
                else days.day
            end as date
        ) as mql_day,
        reached.sql_at,
        reached.opportunity_instant,
        reached.won_instant,
        reached.first_contact_at,
        epoch_us(reached.won_instant) - epoch_us(reached.created_at) as created_to_won_us,
        epoch_us(reached.won_instant) - epoch_us(reached.first_contact_at) as contact_to_won_us
    from reached
    left join days on days.day = cast(reached.mql_at as date)
    left join rep_owners on rep_owners.owner_id = reached.owner_id
    left join reps on reps.id = rep_owners.rep_id
    left join campaigns on campaigns.id = reached.campaign_id
    """,
    columns_of("leads", "source") | _BY_CAMPAIGN,
    record=("leads", "lead_id"),
    ordered_by="created_at",
    key="lead_id",
    remade_by={
        **_UNTOUCHED_BY,
        "leads": "id",
        "activities": "lead_id",
        "deals": """
            select deals.lead_id from deals join changed on changed.id = deals.id
            union
            select leads.id from leads join changed on changed.id = leads.deal_id
        """,
        "campaigns": "select leads.id from leads join changed on changed.id = leads.campaign_id",
    },
    what="Leads, from their creation to what became of them. A lead's deals are those that name it, and the one that "
    "it names where that names no lead itself. Spans that end in `_us` are in microseconds.",
)

CREATED_DEALS = Relation(
    "created_deals",
    """
    with valued as (
        select
            deals.*,
            coalesce(upper(deals.currency), $currency) as own_currency,
            closed_deals.value,
            closed_deals.deal_id is not null as is_closed
        from deals left join closed_deals on closed_deals.deal_id = deals.id
    )
    select
        valued.id as deal_id,
        rep_owners.rep_id,
        valued.created_at,
        valued.pipeline,
        valued.source,
        valued.status,
        case when valued.value is null then valued.own_currency else $currency end as currency,
        case when valued.is_closed then valued.value else cast(valued.amount as decimal(38, 12)) end as amount,
        valued.is_closed and valued.amount is not null and valued.value is null as is_unrated,
        valued.amount is not null as has_amount
    from valued left join rep_owners on rep_owners.owner_id = valued.owner_id
    """,
    columns_of("deals", "pipeline", "source", "status"),
    record=("deals", "deal_id"),
    ordered_by="created_at",
    key="deal_id",
    remade_by={**_UNTOUCHED_BY, "deals": "id"},
    what="Deals by their creation. One that was closed at a known time is worth what it was then, in the company's "
    "currency; any other one is worth its amount in its own. `is_unrated`: closed on a day without a rate, so that it "
    "has no amount.",
)

SENT_QUOTES = Relation(
    "sent_quotes",
    """
    select
        quotes.id as quote_id,
        rep_owners.rep_id,
        quotes.sent_at,
        deals.id as deal_id,
        won.closed_instant as won_instant
    from quotes
    left join deals on deals.id = quotes.deal_id
    left join closed_deals as won on won.deal_id = deals.id and won.status = 'won'
    left join rep_owners
        on rep_owners.owner_id = case when deals.id is null then quotes.owner_id else deals.owner_id end
    """,
    record=("quotes", "quote_id"),
    ordered_by="sent_at",
    key="quote_id",
    remade_by={
        **_UNTOUCHED_BY,
        "quotes": "id",
        "deals": "select quotes.id from quotes join changed on changed.id = quotes.deal_id",
    },
    what="Quotes that were sent. A quote belongs to whom its deal belongs to, where that is known.",
)

RELATIONS = (LEAD_FUNNEL, CREATED_DEALS, SENT_QUOTES)
