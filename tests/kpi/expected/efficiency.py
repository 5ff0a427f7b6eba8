"""What customers cost, what they are worth, and the one in terms of the other: figures of the company alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import cache, partial

from kpi.model import ScopeType
from tests.kpi.expected.ask import NOT_APPLICABLE, Ask, Expected, happened, picked, ratio
from tests.kpi.expected.customers import (
    CUSTOMERS,
    LEAVERS,
    SUBSCRIPTIONS,
    customers_at_end,
    customers_at_start,
    lost_customers,
    mrr_before,
    new_customers,
)
from tests.kpi.expected.days import Days
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.frames import Frame, Frames, only, total, with_column
from tests.kpi.expected.revenue import COSTED_DEALS, bookings_of, costed_deals, costed_in, valued, worth

_DAY = timedelta(days=1)


class _NoValueError(Exception):
    """Carries the reason."""


def _divided(numerator: Fraction | int, denominator: Fraction | int) -> Fraction:
    if denominator == 0:
        raise _NoValueError("zero_denominator")
    return Fraction(numerator) / Fraction(denominator)


def _months(days: Days) -> list[Days]:
    """The calendar months that the days consist of."""
    first, last = days
    if first.day != 1 or (last + _DAY).day != 1:
        raise _NoValueError("not_applicable")
    months = []
    while first <= last:
        next_first = (first.replace(day=28) + 4 * _DAY).replace(day=1)
        months.append((first, next_first - _DAY))
        first = next_first
    return months


# Cost


@cache
def _spend(frames: Frames) -> Frame:
    """Spend with ``at``, the midnight of its date, and ``value``, at the rate of that day."""
    rows = with_column(frames.table("spend"), "at", lambda row: frames.wall.midnight(row["date"]))
    return with_column(rows, "value", lambda row: frames.money(row["amount"], row["currency"], row["date"]))


def _spent(frames: Frames, ask: Ask) -> Frame:
    return valued(picked(ask, happened(frames, ask, _spend(frames), "at")))


def _cost(frames: Frames, ask: Ask) -> Fraction:
    return _divided(worth(_spent(frames, ask)), len(new_customers(frames, ask)))


def _cac(frames: Frames, ask: Ask) -> Expected:
    if ask.scope_type is not ScopeType.COMPANY:
        return NOT_APPLICABLE
    new = len(new_customers(frames, ask))
    return ratio(worth(_spent(frames, ask)), new, new)


# Worth


def _margin(frames: Frames, ask: Ask) -> Fraction:
    deals = costed_in(frames, ask)
    return _divided(total(deals["margin_amount"]) - total(deals["margin_cost"]), total(deals["margin_amount"]))


def _worth_by_churn(frames: Frames, ask: Ask) -> Fraction:
    """Margin x MRR of a customer / churn a month."""
    months = [
        replace(ask, days=month, until=min(frames.wall.end(month), ask.until))
        for month in _months(ask.days)
        if frames.wall.start(month) <= ask.until
    ]
    mrr = total(worth(mrr_before(frames, month, month.until)) for month in months)
    customers = sum(len(customers_at_end(frames, month)) for month in months)
    churns = [
        Fraction(len(lost_customers(frames, month)), len(customers_at_start(frames, month)))
        for month in months
        if len(customers_at_start(frames, month))
    ]
    churn = _divided(total(churns), len(churns))
    return _divided(_margin(frames, ask) * _divided(mrr, customers), churn)


def _worth_by_profit(frames: Frames, ask: Ask) -> Fraction:
    """(Amount - cost) of all won deals of known accounts up to the end of P / those accounts."""
    deals = only(
        picked(ask, costed_deals(frames)),
        lambda deal: deal["closed_instant"] < ask.until and frames.of("accounts", deal["account_id"], "id") is not None,
    )
    return _divided(total(deals["margin_amount"]) - total(deals["margin_cost"]), len(set(deals["account_id"])))


def _worth_by_retention(frames: Frames, ask: Ask) -> Fraction:
    """Margin x bookings of a customer x retention."""
    at_start, lost = len(customers_at_start(frames, ask)), len(lost_customers(frames, ask))
    revenue = _divided(bookings_of(frames, ask), len(customers_at_end(frames, ask)))
    return _margin(frames, ask) * revenue * _divided(at_start - lost, at_start)


def _worth(frames: Frames, ask: Ask) -> Fraction:
    worth_of = _worth_by_churn if frames.supplied("subscriptions") else _worth_by_profit
    return worth_of(frames, ask)


Worth = Callable[[Frames, Ask], Fraction]


def _ltv(frames: Frames, ask: Ask, worth_of: Worth) -> Expected:
    if ask.scope_type is not ScopeType.COMPANY:
        return NOT_APPLICABLE
    records = len(customers_at_end(frames, ask))
    try:
        return Expected(quotient(worth_of(frames, ask), 1), records=records)
    except _NoValueError as reason:
        return Expected(None, records=records, reason=str(reason))


def _ltvcac(frames: Frames, ask: Ask, worth_of: Worth) -> Expected:
    if ask.scope_type is not ScopeType.COMPANY:
        return NOT_APPLICABLE
    ltv, cac = _ltv(frames, ask, worth_of), _cac(frames, ask)
    try:
        value = quotient(_divided(worth_of(frames, ask), _cost(frames, ask)), 1)
    except _NoValueError as reason:
        return Expected(None, ltv.value, cac.value, ltv.records, str(reason))
    return Expected(value, ltv.value, cac.value, ltv.records)


# Growth for money spent


def _magic(frames: Frames, ask: Ask, *, quarters: int) -> Expected:
    """What a finished quarter's recurring revenue grew by x 4 / what was spent in so many quarters before it."""
    is_finished_quarter = "-Q" in ask.key and ask.until >= frames.wall.end(ask.days)
    if ask.scope_type is not ScopeType.COMPANY or not is_finished_quarter:
        return NOT_APPLICABLE
    before = frames.wall.before(ask.key, ask.days)
    since = before if quarters == 1 else frames.wall.before(ask.key, before)
    spent = _spent(frames, replace(ask, days=(since[0], before[1]), until=frames.wall.end(before)))
    growth = _recurring_revenue(frames, ask, ask.days) - _recurring_revenue(frames, ask, before)
    return ratio(growth * 4, worth(spent), len(spent))


