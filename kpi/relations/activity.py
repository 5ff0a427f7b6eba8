"""What was done: activities, the leads and deals that they reached, and how soon and how often leads were tried."""

from kpi.relations.base import Relation, columns_of

_IS_DONE = "(activities.outcome is null or activities.outcome in ('connected', 'no_answer', 'completed'))"

DONE_ACTIVITIES = Relation(
    "done_activities",
    f"""
    select
        activities.id as activity_id,
        rep_owners.rep_id,
        activities.type,
        activities.direction,
        activities.outcome,
        activities.at,
        activities.duration_seconds,
        activities.opened,
        activities.replied,
        activities.lead_id,
        activities.account_id,
        activities.deal_id
    from activities left join rep_owners on rep_owners.owner_id = activities.owner_id
    where {_IS_DONE}
    """,
    columns_of("activities", "type", "outcome"),
    record=("activities", "activity_id"),
    kept=False,
    what="Activities that were done. What was scheduled, cancelled or missed counts in no activity KPI.",
)

ACTIVE_REPS = Relation(
    "active_reps",
    "select id as rep_id, role from reps where active",
    kept=False,
    what="Reps who may share the work: what is told per rep is divided by them.",
)

_BY_LEAD = {"leads": "id", "activities": "lead_id"}

# The hash comes first because numbers are sorted three times as fast as texts.
LEAD_TOUCHES = Relation(
    "lead_touches",
    f"""
    with meetings as (
        select
            activities.lead_id,
            activities.at,
            activities.created_at,
            activities.outcome is distinct from 'cancelled' as is_booked,
            {_IS_DONE} as is_done
        from activities
        where type in ('meeting', 'demo') and lead_id is not null
    ),
    appointments as (
        select meetings.lead_id, meetings.created_at as at from meetings where is_booked and created_at is not null
        union all
        select meetings.lead_id, meetings.at from meetings where is_done
    ),
    touches as (
        select activities.id, activities.lead_id, rep_owners.rep_id, activities.at, activities.type
        from activities left join rep_owners on rep_owners.owner_id = activities.owner_id
        where {_IS_DONE} and direction = 'outbound' and type in ('call', 'email', 'chat') and lead_id is not null
    )
    select
        touches.id as activity_id,
        touches.lead_id,
        touches.rep_id,
        touches.at,
        touches.type as channel,
        leads.source,
        coalesce(appointments.at, timestamp '9999-12-31 23:59:59.999999') as next_appointment_at
    from touches
    asof left join appointments
        on hash(appointments.lead_id) = hash(touches.lead_id)
        and appointments.lead_id = touches.lead_id
        and appointments.at >= touches.at
    left join leads on leads.id = touches.lead_id
    """,
    {"channel": "activities.type"} | columns_of("leads", "source"),
    record=("activities", "activity_id"),
    ordered_by="at",
    key="lead_id",
    remade_by=_BY_LEAD,
    what="Whom reps reached out to: outbound calls, emails and chats with a lead. `next_appointment_at` is the first "
    "instant, from the touch on, at which a meeting or demo with the lead was booked by anyone, or held.",
)

OWN_DEALS_REACHED = Relation(
    "own_deals_reached",
    """
    with opened as (
        select
            deals.id,
            deals.account_id,
            coalesce(deals.lead_id, named_by_leads.lead_id) as lead_id,
            rep_owners.rep_id,
            deals.created_at
        from deals
        join rep_owners on rep_owners.owner_id = deals.owner_id
        left join (
            select deal_id, min(id) as lead_id from leads where deal_id is not null group by deal_id
        ) as named_by_leads on named_by_leads.deal_id = deals.id
    ),
    touches as not materialized (
        select *
        from done_activities
        where type = 'call' or type = 'email' and direction = 'outbound'
    ),
    placed as not materialized (
        select touches.*, coalesce(touches.account_id, deals.account_id, leads.account_id) as reached_account_id
        from touches
        left join deals on deals.id = touches.deal_id
        left join leads on leads.id = touches.lead_id
    ),
    pairs as (
        select opened.id, opened.created_at, touches.*
        from touches join opened on opened.lead_id = touches.lead_id and opened.rep_id = touches.rep_id
        union all by name
        select opened.id, opened.created_at, placed.* exclude (reached_account_id)
        from placed join opened on opened.account_id = placed.reached_account_id and opened.rep_id = placed.rep_id
    )
    select
        pairs.id as deal_id,
        pairs.rep_id,
        pairs.activity_id,
        pairs.type,
        pairs.outcome,
        pairs.at,
        pairs.created_at
    from pairs
    where pairs.created_at >= pairs.at
    """,
    columns_of("activities", "type", "outcome"),
    record=("deals", "deal_id"),
    kept=False,
    what="Deals whose owner was at work on their lead or account before they were created, with each call or outbound "
    "email of theirs: once for the lead and once for the account where both were reached. An activity's account is "
    "its own, else its deal's, else its lead's.",
)

