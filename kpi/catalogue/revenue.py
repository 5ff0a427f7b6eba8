"""What was closed: win rate, deals, bookings, their size and growth, and how they stand against target."""

from collections.abc import Mapping

from kpi.formulas import AgainstTarget, Growth, Ratio, Total
from kpi.model import Better, Cadence, Doubt, Extra, Kpi, Measure, Unit, Variant

CLOSED_INPUTS = ("deals", "deals.closed_at|deals.close_date")
BOOKED_INPUTS = (*CLOSED_INPUTS, "deals.amount")

_DIMENSIONS = ("rep", "team", "pipeline", "industry", "source", "segment", "product", "region", "type")


def closed(expression: str) -> Measure:
    """A measure of deals closed in the window."""
    return Measure("closed_deals", expression, dated_by="closed_instant")


WON = closed("count(*) filter (where status = 'won')")
WON_VALUE = closed("sum(value) filter (where status = 'won')")
WON_VALUED = closed("count(value) filter (where status = 'won')")


def _undated(status: str) -> Doubt:
    return Doubt(
        Measure("undated_deals", f"count(*) filter (where status = '{status}')"),
        one=f"1 {status} deal is closed without a date and counts in no period",
        text=f"{{n}} {status} deals are closed without a date and count in no period",
    )


UNDATED_WON, _UNDATED_LOST = _undated("won"), _undated("lost")


def without_value(condition: str, kind: str) -> tuple[Doubt, Doubt]:
    """The doubts about the value of closed deals: those that meet the condition but have no amount or no rate."""
    return (
        Doubt(
            closed(f"count(*) filter (where {condition} and not has_amount)"),
            one=f"1 {kind} deal has no amount and is left out",
            text=f"{{n}} {kind} deals have no amount and are left out",
        ),
        Doubt(
            closed(f"count(*) filter (where {condition} and has_amount and value is null)"),
            one="1 deal has no exchange rate for {key} and is left out",
            text="{n} deals have no exchange rate for {key} and are left out",
            by="currency",
        ),
    )


WON_DOUBTS = (UNDATED_WON, *without_value("status = 'won'", "won"))

WINRATE = Kpi(
    id="winrate",
    name="Win rate",
    what="Of the deals closed in the period, how many were won.",
    formula="won deals / (won + lost deals)",
    measures={
        "won": WON,
        "closed": closed("count(*)"),
        "won_value": WON_VALUE,
        "closed_value": closed("sum(value)"),
        "closed_valued": closed("count(value)"),
    },
    value=Ratio("won", "closed", records="closed", counts=True),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_DIMENSIONS,
    needs=CLOSED_INPUTS,
    names={
        "en": ("win rate", "close rate"),
        "zh": ("赢单率", "胜率", "赢率"),
        "ja": ("受注率", "成約率", "勝率"),
        "ru": ("доля выигранных сделок", "винрейт"),
        "vi": ("tỷ lệ thắng", "tỷ lệ chốt"),
    },
    source="Zendesk, sales metrics (win rate)",
    variants=(
        Variant(
            name="value",
            what="Of the money in the deals closed in the period, how much was won.",
            formula="amount of the won deals / amount of the won and lost deals",
            value=Ratio("won_value", "closed_value", records="closed_valued"),
            unit=Unit.PERCENT,
            needs=BOOKED_INPUTS,
            doubts=(UNDATED_WON, _UNDATED_LOST, *without_value("status in ('won', 'lost')", "closed")),
        ),
    ),
    doubts=(UNDATED_WON, _UNDATED_LOST),
    benchmark_periods=3,
)

