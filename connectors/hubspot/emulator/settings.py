"""The part of an account that its administrators edit: properties and pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock

from connectors.hubspot.emulator.definitions import (
    AccountError,
    Definition,
    Definitions,
    live_definition,
    stage_definitions,
    standard_definitions,
)
from connectors.hubspot.emulator.kinds import KINDS
from connectors.hubspot.emulator.organisation import Pipeline, Stage
from connectors.hubspot.emulator.records import Shelf
from connectors.hubspot.emulator.standard_pipelines import standard_pipelines


@dataclass(kw_only=True)
class Settings:
    """``pipelines`` by object and id, ``definitions`` of properties by object and name; HubSpot's own at first.

    ``shelves``: the records by object. ``lock``: threads may share an account; whoever reads several things at once
    takes it.
    """

    lock: RLock = field(default_factory=RLock, init=False, repr=False)
    pipelines: dict[str, dict[str, Pipeline]] = field(default_factory=dict, init=False, repr=False)
    definitions: dict[str, Definitions] = field(default_factory=dict, init=False, repr=False)
    shelves: dict[str, Shelf] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.shelves = {name: Shelf(kind) for name, kind in KINDS.items()}
        self.definitions = {name: standard_definitions(name) for name in KINDS}
        for object_name, pipeline in standard_pipelines():
            self.add_pipeline(object_name, pipeline.id, pipeline.label, pipeline.stages.values())

    def add_property(
        self,
        object_name: str,
        name: str,
        *,
        type: str = "string",  # noqa: A002 - the vendor's word
        label: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Define a property. ``type``: string, number, date, datetime, bool or enumeration; ``options``: labels of its
        values, by value. An archived property of the name is replaced."""
        with self.lock:
            definitions = self._definitions(object_name)
            if live_definition(definitions, name):
                raise AccountError(f"{object_name} have a property {name!r} already")
            definitions[name] = Definition(name, type, label or name, dict(options or {}), is_custom=True)

    def rename_property(self, object_name: str, old: str, new: str) -> None:
        """Give a property another name; its values move along."""
        with self.lock:
            definitions = self._definitions(object_name)
            found = self._definition(object_name, old)
            if new in definitions:
                raise AccountError(f"{object_name} have a property {new!r} already")
            found.name = new
            definitions[new] = definitions.pop(old)
            for record in self.shelves[object_name].records.values():
                record.rename(old, new)

    def remove_property(self, object_name: str, name: str) -> None:
        """Archive a property: no answer holds it any more."""
        with self.lock:
            self._definition(object_name, name).archived = True

    def add_pipeline(self, object_name: str, pipeline_id: str, label: str, stages: Iterable[Stage] = ()) -> Pipeline:
        """Add a pipeline of ``deals``, ``leads`` or ``tickets``."""
        with self.lock:
            if not KINDS[object_name].pipeline:
                raise AccountError(f"{object_name} have no pipelines")
            pipeline = Pipeline(pipeline_id, label)
            self.pipelines.setdefault(object_name, {})[pipeline_id] = pipeline
            for stage in stages:
                self.add_stage(object_name, pipeline_id, stage)
            return pipeline

    def add_stage(self, object_name: str, pipeline_id: str, stage: Stage) -> None:
        """Add a stage at the end of a pipeline, and the properties that hold when records entered and left it."""
        with self.lock:
            self._pipeline(object_name, pipeline_id).stages[stage.id] = stage
            self.definitions[object_name] |= stage_definitions(stage.id, stage.label)

    def remove_stage(self, object_name: str, pipeline_id: str, stage_id: str) -> None:
        """Delete a stage: no answer holds it any more. Records keep its id."""
        with self.lock:
            if not self._pipeline(object_name, pipeline_id).stages.pop(stage_id, None):
                raise AccountError(f"Pipeline {pipeline_id!r} has no stage {stage_id!r}")

    def archive_pipeline(self, object_name: str, pipeline_id: str) -> None:
        """Archive a pipeline: no answer holds it any more. Records keep its id."""
        with self.lock:
            self._pipeline(object_name, pipeline_id).archived = True

    def _definitions(self, object_name: str) -> Definitions:
        if object_name not in self.definitions:
            raise AccountError(f"There is no object {object_name!r}: choose one of {', '.join(KINDS)}")
        return self.definitions[object_name]

    def _definition(self, object_name: str, name: str) -> Definition:
        if found := live_definition(self._definitions(object_name), name):
            return found
        raise AccountError(f"{object_name} have no property {name!r}: add_property makes one")

    def _pipeline(self, object_name: str, pipeline_id: str) -> Pipeline:
        if found := self.pipelines.get(object_name, {}).get(pipeline_id):
            return found
        raise AccountError(f"{object_name} have no pipeline {pipeline_id!r}")
