"""What reps do: activities of every type."""

from kpi.formulas import Ratio, Total
from kpi.model import Better, Cadence, Extra, Kpi, Measure, Unit, Variant

_TYPES = ("call", "email", "meeting", "chat", "task", "demo", "onboarding")


def _done(condition: str = "") -> Measure:
    return Measure("done_activities", f"count(*){condition}", dated_by="at")


ACTIVITIES = Kpi(
    id="activities",
    name="Activities",
    what="Activities done in the period: calls, emails, meetings, chats, tasks, demos and onboardings. "
    "What was scheduled, cancelled or missed does not count.",
    formula="number of activities done",
    measures={
        "activities": _done(),
        **{type_: _done(f" filter (where type = '{type_}')") for type_ in _TYPES},
        "active_reps": Measure("active_reps", "count(*)"),
    },
    value=Total("activities", records="activities"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "type"),
    needs=("activities",),
    names={
        "en": (),
        "zh": ("活动数",),
        "ja": ("アクティビティ数",),
        "ru": ("активности",),
        "vi": ("số hoạt động",),
    },
    source="HubSpot, sales activity metrics",
    extras={type_: Extra(Total(type_, type_), Unit.COUNT) for type_ in _TYPES},
    variants=(
        Variant(
            name="per_rep",
            what="Activities done in the period, the mean per active rep.",
            formula="activities done, inactive and unassigned owners' too / active reps",
            value=Ratio("activities", "active_reps", records="activities"),
            unit=Unit.COUNT,
            needs=("activities", "owners"),
            names={
                "en": ("activities per rep",),
                "zh": ("人均活动数",),
                "ja": ("担当者別アクティビティ数",),
                "ru": ("активности на менеджера",),
                "vi": ("số hoạt động mỗi nhân viên",),
            },
        ),
    ),
)