# Business hours up to an instant, in the owner's zone, are those before the stretch that began last and what elapsed
# of it, which is looked up by UTC day: a fifth of the time that an asof join takes. No rest lasts a year.
LEAD_RESPONSES = Relation(
    "lead_responses",
    f"""
    with answers as (
        select
            leads.id as lead_id,
            min(activities.at) filter (where activities.at >= leads.created_at) as first_at,
            bool_or(activities.at < leads.created_at) as answered_before
        from leads join activities on activities.lead_id = leads.id
        where {_IS_DONE} and activities.direction = 'outbound'
        group by leads.id
    ),
    stretches as (
        select
            zone,
            starts_at,
            ends_at,
            coalesce(
                lead(starts_at) over (partition by zone order by starts_at), starts_at + interval 1 year
            ) as next_starts_at,
            before_us - epoch_us(starts_at) as offset_us
        from business_hours
    ),
    hours as (
        select
            stretches.*,
            unnest(generate_series(cast(starts_at as date), cast(next_starts_at as date), interval 1 day)) as day
        from stretches
    ),
    responses as (
        select
            leads.id as lead_id,
            rep_owners.rep_id,
            rep_zones.zone,
            leads.source,
            leads.created_at,
            answers.first_at,
            coalesce(answers.answered_before, false) as answered_before
        from leads
        left join answers on answers.lead_id = leads.id
        left join rep_owners on rep_owners.owner_id = leads.owner_id
        left join rep_zones on rep_zones.rep_id is not distinct from rep_owners.rep_id
    )
    select
        responses.lead_id,
        responses.rep_id,
        responses.source,
        responses.created_at,
        coalesce(responses.first_at, timestamp '9999-12-31 23:59:59.999999') as first_response_at,
        responses.answered_before,
        epoch_us(responses.first_at) - epoch_us(responses.created_at) as response_us,
        case when responses.first_at is not null then
            coalesce(answered.offset_us + epoch_us(least(responses.first_at, answered.ends_at)), 0)
            - coalesce(came.offset_us + epoch_us(least(responses.created_at, came.ends_at)), 0)
        end as business_us
    from responses
    left join hours as came
        on came.zone = responses.zone and came.day = cast(responses.created_at as date)
        and responses.created_at >= came.starts_at and responses.created_at < came.next_starts_at
    left join hours as answered
        on answered.zone = responses.zone and answered.day = cast(responses.first_at as date)
        and responses.first_at >= answered.starts_at and responses.first_at < answered.next_starts_at
    """,
    columns_of("leads", "source"),
    record=("leads", "lead_id"),
    ordered_by="created_at",
    key="lead_id",
    remade_by=_BY_LEAD,
    what="How soon each lead was answered, by anyone, from its creation on; what was done about it before that is no "
    "answer. `response_us` and `business_us` are microseconds, of the clock and of the business hours in the owner's "
    "zone.",
)

DISQUALIFIED_LEADS = Relation(
    "disqualified_leads",
    f"""
    select
        leads.id as lead_id,
        any_value(rep_owners.rep_id) as rep_id,
        any_value(leads.source) as source,
        any_value(leads.disqualified_at) as disqualified_at,
        count(activities.id) as attempts
    from leads
    left join rep_owners on rep_owners.owner_id = leads.owner_id
    left join activities
        on activities.lead_id = leads.id
        and {_IS_DONE}
        and activities.direction = 'outbound'
        and activities.at < leads.disqualified_at
    where leads.status = 'disqualified' or (leads.status is null and leads.disqualified_at is not null)
    group by leads.id
    """,
    columns_of("leads", "source"),
    record=("leads", "lead_id"),
    ordered_by="disqualified_at",
    key="lead_id",
    remade_by=_BY_LEAD,
    what="Leads that were given up, and how often they were tried before that. `disqualified_at` is empty where nobody "
    "knows when.",
)

RELATIONS = (DONE_ACTIVITIES, ACTIVE_REPS, LEAD_TOUCHES, OWN_DEALS_REACHED, LEAD_RESPONSES, DISQUALIFIED_LEADS)
