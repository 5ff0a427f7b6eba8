"""``kpi check --against-crm``: won deals and their amount, month by month, beside the CRM's own figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.checks import Check, Level
from bot.surroundings import surroundings_of
from bot.views.numbers import count, money
from connectors import open_connector
from connectors.base import Connector, SourceError, Surroundings
from connectors.mapping import SourceSettings
from connectors.wins import CountsWins, Month, MonthlyWins
from kpi.engines import open_engine
from kpi.engines.base import Engine, StoreError
from kpi.periods import Calendar, Grain

if TYPE_CHECKING:
    from bot.config import Config

_MONTHS = 6  # the running one is the last of them
# The same records as the KPIs deals and bookings have; a source's ids begin with its name.
_OURS = """
    select count(*), coalesce(sum(value), 0), count(*) filter (where value is null)
    from closed_deals
    where status = 'won' and starts_with(deal_id, $prefix) and closed_instant >= $start and closed_instant < $end
"""


@dataclass(frozen=True, slots=True)
class _Ours:
    won: int
    amount: Decimal
    unvalued: int


def against_crm(
    config: Config,
    now: datetime,
    clock: Callable[[], datetime],
    connect: Callable[[SourceSettings, Surroundings], Connector] = open_connector,
) -> Iterator[Check]:
    """A line for each source and month. What differs is a note, with what may explain it: nothing is broken."""
    try:
        engine = open_engine(config.store_url, config.base)
    except StoreError as error:
        yield Check(Level.BAD, "store", str(error))
        return
    surroundings = surroundings_of(config, clock)
    with closing(engine):
        for settings in config.sources:
            subject = f"source {settings.name}"
            try:
                connector = connect(settings, surroundings)
                if isinstance(connector, CountsWins):
                    yield from _compare(config, engine, connector, settings.name, now)
                else:
                    told = f"{settings.type} have no figures of their own to compare with"
                    yield Check(Level.NOTE, subject, told)
            except (SourceError, StoreError) as error:
                yield Check(Level.BAD, subject, str(error))


def _compare(config: Config, engine: Engine, connector: CountsWins, source: str, now: datetime) -> Iterator[Check]:
    synced_at = engine.as_of([source])
    if synced_at is not None:
        yield Check(Level.OK, f"source {source}", f"compared as of the sync of {synced_at:%Y-%m-%d %H:%M} UTC")
    for theirs in connector.monthly_wins(_months(Calendar(config.organisation), now), synced_at):
        yield _told(config, source, theirs, _read_ours(engine, source, theirs.month))


def _months(calendar: Calendar, now: datetime) -> list[Month]:
    running = calendar.containing(calendar.local_day(now), Grain.MONTH)
    periods = (*calendar.preceding(running, _MONTHS - 1), running)
    return [Month(period.key, period.start, period.end) for period in periods]


def _read_ours(engine: Engine, source: str, month: Month) -> _Ours:
    start, end = (instant.replace(tzinfo=None) for instant in (month.start, month.end))
    ((won, amount, unvalued),) = engine.run(_OURS, {"prefix": f"{source}:", "start": start, "end": end})
    return _Ours(won, Decimal(amount), unvalued)


def _told(config: Config, source: str, theirs: MonthlyWins, ours: _Ours) -> Check:
    organisation = config.organisation
    is_same_money = theirs.currency == organisation.currency
    is_same = ours.won == theirs.won and (not is_same_money or _cents(ours.amount) == _cents(theirs.amount))
    figures = (
        f"in the CRM {_shown(theirs.won, theirs.amount, theirs.currency, organisation.locale)}; "
        f"here {_shown(ours.won, ours.amount, organisation.currency, organisation.locale)}"
    )
    reasons = [*theirs.reasons, *([f"{ours.unvalued:,} here without amount or rate"] if ours.unvalued else ())]
    if not is_same_money:
        reasons.append("the amounts are in two currencies and not compared")
    told = "may explain it" if not is_same else "to know"
    explained = f" ({told}: {'; '.join(reasons)})" if reasons else ("" if is_same else " (nothing found explains it)")
    return Check(Level.OK if is_same else Level.NOTE, f"source {source}: {theirs.month.key}", figures + explained)


def _shown(won: int, amount: Decimal, currency: str, locale: str) -> str:
    return f"{count(Decimal(won), locale)} won, {money(amount, currency, locale)}"


def _cents(amount: Decimal) -> Decimal:
    return round(amount, 2)
