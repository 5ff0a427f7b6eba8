"""What HubSpot itself writes down when a record comes into a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.hubspot.emulator.definitions import Definitions, stage_in_names
from connectors.hubspot.emulator.kinds import Kind
from connectors.hubspot.emulator.organisation import Pipeline, Stage
from connectors.hubspot.emulator.values import iso

_WON = 1.0


def find_stage(pipelines: Mapping[str, Pipeline], stage_id: str, pipeline_id: str) -> tuple[str, Stage] | None:
    """A stage with its pipeline's id: of the pipeline named, else of any."""
    named = [pipelines[pipeline_id]] if pipeline_id in pipelines else pipelines.values()
    for pipeline in named:
        if stage_id in pipeline.stages:
            return pipeline.id, pipeline.stages[stage_id]
    return None


def stamps(kind: Kind, definitions: Definitions, before: str, after: str, at: datetime) -> dict[str, str]:
    """Properties that hold when a record left a stage for another; only those the account has."""
    instant = iso(at)
    made = {
        f"hs_v2_date_entered_{stage_in_names(after)}": instant,
        "hs_v2_date_entered_current_stage": instant,
    }
    if kind.stage == "lifecyclestage":
        made[f"hs_lifecyclestage_{after}_date"] = instant
    if before:
        made[f"hs_v2_date_exited_{stage_in_names(before)}"] = instant
    return {name: value for name, value in made.items() if name in definitions}


def outcome(stage: Stage, at: datetime) -> dict[str, str]:
    """What the stage of a deal says of it."""
    is_closed = stage.metadata.get("isClosed") == "true"
    probability = stage.metadata.get("probability", "")
    is_won = is_closed and probability != "" and float(probability) == _WON
    return {
        "hs_is_closed": str(is_closed).lower(),
        "hs_is_closed_won": str(is_won).lower(),
        "hs_is_closed_lost": str(is_closed and not is_won).lower(),
        "hs_deal_stage_probability": probability,
        "hs_closed_won_date": iso(at) if is_won else "",
    }
