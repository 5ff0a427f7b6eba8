-- The twelve figures of every rep, team and the company in some periods, written by hand for exactly this:
-- (kpi, period, scope, value, numerator, denominator). Parameters: the periods' $keys, their $starts and $ends, the
-- midnights of their last days ($days) and of $today, $now, and the company's $currency.
with periods as materialized (
    select
        unnest(cast($keys as varchar[])) as period,
        unnest(cast($starts as timestamp[])) as start_at,
        unnest(cast($ends as timestamp[])) as end_at,
        unnest(cast($days as timestamp[])) as day_at
),
-- Whose records a scope counts; those of nobody ('') are the company's.
members as materialized (
    select id as rep_id, 'rep ' || id as scope from reps
    union all
    select reps.id, 'team ' || closure.ancestor_id
    from reps join team_closure as closure on closure.team_id = reps.team_id
    union all
    select id, 'company' from reps
    union all
    select '', 'company'
),
asked as materialized (
    select periods.period, scopes.scope
    from periods, (
        select 'company' as scope union all select 'team ' || id from org_teams union all select 'rep ' || id from reps
    ) as scopes
),
-- One row for each lead that a scope touched in a period.
reached as (
    select touched.period, members.scope, touched.lead_id, bool_or(touched.met) as met
    from (
        select
            periods.period,
            coalesce(touches.rep_id, '') as rep_id,
            touches.lead_id,
            bool_or(touches.next_appointment_at < periods.end_at) as met
        from lead_touches as touches
        join periods on touches.at >= periods.start_at and touches.at < periods.end_at
        group by all
    ) as touched
    join members on members.rep_id = touched.rep_id
    group by all
),
contacts as (
    select period, scope, count(*) as contacts, count(*) filter (where met) as met from reached group by all
),
responses as (
    select periods.period, members.scope, median(responses.response_us) as middle, count(*) as answered
    from lead_responses as responses
    join periods on responses.created_at >= periods.start_at and responses.created_at < periods.end_at
    join members on members.rep_id = coalesce(responses.rep_id, '')
    where responses.first_response_at < $now
    group by all
),
-- What adds up: by rep first, then up the teams.
done as (
    select periods.period, coalesce(activities.rep_id, '') as rep_id, count(*) as activities
    from done_activities as activities
    join periods on activities.at >= periods.start_at and activities.at < periods.end_at
    group by all
),
created as (
    select periods.period, coalesce(deals.rep_id, '') as rep_id, count(*) as newopps
    from created_deals as deals
    join periods on deals.created_at >= periods.start_at and deals.created_at < periods.end_at
    group by all
),
closed as (
    select
        periods.period,
        coalesce(deals.rep_id, '') as rep_id,
        count(*) as closed,
        count(*) filter (where status = 'won') as won,
        sum(value) filter (where status = 'won') as bookings,
        count(value) filter (where status = 'won') as booked,
        sum(cycle_us) filter (where status = 'won' and cycle_us >= 0) as cycle_us,
        count(*) filter (where status = 'won' and cycle_us >= 0) as cycles
    from closed_deals as deals
    join periods on deals.closed_instant >= periods.start_at and deals.closed_instant < periods.end_at
    group by all
),
qualified as (
    select periods.period, coalesce(leads.rep_id, '') as rep_id, count(*) as mqls
    from lead_funnel as leads
    join periods on leads.mql_at >= periods.start_at and leads.mql_at < periods.end_at
    group by all
),
rates as (
    select periods.period, fx.currency, fx.rate
    from periods join fx_intervals as fx on fx.from_at <= periods.day_at and periods.day_at < fx.until_at
    where fx.currency <> $currency
    union all
    select period, $currency, 1 from periods
),
open as (
    select by_currency.period, by_currency.rep_id, sum(by_currency.amount * rates.rate) as pipeline
    from (
        select
            periods.period,
            coalesce(states.rep_id, '') as rep_id,
            states.currency,
            cast(sum(states.amount) as decimal(26, 4)) as amount
        from deal_states as states
        join periods on states.from_at < periods.end_at and states.until_at >= periods.end_at
        where states.status = 'open' and not states.is_current
        group by all
    ) as by_currency
    join rates on rates.period = by_currency.period and rates.currency = by_currency.currency
    group by all
),
by_rep as (
    select * from done
    union all by name select * from created
    union all by name select * from closed
    union all by name select * from qualified
    union all by name select * from open
),
sums as (
    select
        by_rep.period,
        members.scope,
        sum(activities) as activities, sum(newopps) as newopps, sum(mqls) as mqls, sum(pipeline) as pipeline,
        sum(closed) as closed, sum(won) as won, sum(bookings) as bookings, sum(booked) as booked,
        sum(cycle_us) as cycle_us, sum(cycles) as cycles
    from by_rep join members on members.rep_id = by_rep.rep_id
    group by all
),
figures as materialized (
    select asked.period, asked.scope, contacts.* exclude (period, scope), responses.* exclude (period, scope),
        sums.* exclude (period, scope)
    from asked
    left join contacts on contacts.period = asked.period and contacts.scope = asked.scope
    left join responses on responses.period = asked.period and responses.scope = asked.scope
    left join sums on sums.period = asked.period and sums.scope = asked.scope
)
select 'contacts' as kpi, period, scope, cast(coalesce(contacts, 0) as double) as value,
    cast(null as decimal(38, 12)) as numerator, cast(null as decimal(38, 12)) as denominator
from figures
union all select 'activities', period, scope, coalesce(activities, 0), null, null from figures
union all select 'appointments', period, scope, met / nullif(contacts, 0), coalesce(met, 0), coalesce(contacts, 0)
from figures
union all select 'responsetime', period, scope, middle / 60000000, null, null from figures
union all select 'newopps', period, scope, coalesce(newopps, 0), null, null from figures
union all select 'bookings', period, scope, coalesce(bookings, 0), null, null from figures
union all select 'winrate', period, scope, won / nullif(closed, 0), coalesce(won, 0), coalesce(closed, 0) from figures
union all select 'deals', period, scope, coalesce(won, 0), null, null from figures
union all select 'dealsize', period, scope, bookings / nullif(booked, 0), coalesce(bookings, 0), coalesce(booked, 0)
from figures
union all select 'cycle', period, scope, cycle_us / nullif(cycles, 0) / 86400000000,
    cast(coalesce(cycle_us, 0) / 86400000000 as decimal(38, 12)), coalesce(cycles, 0) from figures
union all select 'mqls', period, scope, coalesce(mqls, 0), null, null from figures
union all select 'pipeline', period, scope, coalesce(pipeline, 0), null, null from figures
