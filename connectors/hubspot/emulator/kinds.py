"""The kinds of records an account has: names, ids, scopes and what makes each one different. One literal per kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.hubspot.emulator.routing import ApiError

_MERGED_INTO_A_NEW_ONE = frozenset({"deals", "tickets"})
_MERGED_INTO_THE_WINNER = frozenset({"contacts", "companies"})


@dataclass(frozen=True, slots=True)
class Kind:
    """``name``: in paths (``line_items``). ``singular``: in messages and names of associations (``line_item``).

    ``modified``, ``created``: the properties that hold when a record was changed and made. ``defaults``: what is
    answered when no properties are asked for. ``pipeline``, ``stage``: the properties that name them.
    """

    name: str
    type_id: str
    singular: str
    scopes: tuple[str, ...]
    defaults: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    created: str = "hs_createdate"
    pipeline: str | None = None
    stage: str | None = None

    @property
    def always(self) -> tuple[str, ...]:
        """What every answer holds, whatever is asked for."""
        return ("hs_object_id", self.created, self.modified)

    @property
    def key(self) -> str:
        """The name of inline associations with such records."""
        return self.name.replace("_", " ") if self.name == "line_items" else self.name

    @property
    def is_mergeable(self) -> bool:
        return self.name in _MERGED_INTO_A_NEW_ONE | _MERGED_INTO_THE_WINNER

    @property
    def merges_into_a_new_one(self) -> bool:
        return self.name in _MERGED_INTO_A_NEW_ONE


_CONTACTS_READ = ("crm.objects.contacts.read",)

_KINDS = (
    Kind(
        "contacts",
        "0-1",
        "contact",
        _CONTACTS_READ,
        ("email", "firstname", "lastname"),
        modified="lastmodifieddate",
        created="createdate",
        stage="lifecyclestage",
    ),
    Kind(
        "companies",
        "0-2",
        "company",
        ("crm.objects.companies.read",),
        ("domain", "name"),
        created="createdate",
        stage="lifecyclestage",
    ),
    Kind(
        "deals",
        "0-3",
        "deal",
        ("crm.objects.deals.read",),
        ("amount", "closedate", "dealname", "dealstage", "pipeline"),
        created="createdate",
        pipeline="pipeline",
        stage="dealstage",
    ),
    Kind(
        "tickets",
        "0-5",
        "ticket",
        ("tickets",),
        ("content", "subject"),
        created="createdate",
        pipeline="hs_pipeline",
        stage="hs_pipeline_stage",
    ),
    Kind(
        "products",
        "0-7",
        "product",
        ("crm.objects.products.read", "e-commerce"),
        ("description", "hs_sku", "name", "price"),
        created="createdate",
    ),
    Kind(
        "line_items",
        "0-8",
        "line_item",
        ("crm.objects.line_items.read", "e-commerce"),
        ("amount", "name", "price", "quantity"),
        created="createdate",
    ),
    Kind("quotes", "0-14", "quote", ("crm.objects.quotes.read",), ("hs_title", "hs_status")),
    Kind("communications", "0-18", "communication", _CONTACTS_READ),
    Kind("tasks", "0-27", "task", _CONTACTS_READ),
    Kind("notes", "0-46", "note", _CONTACTS_READ),
    Kind("meetings", "0-47", "meeting", _CONTACTS_READ),
    Kind("calls", "0-48", "call", _CONTACTS_READ),
    # The contents of emails have a scope of their own, besides that of contacts.
    Kind("emails", "0-49", "email", ("sales-email-read",)),
    Kind("subscriptions", "0-69", "subscription", ("crm.objects.subscriptions.read",)),
    Kind("goal_targets", "0-74", "goal_target", ("crm.objects.goals.read",)),
    Kind("users", "0-115", "user", ("crm.objects.users.read",)),
    Kind(
        "leads",
        "0-136",
        "lead",
        ("crm.objects.leads.read",),
        pipeline="hs_pipeline",
        stage="hs_pipeline_stage",
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
_BY_ANY_NAME = {name: kind for kind in _KINDS for name in (kind.name, kind.type_id, kind.singular)}


def find_kind(name: str) -> Kind | None:
    """By name, singular (``deal``) or type id (``0-3``)."""
    return _BY_ANY_NAME.get(name.lower())


def kind_of(name: str) -> Kind:
    """As ``find_kind``; the API's error where there is none."""
    if kind := find_kind(name):
        return kind
    raise ApiError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")


def read_scopes(path: Mapping[str, str]) -> Sequence[str]:
    """The scopes of the object that a path names, of which one is needed; none for an unknown object."""
    kind = find_kind(path.get("object", ""))
    return kind.scopes if kind else ()


def schema_scopes(path: Mapping[str, str]) -> Sequence[str]:
    """As ``read_scopes``, for definitions: a scope for schemas will do."""
    kind = find_kind(path.get("object", ""))
    return (*kind.scopes, f"crm.schemas.{kind.name}.read") if kind else ()