def _recurring_revenue(frames: Frames, ask: Ask, quarter: Days) -> Fraction:
    """The sum of its month-end MRRs."""
    return total(worth(mrr_before(frames, ask, frames.wall.end(month))) for month in _months(quarter))


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "cac": _cac,
    "ltv": partial(_ltv, worth_of=_worth),
    "ltv profit": partial(_ltv, worth_of=_worth_by_profit),
    "ltv retention": partial(_ltv, worth_of=_worth_by_retention),
    "ltvcac": partial(_ltvcac, worth_of=_worth),
    "ltvcac profit": partial(_ltvcac, worth_of=_worth_by_profit),
    "ltvcac retention": partial(_ltvcac, worth_of=_worth_by_retention),
    "magic": partial(_magic, quarters=1),
    "magic two_quarters": partial(_magic, quarters=2),
}

_WORTH = (*SUBSCRIPTIONS, *COSTED_DEALS, "accounts")
_WORTH_BY_PROFIT = (*COSTED_DEALS, "deals.account_id", "accounts")
_WORTH_BY_RETENTION = (*COSTED_DEALS, "deals.amount", *LEAVERS)

NEEDS: Mapping[str, tuple[str, ...]] = {
    "cac": ("spend", *CUSTOMERS),
    "ltv": _WORTH,
    "ltv profit": _WORTH_BY_PROFIT,
    "ltv retention": _WORTH_BY_RETENTION,
    "ltvcac": (*_WORTH, "spend"),
    "ltvcac profit": (*_WORTH_BY_PROFIT, "spend"),
    "ltvcac retention": (*_WORTH_BY_RETENTION, "spend"),
    "magic": (*SUBSCRIPTIONS, "spend"),
    "magic two_quarters": (*SUBSCRIPTIONS, "spend"),
}