DEALS = Kpi(
    id="deals",
    name="Deals won",
    what="How many deals closed in the period were won.",
    formula="number of won deals",
    measures={"won": WON},
    value=Total("won", records="won"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_DIMENSIONS,
    needs=CLOSED_INPUTS,
    names={
        "en": ("deals won", "won deals"),
        "zh": ("赢单数",),
        "ja": ("受注件数", "成約件数"),
        "ru": ("выигранные сделки",),
        "vi": ("số giao dịch thành công",),
    },
    source="Zendesk, sales metrics (deals won)",
    doubts=(UNDATED_WON,),
)

BOOKINGS = Kpi(
    id="bookings",
    name="Bookings",
    what="The amount of the deals won in the period, in the company's currency at the rate of their closing day.",
    formula="sum of the amounts of the won deals",
    measures={"won_value": WON_VALUE, "won_valued": WON_VALUED, "deals": WON},
    value=Total("won_value", records="won_valued"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_DIMENSIONS,
    needs=BOOKED_INPUTS,
    names={
        "en": ("sales", "revenue"),
        "zh": ("签约额",),
        "ja": ("受注額",),
        "ru": ("объём заключённых сделок",),
        "vi": ("doanh số ký kết", "doanh số"),
    },
    source="Salesforce, sales KPIs (bookings)",
    extras={"deals": Extra(Total("deals", records="deals"), Unit.COUNT)},
    doubts=WON_DOUBTS,
)

DEALSIZE = Kpi(
    id="dealsize",
    name="Average purchase value",
    what="What a deal won in the period was worth on average.",
    formula="bookings / won deals that have an amount",
    measures={"won_value": WON_VALUE, "won_valued": WON_VALUED},
    value=Ratio("won_value", "won_valued", records="won_valued"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_DIMENSIONS,
    needs=BOOKED_INPUTS,
    names={
        "en": ("average deal size", "deal size"),
        "zh": ("平均成交额",),
        "ja": ("平均受注単価",),
        "ru": ("средний чек",),
        "vi": ("giá trị đơn hàng trung bình",),
    },
    source="Zendesk, sales metrics (average purchase value)",
    doubts=WON_DOUBTS,
)

_NEW = "status = 'won' and type = 'new'"

NEWDEALSIZE = Kpi(
    id="newdealsize",
    name="Average new deal size and length",
    what="What a deal of type new that was won in the period was worth on average, and how long its contract runs.",
    formula="amount of the won deals of type new / those that have an amount",
    measures={
        "new_value": closed(f"sum(value) filter (where {_NEW})"),
        "new_valued": closed(f"count(value) filter (where {_NEW})"),
        "term_months": closed(f"sum(term_months) filter (where {_NEW})"),
        "with_term": closed(f"count(term_months) filter (where {_NEW})"),
    },
    value=Ratio("new_value", "new_valued", records="new_valued"),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team"),
    needs=(*BOOKED_INPUTS, "deals.type"),
    names={
        "en": (),
        "zh": ("新单平均金额与期限",),
        "ja": ("新規案件の平均金額・期間",),
        "ru": ("средний размер и срок новой сделки",),
        "vi": ("độ lớn và thời hạn trung bình của giao dịch mới",),
    },
    source="Close, sales metrics (average deal size), of new deals",
    extras={"term_months": Extra(Ratio("term_months", "with_term", records="with_term"), Unit.MONTHS)},
    doubts=(UNDATED_WON, *without_value(_NEW, "won new")),
)

GROWTH = Kpi(
    id="growth",
    name="Sales growth",
    what="By how much the bookings of the period are over those of the period before; to date, over its like part.",
    formula="(bookings - bookings of the previous period) / bookings of the previous period",
    measures={"won_value": WON_VALUE, "won_valued": WON_VALUED},
    value=Growth("won_value", records="won_valued"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "region", "product"),
    needs=BOOKED_INPUTS,
    names={
        "en": ("monthly sales growth",),
        "zh": ("销售额增长率", "月销售额增长"),
        "ja": ("売上成長率", "毎月の売上高の成長"),
        "ru": ("рост продаж",),
        "vi": ("tăng trưởng doanh thu", "tăng trưởng doanh thu hàng tháng"),
    },
    source="Paldesk, sales KPIs (monthly sales growth)",
    doubts=WON_DOUBTS,
)

_ATTAINED: Mapping[str, str] = {
    "money": "Bookings of the period against their target.",
    "deals": "Deals won in the period against their target.",
    "customers": "New customers of the period against their target.",
}


def _attainment(name: str, kpi: str) -> Variant:
    return Variant(
        name=name,
        what=_ATTAINED[name],
        formula=f"{kpi} / target on {kpi}",
        value=AgainstTarget(kpi),
        unit=Unit.PERCENT,
        needs=("targets",),
    )


ATTAINMENT = Kpi(
    id="attainment",
    name="Sales against target",
    what=_ATTAINED["money"],
    formula="bookings / target on bookings; pace: bookings / (target x elapsed / all business days of the period)",
    measures={},
    value=AgainstTarget("bookings"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team"),
    needs=("targets",),
    names={
        "en": ("quota attainment", "sales vs target"),
        "zh": ("目标完成率",),
        "ja": ("目標達成率", "目標達成"),
        "ru": ("выполнение плана",),
        "vi": ("tỷ lệ hoàn thành mục tiêu",),
    },
    source="Geckoboard, sales KPIs (quota attainment)",
    variants=(_attainment("deals", "deals"), _attainment("customers", "newcustomers")),
    default_variant="money",
)

KPIS: tuple[Kpi, ...] = (WINRATE, DEALS, BOOKINGS, ATTAINMENT, GROWTH, DEALSIZE, NEWDEALSIZE)
