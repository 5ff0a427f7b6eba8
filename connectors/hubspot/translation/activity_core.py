"""What calls, emails, meetings, communications and tasks have in common: their type, instant and outcome, as SQL over
one object's table (alias ``a``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.globs import globs_regex
from connectors.hubspot.fields import ACTIVITY_TYPES, TITLES
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import NULL, listed, literal
from connectors.mapping import ActivityRule

TYPES = ("call", "email", "meeting", "chat", "task", "demo", "onboarding")

_CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
_NOT_REACHED = (
    "9d9162e7-6cf3-4944-bf63-4dff82258764",  # busy
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",  # left live message
    "b2cf5968-551e-4856-9783-52b3da59a7d0",  # left voicemail
    "73a0d17f-1163-4015-bdd5-ec830791da20",  # no answer
    "17b47fee-58de-441e-a44c-c6300d46f273",  # wrong number
)
_CALL_STATUS = {
    "completed": ("COMPLETED",),
    "no_answer": ("NO_ANSWER", "BUSY", "FAILED", "MISSED"),
    "cancelled": ("CANCELED", "CANCELLED"),
    "scheduled": ("QUEUED", "RINGING", "CONNECTING", "CALLING_CRM_USER", "IN_PROGRESS", "HOLD"),
}
_MEETING_OUTCOME = {
    "scheduled": ("SCHEDULED", "RESCHEDULED"),
    "completed": ("COMPLETED",),
    "no_show": ("NO_SHOW",),
    "cancelled": ("CANCELED", "CANCELLED"),
}
_EMAIL_STATUS = {"scheduled": ("SENDING", "SCHEDULED"), "cancelled": ("FAILED", "BOUNCED")}
_NOT_DONE = ("scheduled", "cancelled", "no_show")


@dataclass(frozen=True, slots=True)
class Kind:
    """An object whose records are activities: the type that they have, and the beginning of their ids."""

    object: str
    type: str
    prefix: str


KINDS: Mapping[str, Kind] = {
    "calls": Kind("calls", "call", "call"),
    "emails": Kind("emails", "email", "email"),
    "meetings": Kind("meetings", "meeting", "meeting"),
    "communications": Kind("communications", "chat", "communication"),
    "tasks": Kind("tasks", "task", "task"),
}


def activity_columns(run: Run, kind: Kind) -> dict[str, str]:
    """The columns that a record of its own decides (alias ``a``), by name."""
    defaults = {
        "type": _type(run, kind),
        "direction": _direction(run, kind.object),
        "owner_id": run.prop(kind.object, "hubspot_owner_id", "a"),
        "at": _at(run, kind.object),
        "created_at": f"coalesce({run.prop(kind.object, 'hs_createdate', 'a')}, a.created_at)",
        "duration_seconds": _duration(run, kind.object),
        "outcome": _outcome(run, kind.object),
        "opened": _counted(run, kind.object, "hs_email_open_count"),
        "replied": _counted(run, kind.object, "hs_email_reply_count"),
    }
    return {name: run.value("activities", name, kind.object, "a", sql) for name, sql in defaults.items()}


def is_there(run: Run, object_name: str) -> str:
    """A draft of an email is not one."""
    if object_name != "emails":
        return "true"
    return f"coalesce({run.prop('emails', 'hs_email_direction', 'a')}, '') <> 'DRAFT_EMAIL'"


def is_done(outcome: str) -> str:
    return f"coalesce({outcome} not in ({listed(_NOT_DONE)}), true)"


def _type(run: Run, kind: Kind) -> str:
    rules = {"demo": run.settings.demo, "onboarding": run.settings.onboarding}
    cases = [f"when {fits} then {literal(name)}" for name, rule in rules.items() if (fits := _fits(run, kind, rule))]
    return f"case {' '.join(cases)} else {literal(kind.type)} end" if cases else literal(kind.type)


def _fits(run: Run, kind: Kind, rule: ActivityRule) -> str:
    named = ((ACTIVITY_TYPES.get(kind.object), rule.types), (TITLES.get(kind.object), rule.titles))
    conditions = []
    for property_, globs in named:
        sql = run.prop(kind.object, property_, "a") if property_ and globs else NULL
        if sql != NULL:
            conditions.append(f"coalesce(regexp_full_match(trim({sql}), {literal(globs_regex(globs))}), false)")
    return " or ".join(conditions)


def _direction(run: Run, object_name: str) -> str:
    if object_name == "calls":
        way = run.prop("calls", "hs_call_direction", "a")
        return f"case when upper({way}) = 'INBOUND' then 'inbound' else 'outbound' end"
    if object_name == "emails":
        sent = run.prop("emails", "hs_email_direction", "a")
        return f"case when {sent} = 'INCOMING_EMAIL' then 'inbound' else 'outbound' end"
    return literal("outbound")


def _at(run: Run, object_name: str) -> str:
    at = run.prop(object_name, "hs_timestamp", "a")
    if object_name == "meetings":
        return run.first("meetings", "a", "hs_meeting_start_time", "hs_timestamp")
    if object_name == "tasks":
        done = run.prop("tasks", "hs_task_completion_date", "a")
        return f"case when {_is_completed(run)} then coalesce({done}, {at}) else {at} end"
    return at


def _is_completed(run: Run) -> str:
    return f"coalesce(upper({run.prop('tasks', 'hs_task_status', 'a')}) = 'COMPLETED', false)"


def _duration(run: Run, object_name: str) -> str:
    """In whole seconds."""
    if object_name == "calls":
        return f"cast(cast(floor(hs_number({run.prop('calls', 'hs_call_duration', 'a')}) / 1000) as bigint) as varchar)"
    if object_name == "meetings":
        start, end = (run.prop("meetings", f"hs_meeting_{name}_time", "a") for name in ("start", "end"))
        return f"cast(cast(floor(epoch(hs_instant({end}) - hs_instant({start}))) as bigint) as varchar)"
    return NULL


def _outcome(run: Run, object_name: str) -> str:
    if object_name == "calls":
        status = _cases(run.prop("calls", "hs_call_status", "a"), _CALL_STATUS)
        disposition = f"lower({run.prop('calls', 'hs_call_disposition', 'a')})"
        return (
            f"case when {disposition} = {literal(_CONNECTED)} then 'connected' "
            f"when {disposition} in ({listed(_NOT_REACHED)}) then 'no_answer' else {status} end"
        )
    if object_name == "meetings":
        return _cases(run.prop("meetings", "hs_meeting_outcome", "a"), _MEETING_OUTCOME)
    if object_name == "tasks":
        return f"case when {_is_completed(run)} then 'completed' else 'scheduled' end"
    if object_name == "emails":
        return _cases(run.prop("emails", "hs_email_status", "a"), _EMAIL_STATUS, otherwise=NULL)
    return NULL


def _cases(value: str, outcomes: Mapping[str, tuple[str, ...]], otherwise: str | None = None) -> str:
    """A value that we do not know stays as it is, and is counted as unreadable."""
    upper = f"upper(trim({value}))"
    cases = " ".join(f"when {upper} in ({listed(values)}) then {literal(name)}" for name, values in outcomes.items())
    return f"case {cases} else {otherwise or value} end"


def _counted(run: Run, object_name: str, property_: str) -> str:
    if object_name != "emails":
        return NULL
    count = run.prop("emails", property_, "a")
    return f"case when hs_number({count}) > 0 then 'true' when {count} is not null then 'false' end"
