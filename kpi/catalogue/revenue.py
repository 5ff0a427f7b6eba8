"""What was closed: win rate, deals, bookings, their size, and how they stand against target."""

from collections.abc import Mapping

from kpi.formulas import AgainstTarget, Ratio, Total
from kpi.model import Better, Cadence, Doubt, Extra, Kpi, Measure, Unit, Variant

_DEAL_DIMENSIONS = ("rep", "team", "pipeline", "industry", "source", "segment", "product", "region", "type")

_CLOSED = ("deals", "deals.closed_at|deals.close_date")


def _closed(expression: str) -> Measure:
    return Measure("closed_deals", expression, dated_by="closed_instant")


WON = _closed("count(*) filter (where status = 'won')")
WON_VALUE = _closed("sum(value) filter (where status = 'won')")
WON_VALUED = _closed("count(value) filter (where status = 'won')")


def _undated(status: str) -> Doubt:
    return Doubt(
        Measure("undated_deals", f"count(*) filter (where status = '{status}')"),
        one=f"1 {status} deal is closed without a date and counts in no period",
        text=f"{{n}} {status} deals are closed without a date and count in no period",
    )


_UNDATED_WON, _UNDATED_LOST = _undated("won"), _undated("lost")


def _without_value(statuses: str, kind: str) -> tuple[Doubt, Doubt]:
    return (
        Doubt(
            _closed(f"count(*) filter (where status in ({statuses}) and not has_amount)"),
            one=f"1 {kind} deal has no amount and is left out",
            text=f"{{n}} {kind} deals have no amount and are left out",
        ),
        Doubt(
            _closed(f"count(*) filter (where status in ({statuses}) and has_amount and value is null)"),
            one="1 deal has no exchange rate for {key} and is left out",
            text="{n} deals have no exchange rate for {key} and are left out",
            by="currency",
        ),
    )


_WON_WITHOUT_VALUE = _without_value("'won'", "won")

WINRATE = Kpi(
    id="winrate",
    name="Win rate",
    what="Of the deals closed in the period, how many were won.",
    formula="won deals / (won + lost deals)",
    measures={
        "won": WON,
        "closed": _closed("count(*)"),
        "won_value": WON_VALUE,
        "closed_value": _closed("sum(value)"),
        "closed_valued": _closed("count(value)"),
    },
    value=Ratio("won", "closed", records="closed", counts=True),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=_DEAL_DIMENSIONS,
    needs=_CLOSED,
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
            needs=(*_CLOSED, "deals.amount"),
            doubts=_without_value("'won', 'lost'", "closed"),
        ),
    ),
    doubts=(_UNDATED_WON, _UNDATED_LOST),
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
    dimensions=_DEAL_DIMENSIONS,
    needs=_CLOSED,
    names={
        "en": ("deals won", "won deals"),
        "zh": ("赢单数",),
        "ja": ("受注件数", "成約件数"),
        "ru": ("выигранные сделки",),
        "vi": ("số giao dịch thành công",),
    },
    source="Zendesk, sales metrics (deals won)",
    doubts=(_UNDATED_WON,),
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
    dimensions=_DEAL_DIMENSIONS,
    needs=(*_CLOSED, "deals.amount"),
    names={
        "en": ("sales", "revenue"),
        "zh": ("签约额",),
        "ja": ("受注額",),
        "ru": ("объём заключённых сделок",),
        "vi": ("doanh số ký kết", "doanh số"),
    },
    source="Salesforce, sales KPIs (bookings)",
    extras={"deals": Extra(Total("deals", records="deals"), Unit.COUNT)},
    doubts=(_UNDATED_WON, *_WON_WITHOUT_VALUE),
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
    dimensions=_DEAL_DIMENSIONS,
    needs=(*_CLOSED, "deals.amount"),
    names={
        "en": ("average deal size", "deal size"),
        "zh": ("平均成交额",),
        "ja": ("平均受注単価",),
        "ru": ("средний чек",),
        "vi": ("giá trị đơn hàng trung bình",),
    },
    source="Zendesk, sales metrics (average purchase value)",
    doubts=(_UNDATED_WON, *_WON_WITHOUT_VALUE),
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
