"""What an account costs that lacks something: which columns of the schema have nothing left that fills them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from connectors.hubspot.fields import DOUBTFUL, FEEDS, Feed, property_name
from connectors.hubspot.objects import ACTIVITIES, OBJECTS
from connectors.hubspot.sides import Definition
from connectors.mapping import SourceSettings
from kpi.schema import TABLES

Place = tuple[str, str]  # table, column; an empty column: the whole table

OWNERS, TEAMS, RATES, CAMPAIGNS = "owners", "teams", "exchange rates", "campaigns"


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a column is filled: ``parts``, all of which have to be read (objects and side lists), and
    ``properties`` of the first, of which one has to be there (none: it needs none)."""

    parts: tuple[str, ...]
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Costs:
    """``lost``: what nothing fills any more. ``weakened``: what only something fills that the account may not use.
    ``instead``: tables whose rows come from fewer objects, and from which ones."""

    lost: tuple[Place, ...] = ()
    weakened: tuple[Place, ...] = ()
    instead: tuple[tuple[str, tuple[str, ...]], ...] = ()


_LEADS = ("contacts", "leads")

# Objects without which rows of a feed are none, by table.
_ROWS_NEED: Mapping[str, tuple[str, ...]] = {"subscriptions": ("companies",), "line_items": ("deals",)}
# What associations decide, or other records beside the row's own, by column: any of these will do.
_BESIDES: Mapping[Place, tuple[str, ...]] = {
    ("accounts", "customer_since"): ("deals",),
    ("activities", "account_id"): ("companies",),
    ("activities", "deal_id"): ("deals",),
    ("activities", "lead_id"): _LEADS,
    ("deals", "account_id"): ("companies",),
    ("deals", "lead_id"): _LEADS,
    ("deals", "contact_method"): ACTIVITIES,
    ("deals", "first_contact_at"): ACTIVITIES,
    ("deals", "cost"): ("line_items",),
    ("deals", "product"): ("line_items",),
    ("deals", "term_months"): ("line_items",),
    ("deals", "source"): ("contacts",),
    ("leads", "account_id"): ("companies",),
    ("leads", "deal_id"): ("deals",),
    ("line_items", "product"): ("products",),
    ("line_items", "family"): ("products",),
    ("quotes", "deal_id"): ("deals",),
    ("subscriptions", "currency"): ("deals",),
    ("subscriptions", "deal_id"): ("deals",),
    ("subscriptions", "owner_id"): ("deals",),
}
# What a row has whether or not its properties are there.
_ANYHOW: frozenset[Place] = frozenset({("activities", "direction"), ("activities", "type")})
_SIDES: Mapping[Place, tuple[str, ...]] = {
    ("owners", ""): (OWNERS,),
    ("teams", "parent_id"): (TEAMS,),
    ("fx_rates", ""): (RATES,),
    ("campaigns", ""): (CAMPAIGNS,),
    ("spend", ""): (CAMPAIGNS,),
    ("stage_changes", ""): ("deals",),
}
_LISTED = "owners"  # not made of records, which only add to them
_SURE = frozenset(scope for each in OBJECTS.values() if each.is_needed for scope in each.scopes)


class Supply:
    """What fills the schema in an account: ``refused`` parts may not be read, ``definitions`` are the properties that
    the others have (None: unknown)."""

    def __init__(
        self,
        settings: SourceSettings,
        refused: Collection[str] = (),
        definitions: Mapping[str, Sequence[Definition] | None] | None = None,
    ) -> None:
        self._settings = settings
        self._refused = frozenset(refused)
        self._known = {name: {str(one["name"]) for one in given or ()} for name, given in (definitions or {}).items()}

    def costs_of(self, parts: Collection[str]) -> Costs:
        """What is lost or weakened by those of the refused."""
        met = {place for place, ways in self._ways.items() if any(set(parts).intersection(way.parts) for way in ways)}
        lost = {place for place in met if self.is_lost(place)}
        weakened = {place for place in met - lost if not self._is_as_sure(place, parts)}
        instead = [(table, self._feeds_left(table)) for table, column in sorted(met - lost) if column == ""]
        return Costs(_without_columns_of_tables(lost), _without_columns_of_tables(weakened), tuple(instead))

    def is_lost(self, place: Place) -> bool:
        """Whether nothing fills it."""
        return not any(map(self._is_there, self._ways.get(place, ())))

    @cached_property
    def unfilled(self) -> tuple[Place, ...]:
        """What HubSpot never fills, unless it is mapped."""
        return tuple(
            (table, column.name)
            for table in FEEDS
            for column in TABLES[table].columns
            if table != _LISTED and not column.required and (table, column.name) not in self._ways
        )

    def _feeds_left(self, table: str) -> tuple[str, ...]:
        return tuple(way.parts[0] for way in self._ways[table, ""] if self._is_there(way))

    @cached_property
    def _ways(self) -> Mapping[Place, Sequence[Way]]:
        ways: dict[Place, list[Way]] = {place: [Way(parts)] for place, parts in _SIDES.items()}
        for table, feeds in FEEDS.items():
            for feed in feeds:
                if table != _LISTED:
                    ways.setdefault((table, ""), []).append(Way(_row_parts(table, feed)))
                for column in TABLES[table].column_names:
                    found = list(self._of_column(table, column, feed))
                    if found:
                        ways.setdefault((table, column), []).extend(found)
        return ways

    def _of_column(self, table: str, column: str, feed: Feed) -> Iterator[Way]:
        parts = _row_parts(table, feed)
        table_map = self._settings.maps.get(table)
        field = table_map.fields.get(column) if table_map else None
        if field is not None:
            yield Way(parts, tuple(map(property_name, field.columns)))
            return
        if (table, column) in _ANYHOW:
            yield Way(parts)
        elif column in feed.columns:
            yield Way(parts, feed.columns[column])
        for other in _BESIDES.get((table, column), ()):
            yield Way((*parts, other))

    def _is_there(self, way: Way) -> bool:
        known = self._known.get(way.parts[0])
        return self._refused.isdisjoint(way.parts) and (
            not way.properties or not known or not known.isdisjoint(way.properties)
        )

    def _is_as_sure(self, place: Place, without: Collection[str]) -> bool:
        """Whether a way that is left is as sure as those through ``without`` were: it takes nothing that they did not
        take either, and that an account may lack."""
        ways = self._ways[place]
        taken = {part for way in ways for part in way.parts if not set(way.parts).isdisjoint(without)}
        return any(
            all(part in taken - set(without) or _is_sure(part) for part in way.parts)
            and not (way.properties and DOUBTFUL.issuperset(way.properties))
            for way in ways
            if self._is_there(way)
        )


def _is_sure(part: str) -> bool:
    """Whether it is in every account that can be read at all."""
    return part in OBJECTS and not _SURE.isdisjoint(OBJECTS[part].scopes)


def _row_parts(table: str, feed: Feed) -> tuple[str, ...]:
    others = _ROWS_NEED.get(table, ())
    of_deals = ("deals",) if (table, feed.object) == ("subscriptions", "line_items") else ()
    return (feed.object, *others, *of_deals)


def _without_columns_of_tables(places: Collection[Place]) -> tuple[Place, ...]:
    """In their order; of a table that is there as a whole no columns beside it."""
    return tuple(sorted(place for place in places if not place[1] or (place[0], "") not in places))
