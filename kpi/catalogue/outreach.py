"""Whom reps reach out to, how soon and how often, and how many meetings come of it."""

from kpi.formulas import Median, Ratio, Total
from kpi.model import Better, Cadence, Combine, Doubt, Extra, Kpi, Measure, Unit, Variant

_REACHED = ("activities", "activities.direction", "activities.lead_id")


def _reached(condition: str = "") -> Measure:
    """Distinct leads: one that two reps reach, or one rep by two channels, is one of their team's."""
    return Measure("lead_touches", f"count(distinct lead_id){condition}", dated_by="at", combine=Combine.WHOLE)


CONTACTS = Kpi(
    id="contacts",
    name="Contact volume",
    what="Leads that were reached out to in the period, each counted once: by an outbound call, email or chat.",
    formula="number of distinct leads with an outbound call, email or chat",
    measures={"contacts": _reached()},
    value=Total("contacts", records="contacts"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "channel"),
    needs=_REACHED,
    names={
        "en": (),
        "zh": ("联系量",),
        "ja": ("コンタクト数",),
        "ru": ("объём контактов",),
        "vi": ("số liên hệ tiếp cận",),
    },
    source="TMCnet, sales KPIs (contacts a day by email, social media and phone)",
)

# The first touch in the period has the earliest next appointment of all: a lead with any counts by it.
APPOINTMENTS = Kpi(
    id="appointments",
    name="Appointment-set rate",
    what="Of the leads that were reached out to in the period, how many then had a meeting or demo booked or held, by "
    "anyone, before it ended. Where it is not known when a meeting was booked, only held ones count.",
    formula="leads with a meeting or demo booked or held from the first touch on / leads reached out to",
    measures={"met": _reached(" filter (where next_appointment_at < $end)"), "contacts": _reached()},
    value=Ratio("met", "contacts", records="contacts", counts=True),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "source"),
    needs=_REACHED,
    names={
        "en": (),
        "zh": ("预约率",),
        "ja": ("アポイント獲得率",),
        "ru": ("конверсия контактов во встречи", "доля назначенных встреч"),
        "vi": ("tỷ lệ đặt lịch hẹn",),
    },
    source="InsureLeads, glossary (set rate: contacts that result in a scheduled appointment)",
    ranked=False,
)

_MICROSECONDS_A_MINUTE = 60_000_000
_ANSWERED = "filter (where first_response_at < $now)"
_UNANSWERED = "first_response_at >= $now"


def _responses(expression: str, *, combine: Combine = Combine.SUM) -> Measure:
    return Measure("lead_responses", expression, dated_by="created_at", combine=combine)


def _middles(span: str) -> Measure:
    """The sum of the two middle ones; the same one twice where their number is odd."""
    return _responses(
        f"quantile_disc({span}, 0.5) {_ANSWERED} - quantile_disc(-{span}, 0.5) {_ANSWERED}", combine=Combine.WHOLE
    )


_WAITING = _responses(f"count(*) filter (where {_UNANSWERED} and not answered_before)")
_BEFORE_CREATION = _responses(f"count(*) filter (where {_UNANSWERED} and answered_before)")

_LEADS_ANSWERED = ("leads", *_REACHED)

