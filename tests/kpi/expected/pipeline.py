"""What is still open, and how much of what is offered is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from kpi.model import ScopeType
from tests.kpi.expected.ask import (
    NOT_APPLICABLE,
    Ask,
    Expected,
    Extras,
    as_of_day,
    asked,
    picked,
    ratio,
    sum_of,
    theirs,
    told,
)
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.frames import Frame, Frames, keep, rows_of, total, with_column
from tests.kpi.expected.records import Row
from tests.kpi.expected.revenue import DATED_DEALS, by_deal, valued, won, worth

_PEAK_DAYS = 90


class State(NamedTuple):
    """What a deal was like at some time. None: unknown."""

    status: str
    stage: str | None = None
    amount: Fraction | None = None
    probability: Fraction | None = None


# Open deals


def state_now(deal: Row, now: datetime) -> State | None:
    """The deal as its table has it; None before it is created."""
    return _own_state(deal) if deal["created_at"] < now else None


def state_before(frames: Frames, deal: Row, instant: datetime) -> State | None:
    """What the last stage change or the closing before an instant made of a deal; None where it was not there."""
    is_open, changes = deal["status"] == "open", by_deal(frames, "stage_changes").get(deal["id"], [])
    if is_open and not changes:
        return state_now(deal, instant)
    if not is_open and deal["closed_instant"] is None:
        return None
    events = [(change["at"], False, change["_row"], _state_of(change)) for change in changes]
    if not is_open:
        events.append((deal["closed_instant"], True, 0, State(deal["status"])))
    past = [event for event in events if event[0] < instant]
    if past:
        state = max(past, key=lambda event: event[:3])[3]
        return state._replace(amount=_fraction(deal["amount"]) if state.amount is None else state.amount)
    return State("open", amount=_fraction(deal["amount"])) if deal["created_at"] < instant else None


def _own_state(deal: Row) -> State:
    return State(deal["status"], deal["stage"], _fraction(deal["amount"]), _fraction(deal["probability"]))


def _state_of(change: Row) -> State:
    told_by_probability = {0: "lost", 1: "won"}.get(change["probability"], "open")
    status = change["status"] or told_by_probability
    return State(status, change["stage"], _fraction(change["amount"]), _fraction(change["probability"]))


def _fraction(number: Any) -> Fraction | None:
    return None if number is None else Fraction(number)


def open_deals(frames: Frames, ask: Ask) -> Frame:
    """The deals open at the end of P (now, where it is under way), with their ``stage`` and ``probability`` of that time
    and their ``value`` at the rate of that day."""
    day = as_of_day(frames, ask)

    def state_of(deal: Row) -> State | None:
        return state_now(deal, ask.now) if ask.running else state_before(frames, deal, ask.until)

    deals = with_column(frames.deals, "state", state_of)
    deals = keep(deals, "state", lambda state: state is not None and state.status == "open")
    deals = with_column(deals, "stage", lambda deal: deal["state"].stage)
    deals = with_column(deals, "probability", lambda deal: deal["state"].probability)
    deals = with_column(deals, "value", lambda deal: frames.money(deal["state"].amount, deal["currency"], day))
    return picked(ask, theirs(ask, deals))


def _pipeline(frames: Frames, ask: Ask) -> Expected:
    deals = open_deals(frames, ask)
    return sum_of(worth(deals), len(valued(deals)), {"deals": told(len(deals))})


def _weighted(frames: Frames, ask: Ask) -> Expected:
    deals = open_deals(frames, ask)
    likely = keep(valued(deals), "probability", lambda probability: probability is not None)
    weighed = total(deal["value"] * deal["probability"] for deal in rows_of(likely))
    return sum_of(weighed, len(likely), {"deals": told(len(deals))})


# Quotes


@cache
def _quotes(frames: Frames) -> Frame:
    """Quotes with ``rep``: whose deal it is, where that is known, else whose quote it is."""
    deals = {deal["id"]: deal for deal in rows_of(frames.deals)}
    quotes = with_column(frames.table("quotes"), "deal", lambda quote: deals.get(quote["deal_id"]))
    return with_column(
        quotes, "rep", lambda quote: quote["deal"]["rep"] if quote["deal"] else frames.rep_of(quote["owner_id"])
    )


def _quotetoclose(frames: Frames, ask: Ask) -> Expected:
    sent = asked(frames, ask, _quotes(frames), "sent_at")
    return ratio(len(won(frames, ask)), len(sent), len(sent))


def _quotetoclose_cohort(frames: Frames, ask: Ask) -> Expected:
    quoted = {quote["deal_id"]: quote["deal"] for quote in rows_of(asked(frames, ask, _quotes(frames), "sent_at"))}
    deals = [deal for deal in quoted.values() if deal]
    by_now = [deal for deal in deals if _is_won_before(deal, ask.seen)]
    return ratio(len(by_now), len(deals), len(deals))


def _is_won_before(deal: Row, instant: datetime) -> bool:
    return deal["status"] == "won" and deal["closed_instant"] is not None and deal["closed_instant"] < instant


# Capacity


def _aecapacity(frames: Frames, ask: Ask) -> Expected:
    if ask.scope_type is ScopeType.REP:
        return NOT_APPLICABLE
    today, reps = as_of_day(frames, ask), frames.active_reps(ask.members, "ae")
    days = [today - timedelta(days=n) for n in range(_PEAK_DAYS)]
    closings = [
        (deal["rep"], frames.local_day(deal["closed_instant"]))
        for deal in rows_of(frames.deals)
        if deal["rep"] in reps and _is_won_before(deal, ask.until)
    ]
    recent = Counter(closing for closing in closings if closing[1] in days)
    a_day = max(recent.values(), default=0) * len(reps)
    done = len(won(frames, ask))
    possible = a_day * frames.business_days(ask.days[0], today)
    extras: Extras = {"deals": told(done), "utilisation": quotient(done, possible) if possible else None}
    return sum_of(Fraction(a_day * frames.business_days(*ask.days)), done, extras)


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "pipeline": _pipeline,
    "weighted": _weighted,
    "quotetoclose": _quotetoclose,
    "quotetoclose cohort": _quotetoclose_cohort,
    "aecapacity": _aecapacity,
}

NEEDS: Mapping[str, tuple[str, ...]] = {
    "pipeline": ("deals", "deals.amount"),
    "weighted": ("deals", "deals.amount", "deals.probability|stage_changes.probability"),
    "quotetoclose": ("quotes", *DATED_DEALS),
    "quotetoclose cohort": ("quotes", *DATED_DEALS),
    "aecapacity": ("owners", *DATED_DEALS),
}
