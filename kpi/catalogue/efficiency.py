"""What growth costs: a new customer, and recurring revenue. Spend is nobody's: these are the company's alone."""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from kpi.catalogue.customers import KNOWN_CUSTOMERS, NEW_CUSTOMERS
from kpi.catalogue.recurring import MRR_AT_END, UNRATED_DURING
from kpi.evaluate import EXACT, NOT_APPLICABLE, Value, divide
from kpi.formulas import Derived, Number, Ratio, Read
from kpi.model import Better, Cadence, Doubt, Kpi, Measure, ScopeType, Unit, Variant
from kpi.periods import Grain
from kpi.spans import Span

_QUARTERS_PER_YEAR = 4

COMPANY_ALONE = (ScopeType.COMPANY,)


def _spend(expression: str) -> Measure:
    return Measure("spend_money", expression, dated_by="dated_at")


_SPEND = _spend("sum(value)")

UNRATED_SPEND = Doubt(
    _spend("count(*) filter (where value is null)"),
    one="1 expense has no exchange rate for {key} and is left out",
    text="{n} expenses have no exchange rate for {key} and are left out",
    by="currency",
)

_UNRATED_SPEND_BEFORE = Doubt(
    Measure("spend_money", "count(*) filter (where value is null and dated_at < $start)"),
    one="1 expense before the period has no exchange rate for {key} and is left out",
    text="{n} expenses before the period have no exchange rate for {key} and are left out",
    by="currency",
)

CAC = Kpi(
    id="cac",
    name="Customer acquisition cost",
    what="What sales and marketing cost in the period for each customer who came in it.",
    formula="spend on sales and marketing / new customers",
    measures={"spend": _SPEND, "new": NEW_CUSTOMERS},
    value=Ratio("spend", "new", records="new"),
    unit=Unit.MONEY,
    better=Better.DOWN,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment",),
    needs=("spend", *KNOWN_CUSTOMERS),
    names={
        "en": ("CAC",),
        "zh": ("客户获取成本", "获客成本"),
        "ja": ("顧客獲得コスト",),
        "ru": ("стоимость привлечения клиента",),
        "vi": ("chi phí thu hút khách hàng",),
    },
    source="Tech Sales Playbook, SaaS sales metrics (customer acquisition cost)",
    doubts=(UNRATED_SPEND,),
    scopes=COMPANY_ALONE,
)


def _sum(numbers: Iterable[Number]) -> Decimal:
    with localcontext(EXACT):
        return sum((Decimal(number) for number in numbers), Decimal(0))


def _recurring_revenue(quarter: Span, read: Read) -> Decimal:
    """The sum of its month-end MRRs."""
    return _sum(read("mrr", month) for month in quarter.months)


def _magic(quarters: int) -> Derived:
    """Held against the spend of so many quarters before."""

    def value(span: Span, read: Read) -> Value:
        if span.period.grain is not Grain.QUARTER or not span.is_whole:
            return Value(None, reason=NOT_APPLICABLE)
        before = [span.previous]
        while len(before) < quarters:
            before.append(before[-1].previous)
        growth = EXACT.subtract(_recurring_revenue(span, read), _recurring_revenue(span.previous, read))
        spent = _sum(read("spend", quarter) for quarter in before)
        expenses = sum(int(read("expenses", quarter)) for quarter in before)
        return divide(EXACT.multiply(growth, Decimal(_QUARTERS_PER_YEAR)), spent, expenses)

    return Derived(value)


MAGIC = Kpi(
    id="magic",
    name="Magic number",
    what="How much recurring revenue of a year the quarter added for each unit of money spent on sales and marketing "
    "in the quarter before. Under 0.75: look at the cost of acquisition again; 0.75 to 1: on track; over 1: room to "
    "spend more. For finished quarters only.",
    formula="(month-end MRRs of the quarter - those of the previous quarter) x 4 / spend of the previous quarter",
    measures={"mrr": MRR_AT_END, "spend": _SPEND, "expenses": _spend("count(value)")},
    value=_magic(1),
    unit=Unit.RATIO,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=(),
    needs=("subscriptions", "spend"),
    names={
        "en": ("SaaS magic number",),
        "zh": ("魔法数字", "神奇数字"),
        "ja": ("マジックナンバー",),
        "ru": ("магическое число", "«магическое число»"),
        "vi": ("chỉ số thần kỳ",),
    },
    source="Scale Venture Partners, the magic number; its bands as Wall Street Prep tells them",
    variants=(
        Variant(
            name="two_quarters",
            what="The same against what was spent in the two quarters before.",
            formula="(month-end MRRs of the quarter - those of the previous quarter) x 4 / spend of the two quarters "
            "before",
            value=_magic(2),
            unit=Unit.RATIO,
            needs=("subscriptions", "spend"),
        ),
    ),
    doubts=(UNRATED_DURING, _UNRATED_SPEND_BEFORE),
    scopes=COMPANY_ALONE,
    default_is_running=False,
)

KPIS = (CAC, MAGIC)
