"""Which number HubSpot gave to each row, and the ids that a connector makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from connectors.hubspot.emulator.links import Link, has_primary

# The object that holds an activity of each type.
ACTIVITY_OBJECTS: Mapping[str, str] = {
    "call": "calls",
    "email": "emails",
    "meeting": "meetings",
    "demo": "meetings",
    "onboarding": "meetings",
    "chat": "communications",
    "task": "tasks",
}
_TARGETS = {"accounts": "companies", "leads": "contacts", "deals": "deals"}
_KINDS = {"calls": "call", "emails": "email", "meetings": "meeting", "communications": "communication", "tasks": "task"}


@dataclass
class Ids:
    """The id of each row as the HubSpot connector writes it, without the source's name."""

    _by_table: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, table: str, schema_id: str) -> str:
        """The id of the row that had this one; KeyError where HubSpot holds no such row."""
        return self._by_table[table][schema_id]

    def all(self, table: str) -> Mapping[str, str]:
        """Of every row of a table that HubSpot holds: its id there by the schema's."""
        return self._by_table.get(table, {})

    def number(self, table: str, schema_id: str | None) -> int | None:
        """HubSpot's own number of a row; None for none, or one that HubSpot does not hold."""
        held = self._by_table.get(table, {}).get(schema_id or "")
        return int(held.rpartition("-")[2]) if held else None

    def note(self, table: str, schema_ids: Iterable[str], numbers: Iterable[int]) -> None:
        """Remember the numbers of some rows."""
        names = ((schema_id, str(number)) for schema_id, number in zip(schema_ids, numbers, strict=True))
        self._by_table.setdefault(table, {}).update(names)

    def note_texts(self, table: str, texts: Mapping[str, str]) -> None:
        """Remember ids that are no plain numbers."""
        self._by_table.setdefault(table, {}).update(texts)

    def note_activities(self, object_name: str, schema_ids: Iterable[str], numbers: Iterable[int]) -> None:
        """Remember the numbers of activities, each of which is told by its object."""
        kind = _KINDS[object_name]
        self.note_texts(
            "activities", {id_: f"{kind}-{number}" for id_, number in zip(schema_ids, numbers, strict=True)}
        )

    def links(
        self, source: str, numbers: Iterable[int], schema_ids: Iterable[str | None], table: str
    ) -> Iterator[tuple[int, Link]]:
        """From records of ``source`` to the row of another table that each names, where HubSpot holds that."""
        target, known = _TARGETS[table], self.all(table)
        is_primary = has_primary(source, target)
        for number, schema_id in zip(numbers, schema_ids, strict=True):
            if schema_id is not None and schema_id in known:
                yield number, Link(target, int(known[schema_id]), primary=is_primary)
