"""A CRM account in memory, edited as its people would edit it. What it answers with is in the modules of endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.hubspot.emulator.definitions import AccountError, live_definition
from connectors.hubspot.emulator.kinds import Kind
from connectors.hubspot.emulator.links import Link, Links, has_primary
from connectors.hubspot.emulator.merging import merged
from connectors.hubspot.emulator.organisation import Campaign, ExchangeRate, Owner, Team
from connectors.hubspot.emulator.records import Record, Shelf
from connectors.hubspot.emulator.settings import Settings
from connectors.hubspot.emulator.stamps import find_stage, outcome, stamps
from connectors.hubspot.emulator.values import to_milliseconds, written

__all__ = ["Account", "AccountError", "Link"]

# Larger than 32 bits hold, as ids are in accounts of some age.
_FIRST_ID = 10_000_000_001
_WRITTEN_BY_HUBSPOT = frozenset({"hs_object_id", "hs_lastmodifieddate", "lastmodifieddate", "hs_merged_object_ids"})


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Account(Settings):
    """All that one HubSpot account holds.

    ``search_lag``: how long search shows a record as it was before an edit. ``page_shortfall``: how many records fewer
    than asked for a page of a list holds. ``page_token_life``: after which a list's ``after`` is refused.
    ``association_page``: how many associations of one record a batch read gives at once.

    Records: objects by name (``deals``), values as HubSpot writes them, or datetime, date, number, bool, None. ``at``:
    when an edit happened, by default now; edits of a record come in the order of time. What cannot be edited so is an
    ``AccountError``.
    """

    portal_id: int = 62515
    timezone: str = "US/Eastern"
    currency: str = "USD"
    clock: Callable[[], datetime] = _system_clock
    search_lag: timedelta = timedelta(0)
    page_shortfall: int = 0
    page_token_life: timedelta | None = None
    association_page: int = 500
    owners: dict[int, Owner] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    currencies: list[str] = field(default_factory=list)
    exchange_rates: list[ExchangeRate] = field(default_factory=list)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    links: Links = field(default_factory=Links, init=False, repr=False)
    _next_id: int = field(default=_FIRST_ID, init=False, repr=False)

    def create(
        self,
        object_name: str,
        properties: Mapping[str, object],
        *,
        id: int | None = None,  # noqa: A002 - the vendor's word
        at: datetime | None = None,
        associations: Iterable[Link] = (),
    ) -> int:
        """Make a record and give its id."""
        with self.lock:
            record_id = self._create(self._shelf(object_name), properties, id, self._instant(at))
            for link in associations:
                self.associate(object_name, record_id, link)
            return record_id

    def create_many(
        self, object_name: str, rows: Iterable[Mapping[str, object]], *, at: datetime | None = None
    ) -> list[int]:
        """Make a record of each row and give their ids, quickly. Link them with ``associate_many``."""
        with self.lock:
            shelf, instant = self._shelf(object_name), self._instant(at)
            return [self._create(shelf, row, None, instant) for row in rows]

    def update(
        self, object_name: str, record_id: int, properties: Mapping[str, object], *, at: datetime | None = None
    ) -> None:
        """Change properties; None empties one. Moves the modified date."""
        with self.lock:
            shelf, instant = self._shelf(object_name), self._instant(at)
            record = self._record(shelf, record_id)
            values = self._values(shelf.kind, properties)
            self._before_edit(shelf, record_id, instant)
            record.change(self._stamped(shelf.kind, record.properties, values, instant), instant)

    def archive(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Into the recycle bin. The modified date stays."""
        with self.lock:
            shelf, instant = self._shelf(object_name), self._instant(at)
            record = self._record(shelf, record_id)
            self._before_edit(shelf, record_id, instant)
            record.archived_at = instant

    def restore(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Out of the recycle bin, with its associations. The modified date stays."""
        with self.lock:
            shelf = self._shelf(object_name)
            record = shelf.records.get(record_id)
            if not record or not record.archived_at:
                raise AccountError(f"{object_name} {record_id} is not in the recycle bin")
            self._before_edit(shelf, record_id, self._instant(at))
            record.archived_at = None

    def purge(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Delete for good: nothing tells that it was there."""
        with self.lock:
            shelf = self._shelf(object_name)
            if record_id not in shelf.records:
                raise AccountError(f"There is no {shelf.kind.singular} {record_id}")
            self._before_edit(shelf, record_id, self._instant(at))
            self.links.drop(object_name, record_id)
            shelf.remove(record_id)

    def merge(self, object_name: str, winner: int, loser: int, *, at: datetime | None = None) -> int:
        """Merge two records and give the id of what remains: the winner's, or a new one for deals."""
        with self.lock:
            shelf, instant = self._shelf(object_name), self._instant(at)
            if not shelf.kind.is_mergeable or winner == loser:
                raise AccountError(f"{object_name} {winner} and {loser} cannot be merged")
            pair = self._record(shelf, winner), self._record(shelf, loser)
            kept = self._new_id(None) if shelf.kind.merges_into_a_new_one else winner
            made = merged(*pair, kept, instant)
            for record_id in {winner, loser, kept}:
                self._before_edit(shelf, record_id, instant)
            for record_id in (winner, loser):
                shelf.remove(record_id)
            shelf.add(made)
            for record_id in {winner, loser} - {kept}:
                shelf.heirs[record_id] = kept
                self.links.move(object_name, record_id, kept)
            return kept

    def associate(self, object_name: str, record_id: int, link: Link) -> None:
        """Link two records, seen from both. No modified date moves."""
        self.associate_many(object_name, [(record_id, link)])

    def associate_many(self, object_name: str, links: Iterable[tuple[int, Link]]) -> None:
        """Link each record of ``object_name`` by its id, quickly."""
        with self.lock:
            shelf = self._shelf(object_name)
            for record_id, link in links:
                self._record(shelf, record_id)
                self._record(self._shelf(link.object), link.id)
                if link.primary and not has_primary(object_name, link.object):
                    raise AccountError(f"{object_name} have no primary one of {link.object}")
                self.links.put(object_name, record_id, link)

    def dissociate(self, object_name: str, record_id: int, target: str, target_id: int) -> None:
        """Take all associations of two records away. No modified date moves."""
        with self.lock:
            self.links.cut(object_name, record_id, target, target_id)

    def live(self, object_name: str, record_id: int) -> Record | None:
        """The record of exactly this id, unless it is archived or merged away."""
        found = self.shelves[object_name].records.get(record_id)
        return found if found and not found.archived_at else None

    def _create(self, shelf: Shelf, properties: Mapping[str, object], given_id: int | None, instant: datetime) -> int:
        if given_id in shelf.records or given_id in shelf.heirs:
            raise AccountError(f"There is a {shelf.kind.singular} {given_id} already")
        values = self._stamped(shelf.kind, {}, self._values(shelf.kind, properties), instant)
        record_id = self._new_id(given_id)
        self._before_edit(shelf, record_id, instant)
        shelf.add(Record(record_id, instant, instant, {name: value for name, value in values.items() if value}))
        return record_id

    def _new_id(self, given: int | None) -> int:
        record_id = self._next_id if given is None else given
        self._next_id = max(self._next_id, record_id + 1)
        return record_id

    def _values(self, kind: Kind, properties: Mapping[str, object]) -> dict[str, str]:
        definitions = self.definitions[kind.name]
        for name in properties:
            if name in _WRITTEN_BY_HUBSPOT:
                raise AccountError(f"HubSpot alone writes {name!r}")
            if not live_definition(definitions, name):
                raise AccountError(f"{kind.name} have no property {name!r}: add_property makes one")
        return {name: written(value) for name, value in properties.items()}

    def _stamped(self, kind: Kind, before: Mapping[str, str], values: dict[str, str], at: datetime) -> dict[str, str]:
        """The values with what HubSpot adds when the stage changes; what is given wins."""
        left, entered = (each.get(kind.stage or "", "") for each in (before, values))
        if not entered or entered == left:
            return values
        added = stamps(kind, self.definitions[kind.name], left, entered, at)
        if kind.pipeline:
            pipeline_id = values.get(kind.pipeline) or before.get(kind.pipeline, "")
            found = find_stage(self.pipelines[kind.name], entered, pipeline_id)
            if not found:
                raise AccountError(f"No pipeline of {kind.name} that fits has a stage {entered!r}")
            added[kind.pipeline] = found[0]
            if kind.name == "deals":
                added |= outcome(found[1], at)
        return added | values

    def _before_edit(self, shelf: Shelf, record_id: int, at: datetime) -> None:
        """Let search know of what comes, and know of it late."""
        shelf.last_search = None
        known_at = at + self.search_lag
        if self.search_lag and known_at > self.clock():
            shelf.stay_stale(record_id, known_at)

    def _shelf(self, object_name: str) -> Shelf:
        self._definitions(object_name)
        return self.shelves[object_name]

    def _record(self, shelf: Shelf, record_id: int) -> Record:
        if found := self.live(shelf.kind.name, record_id):
            return found
        raise AccountError(f"There is no live {shelf.kind.singular} {record_id}")

    def _instant(self, at: datetime | None) -> datetime:
        return to_milliseconds(at or self.clock())
