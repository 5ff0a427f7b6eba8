"""Definitions of properties and pipelines, as an account shows them."""

import pytest

from connectors.hubspot.emulator.organisation import Stage
from tests.connectors.hubspot.emulator.calling import Caller

PROPERTIES = "/crm/properties/2026-09/deals"
PIPELINES = "/crm/pipelines/2026-09/deals"


@pytest.fixture
def caller() -> Caller:
    return Caller()


def properties(caller: Caller, url: str = PROPERTIES) -> dict[str, dict]:
    return {each["name"]: each for each in caller.get(url)["results"]}


def test_a_definition_tells_type_label_and_options(caller: Caller) -> None:
    caller.account.add_property("deals", "colour", type="enumeration", label="Colour", options={"r": "Red"})
    found = properties(caller)["colour"]
    assert (found["type"], found["label"], found["hubspotDefined"]) == ("enumeration", "Colour", False)
    assert [(each["value"], each["label"]) for each in found["options"]] == [("r", "Red")]


@pytest.mark.parametrize("path", ["/crm/v3/properties/0-1", "/crm/properties/2026-09/contacts"])
def test_contacts_have_lastmodifieddate_alone(caller: Caller, path: str) -> None:
    found = properties(caller, path)
    assert "lastmodifieddate" in found
    assert "hs_lastmodifieddate" not in found


def test_properties_come_and_go(caller: Caller) -> None:
    caller.account.add_property("deals", "colour")
    caller.account.rename_property("deals", "colour", "hue")
    assert "colour" not in properties(caller)
    assert "hue" in properties(caller)
    caller.account.remove_property("deals", "hue")
    assert "hue" not in properties(caller)
    assert set(properties(caller, f"{PROPERTIES}?archived=true")) == {"hue"}


def test_a_stage_brings_its_dates(caller: Caller) -> None:
    caller.account.add_stage("deals", "default", Stage("12-A", "Legal"))
    assert properties(caller)["hs_v2_date_entered_12_a"]["type"] == "datetime"


def test_the_metadata_of_stages_are_text(caller: Caller) -> None:
    (pipeline,) = caller.get(PIPELINES)["results"]
    assert (pipeline["id"], pipeline["label"]) == ("default", "Sales Pipeline")
    won = next(each for each in pipeline["stages"] if each["id"] == "closedwon")
    assert won["metadata"] == {"isClosed": "true", "probability": "1.0"}


def test_deleted_stages_and_archived_pipelines_are_nowhere(caller: Caller) -> None:
    caller.account.remove_stage("deals", "default", "closedlost")
    stages = caller.get(f"{PIPELINES}/default")["stages"]
    assert "closedlost" not in {each["id"] for each in stages}
    caller.account.archive_pipeline("deals", "default")
    assert caller.get(PIPELINES)["results"] == []
    assert caller.refusal("GET", f"{PIPELINES}/default") == (404, "OBJECT_NOT_FOUND")


def test_objects_without_pipelines_have_none(caller: Caller) -> None:
    assert caller.get("/crm/v3/pipelines/contacts") == {"results": []}
