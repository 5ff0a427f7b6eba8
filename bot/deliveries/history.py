"""Whether a message is in a channel: its history around the time of the posts, searched for the delivery's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.deliveries.calls import Ambiguous, Done, RateLimited, Refused, Span, Unreached, read_history
from bot.state import Delivery

EVENT_TYPE = "scoreline_delivery"
_AROUND = timedelta(minutes=5)  # clocks differ, and a message may come late


@dataclass(frozen=True, slots=True)
class Found:
    ts: str


@dataclass(frozen=True, slots=True)
class Absent:
    """All of the history around the posts was read, and the message is not there."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The app may not read that history, or not enough of it."""

    why: Refused


@dataclass(frozen=True, slots=True)
class NotNow:
    """Slack can't be asked at the moment; ``seconds`` where it says when."""

    seconds: float | None = None


Look = Found | Absent | Unreadable | NotNow


def metadata_of(name: str) -> dict[str, Any]:
    """What a message carries so that it can be found."""
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery": name}}


def look_for(client: WebClient, delivery: Delivery, *, pages: int) -> Look:
    """Looks for the delivery's message, in no more than ``pages`` calls: on the channel's newest page, whatever our
    clock says, and where that does not reach back to the posts, around the time of them."""
    if delivery.channel is None or delivery.posted_from is None or delivery.posted_until is None:
        return Absent()
    oldest, latest = delivery.posted_from - _AROUND, delivery.posted_until + _AROUND
    span: Span | None = None
    cursor: str | None = None
    for _ in range(pages):
        page = _read(client, delivery.channel, span, cursor)
        if not isinstance(page, Done):
            return page
        found = _found(page.data, delivery.name)
        if found is not None:
            return found
        cursor = (page.data.get("response_metadata") or {}).get("next_cursor")
        if not cursor or (span is None and _reaches(page.data, oldest)):
            return Absent()
        if span is None:
            span, cursor = Span(_ts(oldest), _ts(latest)), None
    return Unreadable(Refused("history_too_long"))


def _read(client: WebClient, channel: str, span: Span | None, cursor: str | None) -> Done | NotNow | Unreadable:
    match read_history(client, channel, span, cursor):
        case Done() as page:
            return page
        case Refused() as why:
            return Unreadable(why)
        case RateLimited(seconds):
            return NotNow(seconds)
        case Ambiguous() | Unreached():
            return NotNow()


def _reaches(page: Mapping[str, Any], instant: datetime) -> bool:
    return any(float(message["ts"]) < instant.timestamp() for message in page.get("messages", ()))


def _found(page: Mapping[str, Any], name: str) -> Found | Unreadable | None:
    for message in page.get("messages", ()):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") != EVENT_TYPE:
            continue
        delivery = (metadata.get("event_payload") or {}).get("delivery")
        if delivery is None:  # Slack keeps the payload back: the message may be this one
            return Unreadable(Refused("metadata_withheld"))
        if delivery == name:
            return Found(message["ts"])
    return None


def _ts(instant: datetime) -> str:
    return f"{instant.timestamp():.6f}"
