"""What was sold and how: product performance, margin, contact methods."""

from kpi.catalogue.revenue import BOOKED_INPUTS, CLOSED_INPUTS, UNDATED_WON, WON_DOUBTS, WON_VALUE, WON_VALUED, closed
from kpi.formulas import Before, Ratio, Total
from kpi.model import Better, Cadence, Doubt, Extra, Kpi, Measure, Unit

WON_MARGIN = closed("sum(margin_value - margin_cost) filter (where status = 'won')")
WON_MARGIN_VALUE = closed("sum(margin_value) filter (where status = 'won')")
WON_MARGIN_VALUED = closed("count(margin_value) filter (where status = 'won')")

WITHOUT_MARGIN = (
    Doubt(
        closed("count(*) filter (where status = 'won' and not has_margin)"),
        one="1 won deal has no amount or no cost and is left out",
        text="{n} won deals have no amount or no cost and are left out",
    ),
    Doubt(
        closed("count(*) filter (where status = 'won' and has_margin and margin_value is null)"),
        one="1 deal has no exchange rate for {key} and is left out",
        text="{n} deals have no exchange rate for {key} and are left out",
        by="currency",
    ),
)

MARGIN = Kpi(
    id="margin",
    name="Average profit margin",
    what="What the deals won in the period leave of their amount once their cost is paid. Both come from the line "
    "items where every one has an amount and a cost, else from the deal.",
    formula="(amount - cost) / amount of the won deals that have a cost",
    measures={"margin": WON_MARGIN, "value": WON_MARGIN_VALUE, "valued": WON_MARGIN_VALUED},
    value=Ratio("margin", "value", records="valued"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "product"),
    needs=(*CLOSED_INPUTS, "deals.amount|line_items.amount", "deals.cost|line_items.cost"),
    names={
        "en": (),
        "zh": ("平均利润率",),
        "ja": ("平均利益率",),
        "ru": ("средняя маржа",),
        "vi": ("tỷ suất lợi nhuận trung bình",),
    },
    source="datapine, sales KPIs (profit margin per sales rep)",
    doubts=(UNDATED_WON, *WITHOUT_MARGIN),
)


def _sold(expression: str) -> Measure:
    return Measure("sold_products", expression, dated_by="closed_instant")


_SALES = Total("value", records="valued")

PRODUCTS = Kpi(
    id="products",
    name="Product performance",
    what="What each product brought in: the line items of the deals won in the period; a deal without any is one unit "
    "of its own product.",
    formula="sum of the amounts of the line items of the won deals",
    measures={"value": _sold("sum(value)"), "valued": _sold("count(value)"), "units": _sold("sum(quantity)")},
    value=_SALES,
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("product", "family"),
    needs=(*CLOSED_INPUTS, "deals.amount|line_items.amount"),
    names={
        "en": (),
        "zh": ("产品业绩",),
        "ja": ("製品別実績",),
        "ru": ("продажи по продуктам",),
        "vi": ("hiệu suất sản phẩm",),
    },
    source="Klipfolio, sales KPIs (product performance)",
    extras={
        "units": Extra(Total("units", records="valued"), Unit.COUNT),
        "share": Extra(Ratio("value", "value", records="valued", of_whole=True), Unit.PERCENT),
        "previous": Extra(Before(_SALES), Unit.MONEY),
    },
    line_extras=("units", "share", "previous"),
    doubts=(
        UNDATED_WON,
        Doubt(
            _sold("count(*) filter (where not has_amount)"),
            one="1 line has no amount and is left out",
            text="{n} lines have no amount and are left out",
        ),
        Doubt(
            _sold("count(*) filter (where has_amount and value is null)"),
            one="1 line has no exchange rate for {key} and is left out",
            text="{n} lines have no exchange rate for {key} and are left out",
            by="currency",
        ),
    ),
)

CHANNELS = Kpi(
    id="channels",
    name="Sales by contact method",
    what="Which part of the amount won in the period each contact method brought in.",
    formula="amount won by the contact method / all that was won",
    measures={"won_value": WON_VALUE, "won_valued": WON_VALUED},
    value=Ratio("won_value", "won_value", records="won_valued", of_whole=True),
    unit=Unit.PERCENT,
    better=Better.NONE,
    cadence=Cadence.MONTHLY,
    dimensions=("contact_method",),
    needs=(*BOOKED_INPUTS, "deals.contact_method"),
    names={
        "en": (),
        "zh": ("按联系方式销售",),
        "ja": ("コンタクト手段別売上",),
        "ru": ("продажи по каналам связи",),
        "vi": ("doanh thu theo phương thức liên lạc",),
    },
    source="Profit.co, sales KPIs (sales by contact method)",
    doubts=WON_DOUBTS,
)

KPIS: tuple[Kpi, ...] = (MARGIN, PRODUCTS, CHANNELS)
