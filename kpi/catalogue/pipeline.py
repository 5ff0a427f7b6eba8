"""What is on the way: the open pipeline, as it is and weighted, and how long a deal takes through it."""

from kpi.catalogue.revenue import CLOSED_INPUTS, UNDATED_WON, closed
from kpi.formulas import Median, Ratio, Total
from kpi.model import Better, Cadence, Combine, Doubt, Extra, HeldAt, Kpi, Measure, Unit


def _open(aggregate: str, condition: str = "", *, in_own_currency: bool = False, if_rated: bool = False) -> Measure:
    """A measure of the deals that are open at the end of the window."""
    return Measure(
        "deal_states",
        f"{aggregate} filter (where status = 'open'{condition})",
        held_at=HeldAt.END,
        in_own_currency=in_own_currency,
        if_rated=if_rated,
    )


_OPEN = _open("count(*)")
_LIKELY = " and amount is not null and probability is not null"

_WITHOUT_AMOUNT = Doubt(
    _open("count(*)", " and amount is null"),
    one="1 open deal has no amount and is left out",
    text="{n} open deals have no amount and are left out",
)
_WITHOUT_PAST = Doubt(
    Measure("deal_states", "count(*) filter (where status is null)", held_at=HeldAt.END),
    one="1 deal is closed without a date and in no past pipeline",
    text="{n} deals are closed without a date and in no past pipeline",
)


def _unrated(condition: str) -> Doubt:
    return Doubt(
        _open("count(*)", condition),
        one="1 open deal has no exchange rate for {key} and is left out",
        text="{n} open deals have no exchange rate for {key} and are left out",
        by="currency",
        unrated=True,
    )


PIPELINE = Kpi(
    id="pipeline",
    name="Open pipeline",
    what="The amount of the deals that are open at the end of the period, now for a running one, at the rate of that "
    "day. What was open in the past is told by the history of stages.",
    formula="sum of the amounts of the open deals",
    measures={
        "amount": _open("sum(amount)", in_own_currency=True),
        "with_amount": _open("count(amount)", if_rated=True),
        "deals": _OPEN,
    },
    value=Total("amount", records="with_amount"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "pipeline", "stage", "source"),
    needs=("deals", "deals.amount"),
    names={
        "en": (),
        "zh": ("在途商机金额",),
        "ja": ("パイプライン金額", "商談パイプライン"),
        "ru": ("сумма открытых сделок", "воронка продаж"),
        "vi": ("cơ hội bán hàng",),
    },
    source="InsightSquared, sales metrics (open opportunities in total and per rep), by amount",
    extras={"deals": Extra(Total("deals", records="deals"), Unit.COUNT)},
    doubts=(_WITHOUT_PAST, _WITHOUT_AMOUNT, _unrated(" and amount is not null")),
)

WEIGHTED = Kpi(
    id="weighted",
    name="Weighted pipeline",
    what="The amount of the deals that are open at the end of the period, each times the probability of its stage.",
    formula="sum of amount x probability of the open deals",
    measures={
        "weighted": _open("sum(cast(amount as decimal(38, 4)) * probability)", in_own_currency=True),
        "with_probability": _open("count(*)", _LIKELY, if_rated=True),
        "deals": _OPEN,
    },
    value=Total("weighted", records="with_probability"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "pipeline", "stage"),
    needs=("deals", "deals.amount", "deals.probability|stage_changes.probability"),
    names={
        "en": ("sales opportunities",),
        "zh": ("加权销售机会", "销售机会"),
        "ja": ("加重パイプライン",),
        "ru": ("взвешенная воронка",),
        "vi": ("cơ hội bán hàng theo xác suất",),
    },
    source="Clay, glossary (weighted pipeline)",
    extras={"deals": Extra(Total("deals", records="deals"), Unit.COUNT)},
    doubts=(
        _WITHOUT_PAST,
        _WITHOUT_AMOUNT,
        Doubt(
            _open("count(amount)", " and probability is null"),
            one="1 open deal has no known probability and is left out",
            text="{n} open deals have no known probability and are left out",
        ),
        _unrated(_LIKELY),
    ),
)

_MICROSECONDS_A_DAY = 86_400_000_000
_TIMED = "filter (where status = 'won' and cycle_us >= 0)"

CYCLE = Kpi(
    id="cycle",
    name="Sales cycle length",
    what="How many days the deals won in the period took on average from the first contact, where that is not known "
    "from their creation, until they were closed.",
    formula="sum of the days from first contact to closing / won deals",
    measures={
        "cycle_us": closed(f"sum(cycle_us) {_TIMED}"),
        "cycles": closed(f"count(cycle_us) {_TIMED}"),
        "middles": Measure(
            "closed_deals",
            f"quantile_disc(cycle_us, 0.5) {_TIMED} - quantile_disc(-cycle_us, 0.5) {_TIMED}",
            dated_by="closed_instant",
            combine=Combine.WHOLE,
        ),
    },
    value=Ratio("cycle_us", "cycles", records="cycles", per=_MICROSECONDS_A_DAY),
    unit=Unit.DAYS,
    better=Better.DOWN,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "pipeline", "industry", "product", "type"),
    needs=CLOSED_INPUTS,
    names={
        "en": ("sales cycle", "average sales cycle"),
        "zh": ("销售周期",),
        "ja": ("営業サイクル日数",),
        "ru": ("длительность цикла сделки", "средняя продолжительность цикла продаж"),
        "vi": ("độ dài chu kỳ bán hàng",),
    },
    source="Quartz, metrics reference (average and median sales cycle)",
    extras={"median": Extra(Median("middles", records="cycles", per=_MICROSECONDS_A_DAY), Unit.DAYS)},
    doubts=(
        UNDATED_WON,
        Doubt(
            closed("count(*) filter (where status = 'won' and cycle_us < 0)"),
            one="1 won deal was closed before it began and is left out",
            text="{n} won deals were closed before they began and are left out",
        ),
    ),
)

KPIS: tuple[Kpi, ...] = (PIPELINE, WEIGHTED, CYCLE)
