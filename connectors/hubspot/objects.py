"""What is pulled from HubSpot, as data: one literal per object, one per association."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CrmObject:
    """A kind of record. ``name`` is that of the API's paths and of the mirror's table.

    ``modified``: the property that moves with every change. ``history``: the property whose past values are pulled,
    where ``history_when`` (SQL over the mirrored record) says so. ``scopes``: of which one is needed.
    ``is_needed``: without it there is nothing to answer; others may be absent from an account.
    """

    name: str
    scopes: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    history: str | None = None
    history_when: str = "true"
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two objects whose associations are pulled, read from the side of ``source``, which has few of each.
    ``is_one_way``: HubSpot answers from that side alone."""

    source: str
    target: str
    is_one_way: bool = False

    @property
    def name(self) -> str:
        """The mirror's table: ``source_id``, ``target_id``, ``is_primary``."""
        return f"{self.source}__{self.target}"


def _since(stage: str) -> str:
    return f"coalesce(hs_lifecyclestage_{stage}_date, hs_v2_date_entered_{stage})"


_LEAD_AT, _MQL_AT, _SQL_AT = map(_since, ("lead", "marketingqualifiedlead", "salesqualifiedlead"))
_CONTACTS_READ = ("crm.objects.contacts.read",)

_OBJECTS = (
    CrmObject("companies", ("crm.objects.companies.read",)),
    CrmObject(
        "contacts",
        _CONTACTS_READ,
        modified="lastmodifieddate",
        history="lifecyclestage",
        # HubSpot stamps these dates itself; they are empty where an import has jumped over a stage.
        history_when=f"""case when lifecyclestage in ('subscriber', 'other') or lifecyclestage is null then false
            when lifecyclestage = 'lead' then {_LEAD_AT} is null
            when lifecyclestage = 'marketingqualifiedlead' then {_MQL_AT} is null
            else {_MQL_AT} is null or {_SQL_AT} is null end""",
        is_needed=True,
    ),
    CrmObject("leads", ("crm.objects.leads.read",)),
    CrmObject("deals", ("crm.objects.deals.read",), history="dealstage", is_needed=True),
    CrmObject("calls", _CONTACTS_READ),
    CrmObject("emails", ("sales-email-read",)),
    CrmObject("meetings", _CONTACTS_READ),
    CrmObject("communications", _CONTACTS_READ),
    CrmObject("tasks", _CONTACTS_READ),
    CrmObject("quotes", ("crm.objects.quotes.read",)),
    CrmObject("products", ("crm.objects.products.read", "e-commerce")),
    CrmObject("line_items", ("crm.objects.line_items.read", "e-commerce")),
    CrmObject("subscriptions", ("crm.objects.subscriptions.read",)),
    CrmObject("goal_targets", ("crm.objects.goals.read",)),
    CrmObject("users", ("crm.objects.users.read",)),
)

OBJECTS: Mapping[str, CrmObject] = {each.name: each for each in _OBJECTS}

ACTIVITIES = ("calls", "emails", "meetings", "communications", "tasks")

PAIRS: tuple[Pair, ...] = (
    Pair("contacts", "companies"),
    *(Pair("leads", target) for target in ("contacts", "companies")),
    Pair("leads", "deals", is_one_way=True),
    *(Pair("deals", target) for target in ("companies", "contacts")),
    *(Pair(activity, target) for activity in ACTIVITIES for target in ("contacts", "companies", "deals", "leads")),
    Pair("quotes", "deals"),
    Pair("line_items", "deals"),
    *(Pair("subscriptions", target) for target in ("companies", "contacts", "deals")),
)
