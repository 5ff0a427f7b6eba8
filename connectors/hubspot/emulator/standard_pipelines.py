"""The pipelines that every HubSpot account comes with."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.hubspot.emulator.organisation import Pipeline, Stage


def standard_pipelines() -> Iterator[tuple[str, Pipeline]]:
    """Each with the object it is of."""
    yield "deals", _pipeline("default", "Sales Pipeline", (_deal_stage(*stage) for stage in _DEAL_STAGES))
    yield "leads", _pipeline("lead-pipeline-id", "Lead Pipeline", (_lead_stage(*stage) for stage in _LEAD_STAGES))
    yield "tickets", _pipeline("0", "Support Pipeline", (_ticket_stage(*stage) for stage in _TICKET_STAGES))


_DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
_LEAD_STAGES = (
    ("new-stage-id", "New", "NEW"),
    ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
    ("connected-stage-id", "Connected", "IN_PROGRESS"),
    ("qualified-stage-id", "Qualified", "QUALIFIED"),
    ("unqualified-stage-id", "Disqualified", "UNQUALIFIED"),
)
_TICKET_STAGES = (("1", "New", "OPEN"), ("4", "Closed", "CLOSED"))


def _pipeline(pipeline_id: str, label: str, stages: Iterator[Stage]) -> Pipeline:
    return Pipeline(pipeline_id, label, {stage.id: stage for stage in stages})


def _deal_stage(stage_id: str, label: str, probability: str) -> Stage:
    is_closed = "true" if probability in {"0.0", "1.0"} else "false"
    return Stage(stage_id, label, {"isClosed": is_closed, "probability": probability})


def _lead_stage(stage_id: str, label: str, state: str) -> Stage:
    return Stage(stage_id, label, {"leadState": state})


def _ticket_stage(stage_id: str, label: str, state: str) -> Stage:
    return Stage(stage_id, label, {"ticketState": state})
