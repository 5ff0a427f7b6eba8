"""What was done, and by how many."""

from kpi.relations.base import Relation, columns_of

# What was scheduled, cancelled or missed counts in no activity KPI.
DONE_ACTIVITIES = Relation(
    "done_activities",
    """
    select activities.id as activity_id, rep_owners.rep_id, activities.type, activities.at
    from activities left join rep_owners on rep_owners.owner_id = activities.owner_id
    where activities.outcome is null or activities.outcome in ('connected', 'no_answer', 'completed')
    """,
    columns_of("activities", "type"),
)

ACTIVE_REPS = Relation("active_reps", "select id as rep_id, role from reps where active")

RELATIONS = (DONE_ACTIVITIES, ACTIVE_REPS)
