"""After a change of which of the mirror's tables all rows of a table are made anew."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.translation import rules
from connectors.mapping import Filters, SourceSettings
from kpi.schema import TABLES, Type

# Which tables' mappings rows of a table hang on, besides filters.
READS: Mapping[str, tuple[str, ...]] = {
    "owners": ("owners",),
    "teams": ("teams",),
    "accounts": ("accounts", "deals"),
    "campaigns": ("campaigns",),
    "leads": ("leads", "deals"),
    "deals": ("deals", "leads", "activities", "line_items"),
    "stage_changes": ("stage_changes", "deals"),
    "activities": ("activities", "leads"),
    "quotes": ("quotes", "deals"),
    "line_items": ("line_items", "deals"),
    "subscriptions": ("subscriptions", "line_items", "deals"),
    "spend": ("spend",),
    "targets": ("targets",),
    "fx_rates": ("fx_rates",),
}
_FILTERED = ("accounts", "leads", "deals")  # whose columns decide what is left out

_LISTS: Mapping[str, frozenset[str]] = {
    "owners": frozenset({"owners", "users"}),
    "teams": frozenset({"teams"}),
    "campaigns": frozenset({"campaigns"}),
    "spend": frozenset({"campaign_spend", "account"}),
    "fx_rates": frozenset({"exchange_rates", "account"}),
    "targets": frozenset({"goal_targets", "owners"}),
    "accounts": frozenset({"stages", "pipelines", "options"}),
    "leads": frozenset({"stages", "pipelines", "options", "campaigns"}),
    "deals": frozenset({"stages", "pipelines", "options", "account"}),
    "stage_changes": frozenset({"stages", "pipelines"}),
    "quotes": frozenset({"account"}),
    "line_items": frozenset({"options"}),
    # Line items make subscriptions only while there is no subscription object.
    "subscriptions": frozenset({"stages", "pipelines", "account", "subscriptions"}),
}


def tables_read(table: str, filters: Filters) -> tuple[str, ...]:
    """The schema's tables whose mapping decides about rows of ``table``."""
    more = _FILTERED if table in _BY_RECORD and filters != Filters() else ()
    return tuple(dict.fromkeys((*READS[table], *more)))


def whole_after(table: str, settings: SourceSettings) -> frozenset[str]:
    """Mirror tables whose change means that all rows of ``table`` are made anew."""
    lists = set(_LISTS.get(table, ()))
    filters = settings.filters
    read = tables_read(table, filters)
    if any(name in settings.maps for name in read):
        lists |= {"options", "stages", "pipelines"}
    if filters.excluded_owners:
        lists |= {"owners"}
    if table in _BY_RECORD and (filters.pipelines or filters.excluded_pipelines or filters.types):
        lists |= {"stages", "pipelines", "options"}
    if table in _BY_RECORD and _has_hidden_links(table, read, settings):
        lists |= set(OBJECTS)
    return frozenset(lists)


_BY_RECORD = frozenset(READS) - {"owners", "teams", "campaigns", "spend", "targets", "fx_rates"}


def _has_hidden_links(table: str, read: tuple[str, ...], settings: SourceSettings) -> bool:
    """Whether another record is found by a mapped property. Once it is changed, nothing tells what it was."""
    only_itself = table not in _FILTERED and not rules.any_filter(settings.filters)
    return any(
        TABLES[name].column(column).type is Type.ID and column != "owner_id" and field.columns
        for name in read
        if name in settings.maps and not (name == table and only_itself)
        for column, field in settings.maps[name].fields.items()
    )
