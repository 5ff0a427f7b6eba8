"""How deals stood at any time."""

from kpi.relations.base import Relation, columns_of
from kpi.relations.revenue import CLOSED_DEALS

# A deal that is closed nobody knows when has no past: it has one row without status.
# Sorting by a hash first is twice as fast: the ids begin alike. Sorting the result costs more than it saves a question.
DEAL_STATES = Relation(
    "deal_states",
    """
    with events as (
        select
            id as deal_id, created_at as from_at, timestamp '-infinity' as order_at, 0 as position,
            true as is_open, null as stage, null as amount, null as probability
        from deals
        union all
        select
            changes.deal_id, changes.at, changes.at, changes.row_number,
            coalesce(
                changes.status = 'open',
                changes.probability is null or (changes.probability <> 0 and changes.probability <> 1)
            ),
            changes.stage, changes.amount, changes.probability
        from stage_changes as changes
        union all
        select deals.id, closed.closed_instant, closed.closed_instant, 9223372036854775807, false, null, null, null
        from deals join closed_deals as closed on closed.deal_id = deals.id
    ),
    followed as (
        select
            events.*,
            lead(order_at) over (partition by hash(deal_id), deal_id order by order_at, position) as next_at
        from events
    ),
    states as (
        select
            followed.deal_id, followed.from_at,
            coalesce(followed.next_at, timestamp '9999-12-31 23:59:59.999999') as until_at,
            followed.order_at = timestamp '-infinity' and followed.next_at is null as is_as_now,
            false as is_current,
            'open' as status,
            followed.stage, followed.amount, followed.probability
        from followed
        where followed.is_open
            and (followed.next_at is null or followed.from_at < followed.next_at)
            and not exists (select 1 from undated_deals where undated_deals.deal_id = followed.deal_id)
        union all
        select
            id, created_at, timestamp '9999-12-31 23:59:59.999999', true,
            status = 'open', case when status = 'open' then status end,
            null, null, null
        from deals
        where status = 'open' or exists (select 1 from undated_deals where undated_deals.deal_id = deals.id)
    )
    select
        states.deal_id, rep_owners.rep_id, states.from_at, states.until_at, states.is_current, states.status,
        case when states.is_as_now then deals.stage else states.stage end as stage,
        coalesce(states.amount, deals.amount) as amount,
        case when states.is_as_now then deals.probability else states.probability end as probability,
        coalesce(upper(deals.currency), $currency) as currency,
        deals.pipeline, deals.source
    from states
    join deals on deals.id = states.deal_id
    left join rep_owners on rep_owners.owner_id = deals.owner_id
    """,
    columns_of("deals", "pipeline", "source") | {"stage": "deals.stage|stage_changes.stage"},
    record=("deals", "deal_id"),
    tells_now=True,
    key="deal_id",
    remade_by={**CLOSED_DEALS.remade_by, "stage_changes": "deal_id"},
    what="The open states of deals. A deal was created, changed its stage, was closed; each holds from then until the "
    "next. Of two things at one instant the later row stands, and the closing above all. What a deal was called before "
    "its first stage change nobody knows, but its amount now is the best guess; a deal without any that is open has "
    "always been as it is now.",
)

RELATIONS = (DEAL_STATES,)
