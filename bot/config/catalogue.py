"""The KPIs that a configuration makes: the built-in ones with its numbers in them, and the company's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.config.errors import Place
from bot.config.settings import CapacitySettings
from bot.question import Names, QuestionError, parse_question
from kpi.catalogue import CATALOGUE
from kpi.catalogue.capacity import aecapacity, bdrcapacity
from kpi.model import Kpi
from kpi.organisation import Organisation
from kpi.own import OwnKpi
from kpi.own.definition import define_kpi
from kpi.own.errors import OwnKpiError
from kpi.periods import Calendar, PeriodError
from kpi.scopes import COMPANY, Directory

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # on whatever day: a word for a KPI names no period


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
            _check_questions(kpi)
        except OwnKpiError as error:
            place = at.under("kpi", entry=entry)
            for key in error.keys:
                place = place.under(key)
            raise place.error(str(error)) from None
        known[kpi.id] = kpi
        own.append(kpi)
    return tuple(own)


def _check_questions(kpi: Kpi) -> None:
    """OwnKpiError for a word by which a question would not ask for the KPI, because it means something else."""
    words = [(("id",), kpi.id), *((("names", language), name) for language, of in kpi.names.items() for name in of)]
    names = Names([kpi], Directory((), (), ()), lambda _user_id: None)
    for keys, word in words:
        try:
            asked = parse_question(
                word,
                names,
                calendar=Calendar(Organisation()),
                now=_SOME_DAY,
                asker=None,
                default_scope=COMPANY,
            ).kpi
        except (QuestionError, PeriodError):
            asked = None
        if asked is not kpi:
            raise OwnKpiError(f"{word[:60]!r} means something else in a question: choose another word.", *keys)
