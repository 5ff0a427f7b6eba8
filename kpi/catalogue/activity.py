"""What reps do: activities of every type, calls and emails with what came of them, and demos."""

from collections.abc import Mapping

from kpi.formulas import Ratio, Total
from kpi.model import Better, Cadence, Combine, Doubt, Extra, Kpi, Measure, Unit, Variant

_TYPES = ("call", "email", "meeting", "chat", "task", "demo", "onboarding")

_CALL = "type = 'call'"
_ANSWERED = f"{_CALL} and outcome in ('connected', 'completed')"
_EMAIL = "type = 'email' and direction = 'outbound'"
_DEMO = "type in ('demo', 'onboarding')"

_THIRTY_DAYS_IN_MICROSECONDS = 30 * 24 * 3600 * 1_000_000


def _done(expression: str, *, combine: Combine = Combine.SUM) -> Measure:
    return Measure("done_activities", expression, dated_by="at", combine=combine)


def _number(condition: str) -> Measure:
    return _done(f"count(*) filter (where {condition})")


ACTIVE_REPS = Measure("active_reps", "count(*)")
OUTBOUND_EMAILS = _number(_EMAIL)


def _gained(first_at: str) -> Measure:
    """Deals created within 30 days after the owner's first call, or email, in the window on their lead or account."""
    return Measure(
        "own_deals_reached",
        f"count(*) filter (where epoch_us(created_at) - epoch_us({first_at}) <= {_THIRTY_DAYS_IN_MICROSECONDS} "
        "and created_at < $now)",
        dated_by="at",
        per=("deal_id", "created_at"),
        each=(
            ("first_call_at", f"min(at) filter (where {_CALL})"),
            ("first_email_at", "min(at) filter (where type = 'email')"),
        ),
    )


def _per_rep(done: str, names: Mapping[str, tuple[str, ...]], needs: tuple[str, ...] = ("activities",)) -> Variant:
    return Variant(
        name="per_rep",
        what=f"{done.capitalize()} in the period, the mean per active rep.",
        formula=f"{done}, inactive and unassigned owners' too / active reps",
        value=Ratio("done", "active_reps", records="done"),
        unit=Unit.COUNT,
        needs=(*needs, "owners"),
        names=names,
    )


ACTIVITIES = Kpi(
    id="activities",
    name="Activities",
    what="Activities done in the period: calls, emails, meetings, chats, tasks, demos and onboardings. "
    "What was scheduled, cancelled or missed does not count.",
    formula="number of activities done",
    measures={
        "done": _done("count(*)"),
        **{each: _number(f"type = '{each}'") for each in _TYPES},
        "active_reps": ACTIVE_REPS,
    },
    value=Total("done", records="done"),
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
    extras={each: Extra(Total(each, records=each), Unit.COUNT) for each in _TYPES},
    variants=(
        _per_rep(
            "activities done",
            {
                "en": ("activities per rep",),
                "zh": ("人均活动数",),
                "ja": ("担当者別アクティビティ数",),
                "ru": ("активности на менеджера",),
                "vi": ("số hoạt động mỗi nhân viên",),
            },
        ),
    ),
)

