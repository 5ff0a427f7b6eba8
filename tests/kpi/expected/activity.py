"""What reps do, and how soon leads are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.kpi.expected.ask import (
    Ask,
    Expected,
    Extras,
    asked,
    count,
    mean,
    median,
    ratio,
    told,
)
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.frames import Frame, Frames, keep, rows_of, with_column
from tests.kpi.expected.records import Row

_REACHING_OUT = ("call", "email", "chat")
_GAINED_WITHIN = timedelta(days=30)  # of 24 hours each
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


# Which activities count


@cache
def _done(frames: Frames) -> Frame:
    return keep(frames.activities, "done", bool)


@cache
def _outbound(frames: Frames) -> Frame:
    return keep(_done(frames), "direction", lambda direction: direction == "outbound")


@cache
def reaching_out(frames: Frames) -> Frame:
    """Done outbound calls, emails and chats with a lead, with ``channel`` and the lead's ``source``."""
    touches = keep(_outbound(frames), "type", lambda kind: kind in _REACHING_OUT)
    touches = with_column(keep(touches, "lead_id", bool), "channel", lambda touch: touch["type"])
    return with_column(touches, "source", lambda touch: frames.of("leads", touch["lead_id"], "source"))


def _calls_of(frames: Frames, ask: Ask) -> Frame:
    return asked(frames, ask, keep(_done(frames), "type", lambda kind: kind == "call"), "at")


def _emails_of(frames: Frames, ask: Ask) -> Frame:
    return asked(frames, ask, keep(_outbound(frames), "type", lambda kind: kind == "email"), "at")


# Totals


def contacts(frames: Frames, ask: Ask) -> Expected:
    return count(asked(frames, ask, reaching_out(frames), "at")["lead_id"].nunique())


def activities(frames: Frames, ask: Ask) -> Expected:
    return count(len(asked(frames, ask, _done(frames), "at")))


def calls(frames: Frames, ask: Ask) -> Expected:
    made = _calls_of(frames, ask)
    answered = len(keep(made, "outcome", lambda outcome: outcome in ("connected", "completed")))
    seconds = sum(Fraction(duration) for duration in made["duration_seconds"] if duration is not None)
    return count(
        len(made),
        {
            "answered": Decimal(answered),
            "answer_rate": quotient(answered, len(made)) if len(made) else None,
            "minutes": told(Fraction(seconds) / 60),
            "touched": Decimal(made["deal_id"].nunique()),
            "gained": _gained(frames, ask, made),
        },
    )


def emails(frames: Frames, ask: Ask) -> Expected:
    sent = _emails_of(frames, ask)
    extras: Extras = {name: Decimal(len(keep(sent, name, bool))) for name in ("opened", "replied")}
    return count(len(sent), extras | {"gained": _gained(frames, ask, sent)})


def demos(frames: Frames, ask: Ask) -> Expected:
    held = keep(_done(frames), "type", lambda kind: kind in ("demo", "onboarding"))
    return count(len(asked(frames, ask, held, "at")))


def _gained(frames: Frames, ask: Ask, touches: Frame) -> Decimal:
    """Deals that came up within 30 days after their owner's first of these touches with their lead or account."""
    first: dict[tuple[str, str, str], datetime] = {}
    for touch in rows_of(keep(touches, "rep", bool)):
        for kind, whom in (("lead", touch["lead_id"]), ("account", touch["account"])):
            key = touch["rep"], kind, whom
            first[key] = min(first.get(key, touch["at"]), touch["at"])
    gained = 0
    for deal in _deals(frames):
        keys = [(deal["rep"], "lead", deal["lead"]), (deal["rep"], "account", deal["account_id"])]
        instants = [first[key] for key in keys if key in first and key[2] is not None]
        if instants and deal["created_at"] < ask.seen:
            gained += min(instants) <= deal["created_at"] <= min(instants) + _GAINED_WITHIN
    return Decimal(gained)


@cache
def _deals(frames: Frames) -> list[Row]:
    return rows_of(frames.deals)


def _per_rep(of: Callable[[Frames, Ask], Expected]) -> Callable[[Frames, Ask], Expected]:
    """The mean per active rep."""

    def per_rep(frames: Frames, ask: Ask) -> Expected:
        whole = of(frames, ask)
        return ratio(whole.records, len(frames.active_reps(ask.members)), whole.records, whole.extras)

    return per_rep


# Shares


def openrate(frames: Frames, ask: Ask) -> Expected:
    sent = _emails_of(frames, ask)
    return ratio(len(keep(sent, "opened", bool)), len(sent), len(sent))


def appointments(frames: Frames, ask: Ask) -> Expected:
    """Of those reached: those with a meeting or demo booked or held from the first touch on."""
    touches = asked(frames, ask, reaching_out(frames), "at")
    first_touches = {lead: of_lead["at"].min() for lead, of_lead in touches.groupby("lead_id")}
    met = [
        lead
        for lead, first in first_touches.items()
        if any(first <= at < ask.until for at in _appointments(frames).get(lead, ()))
    ]
    return ratio(len(met), len(first_touches), len(first_touches))


@cache
def _appointments(frames: Frames) -> dict[str, list[datetime]]:
    """When meetings and demos were booked or held, by lead."""
    instants: dict[str, list[datetime]] = {}
    for meeting in rows_of(keep(frames.activities, "type", lambda kind: kind in ("meeting", "demo"))):
        of_lead = instants.setdefault(meeting["lead_id"], [])
        if meeting["created_at"] is not None and meeting["outcome"] != "cancelled":
            of_lead.append(meeting["created_at"])
        if meeting["done"]:
            of_lead.append(meeting["at"])
    return instants


# How soon, how often


