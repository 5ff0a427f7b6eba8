"""What becomes of leads and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from tests.kpi.expected.activity import reaching_out
from tests.kpi.expected.ask import (
    Ask,
    Expected,
    as_of_day,
    asked,
    count,
    happened,
    mean,
    picked,
    ratio,
    told,
)
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.frames import Frame, Frames, keep, rows_of, total, with_column

_CAPACITY_DAYS = 90
_DAY = timedelta(days=1)


# Counts


def newleads(frames: Frames, ask: Ask) -> Expected:
    return count(len(asked(frames, ask, frames.leads, "created_at")))


def newopps(frames: Frames, ask: Ask) -> Expected:
    """Closed deals are worth what they were at their closing, all others what they are today."""
    created = asked(frames, ask, frames.deals, "created_at")
    today = frames.local_day(ask.now)
    worth = [
        deal["value"] if deal["closed_instant"] else frames.money(deal["amount"], deal["currency"], today)
        for deal in rows_of(created)
    ]
    return count(len(created), {"amount": told(total(value for value in worth if value is not None))})


def mqls(frames: Frames, ask: Ask) -> Expected:
    return count(len(asked(frames, ask, frames.leads, "mql_at")))


# From one step to the next


def _cohort(first: str, then: str) -> Callable[[Frames, Ask], Expected]:
    """Of the leads that took the first step in the period, those that have taken the other one by now."""

    def share(frames: Frames, ask: Ask) -> Expected:
        leads = asked(frames, ask, frames.leads, first)
        converted = keep(leads, then, lambda at: at is not None and at < ask.seen)
        return ratio(len(converted), len(leads), len(leads))

    return share


def _both_in_period(first: str, then: str) -> Callable[[Frames, Ask], Expected]:
    """The leads that took one step in the period by those that took the other in it."""

    def share(frames: Frames, ask: Ask) -> Expected:
        leads = asked(frames, ask, frames.leads, first)
        return ratio(len(asked(frames, ask, frames.leads, then)), len(leads), len(leads))

    return share


def lead2sale(frames: Frames, ask: Ask) -> Expected:
    won = keep(frames.deals, "status", lambda status: status == "won")
    leads = asked(frames, ask, frames.leads, "created_at")
    return ratio(len(asked(frames, ask, won, "closed_instant")), len(leads), len(leads))


# How long


def _days(spans: Sequence[timedelta]) -> list[Fraction]:
    """In days of 24 hours; negative ones are errors of the data and left out."""
    return [
        Fraction(span // timedelta(microseconds=1), _DAY // timedelta(microseconds=1))
        for span in spans
        if span >= timedelta(0)
    ]


def conversiontime(frames: Frames, ask: Ask) -> Expected:
    won = rows_of(asked(frames, ask, frames.leads, "won_instant"))
    return mean(_days([lead["won_instant"] - lead["created_at"] for lead in won]))


def conversiontime_contact(frames: Frames, ask: Ask) -> Expected:
    won = rows_of(asked(frames, ask, frames.leads, "won_instant"))
    contacted = _first_contacts(frames)
    return mean(_days([lead["won_instant"] - contacted[lead["id"]] for lead in won if lead["id"] in contacted]))


@cache
def _first_contacts(frames: Frames) -> dict[str, datetime]:
    """When anyone reached out to each lead first."""
    return {str(lead): touches["at"].min() for lead, touches in reaching_out(frames).groupby("lead_id")}


# Cost and capacity


@cache
def _spend(frames: Frames) -> Frame:
    """Spend with its instant, its worth in the company's currency, its campaign and that one's channel."""
    spend = with_column(frames.table("spend"), "at", lambda row: frames.wall.midnight(row["date"]))
    spend = with_column(spend, "value", lambda row: frames.money(row["amount"], row["currency"], row["date"]))
    spend = with_column(spend, "campaign", lambda row: row["campaign_id"])
    return with_column(spend, "channel", lambda row: frames.of("campaigns", row["campaign_id"], "channel"))


def _cost_per_lead(frames: Frames, ask: Ask, spend: Frame) -> Expected:
    leads = asked(frames, ask, frames.leads, "created_at")
    spent = picked(ask, happened(frames, ask, spend, "at"))
    return ratio(total(value for value in spent["value"] if value is not None), len(leads), len(leads))


def cpl(frames: Frames, ask: Ask) -> Expected:
    return _cost_per_lead(frames, ask, keep(_spend(frames), "campaign_id", bool))


def cpl_full(frames: Frames, ask: Ask) -> Expected:
    return _cost_per_lead(frames, ask, keep(_spend(frames), "category", lambda category: category == "marketing"))


def bdrcapacity(frames: Frames, ask: Ask) -> Expected:
    """The best day of any one BDR of late, every business day, for each of them."""
    bdrs, as_of = frames.active_reps(ask.members, "bdr"), as_of_day(frames, ask)
    qualified = keep(frames.leads, "mql_at", lambda at: at is not None and at < ask.until)
    days = [
        (lead["rep"], day)
        for lead in rows_of(keep(qualified, "rep", lambda rep: rep in bdrs))
        if as_of - _CAPACITY_DAYS * _DAY < (day := frames.local_day(lead["mql_at"])) <= as_of
    ]
    a_day = max((days.count(each) for each in days), default=0) * len(bdrs)
    so_far = a_day * frames.business_days(ask.days[0], as_of)
    to_date = mqls(frames, ask).records
    extras = {"mqls": Decimal(to_date), "utilisation": quotient(to_date, so_far) if so_far else None}
    return Expected(Decimal(a_day * frames.business_days(*ask.days)), records=to_date, extras=extras)


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "newleads": newleads,
    "newopps": newopps,
    "mqls": mqls,
    "mql2sql": _cohort("mql_at", "sql_at"),
    "mql2sql period": _both_in_period("mql_at", "sql_at"),
    "sql2won": _cohort("sql_at", "won_instant"),
    "sql2won period": _both_in_period("sql_at", "won_instant"),
    "lead2opp": _cohort("created_at", "opportunity_instant"),
    "lead2opp period": _both_in_period("created_at", "opportunity_instant"),
    "lead2sale": lead2sale,
    "lead2sale cohort": _cohort("created_at", "won_instant"),
    "conversiontime": conversiontime,
    "conversiontime contact": conversiontime_contact,
    "cpl": cpl,
    "cpl full": cpl_full,
    "bdrcapacity": bdrcapacity,
}

_WON = "leads.won_at|deals.closed_at|deals.close_date"

NEEDS: Mapping[str, tuple[str, ...]] = {
    "newleads": ("leads",),
    "newopps": ("deals",),
    "mqls": ("leads", "leads.mql_at"),
    "mql2sql": ("leads", "leads.mql_at", "leads.sql_at"),
    "mql2sql period": ("leads", "leads.mql_at", "leads.sql_at"),
    "sql2won": ("leads", "leads.sql_at", _WON),
    "sql2won period": ("leads", "leads.sql_at", _WON),
    "lead2opp": ("leads", "leads.opportunity_at|deals"),
    "lead2opp period": ("leads", "leads.opportunity_at|deals"),
    "lead2sale": ("leads", "deals", "deals.closed_at|deals.close_date"),
    "lead2sale cohort": ("leads", _WON),
    "conversiontime": ("leads", _WON),
    "conversiontime contact": ("leads", _WON, "activities"),
    "cpl": ("spend", "spend.campaign_id", "leads"),
    "cpl full": ("spend", "leads"),
    "bdrcapacity": ("owners", "leads", "leads.mql_at"),
}
