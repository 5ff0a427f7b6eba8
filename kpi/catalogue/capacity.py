"""How much can be taken on: what reps have shown on their best day, and how much of it is used."""

from decimal import Decimal

from kpi.catalogue.leads import MARKETING_QUALIFIED
from kpi.catalogue.revenue import DEALS, WON
from kpi.evaluate import Value, divide
from kpi.formulas import Derived, Number, Read, Total
from kpi.model import Better, Cadence, Combine, Extra, Kpi, Measure, ScopeType, Unit
from kpi.spans import Span

_PEAK_DAYS = 90


def _best_day(relation: str, dated_by: str, day: str, theirs: str) -> Measure:
    """The most records that any one rep has on one day, of ``theirs``: those of active reps of the role."""
    each = (("n", f"count(*) filter (where {theirs})"),)
    return Measure(relation, "max(n)", dated_by=dated_by, per=(day,), each=each, combine=Combine.MAX)


def _active(role: str) -> Measure:
    return Measure("active_reps", f"count(*) filter (where role = '{role}')")


def _a_day(span: Span, read: Read, per_rep: Decimal | None) -> Number:
    """What all active reps of the role together can take on in a business day."""
    each = read("best_day", span.days_up_to_last(_PEAK_DAYS)) if per_rep is None else per_rep
    return each * read("reps", span)


def _capacity(done: str, per_rep: Decimal | None) -> Derived:
    """What is possible in the whole period; ``done`` names what has been done of it."""

    def value(span: Span, read: Read) -> Value:
        possible = Decimal(_a_day(span, read, per_rep) * span.business_days)
        return Value(possible, records=int(read(done, span)))

    return Derived(value)


def _utilisation(done: str, per_rep: Decimal | None) -> Derived:
    """What has been done of what was possible on the business days so far."""

    def value(span: Span, read: Read) -> Value:
        possible = Decimal(_a_day(span, read, per_rep) * span.elapsed_business_days)
        return divide(Decimal(read(done, span)), possible, int(read(done, span)))

    return Derived(value)


def _formula(per_rep: Decimal | None, best_day: str, reps: str) -> str:
    a_day = f"{best_day} of the last {_PEAK_DAYS} days" if per_rep is None else f"{per_rep:f} a day"
    return f"{a_day} x business days of the whole period x {reps}"


def bdrcapacity(leads_per_day: Decimal | None = None) -> Kpi:
    """The capacity of BDRs. ``leads_per_day``: what one of them can take on, where the best day is not to tell it."""
    return Kpi(
        id="bdrcapacity",
        name="BDR capacity",
        what="How many marketing-qualified leads the active BDRs can take on in the whole period, and how much of what "
        "was possible so far is used by those that came.",
        formula=_formula(leads_per_day, "most MQLs that any one active BDR had on one day", "active BDRs"),
        measures={
            "best_day": _best_day("lead_funnel", "mql_at", "mql_day", "owner_role = 'bdr'"),
            "reps": _active("bdr"),
            "mqls": MARKETING_QUALIFIED,
        },
        value=_capacity("mqls", leads_per_day),
        unit=Unit.COUNT,
        better=Better.NONE,
        cadence=Cadence.MONTHLY,
        dimensions=("team",),
        needs=("owners", "leads", "leads.mql_at"),
        names={
            "en": (),
            "zh": ("BDR承接能力", "BDR产能"),
            "ja": ("BDRキャパシティ",),
            "ru": ("пропускная способность BDR", "мощность BDR"),
            "vi": ("công suất BDR", "năng lực BDR"),
        },
        source="Win First Marketing, demand generation (throughput capacity: work per rep and day x reps)",
        extras={
            "mqls": Extra(Total("mqls", records="mqls"), Unit.COUNT),
            "utilisation": Extra(_utilisation("mqls", leads_per_day), Unit.PERCENT),
        },
        line_extras=("mqls", "utilisation"),
        scopes=(ScopeType.COMPANY, ScopeType.TEAM),
    )


def aecapacity(deals_per_day: Decimal | None = None) -> Kpi:
    """The capacity of AEs. ``deals_per_day``: what one of them can win, where the best day is not to tell it."""
    return Kpi(
        id="aecapacity",
        name="AE capacity",
        what="How many deals the active AEs can win in the whole period, and how much of what was possible so far is "
        "used by those that were won.",
        formula=_formula(deals_per_day, "most deals that any one active AE won on one day", "active AEs"),
        measures={
            "best_day": _best_day(
                "closed_deals", "closed_instant", "closed_day", "owner_role = 'ae' and status = 'won'"
            ),
            "reps": _active("ae"),
            "deals": WON,
        },
        value=_capacity("deals", deals_per_day),
        unit=Unit.COUNT,
        better=Better.NONE,
        cadence=Cadence.MONTHLY,
        dimensions=("team",),
        needs=("owners", *DEALS.needs),
        names={
            "en": (),
            "zh": ("客户经理承接能力", "客户经理产能"),
            "ja": ("AEキャパシティ",),
            "ru": ("пропускная способность AE", "мощность AE"),
            "vi": ("công suất AE", "năng lực AE"),
        },
        source="Win First Marketing, demand generation (throughput capacity: work per rep and day x reps)",
        extras={
            "deals": Extra(Total("deals", records="deals"), Unit.COUNT),
            "utilisation": Extra(_utilisation("deals", deals_per_day), Unit.PERCENT),
        },
        line_extras=("deals", "utilisation"),
        doubts=DEALS.doubts,
        scopes=(ScopeType.COMPANY, ScopeType.TEAM),
    )


BDRCAPACITY, AECAPACITY = bdrcapacity(), aecapacity()

KPIS = (BDRCAPACITY, AECAPACITY)
