"""Which properties of HubSpot's records feed which column of the schema, as data, and which of them are pulled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.base import MappingError
from connectors.hubspot.objects import ACTIVITIES
from connectors.mapping import FieldMap, SourceSettings
from kpi.schema import TABLES, Type


@dataclass(frozen=True, slots=True)
class Feed:
    """One object that rows of a table are made of. ``columns``: of each schema column that properties decide, those
    properties, first to last. Columns that only associations or other lists decide are not named."""

    object: str
    columns: Mapping[str, tuple[str, ...]]


LEAD_STAGES = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist")


def lifecycle_dates(stage: str) -> tuple[str, str]:
    """The properties that hold when a contact or company came into a lifecycle stage: the older one, which keeps the
    first time, then the newer."""
    return f"hs_lifecyclestage_{stage}_date", f"hs_v2_date_entered_{stage}"


_OWNER = ("hubspot_owner_id",)
_CREATED = ("hs_createdate",)

_CONTACT_LEADS = Feed(
    "contacts",
    {
        "owner_id": _OWNER,
        "email": ("email",),
        "source": ("hs_analytics_source",),
        "campaign_id": ("hs_analytics_first_touch_converting_campaign",),
        "status": ("hs_lead_status", "lifecyclestage"),
        "created_at": tuple(name for stage in LEAD_STAGES for name in lifecycle_dates(stage)),
        "mql_at": lifecycle_dates("marketingqualifiedlead"),
        "sql_at": lifecycle_dates("salesqualifiedlead"),
        "opportunity_at": lifecycle_dates("opportunity"),
        "won_at": lifecycle_dates("customer"),
    },
)
_LEAD_OBJECTS = Feed(
    "leads",
    {
        "owner_id": _OWNER,
        "status": ("hs_pipeline_stage",),
        "created_at": _CREATED,
        "disqualified_at": ("hs_v2_date_entered_current_stage",),
    },
)
_DEALS = Feed(
    "deals",
    {
        "name": ("dealname",),
        "owner_id": _OWNER,
        "pipeline": ("pipeline",),
        "stage": ("dealstage",),
        "type": ("dealtype",),
        "status": ("dealstage",),
        "amount": ("amount",),
        "cost": ("hs_cost_of_goods_sold",),
        "currency": ("deal_currency_code",),
        "probability": ("hs_deal_stage_probability",),
        "source": ("hs_analytics_source",),
        "created_at": ("createdate",),
        "close_date": ("closedate",),
        "closed_at": ("closedate",),
        "mrr": ("hs_mrr",),
    },
)
_SUBSCRIPTIONS = Feed(
    "subscriptions",
    {
        "owner_id": _OWNER,
        "product": ("hs_name",),
        "mrr": ("hs_mrr", "hs_last_payment_amount", "hs_next_payment_amount"),
        "currency": ("hs_currency_code",),
        "started_at": ("hs_recurring_billing_start_date",),
        "ended_at": ("hs_recurring_billing_end_date",),
    },
)
_RECURRING_LINES = Feed(
    "line_items",
    {
        "product": ("name",),
        "mrr": ("hs_mrr", "amount"),
        "started_at": ("hs_recurring_billing_start_date",),
        "ended_at": ("hs_recurring_billing_end_date", "hs_recurring_billing_period"),
    },
)


def _activity(name: str, at: tuple[str, ...], **columns: tuple[str, ...]) -> Feed:
    return Feed(name, {"owner_id": _OWNER, "at": at, "created_at": _CREATED, **columns})


_AT = ("hs_timestamp",)

FEEDS: Mapping[str, tuple[Feed, ...]] = {
    "owners": (Feed("users", {"timezone": ("hs_standard_time_zone",)}),),
    "accounts": (
        Feed(
            "companies",
            {
                "name": ("name",),
                "owner_id": _OWNER,
                "industry": ("industry",),
                "segment": ("numberofemployees",),
                "region": ("state",),
                "country": ("country",),
                "employees": ("numberofemployees",),
                "created_at": ("createdate",),
                "customer_since": lifecycle_dates("customer"),
            },
        ),
    ),
    "leads": (_CONTACT_LEADS, _LEAD_OBJECTS),
    "deals": (_DEALS,),
    "activities": (
        _activity(
            "calls",
            _AT,
            type=("hs_activity_type",),
            direction=("hs_call_direction",),
            duration_seconds=("hs_call_duration",),
            outcome=("hs_call_disposition", "hs_call_status"),
        ),
        _activity(
            "emails",
            _AT,
            direction=("hs_email_direction",),
            outcome=("hs_email_status",),
            opened=("hs_email_open_count",),
            replied=("hs_email_reply_count",),
        ),
        _activity(
            "meetings",
            ("hs_meeting_start_time", *_AT),
            type=("hs_activity_type",),
            duration_seconds=("hs_meeting_start_time", "hs_meeting_end_time"),
            outcome=("hs_meeting_outcome",),
        ),
        _activity("communications", _AT),
        _activity("tasks", ("hs_task_completion_date", *_AT), outcome=("hs_task_status",)),
    ),
    "quotes": (
        Feed(
            "quotes",
            {
                "owner_id": _OWNER,
                "amount": ("hs_quote_amount",),
                "currency": ("hs_currency",),
                "sent_at": ("hs_published_date", "hs_createdate"),
                "accepted_at": ("hs_esign_date", "hs_payment_date"),
            },
        ),
    ),
    "line_items": (
        Feed(
            "line_items",
            {
                "product": ("name",),
                "family": ("hs_product_type",),
                "quantity": ("quantity",),
                "amount": ("amount",),
                "cost": ("hs_cost_of_goods_sold",),
            },
        ),
    ),
    "subscriptions": (_SUBSCRIPTIONS, _RECURRING_LINES),
    "targets": (
        Feed(
            "goal_targets",
            {
                "kpi": ("hs_goal_type", "hs_kpi_property_name", "hs_kpi_metric_type"),
                "scope_id": ("hubspot_owner_id", "hs_assignee_team_id", "hubspot_team_id", "hs_assignee_user_id"),
                "period": ("hs_start_datetime", "hs_end_datetime"),
                "kind": ("hs_kpi_unit_type",),
                "value": ("hs_target_amount",),
            },
        ),
    ),
}

# What rows need besides: to find or to choose them, not as the value of a column.
_BESIDES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("createdate",),
    "leads": ("hs_lead_is_disqualified",),
    "deals": ("hs_is_closed", "hs_is_closed_won"),
    "quotes": ("hs_status", "hs_quote_status", "hs_quote_esign_status", "hs_manually_signed", "hs_payment_status"),
    "products": ("name", "hs_product_type"),
    "line_items": (
        "hs_product_id",
        "quantity",
        "hs_recurring_billing_period",
        "recurringbillingfrequency",
        "hs_term_in_months",
    ),
    "subscriptions": ("hs_status", "hs_subscription_status", "hs_recurring_billing_frequency"),
    "users": ("hs_internal_user_id", "hubspot_owner_id"),
}
_MERGED = ("contacts", "companies", "deals")
TITLES: Mapping[str, str] = {"calls": "hs_call_title", "meetings": "hs_meeting_title", "tasks": "hs_task_subject"}
ACTIVITY_TYPES: Mapping[str, str] = dict.fromkeys(("calls", "meetings", "tasks"), "hs_activity_type")

# Names that HubSpot's own pages do not give, or that not every account has: their absence costs a column, no more.
DOUBTFUL = frozenset(
    {
        "hs_analytics_first_touch_converting_campaign", "hs_assignee_user_id", "hs_cost_of_goods_sold",
        "hs_esign_date", "hs_kpi_metric_type", "hs_kpi_property_name", "hs_kpi_unit_type", "hs_lead_is_disqualified",
        "hs_manually_signed", "hs_mrr", "hs_payment_date", "hs_published_date", "hs_quote_status",
        "hs_recurring_billing_end_date", "hs_subscription_status", "hs_term_in_months",
        "hs_v2_date_entered_current_stage",
    }
)  # fmt: skip

_TEXT_LIKE = frozenset({"string", "enumeration", "phone_number"})
_ANY = _TEXT_LIKE | {"number", "date", "datetime", "bool"}
# The types of properties that a column can be read from. A text can hold anything; whether it does shows at the sync.
FITTING: Mapping[Type, frozenset[str]] = {
    Type.ID: frozenset({"string", "enumeration", "number"}),
    Type.TEXT: _ANY,
    Type.TIME: frozenset({"datetime", "date", "string", "number"}),
    Type.DATE: frozenset({"date", "datetime", "string"}),
    **dict.fromkeys((Type.MONEY, Type.DECIMAL, Type.PROBABILITY, Type.INT), frozenset({"number", "string"})),
    Type.BOOL: frozenset({"bool", "enumeration", "string", "number"}),
}

_BODY = re.compile(r"hs_(.+_)?(body|body_preview\w*|html|text|headers|notes|transcript\w*|transcription\w*|summary)")


def property_name(written: str) -> str:
    """A property's name as HubSpot has it, where a mapping writes it in another case or with blanks around it."""
    return written.strip().lower()


