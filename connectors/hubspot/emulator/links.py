"""Associations between records, and the numbers HubSpot gives their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from connectors.hubspot.emulator.kinds import KINDS


class Link(NamedTuple):
    """The other end of an association. ``primary``: of companies, and of a lead's contact and deal, one may be it;
    ``label``: one that the account made itself."""

    object: str
    id: int
    primary: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    primary: bool = False
    own: tuple[str, ...] = ()


PLAIN = Labels()

# (unlabelled, primary) as the vendor numbers them. The others are numbered here, which only has to be stable.
_TYPE_IDS: Mapping[tuple[str, str], tuple[int, int | None]] = {
    ("contacts", "companies"): (279, 1),
    ("companies", "contacts"): (280, 2),
    ("deals", "contacts"): (3, None),
    ("contacts", "deals"): (4, None),
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("tickets", "companies"): (339, 26),
    ("companies", "tickets"): (340, 25),
    ("deals", "line_items"): (19, None),
    ("line_items", "deals"): (20, None),
    ("deals", "quotes"): (63, None),
    ("quotes", "deals"): (64, None),
    ("quotes", "line_items"): (67, None),
    ("line_items", "quotes"): (68, None),
    ("communications", "contacts"): (81, None),
    ("communications", "deals"): (85, None),
    ("communications", "companies"): (87, None),
    ("calls", "companies"): (182, None),
    ("emails", "companies"): (186, None),
    ("meetings", "companies"): (188, None),
    ("tasks", "companies"): (192, None),
    ("calls", "contacts"): (194, None),
    ("emails", "contacts"): (198, None),
    ("meetings", "contacts"): (200, None),
    ("notes", "contacts"): (202, None),
    ("tasks", "contacts"): (204, None),
    ("calls", "deals"): (206, None),
    ("emails", "deals"): (210, None),
    ("meetings", "deals"): (212, None),
    ("notes", "deals"): (214, None),
    ("tasks", "deals"): (216, None),
    ("subscriptions", "contacts"): (295, None),
    ("subscriptions", "line_items"): (301, None),
    ("leads", "contacts"): (608, 578),
    ("leads", "companies"): (610, 612),
    ("leads", "deals"): (584, 582),
}
_NUMBERED_HERE_FROM = 1000
_PRIMARY = frozenset({(source, target) for (source, target), (_, primary) in _TYPE_IDS.items() if primary})
_CHILD_FIRST = frozenset({(source, target) for source, target in _PRIMARY if source != "companies"})
# HubSpot answers from the side of leads alone.
_ONE_WAY = frozenset({("deals", "leads")})


def type_ids(source: str, target: str) -> tuple[int, int | None]:
    """The type ids of an association without label, and of the primary one where there is such."""
    if known := _TYPE_IDS.get((source, target)):
        return known
    names = list(KINDS)
    return _NUMBERED_HERE_FROM + names.index(source) * len(names) + names.index(target), None


def has_primary(source: str, target: str) -> bool:
    """Whether one association of such a pair may be the primary one."""
    return (source, target) in _PRIMARY or (target, source) in _PRIMARY


@dataclass(slots=True)
class Links:
    """Associations, seen from both ends. ``label_ids``: the numbers of the account's own labels."""

    label_ids: dict[str, int] = field(default_factory=dict)
    _ends: dict[tuple[str, str], dict[int, dict[int, Labels]]] = field(default_factory=dict)

    def of(self, source: str, source_id: int, target: str) -> Mapping[int, Labels]:
        """The other ends of a record's associations with one kind, by id."""
        if (source, target) in _ONE_WAY:
            return {}
        return self._ends.get((source, target), {}).get(source_id, {})

    def put(self, source: str, source_id: int, link: Link) -> None:
        """Associate, or add labels to an association. What was the primary one before becomes an ordinary one."""
        target, target_id, primary, label = link
        if primary and (source, target) in _CHILD_FIRST:
            self._demote(source, source_id, target)
        elif primary:
            self._demote(target, target_id, source)
        if label:
            self.label_ids.setdefault(label, len(self.label_ids) + 1)
        labels = self._ends.get((source, target), {}).get(source_id, {}).get(target_id, PLAIN)
        if primary or label:
            own = tuple(dict.fromkeys((*labels.own, *([label] if label else ()))))
            labels = Labels(labels.primary or primary, own)
        self._set(source, source_id, target, target_id, labels)

    def cut(self, source: str, source_id: int, target: str, target_id: int) -> None:
        """Take all associations of two records away."""
        self._ends.get((source, target), {}).get(source_id, {}).pop(target_id, None)
        self._ends.get((target, source), {}).get(target_id, {}).pop(source_id, None)

    def all_of(self, source: str, source_id: int) -> Iterator[tuple[str, int, Labels]]:
        """Every association of a record: kind, id and labels of the other end."""
        for (start, target), ends in self._ends.items():
            if start == source:
                yield from ((target, target_id, labels) for target_id, labels in ends.get(source_id, {}).items())

    def move(self, source: str, loser: int, winner: int) -> None:
        """Give a record's associations to another. What is the primary one of the other stays so."""
        for target, target_id, labels in list(self.all_of(source, loser)):
            self.cut(source, loser, target, target_id)
            is_taken = (source, target) in _CHILD_FIRST and any(
                each.primary for each in self._ends[source, target].get(winner, {}).values()
            )
            self.put(source, winner, Link(target, target_id, labels.primary and not is_taken))
            for label in labels.own:
                self.put(source, winner, Link(target, target_id, label=label))

    def drop(self, source: str, source_id: int) -> None:
        """Take all associations of a record away."""
        for target, target_id, _ in list(self.all_of(source, source_id)):
            self.cut(source, source_id, target, target_id)

    def _demote(self, source: str, source_id: int, target: str) -> None:
        for target_id, labels in list(self._ends.get((source, target), {}).get(source_id, {}).items()):
            if labels.primary:
                self._set(source, source_id, target, target_id, replace(labels, primary=False))

    def _set(self, source: str, source_id: int, target: str, target_id: int, labels: Labels) -> None:
        self._ends.setdefault((source, target), {}).setdefault(source_id, {})[target_id] = labels
        self._ends.setdefault((target, source), {}).setdefault(target_id, {})[source_id] = labels
