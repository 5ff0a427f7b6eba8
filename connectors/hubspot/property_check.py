"""Whether the properties that columns are read from are there, and can be read as what the columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Finding, MappingError
from connectors.hubspot.costs import Supply
from connectors.hubspot.errors import MissingScopesError, NotFoundError
from connectors.hubspot.fields import FEEDS, Feed, fitting_types, mapped_properties, property_name
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.reading import Client, results_of
from connectors.hubspot.sides import Definition
from connectors.mapping import FieldMap, SourceSettings
from connectors.suggestion import did_you_mean, in_one_line
from kpi.schema import TABLES

Definitions = Mapping[str, Sequence[Definition] | None]
Pipelines = Mapping[str, Sequence[Mapping[str, Any]]]

# What line items say as well: few accounts have the deal's own property.
_FROM_LINE_ITEMS = frozenset({("deals", "cost")})
_STAGES = frozenset({"dealstage", "hs_pipeline_stage"})
_PIPELINES = frozenset({"pipeline", "hs_pipeline"})


def check_properties(
    client: Client, settings: SourceSettings, definitions: Definitions, pipelines: Pipelines
) -> Iterator[Finding]:
    """Findings on the mapping's properties and on those that are read without one. ``definitions`` by object, without
    (or with None for) those that may not be read."""
    mapped = list(_check_mapping(client, settings, definitions, pipelines))
    yield from mapped
    missing = list(_check_defaults(settings, definitions))
    yield from missing
    if not mapped and not missing:
        yield Finding("properties", ok=True, detail="the account has every property that is read")


def _check_mapping(
    client: Client, settings: SourceSettings, definitions: Definitions, pipelines: Pipelines
) -> Iterator[Finding]:
    for table, table_map in settings.maps.items():
        try:
            mapped_properties(table, settings)
        except MappingError as error:
            yield Finding("mapping", ok=False, detail=str(error))
            continue
        objects = [feed.object for feed in FEEDS.get(table, ()) if definitions.get(feed.object) is not None]
        for column, field in table_map.fields.items():
            if objects and field.columns:
                check = _FieldCheck(table, column, field, objects, definitions, pipelines)
                yield from check.findings(client)


@dataclass(frozen=True, slots=True)
class _FieldCheck:
    """One entry of the mapping, held against the definitions of the objects that its table is made of."""

    table: str
    column: str
    field: FieldMap
    objects: Sequence[str]
    definitions: Definitions
    pipelines: Pipelines

    def findings(self, client: Client) -> Iterator[Finding]:
        found: list[Definition] = []
        for written in self.field.columns:
            own = self._defined(property_name(written))
            found += own
            if not own:
                yield self._finding(self._missing(client, written))
            elif unfit := [one for one in own if one.get("type") not in self._fitting()]:
                kind = TABLES[self.table].column(self.column).type
                yield self._finding(
                    f'the property "{written}" holds {unfit[0].get("type")}, which is not read as {kind}; name another'
                )
        yield from self._unknown_values(found)

    def _defined(self, name: str) -> list[Definition]:
        return [one for each in self.objects for one in self.definitions[each] or () if one["name"] == name]

    def _fitting(self) -> frozenset[str]:
        return fitting_types(self.table, self.column, self.field)

    def _missing(self, client: Client, written: str) -> str:
        if any(property_name(written) in archived_properties(client, name) for name in self.objects):
            return f'the property "{written}" is archived in HubSpot: restore it there, or name another'
        names = [str(one["name"]) for each in self.objects for one in self.definitions[each] or ()]
        there = in_one_line(self.objects)
        return f'{there} have no property "{written}"; {did_you_mean(written, names) if names else "there are none"}'

    def _unknown_values(self, found: Sequence[Definition]) -> Iterator[Finding]:
        """Keys of ``values`` that no option has; a property with free text may hold anything."""
        if not self.field.values or not found or any(not self._options(one) for one in found):
            return
        options = {option for one in found for option in self._options(one)}
        for key in self.field.values:
            if key and key not in options:
                yield self._finding(f'no value of {found[0]["name"]} is "{key}"; {did_you_mean(key, sorted(options))}')

    def _options(self, definition: Definition) -> list[str]:
        """The values of an enumeration and what they are called, or those of the pipelines that it names."""
        name = definition["name"]
        all_pipelines = [each for one in self.pipelines.values() for each in one]
        named: list[Mapping[str, Any]] = []
        if name in _PIPELINES:
            named = all_pipelines
        elif name in _STAGES:
            named = [stage for pipeline in all_pipelines for stage in pipeline["stages"]]
        pairs = [(each["id"], each["label"]) for each in named]
        pairs += [(option["value"], option.get("label")) for option in definition.get("options") or ()]
        return [str(text) for pair in pairs for text in pair if text]

    def _finding(self, told: str) -> Finding:
        where = f"[source.map.{self.table}] {self.column}"
        return Finding("mapping", ok=False, detail=f"{where}: {told}", costs=((self.table, self.column),))


def archived_properties(client: Client, name: str) -> set[str]:
    """The names of an object's properties that are archived; none where they may not be read."""
    try:
        archived = results_of(client.get(client.paths.properties(name), {"archived": "true"}))
    except (MissingScopesError, NotFoundError):
        return set()
    return {str(one["name"]) for one in archived}


def _check_defaults(settings: SourceSettings, definitions: Definitions) -> Iterator[Finding]:
    """Properties that are read without being named: which are not there, and which columns have none left."""
    supply = Supply(settings, OBJECTS.keys() - definitions.keys(), definitions)
    for name in definitions:
        known = {str(one["name"]) for one in definitions[name] or ()}
        if not known:
            continue
        lost: dict[tuple[str, str], tuple[str, ...]] = {}
        for table, feeds in FEEDS.items():
            mapped = settings.maps[table].fields if table in settings.maps else {}
            for feed in feeds:
                if feed.object == name:
                    lost |= {(table, column): tried for column, tried in _lost(feed, known) if column not in mapped}
        lost = {place: tried for place, tried in lost.items() if place not in _FROM_LINE_ITEMS}
        if lost:
            tried = in_one_line(dict.fromkeys(each for names in lost.values() for each in names))
            columns = in_one_line(f"{table}.{column}" for table, column in lost)
            detail = f"{name} have no {tried}, so that they give no {columns}; map another property, if there is one"
            costs = tuple(place for place in lost if supply.is_lost(place))
            yield Finding("properties", ok=True, detail=detail, costs=costs, unfilled=supply.unfilled)


def _lost(feed: Feed, known: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for column, properties in feed.columns.items():
        if not known.intersection(properties):
            yield column, properties