def fitting_types(table: str, column: str, field: FieldMap) -> frozenset[str]:
    """The types of properties that this entry of the mapping can be read from."""
    return _ANY if field.values is not None else FITTING[TABLES[table].column(column).type]


def mapped_properties(table: str, settings: SourceSettings) -> tuple[str, ...]:
    """The properties that ``[source.map.TABLE]`` names. Raises MappingError where nothing of that table can be mapped,
    and for one that holds what people wrote to each other."""
    table_map = settings.maps.get(table)
    fields = table_map.fields if table_map else {}
    return tuple(dict.fromkeys(_named(table, fields)))


def properties_of(object_name: str, settings: SourceSettings) -> tuple[str, ...]:
    """Every property that is pulled of an object's records, each once: what the defaults and the mapping read.
    Raises MappingError as mapped_properties does."""
    mapped = {table: mapped_properties(table, settings) for table in (*FEEDS, *settings.maps)}
    names: list[str] = []
    for table, feeds in FEEDS.items():
        for feed in feeds:
            if feed.object == object_name:
                names += [name for properties in feed.columns.values() for name in properties]
                names += mapped[table]
    names += _BESIDES.get(object_name, ())
    names += ["hs_merged_object_ids"] if object_name in _MERGED else []
    names += _of_rules(object_name, settings)
    return tuple(dict.fromkeys(names))


def _named(table: str, fields: Mapping[str, FieldMap]) -> Iterator[str]:
    for column, field in fields.items():
        for written in field.columns:
            where = f"[source.map.{table}] {column}"
            if table not in FEEDS:
                raise MappingError(
                    f"{where}: HubSpot keeps {table} outside its records; only a constant can stand here."
                )
            if _BODY.fullmatch(property_name(written)):
                raise MappingError(
                    f'{where}: "{written}" holds what people wrote or said to each other. '
                    "It is never read; name another property."
                )
            yield property_name(written)


def _of_rules(object_name: str, settings: SourceSettings) -> Iterator[str]:
    """What tells a demo or an onboarding. A title is read only where a rule needs it."""
    if object_name not in ACTIVITIES:
        return
    if object_name in ACTIVITY_TYPES:
        yield ACTIVITY_TYPES[object_name]
    rules = (getattr(settings, "demo", None), getattr(settings, "onboarding", None))
    if object_name in TITLES and any(rule is not None and rule.titles for rule in rules):
        yield TITLES[object_name]