RESPONSETIME = Kpi(
    id="responsetime",
    name="Lead response time",
    what="How many minutes went by between the creation of a lead in the period and the first outbound activity on it "
    "by anyone, up to now: the median of the leads that were answered.",
    formula="median of the minutes from creation to first response",
    measures={
        "middles": _middles("response_us"),
        "business_middles": _middles("business_us"),
        "response_us": _responses(f"sum(response_us) {_ANSWERED}"),
        "within5": _responses(
            f"count(*) filter (where first_response_at < $now and response_us <= {5 * _MICROSECONDS_A_MINUTE})"
        ),
        "answered": _responses(f"count(*) {_ANSWERED}"),
        "waiting": _WAITING,
        "before_creation": _BEFORE_CREATION,
    },
    value=Median("middles", records="answered", per=_MICROSECONDS_A_MINUTE),
    unit=Unit.MINUTES,
    better=Better.DOWN,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "source"),
    needs=_LEADS_ANSWERED,
    names={
        "en": ("speed to lead",),
        "zh": ("线索响应时间", "提前响应时间"),
        "ja": ("リード応答時間",),
        "ru": ("скорость реакции на лид", "время ответа на лид"),
        "vi": ("thời gian phản hồi khách tiềm năng",),
    },
    source="KPI Tree, glossary (lead response time), with its five minutes",
    extras={
        "waiting": Extra(Total("waiting", records="waiting"), Unit.COUNT),
        "before_creation": Extra(Total("before_creation", records="before_creation"), Unit.COUNT),
    },
    variants=(
        Variant(
            name="mean",
            what="How many minutes went by between the creation of a lead in the period and the first outbound "
            "activity on it by anyone, up to now: the mean of the leads that were answered.",
            formula="minutes from creation to first response / leads answered",
            value=Ratio("response_us", "answered", records="answered", per=_MICROSECONDS_A_MINUTE),
            unit=Unit.MINUTES,
            needs=_LEADS_ANSWERED,
        ),
        Variant(
            name="within5",
            what="Of the leads created in the period that were answered by now, how many were within five minutes.",
            formula="leads answered within 5:00 minutes / leads answered",
            value=Ratio("within5", "answered", records="answered", counts=True),
            unit=Unit.PERCENT,
            needs=_LEADS_ANSWERED,
            better=Better.UP,
        ),
        Variant(
            name="business",
            what="How many minutes of business hours, in the zone of the lead's owner and less holidays, went by "
            "between the creation of a lead in the period and the first outbound activity on it by anyone, up to now: "
            "the median of the leads that were answered.",
            formula="median of the business minutes from creation to first response",
            value=Median("business_middles", records="answered", per=_MICROSECONDS_A_MINUTE),
            unit=Unit.MINUTES,
            needs=_LEADS_ANSWERED,
        ),
    ),
    doubts=(
        Doubt(
            _WAITING,
            one="1 lead is still waiting for an answer and is left out",
            text="{n} leads are still waiting for an answer and are left out",
            is_fault=False,
        ),
        Doubt(
            _BEFORE_CREATION,
            one="1 lead was answered only before it was created and is left out",
            text="{n} leads were answered only before they were created and are left out",
        ),
    ),
)


def _disqualified(expression: str) -> Measure:
    return Measure("disqualified_leads", expression, dated_by="disqualified_at")


FOLLOWUPS = Kpi(
    id="followups",
    name="Follow-up attempts",
    what="How many outbound activities, by anyone, the leads disqualified in the period had seen before that, on "
    "average.",
    formula="outbound activities on the disqualified leads before that / disqualified leads",
    measures={"attempts": _disqualified("sum(attempts)"), "leads": _disqualified("count(*)")},
    value=Ratio("attempts", "leads", records="leads"),
    unit=Unit.COUNT,
    better=Better.NONE,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team"),
    needs=("leads", "leads.disqualified_at", *_REACHED),
    names={
        "en": (),
        "zh": ("跟进次数",),
        "ja": ("フォローアップ回数",),
        "ru": ("число повторных касаний",),
        "vi": ("số lần liên hệ lại", "số lần theo dõi"),
    },
    source="InsideSales, prospecting metrics (dials before a lead is thrown away)",
    doubts=(
        Doubt(
            Measure("disqualified_leads", "count(*) filter (where disqualified_at is null)"),
            one="1 lead is disqualified without a date and counts in no period",
            text="{n} leads are disqualified without a date and count in no period",
        ),
    ),
)

KPIS: tuple[Kpi, ...] = (CONTACTS, APPOINTMENTS, RESPONSETIME, FOLLOWUPS)
