"""What customers are worth, and how often that pays for winning them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi.catalogue.customers import (
    CUSTOMERS_AT_END,
    CUSTOMERS_AT_START,
    IGNORED_CHURN,
    KEPT_CUSTOMERS,
    KNOWN_LEAVERS,
    LOST_CUSTOMERS,
)
from kpi.catalogue.efficiency import CAC, COMPANY_ALONE, UNRATED_SPEND
from kpi.catalogue.products import MARGIN, WITHOUT_MARGIN, WON_MARGIN, WON_MARGIN_VALUE
from kpi.catalogue.recurring import MRR_AT_END, UNRATED_DURING
from kpi.catalogue.revenue import UNDATED_WON, WON_VALUE, closed
from kpi.evaluate import NOT_APPLICABLE, ZERO_DENOMINATOR, Value
from kpi.formulas import Derived, Read
from kpi.model import Better, Cadence, Combine, Doubt, Extra, Kpi, Measure, Unit, Variant
from kpi.spans import Span

Exact = Callable[[Span, Read], Fraction | None]  # a figure before it is rounded; None where it has no value


def _over(numerator: Fraction | None, denominator: Fraction | None) -> Fraction | None:
    return None if numerator is None or not denominator else numerator / denominator


def _product(*factors: Fraction | None) -> Fraction | None:
    product = Fraction(1)
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product


def _read_ratio(read: Read, numerator: str, denominator: str, span: Span) -> Fraction | None:
    return _over(Fraction(read(numerator, span)), Fraction(read(denominator, span)))


def _rounded(number: Fraction | None) -> Decimal | None:
    return None if number is None else Decimal(number.numerator) / Decimal(number.denominator)


def _margin(span: Span, read: Read) -> Fraction | None:
    return _read_ratio(read, "margin", "margin_value", span)


def _monthly_mrr(span: Span, read: Read) -> Fraction | None:
    """The MRR at the ends of the months / the customers at those ends."""
    mrr = sum((Fraction(read("mrr", month)) for month in span.months), Fraction(0))
    customers = sum((Fraction(read("at_end", month)) for month in span.months), Fraction(0))
    return _over(mrr, customers)


def _monthly_churn(span: Span, read: Read) -> Fraction | None:
    """The mean of the months' churn; a month that begins without customers has none."""
    shares = [_read_ratio(read, "lost", "at_start", month) for month in span.months]
    known = [share for share in shares if share is not None]
    return _over(sum(known, Fraction(0)), Fraction(len(known)))


def _revenue(span: Span, read: Read) -> Fraction | None:
    return _read_ratio(read, "won_value", "at_end", span)


def _retention(span: Span, read: Read) -> Fraction | None:
    return _read_ratio(read, "kept", "at_start", span)