@cache
def _outbound_instants(frames: Frames) -> dict[str, list[datetime]]:
    """When something was done about each lead."""
    instants: dict[str, list[datetime]] = {}
    for activity in rows_of(keep(_outbound(frames), "lead_id", bool)):
        instants.setdefault(activity["lead_id"], []).append(activity["at"])
    return instants


def _responses(frames: Frames, ask: Ask) -> tuple[list[Row], Extras]:
    """The leads created in the period that were answered, with ``response``, and how many of the others there are."""
    answered, waiting, before_creation = [], 0, 0
    for lead in rows_of(asked(frames, ask, frames.leads, "created_at")):
        instants = [at for at in _outbound_instants(frames).get(lead["id"], []) if at < ask.seen]
        later = [at for at in instants if at >= lead["created_at"]]
        if later:
            answered.append(lead | {"response": min(later)})
        elif instants:
            before_creation += 1
        else:
            waiting += 1
    return answered, {"waiting": Decimal(waiting), "before_creation": Decimal(before_creation)}


def _minutes(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 60_000_000)


def responsetime(frames: Frames, ask: Ask) -> Expected:
    answered, others = _responses(frames, ask)
    return median([_minutes(lead["response"] - lead["created_at"]) for lead in answered], others)


def responsetime_mean(frames: Frames, ask: Ask) -> Expected:
    answered, others = _responses(frames, ask)
    return mean([_minutes(lead["response"] - lead["created_at"]) for lead in answered], others)


def responsetime_within5(frames: Frames, ask: Ask) -> Expected:
    answered, others = _responses(frames, ask)
    soon = sum(lead["response"] - lead["created_at"] <= timedelta(minutes=5) for lead in answered)
    return ratio(soon, len(answered), len(answered), others)


def responsetime_business(frames: Frames, ask: Ask) -> Expected:
    answered, others = _responses(frames, ask)
    hours, holidays = frames.organisation.business_hours, frozenset(frames.holidays)
    return median(
        [
            _minutes(_business_time(lead["created_at"], lead["response"], _zone(frames, lead["rep"]), hours, holidays))
            for lead in answered
        ],
        others,
    )


@cache
def _zone(frames: Frames, rep: str | None) -> str:
    """The rep's zone if there is such a one, else the organisation's."""
    zone = frames.timezone_of(rep)
    try:
        ZoneInfo(zone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return frames.organisation.timezone
    return zone or frames.organisation.timezone


@cache
def _business_time(start: datetime, end: datetime, zone: str, hours: str, holidays: frozenset[date]) -> timedelta:
    """How much of the span lies in business hours (``mon-thu, sat 09:00-18:00``) of that zone, day by day."""
    spans, clocks = hours.rsplit(" ", 1)
    opens, closes = clocks.split("-")
    weekdays = {name for span in spans.split(",") for name in _weekdays(span.strip())}
    there, elapsed = ZoneInfo(zone), timedelta(0)
    day = start.astimezone(there).date()
    while day <= end.astimezone(there).date():
        if _WEEKDAYS[day.weekday()] in weekdays and day not in holidays:
            opened, closed = (_local_time(day, clock, there).astimezone(UTC) for clock in (opens, closes))
            elapsed += max(min(end, closed) - max(start, opened), timedelta(0))
        day += timedelta(days=1)
    return elapsed


def _weekdays(span: str) -> Sequence[str]:
    first, last = span.split("-") if "-" in span else (span, span)
    following = _WEEKDAYS[_WEEKDAYS.index(first) :] + _WEEKDAYS
    return following[: following.index(last) + 1]


def _local_time(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """A time of the day; 24:00 is the next day's midnight."""
    if clock == "24:00":
        return datetime.combine(day + timedelta(days=1), time(0), zone)
    return datetime.combine(day, time.fromisoformat(clock), zone)


def followups(frames: Frames, ask: Ask) -> Expected:
    """Attempts on the leads given up, before they were."""
    given_up = keep(frames.leads, "status", lambda status: status in (None, "disqualified"))
    attempts = [
        sum(at < lead["disqualified_at"] for at in _outbound_instants(frames).get(lead["id"], []))
        for lead in rows_of(asked(frames, ask, given_up, "disqualified_at"))
    ]
    return mean([Fraction(number) for number in attempts])


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "contacts": contacts,
    "activities": activities,
    "activities per_rep": _per_rep(activities),
    "calls": calls,
    "calls per_rep": _per_rep(calls),
    "emails": emails,
    "emails per_rep": _per_rep(emails),
    "openrate": openrate,
    "appointments": appointments,
    "responsetime": responsetime,
    "responsetime mean": responsetime_mean,
    "responsetime within5": responsetime_within5,
    "responsetime business": responsetime_business,
    "followups": followups,
    "demos": demos,
}

_OUTBOUND = ("activities", "activities.direction")
_TOUCHES = (*_OUTBOUND, "activities.lead_id")
_RESPONSE = ("leads", *_TOUCHES)

NEEDS: Mapping[str, tuple[str, ...]] = {
    "contacts": _TOUCHES,
    "activities": ("activities",),
    "activities per_rep": ("activities", "owners"),
    "calls": ("activities",),
    "calls per_rep": ("activities", "owners"),
    "emails": _OUTBOUND,
    "emails per_rep": (*_OUTBOUND, "owners"),
    "openrate": (*_OUTBOUND, "activities.opened"),
    "appointments": _TOUCHES,
    "responsetime": _RESPONSE,
    "responsetime mean": _RESPONSE,
    "responsetime within5": _RESPONSE,
    "responsetime business": _RESPONSE,
    "followups": ("leads", "leads.disqualified_at", *_TOUCHES),
    "demos": ("activities",),
}
