"""Definitions of properties, and pipelines with their stages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.definitions import Definition
from connectors.hubspot.emulator.kinds import kind_of, schema_scopes
from connectors.hubspot.emulator.organisation import BEGINNING, Pipeline, Stage
from connectors.hubspot.emulator.parameters import flag
from connectors.hubspot.emulator.routing import ApiError, Call, Reply, Route
from connectors.hubspot.emulator.values import iso

_FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "date": "date",
    "datetime": "date",
    "bool": "booleancheckbox",
    "enumeration": "select",
}


def list_properties(account: Account, call: Call) -> Reply:
    """The live or the archived properties of an object, all at once."""
    kind, archived = kind_of(call.path["object"]), flag(call, "archived")
    with account.lock:
        found = [each for each in account.definitions[kind.name].values() if each.archived == archived]
        return Reply({"results": [_property(each) for each in found]})


def list_pipelines(account: Account, call: Call) -> Reply:
    """The live pipelines of an object, all at once; archived ones and deleted stages are nowhere."""
    kind = kind_of(call.path["object"])
    with account.lock:
        live = [each for each in account.pipelines.get(kind.name, {}).values() if not each.archived]
        return Reply({"results": [_pipeline(each, order) for order, each in enumerate(live)]})


def read_pipeline(account: Account, call: Call) -> Reply:
    """One live pipeline."""
    kind = kind_of(call.path["object"])
    with account.lock:
        found = account.pipelines.get(kind.name, {}).get(call.path["pipelineId"])
        if not found or found.archived:
            raise ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
        return Reply(_pipeline(found, 0))


def _property(definition: Definition) -> dict[str, Any]:
    by_hubspot = not definition.is_custom
    options = [
        {"label": label, "value": value, "description": "", "displayOrder": order, "hidden": False}
        for order, (value, label) in enumerate(definition.options.items())
    ]
    return {
        "name": definition.name,
        "label": definition.label,
        "type": definition.type,
        "fieldType": _FIELD_TYPES[definition.type],
        "description": "",
        "groupName": "information",
        "options": options,
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "archived": definition.archived,
        "hasUniqueValue": definition.name == "hs_object_id",
        "hidden": False,
        "hubspotDefined": by_hubspot,
        "formField": False,
        "dataSensitivity": "non_sensitive",
        "modificationMetadata": {
            "archivable": not by_hubspot,
            "readOnlyDefinition": by_hubspot,
            "readOnlyValue": definition.name == "hs_object_id",
        },
        **_dates(BEGINNING, BEGINNING),
    }


def _pipeline(pipeline: Pipeline, order: int) -> dict[str, Any]:
    live = [stage for stage in pipeline.stages.values() if not stage.archived]
    return {
        "id": pipeline.id,
        "label": pipeline.label,
        "displayOrder": order,
        "stages": [_stage(stage, place) for place, stage in enumerate(live)],
        "archived": False,
        **_dates(pipeline.created_at, pipeline.updated_at),
    }


def _stage(stage: Stage, order: int) -> dict[str, Any]:
    return {
        "id": stage.id,
        "label": stage.label,
        "displayOrder": order,
        "metadata": dict(stage.metadata),
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
        **_dates(stage.created_at, stage.updated_at),
    }


def _dates(created_at: datetime, updated_at: datetime) -> dict[str, str]:
    return {"createdAt": iso(created_at), "updatedAt": iso(updated_at)}


ROUTES: tuple[Route, ...] = (
    Route("GET", ("/crm/properties/2026-09/{object}", "/crm/v3/properties/{object}"), list_properties, schema_scopes),
    Route("GET", ("/crm/pipelines/2026-09/{object}", "/crm/v3/pipelines/{object}"), list_pipelines, schema_scopes),
    Route(
        "GET",
        ("/crm/pipelines/2026-09/{object}/{pipelineId}", "/crm/v3/pipelines/{object}/{pipelineId}"),
        read_pipeline,
        schema_scopes,
    ),
)
