"""The KPIs that a configuration makes: the built-in ones with its numbers in them, and the company's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.config.errors import Place
from bot.config.settings import CapacitySettings
from kpi.catalogue import CATALOGUE
from kpi.catalogue.capacity import aecapacity, bdrcapacity
from kpi.model import Kpi
from kpi.own import OwnKpi
from kpi.own.definition import define_kpi
from kpi.own.errors import OwnKpiError


def built_in_kpis(capacity: CapacitySettings) -> Mapping[str, Kpi]:
    """The built-in KPIs by id, capacities as configured."""
    configured = []
    if capacity.leads_per_day:
        configured.append(bdrcapacity(Decimal(capacity.leads_per_day)))
    if capacity.deals_per_day:
        configured.append(aecapacity(Decimal(capacity.deals_per_day)))
    return {**CATALOGUE, **{kpi.id: kpi for kpi in configured}}


def define_kpis(blocks: Sequence[OwnKpi], capacity: CapacitySettings, at: Place) -> tuple[Kpi, ...]:
    """The KPIs of the ``[[kpi]]`` blocks, whose ids differ. ConfigError, by its place, for what cannot be."""
    known = dict(built_in_kpis(capacity))
    own = []
    for entry, block in enumerate(blocks, start=1):
        try:
            kpi = define_kpi(block, known)
        except OwnKpiError as error:
            place = at.under("kpi", entry=entry)
            for key in error.keys:
                place = place.under(key)
            raise place.error(str(error)) from None
        known[kpi.id] = kpi
        own.append(kpi)
    return tuple(own)
