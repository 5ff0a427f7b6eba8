"""What subscriptions bring every month: what is there, what comes, grows, shrinks and goes."""

from kpi.formulas import Ratio, Total
from kpi.model import Better, Cadence, Doubt, Extra, HeldAt, Kpi, Measure, Unit

_MOVED_BY = ("rep", "team", "product")


def _held(expression: str, held_at: HeldAt) -> Measure:
    return Measure("mrr_spans", expression, held_at=held_at)


MRR_AT_END = _held("sum(value)", HeldAt.END)


def _moved(expression: str, *kinds: str) -> Measure:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return Measure("mrr_movements", f"{expression} filter (where kind in ({named}))", dated_by="at")


def _unrated(measure: Measure) -> Doubt:
    return Doubt(
        measure,
        one="1 subscription has no exchange rate for {key} and its MRR is left out",
        text="{n} subscriptions have no exchange rate for {key} and their MRR is left out",
        by="currency",
    )


_UNRATED_AT_END = _unrated(_held("count(*) filter (where value is null)", HeldAt.END))

# Active at the start or at any time of the period.
UNRATED_DURING = _unrated(
    Measure(
        "mrr_spans",
        "count(*) filter (where value is null and ends_after_start and from_at < $end and until_at >= $start)",
    )
)

_NEVER_ACTIVE = Doubt(
    Measure("mrr_spans", "count(*) filter (where not ends_after_start)"),
    one="1 subscription does not end after it starts and is ignored",
    text="{n} subscriptions do not end after they start and are ignored",
)

NEWMRR = Kpi(
    id="newmrr",
    name="New MRR",
    what="The monthly recurring revenue that accounts brought in the period that had none just before. Who returns "
    "after a gap is new again.",
    formula="sum of the MRR of accounts that had none just before",
    measures={"new": _moved("sum(value)", "new"), "moves": _moved("count(*)", "new")},
    value=Total("new", records="moves"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_MOVED_BY,
    needs=("subscriptions",),
    names={
        "en": ("new monthly recurring revenue",),
        "zh": ("新增MRR",),
        "ja": ("新規MRR",),
        "ru": ("новый MRR",),
        "vi": ("MRR mới",),
    },
    source="ChartMogul, MRR movements (new business; reactivation counts with it)",
    doubts=(UNRATED_DURING, _NEVER_ACTIVE),
)

EXPANSIONMRR = Kpi(
    id="expansionmrr",
    name="Expansion MRR",
    what="By how much the monthly recurring revenue of accounts rose in the period that had some already; beside it "
    "what shrank, what was lost, and what the changes come to together with what is new.",
    formula="sum of the rises of the MRR of accounts that had some; net new: new + expansion - contraction - churned",
    measures={
        "expansion": _moved("sum(value)", "expansion"),
        "moves": _moved("count(*)", "expansion"),
        "contraction": _moved("sum(value)", "contraction"),
        "churned": _moved("sum(value)", "churned"),
        "net_new": Measure(
            "mrr_movements",
            "sum(case when kind in ('new', 'expansion') then value else -value end)",
            dated_by="at",
        ),
    },
    value=Total("expansion", records="moves"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_MOVED_BY,
    needs=("subscriptions",),
    names={
        "en": ("expansion monthly recurring revenue",),
        "zh": ("增购MRR", "扩展MRR"),
        "ja": ("エクスパンションMRR", "拡大MRR"),
        "ru": ("MRR от допродаж", "MRR от расширения"),
        "vi": ("MRR mở rộng",),
    },
    source="ChartMogul, MRR movements (expansion, contraction, churn)",
    extras={name: Extra(Total(name, records="moves"), Unit.MONEY) for name in ("contraction", "churned", "net_new")},
    doubts=(UNRATED_DURING, _NEVER_ACTIVE),
)

MRR = Kpi(
    id="mrr",
    name="MRR",
    what="The monthly recurring revenue of the subscriptions that are active at the end of the period, or now; beside "
    "it that of a year (ARR). Each subscription counts at the rate of the day on which it started.",
    formula="sum of the MRR of the active subscriptions; ARR: 12 x MRR",
    measures={
        "mrr": MRR_AT_END,
        "arr": _held("sum(value) * 12", HeldAt.END),
        "subscriptions": _held("count(value)", HeldAt.END),
    },
    value=Total("mrr", records="subscriptions"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "product", "segment"),
    needs=("subscriptions",),
    names={
        "en": ("monthly recurring revenue", "ARR"),
        "zh": ("月经常性收入",),
        "ja": ("月次経常収益",),
        "ru": ("ежемесячная регулярная выручка",),
        "vi": ("doanh thu định kỳ tháng",),
    },
    source="ChartMogul, MRR movements (MRR)",
    extras={"arr": Extra(Total("arr", records="subscriptions"), Unit.MONEY)},
    doubts=(_UNRATED_AT_END, _NEVER_ACTIVE),
)

REVENUECHURN = Kpi(
    id="revenuechurn",
    name="Revenue churn",
    what="How much monthly recurring revenue went in the period, by accounts that left or shrank, of what there was as "
    "it began.",
    formula="(churned + contracted MRR) / MRR at the start",
    measures={
        "gone": _moved("sum(value)", "churned", "contraction"),
        "at_start": _held("sum(value)", HeldAt.START),
        "subscriptions": _held("count(value)", HeldAt.START),
    },
    value=Ratio("gone", "at_start", records="subscriptions"),
    unit=Unit.PERCENT,
    better=Better.DOWN,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment", "rep", "team"),
    needs=("subscriptions",),
    names={
        "en": ("MRR churn",),
        "zh": ("收入流失率",),
        "ja": ("レベニューチャーン率", "収益解約率"),
        "ru": ("отток выручки",),
        "vi": ("tỷ lệ mất doanh thu",),
    },
    source="Geckoboard, KPI examples (gross MRR churn rate)",
    doubts=(UNRATED_DURING, _NEVER_ACTIVE),
)

KPIS = (NEWMRR, EXPANSIONMRR, MRR, REVENUECHURN)