def _profit(span: Span, read: Read) -> Fraction | None:
    return _read_ratio(read, "profit", "buyers", span.since_the_beginning())


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a customer is worth. ``by_months``: told only for periods that consist of calendar months."""

    exact: Exact
    by_months: bool = False

    def reason(self, span: Span) -> str:
        """Why there is no value, where there is none."""
        return NOT_APPLICABLE if self.by_months and not span.months else ZERO_DENOMINATOR


_BY_CHURN = _Worth(
    lambda span, read: _over(_product(_margin(span, read), _monthly_mrr(span, read)), _monthly_churn(span, read)),
    by_months=True,
)
_BY_PROFIT = _Worth(_profit)
_BY_RETENTION = _Worth(lambda span, read: _product(_margin(span, read), _revenue(span, read), _retention(span, read)))


def _ltv(worth: _Worth) -> Derived:
    def value(span: Span, read: Read) -> Value:
        ltv, customers = worth.exact(span, read), int(read("at_end", span))
        reason = worth.reason(span) if ltv is None else None
        return Value(_rounded(ltv), records=customers, reason=reason)

    return Derived(value)


def _ltvcac(worth: _Worth) -> Derived:
    def value(span: Span, read: Read) -> Value:
        ltv, customers = worth.exact(span, read), int(read("at_end", span))
        cac = _read_ratio(read, "spend", "new", span)
        times = _over(ltv, cac)
        reason = worth.reason(span) if times is None else None
        return Value(_rounded(times), _rounded(ltv), _rounded(cac), customers, reason)

    return Derived(value)


def _told(exact: Exact, unit: Unit) -> Extra:
    """A part of a figure, told beside it."""

    def value(span: Span, read: Read) -> Value:
        part = exact(span, read)
        return Value(_rounded(part), reason=ZERO_DENOMINATOR if part is None else None)

    return Extra(Derived(value), unit)


_WORTH_MEASURES = {
    "margin": WON_MARGIN,
    "margin_value": WON_MARGIN_VALUE,
    "won_value": WON_VALUE,
    "profit": closed("sum(margin_value - margin_cost) filter (where status = 'won' and account_id is not null)"),
    "buyers": Measure(
        "closed_deals",
        "count(distinct account_id) filter (where status = 'won' and margin_value is not null)",
        dated_by="closed_instant",
        combine=Combine.WHOLE,
    ),
    "mrr": MRR_AT_END,
    "at_start": CUSTOMERS_AT_START,
    "at_end": CUSTOMERS_AT_END,
    "kept": KEPT_CUSTOMERS,
    "lost": LOST_CUSTOMERS,
}

_CHURN_NEEDS = ("subscriptions", *MARGIN.needs, "accounts")
_PROFIT_NEEDS = (*MARGIN.needs, "deals.account_id", "accounts")
_RETENTION_NEEDS = (*MARGIN.needs, "deals.amount", *KNOWN_LEAVERS)

_WORTH_DOUBTS = (UNDATED_WON, *WITHOUT_MARGIN, UNRATED_DURING, *IGNORED_CHURN)

_RETENTION_DOUBTS = (UNDATED_WON, *WITHOUT_MARGIN, *IGNORED_CHURN)

_PROFIT_DOUBTS = (
    UNDATED_WON,
    Doubt(
        Measure(
            "closed_deals",
            "count(*) filter (where status = 'won' and closed_instant < $end and margin_value is null)",
        ),
        one="1 won deal of all time has no amount, no cost or no exchange rate and is left out",
        text="{n} won deals of all time have no amount, no cost or no exchange rate and are left out",
    ),
    Doubt(
        Measure(
            "closed_deals",
            "count(*) filter (where status = 'won' and closed_instant < $end and margin_value is not null "
            "and account_id is null)",
        ),
        one="1 won deal of all time has no known account and is left out",
        text="{n} won deals of all time have no known account and are left out",
    ),
)

LTV = Kpi(
    id="ltv",
    name="Customer lifetime value",
    what="What a customer brings before they leave, once its cost is paid: the monthly recurring revenue per customer, "
    "the gross margin of the period's won deals and the monthly churn, for months and what consists of them. Without "
    "subscriptions it is what customers have brought so far.",
    formula="gross margin x month-end MRRs / month-end customers / mean monthly churn of customers",
    measures=_WORTH_MEASURES,
    value=_ltv(_BY_CHURN),
    unit=Unit.MONEY,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment",),
    needs=_CHURN_NEEDS,
    names={
        "en": ("CLV", "lifetime value"),
        "zh": ("客户终身价值", "终身价值"),
        "ja": ("顧客生涯価値",),
        "ru": ("пожизненная ценность клиента",),
        "vi": ("giá trị vòng đời khách hàng",),
    },
    source="MetricKit, LTV guide (revenue per account x gross margin / churn rate, all by the month)",
    extras={
        "margin": _told(_margin, Unit.PERCENT),
        "mrr_per_customer": _told(_monthly_mrr, Unit.MONEY),
        "monthly_churn": _told(_monthly_churn, Unit.PERCENT),
    },
    variants=(
        Variant(
            name="profit",
            what="What the won deals of all time, up to the end of the period, have brought for each account that "
            "bought, less what they cost.",
            formula="(amount - cost) of the won deals with a known account / these accounts",
            value=_ltv(_BY_PROFIT),
            unit=Unit.MONEY,
            needs=_PROFIT_NEEDS,
            doubts=_PROFIT_DOUBTS,
            extras={},
        ),
        Variant(
            name="retention",
            what="What a customer brings in the period once its cost is paid, as far as customers stay.",
            formula="gross margin x bookings / customers at the end x customer retention",
            value=_ltv(_BY_RETENTION),
            unit=Unit.MONEY,
            needs=_RETENTION_NEEDS,
            doubts=_RETENTION_DOUBTS,
            extras={
                "margin": _told(_margin, Unit.PERCENT),
                "revenue_per_customer": _told(_revenue, Unit.MONEY),
                "retention": _told(_retention, Unit.PERCENT),
            },
        ),
    ),
    doubts=_WORTH_DOUBTS,
    default_variant="subscription",
    without=("subscriptions", "profit"),
    scopes=COMPANY_ALONE,
)

LTVCAC = Kpi(
    id="ltvcac",
    name="LTV to CAC",
    what="How many times a customer brings what it costs to win one.",
    formula="customer lifetime value / customer acquisition cost",
    measures={**_WORTH_MEASURES, **CAC.measures},
    value=_ltvcac(_BY_CHURN),
    unit=Unit.RATIO,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment",),
    needs=(*_CHURN_NEEDS, "spend"),
    names={
        "en": ("LTV/CAC",),
        "zh": ("LTV与CAC之比",),
        "ja": ("LTV/CAC比率",),
        "ru": ("отношение LTV к CAC",),
        "vi": ("tỷ lệ LTV trên CAC",),
    },
    source="Tech Sales Playbook, SaaS sales metrics (LTV to CAC)",
    variants=(
        Variant(
            name="profit",
            what="How many times customers have brought, cost deducted, what it costs to win one.",
            formula="ltv profit / customer acquisition cost",
            value=_ltvcac(_BY_PROFIT),
            unit=Unit.RATIO,
            needs=(*_PROFIT_NEEDS, "spend"),
            doubts=(*_PROFIT_DOUBTS, UNRATED_SPEND),
        ),
        Variant(
            name="retention",
            what="How many times a customer brings in the period, cost deducted and as far as customers stay, what it "
            "costs to win one.",
            formula="ltv retention / customer acquisition cost",
            value=_ltvcac(_BY_RETENTION),
            unit=Unit.RATIO,
            needs=(*_RETENTION_NEEDS, "spend"),
            doubts=(*_RETENTION_DOUBTS, UNRATED_SPEND),
        ),
    ),
    doubts=(*_WORTH_DOUBTS, UNRATED_SPEND),
    default_variant="subscription",
    without=("subscriptions", "profit"),
    scopes=COMPANY_ALONE,
)

KPIS = (LTV, LTVCAC)
