"""Calls, emails, meetings, communications and tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import ACTIVITY_OBJECTS, Ids
from connectors.hubspot.emulator.filling.records import create_each
from connectors.hubspot.emulator.filling.rows import Row, Tables

_CONNECTED, _NO_ANSWER = "f240bbac-87c9-4f6e-bf70-924b57d47db7", "73a0d17f-1163-4015-bdd5-ec830791da20"
_DISPOSITIONS = {"connected": _CONNECTED, "no_answer": _NO_ANSWER}
_CALL_STATUSES = {
    "connected": "COMPLETED",
    "no_answer": "NO_ANSWER",
    "completed": "COMPLETED",
    "scheduled": "QUEUED",
    "cancelled": "CANCELED",
}
_EMAIL_STATUSES = {"scheduled": "SCHEDULED", "cancelled": "BOUNCED"}
_MEETING_OUTCOMES = {
    "scheduled": "SCHEDULED",
    "completed": "COMPLETED",
    "no_show": "NO_SHOW",
    "cancelled": "CANCELED",
}
_MEETING_TYPES = {"demo": "Product demo", "onboarding": "Onboarding"}
_LINKED = (("lead_id", "leads"), ("account_id", "accounts"), ("deal_id", "deals"))

# What HubSpot can say of an activity of each type, beside nothing. A task is either done or still to do.
OUTCOMES: Mapping[str, frozenset[str]] = {
    "call": frozenset(_CALL_STATUSES),
    "email": frozenset(_EMAIL_STATUSES),
    "meeting": frozenset(_MEETING_OUTCOMES),
    "demo": frozenset(_MEETING_OUTCOMES),
    "onboarding": frozenset(_MEETING_OUTCOMES),
    "chat": frozenset(),
    "task": frozenset({"completed", "scheduled"}),
}


def fill_activities(account: Account, tables: Tables, ids: Ids) -> None:
    """All activities, with whom they were. What HubSpot has no word for in one of that type is left out."""
    by_object: dict[str, list[Row]] = defaultdict(list)
    for row in tables["activities"]:
        by_object[ACTIVITY_OBJECTS[row["type"]]].append(row)
    for object_name, rows in by_object.items():
        properties = _PROPERTIES[object_name]
        made = ((row["created_at"] or row["at"], _always(row, ids) | properties(row)) for row in rows)
        numbers = create_each(account, object_name, made)
        ids.note_activities(object_name, (row["id"] for row in rows), numbers)
        for column, table in _LINKED:
            account.associate_many(object_name, ids.links(object_name, numbers, (row[column] for row in rows), table))


def _always(row: Row, ids: Ids) -> dict[str, Any]:
    return {
        "hubspot_owner_id": ids.number("owners", row["owner_id"]),
        "hs_timestamp": row["at"],
    }


def _call(row: Row) -> dict[str, Any]:
    return {
        "hs_call_direction": (row["direction"] or "outbound").upper(),
        "hs_call_status": _CALL_STATUSES.get(row["outcome"]),
        "hs_call_disposition": _DISPOSITIONS.get(row["outcome"]),
        "hs_call_duration": None if row["duration_seconds"] is None else row["duration_seconds"] * 1000,
    }


def _email(row: Row) -> dict[str, Any]:
    return {
        "hs_email_direction": "INCOMING_EMAIL" if row["direction"] == "inbound" else "EMAIL",
        "hs_email_status": _EMAIL_STATUSES.get(row["outcome"], "SENT"),
        "hs_email_open_count": None if row["opened"] is None else int(row["opened"]),
        "hs_email_reply_count": None if row["replied"] is None else int(row["replied"]),
    }


def _meeting(row: Row) -> dict[str, Any]:
    seconds = row["duration_seconds"]
    return {
        "hs_activity_type": _MEETING_TYPES.get(row["type"]),
        "hs_meeting_start_time": row["at"],
        "hs_meeting_end_time": None if seconds is None else row["at"] + timedelta(seconds=int(seconds)),
        "hs_meeting_outcome": _MEETING_OUTCOMES.get(row["outcome"]),
    }


def _communication(_row: Row) -> dict[str, Any]:
    return {"hs_communication_channel_type": "WHATS_APP"}


def _task(row: Row) -> dict[str, Any]:
    is_done = row["outcome"] != "scheduled"
    return {
        "hs_task_status": "COMPLETED" if is_done else "NOT_STARTED",
        "hs_task_completion_date": row["at"] if is_done else None,
    }


_PROPERTIES: Mapping[str, Callable[[Row], dict[str, Any]]] = {
    "calls": _call,
    "emails": _email,
    "meetings": _meeting,
    "communications": _communication,
    "tasks": _task,
}