CALLS = Kpi(
    id="calls",
    name="Calls",
    what="Calls done in the period, made and taken; how many were answered, how long they lasted, how many "
    "opportunities they were about, and how many opportunities were gained: deals created within 30 days after their "
    "owner's first call of the period to their lead or account.",
    formula="number of calls done",
    measures={
        "done": _number(_CALL),
        "answered": _number(_ANSWERED),
        "seconds": _done(f"sum(duration_seconds) filter (where {_CALL})"),
        "touched": _done(f"count(distinct deal_id) filter (where {_CALL})", combine=Combine.WHOLE),
        "gained": _gained("first_call_at"),
        "active_reps": ACTIVE_REPS,
    },
    value=Total("done", records="done"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "outcome"),
    needs=("activities",),
    names={
        "en": (),
        "zh": ("电话数",),
        "ja": ("コール数",),
        "ru": ("звонки",),
        "vi": ("số cuộc gọi",),
    },
    source="Klipfolio, sales metrics (call volume, incoming and outgoing)",
    extras={
        "answered": Extra(Total("answered", records="answered"), Unit.COUNT),
        "answer_rate": Extra(Ratio("answered", "done", records="done"), Unit.PERCENT),
        "minutes": Extra(Total("seconds", records="done", per=60), Unit.MINUTES),
        "touched": Extra(Total("touched", records="touched"), Unit.COUNT),
        "gained": Extra(Total("gained", records="gained"), Unit.COUNT),
    },
    variants=(
        _per_rep(
            "calls done",
            {
                "en": ("calls per rep",),
                "zh": ("人均电话数",),
                "ja": ("担当者別コール数",),
                "ru": ("звонки на менеджера",),
                "vi": ("số cuộc gọi mỗi nhân viên",),
            },
        ),
    ),
    doubts=(
        Doubt(
            _number(f"{_ANSWERED} and duration_seconds is null"),
            one="1 answered call has no duration and adds no minutes",
            text="{n} answered calls have no duration and add no minutes",
        ),
    ),
)

_EMAILS_SENT = ("activities", "activities.direction")

EMAILS = Kpi(
    id="emails",
    name="Emails",
    what="Emails sent in the period; how many were opened and replied to, and how many opportunities were gained: "
    "deals created within 30 days after their owner's first email of the period to their lead or account.",
    formula="number of outbound emails",
    measures={
        "done": OUTBOUND_EMAILS,
        "opened": _number(f"{_EMAIL} and opened"),
        "replied": _number(f"{_EMAIL} and replied"),
        "gained": _gained("first_email_at"),
        "active_reps": ACTIVE_REPS,
    },
    value=Total("done", records="done"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team"),
    needs=_EMAILS_SENT,
    names={
        "en": (),
        "zh": ("邮件数",),
        "ja": ("メール数",),
        "ru": ("письма",),
        "vi": ("số email",),
    },
    source="HubSpot, sales activity metrics",
    extras={each: Extra(Total(each, records=each), Unit.COUNT) for each in ("opened", "replied", "gained")},
    variants=(
        _per_rep(
            "emails sent",
            {
                "en": ("emails per rep",),
                "zh": ("人均邮件数",),
                "ja": ("担当者別メール数",),
                "ru": ("письма на менеджера",),
                "vi": ("số email mỗi nhân viên",),
            },
            _EMAILS_SENT,
        ),
    ),
)

OPENRATE = Kpi(
    id="openrate",
    name="Email open rate",
    what="Of the emails sent in the period, how many were opened. An email that nothing is known of was not.",
    formula="opened outbound emails / outbound emails",
    measures={"opened": EMAILS.measures["opened"], "sent": OUTBOUND_EMAILS},
    value=Ratio("opened", "sent", records="sent", counts=True),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team"),
    needs=(*_EMAILS_SENT, "activities.opened"),
    names={
        "en": ("open rate",),
        "zh": ("邮件打开率",),
        "ja": ("メール開封率",),
        "ru": ("открываемость писем",),
        "vi": ("tỷ lệ mở email",),
    },
    source="HubSpot, email metrics (open rate), of the emails sent",
)

DEMOS = Kpi(
    id="demos",
    name="Demo and onboarding calls",
    what="Demos and onboardings held in the period. What was scheduled, cancelled or missed does not count.",
    formula="number of demos and onboardings done",
    measures={"demos": _number(_DEMO)},
    value=Total("demos", records="demos"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "type"),
    needs=("activities",),
    names={
        "en": (),
        "zh": ("演示与客户引导电话数", "演示与上线电话数"),
        "ja": ("デモ・オンボーディング件数",),
        "ru": ("демо и онбординг-звонки",),
        "vi": ("cuộc gọi demo và onboarding",),
    },
    source="InsightSquared, activity dashboards (demos)",
)

KPIS: tuple[Kpi, ...] = (ACTIVITIES, CALLS, EMAILS, OPENRATE, DEMOS)
