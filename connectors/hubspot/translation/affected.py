"""Which rows may be touched by changed records, as SQL from ``recent`` outward through the associations.

Whoever was associated with a changed record still is, or is noted as changed too: an association that appears or goes
marks both its ends. So the ways along what is there now meet every row; more than those do no harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from connectors.hubspot.objects import ACTIVITIES, PAIRS
from connectors.hubspot.translation.activity_core import KINDS
from connectors.mapping import SourceSettings

_FROM = {(pair.source, pair.target): (pair.name, "source_id", "target_id") for pair in PAIRS}
_TO = {(pair.target, pair.source): (pair.name, "target_id", "source_id") for pair in PAIRS}
_WAYS = {**_FROM, **_TO}


def _recent(object_name: str) -> str:
    return f"select id from recent where object = '{object_name}' and id is not null"


def _near(source: str, ids: str, target: str) -> str:
    """The ids of ``target`` that are associated with the ids that a select gives of ``source``."""
    table, from_, to = _WAYS[source, target]
    return f"select {to} as id from {table} where {from_} in ({ids})"


def _union(parts: Iterable[str]) -> str:
    return " union ".join(parts)


class Reach:
    """The sets of ids around ``recent`` as common table expressions: ``with_sql`` goes before a select over them."""

    def __init__(self, settings: SourceSettings) -> None:
        self._settings = settings
        self._named: dict[str, str] = {}

    def set(self, name: str, *parts: str) -> str:
        """Names the union of selects of ids; gives a select of that."""
        self._named[name] = f"{name}(id) as materialized ({_union(parts)})"
        return f"select id from {name}"

    def sql(self, select: str) -> str:
        named = f"with {', '.join(self._named.values())} " if self._named else ""
        return f"{named}select distinct id from ({select}) where id is not null"

    def leads(self) -> tuple[str, str]:
        """Contacts and lead objects whose lead may be another one. They stand for each other, twice over: a contact
        may come to own a lead object only because another contact is gone."""
        seeds, objects = [_recent("contacts")], [_recent("leads")]
        if self._settings.filters.excluded_names:  # a lead goes with its account
            seeds.append(_near("companies", _recent("companies"), "contacts"))
            objects.append(_near("companies", _recent("companies"), "leads"))
        contacts_0 = self.set("contacts_0", *seeds)
        leads_1 = self.set("leads_1", *objects, _near("contacts", contacts_0, "leads"))
        contacts_1 = self.set("contacts_1", contacts_0, _near("leads", leads_1, "contacts"))
        leads_2 = self.set("leads_2", leads_1, _near("contacts", contacts_1, "leads"))
        contacts_2 = self.set("contacts_2", contacts_1, _near("leads", leads_2, "contacts"))
        leads_3 = self.set("leads_3", leads_2, _near("contacts", contacts_2, "leads"))
        return contacts_2, leads_3

    def deals(self) -> str:
        """Deals whose status, account or lead may be another one, or that filters may judge in another way."""
        contacts, leads = self.leads()
        return self.set(
            "core_deals",
            _recent("deals"),
            _near("companies", _recent("companies"), "deals"),
            _near("contacts", contacts, "deals"),
            _near("leads", leads, "deals"),
        )


def _accounts(reach: Reach) -> str:
    return reach.sql(_text(_union([_recent("companies"), _near("deals", reach.deals(), "companies")])))


def _leads(reach: Reach) -> str:
    deals = reach.deals()
    companies = _recent("companies")
    contacts = reach.set(
        "lead_contacts",
        "select id from contacts_2",
        _near("deals", deals, "contacts"),
        _near("companies", companies, "contacts"),
    )
    leads = reach.set(
        "lead_objects",
        "select id from leads_3",
        _near("deals", deals, "leads"),
        _near("companies", companies, "leads"),
        _near("contacts", contacts, "leads"),
    )
    more = reach.set("more_contacts", contacts, _near("leads", leads, "contacts"))
    return reach.sql(f"{_text(more)} union all select 'lead-' || id as id from ({leads})")


def _lines(reach: Reach) -> str:
    """Line items that changed, or whose product did."""
    products = _recent("products")
    of_products = f"select id from line_items where try_cast(hs_product_id as bigint) in ({products})"
    return reach.set("lines", _recent("line_items"), of_products)


def _deals(reach: Reach) -> str:
    parts = [reach.deals(), _near("line_items", _lines(reach), "deals")]
    for activity in ACTIVITIES:
        touched = _recent(activity)
        parts.append(_near(activity, touched, "deals"))
        parts.append(_near("contacts", _near(activity, touched, "contacts"), "deals"))
    return reach.sql(_text(_union(parts)))


def _stage_changes(reach: Reach) -> str:
    return reach.sql(_text(reach.deals()))


def _activities(reach: Reach) -> str:
    deals, parts = reach.deals(), []
    for kind in KINDS.values():
        near = [
            _recent(kind.object),
            _near("companies", _recent("companies"), kind.object),
            _near("deals", deals, kind.object),
            _near("contacts", "select id from contacts_2", kind.object),
            _near("leads", "select id from leads_3", kind.object),
        ]
        parts.append(f"select '{kind.prefix}-' || id as id from ({_union(near)})")
    return reach.sql(" union all ".join(parts))


def _quotes(reach: Reach) -> str:
    return reach.sql(_text(_union([_recent("quotes"), _near("deals", reach.deals(), "quotes")])))


def _line_items(reach: Reach) -> str:
    return reach.sql(_text(_union([_lines(reach), _near("deals", reach.deals(), "line_items")])))


def _subscriptions(reach: Reach) -> str:
    deals, contacts = reach.deals(), "select id from contacts_2"
    objects = _union(
        [
            _recent("subscriptions"),
            _near("companies", _recent("companies"), "subscriptions"),
            _near("deals", deals, "subscriptions"),
            _near("contacts", contacts, "subscriptions"),
        ]
    )
    lines = _union([_lines(reach), _near("deals", deals, "line_items")])
    return reach.sql(f"{_text(objects)} union all select 'line_item-' || id as id from ({lines})")


def _text(ids: str) -> str:
    return f"select cast(id as varchar) as id from ({ids})"


AFFECTED: Mapping[str, Callable[[Reach], str]] = {
    "accounts": _accounts,
    "leads": _leads,
    "deals": _deals,
    "stage_changes": _stage_changes,
    "activities": _activities,
    "quotes": _quotes,
    "line_items": _line_items,
    "subscriptions": _subscriptions,
}
