"""Who buys, who stays, who leaves, and how much they are looked after."""

from decimal import Decimal

from kpi.evaluate import ZERO_DENOMINATOR, Value
from kpi.formulas import Derived, Ratio, Read, Total
from kpi.model import Better, Cadence, Doubt, HeldAt, Kpi, Measure, Unit
from kpi.spans import Span

_US_PER_MONTH = 2_629_800_000_000  # 30.4375 days, the mean month of four years

KNOWN_CUSTOMERS = ("accounts", "accounts.customer_since|deals|subscriptions")
# Where nothing tells who left, nobody can say how many stayed.
KNOWN_LEAVERS = (*KNOWN_CUSTOMERS, "accounts.churned_at|subscriptions")


def _customers(expression: str, held_at: HeldAt) -> Measure:
    return Measure("customer_intervals", expression, held_at=held_at)


NEW_CUSTOMERS = Measure("customer_intervals", "count(*)", dated_by="from_at")
CUSTOMERS_AT_START = _customers("count(*)", HeldAt.START)
CUSTOMERS_AT_END = _customers("count(*)", HeldAt.END)
KEPT_CUSTOMERS = _customers("count(*) filter (where until_at >= $end)", HeldAt.START)
LOST_CUSTOMERS = _customers("count(*) filter (where until_at < $end)", HeldAt.START)

IGNORED_CHURN = (
    Doubt(
        _customers("count(*) filter (where is_churn_too_early)", HeldAt.START),
        one="1 customer has a churn date that is not after its beginning and is ignored",
        text="{n} customers have a churn date that is not after their beginning and is ignored",
    ),
    Doubt(
        _customers("count(*) filter (where has_come_back)", HeldAt.START),
        one="1 customer has a subscription that lasts beyond its churn date, which is ignored",
        text="{n} customers have a subscription that lasts beyond their churn date, which is ignored",
    ),
)

NEWCUSTOMERS = Kpi(
    id="newcustomers",
    name="New customers",
    what="Accounts that became customers in the period: by their customer date, else by the earlier of their first won "
    "deal and first subscription.",
    formula="number of accounts whose customer relationship begins in the period",
    measures={"new": NEW_CUSTOMERS},
    value=Total("new", records="new"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment", "rep", "team", "region", "industry"),
    needs=KNOWN_CUSTOMERS,
    names={
        "en": (),
        "zh": ("新增客户数",),
        "ja": ("新規顧客数",),
        "ru": ("новые клиенты",),
        "vi": ("số khách hàng mới",),
    },
    source="Zendesk, sales metrics (new customers)",
    doubts=(
        Doubt(
            Measure(
                "closed_deals",
                "count(*) filter (where status = 'won' and account_id is null)",
                dated_by="closed_instant",
            ),
            one="1 won deal has no known account and makes no customer",
            text="{n} won deals have no known account and make no customers",
        ),
        Doubt(
            Measure("mrr_spans", "count(*) filter (where ends_after_start and not has_account)", dated_by="from_at"),
            one="1 subscription has no known account and makes no customer",
            text="{n} subscriptions have no known account and make no customers",
        ),
    ),
)

RETENTION = Kpi(
    id="retention",
    name="Customer retention",
    what="Of those who were customers as the period began, how many still are at its end, or now. Who came and left "
    "within the period does not count.",
    formula="customers at the start who are still customers at the end / customers at the start",
    measures={"kept": KEPT_CUSTOMERS, "at_start": CUSTOMERS_AT_START},
    value=Ratio("kept", "at_start", records="at_start", counts=True),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment", "rep", "team"),
    needs=KNOWN_LEAVERS,
    names={
        "en": ("retention rate",),
        "zh": ("客户留存率", "留存率"),
        "ja": ("顧客維持率",),
        "ru": ("удержание клиентов",),
        "vi": ("tỷ lệ giữ chân khách hàng",),
    },
    source="HubSpot, glossary (retention rate)",
    doubts=IGNORED_CHURN,
)

CHURN = Kpi(
    id="churn",
    name="Customer churn",
    what="Of those who were customers as the period began, how many have left by its end, or by now.",
    formula="customers at the start who leave in the period / customers at the start",
    measures={"lost": LOST_CUSTOMERS, "at_start": CUSTOMERS_AT_START},
    value=Ratio("lost", "at_start", records="at_start", counts=True),
    unit=Unit.PERCENT,
    better=Better.DOWN,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment", "rep", "team"),
    needs=KNOWN_LEAVERS,
    names={
        "en": ("churn rate",),
        "zh": ("客户流失率", "流失率"),
        "ja": ("顧客解約率", "チャーンレート"),
        "ru": ("отток клиентов",),
        "vi": ("tỷ lệ khách hàng rời bỏ",),
    },
    source="HubSpot, customer retention metrics (customer churn rate)",
    doubts=IGNORED_CHURN,
)


def _engagement(span: Span, read: Read) -> Value:
    """Interactions / mean months of the relationship, divided once; the mean that is told is rounded."""
    interactions, customers = int(read("interactions", span)), int(read("at_start", span))
    together_us = int(read("together_us", span))
    if not together_us:
        return Value(None, Decimal(interactions), Decimal(0), customers, ZERO_DENOMINATOR)
    customer_months_us = customers * _US_PER_MONTH
    return Value(
        Decimal(interactions * customer_months_us) / Decimal(together_us),
        Decimal(interactions),
        Decimal(together_us) / Decimal(customer_months_us),
        customers,
    )


ENGAGEMENT = Kpi(
    id="engagement",
    name="Existing-customer engagement",
    what="How often there was contact in the period, of any kind and in either direction, with those who were "
    "customers as it began, for every month that they have been customers on average.",
    formula="interactions with the customers at the start / mean length of their relationship in months",
    measures={
        "interactions": Measure("account_activities", "count(*)", dated_by="at", held_at=HeldAt.START),
        "at_start": CUSTOMERS_AT_START,
        "together_us": _customers("sum(epoch_us(least(until_at, $end)) - epoch_us(from_at))", HeldAt.START),
    },
    value=Derived(_engagement),
    unit=Unit.RATIO,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "segment"),
    needs=("activities", *KNOWN_CUSTOMERS),
    names={
        "en": ("customer engagement",),
        "zh": ("现有客户参与度",),
        "ja": ("既存顧客エンゲージメント",),
        "ru": ("вовлечённость клиентов",),
        "vi": ("mức độ tương tác khách hàng hiện có",),
    },
    source="Scoreline's own: contacts held against how long customers have stayed",
    doubts=IGNORED_CHURN,
)

KPIS = (NEWCUSTOMERS, RETENTION, CHURN, ENGAGEMENT)
