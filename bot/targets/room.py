"""What is done about targets happens here: what is asked for understood, the targets that stand, and where to write."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.config import Config
from bot.services import Desk
from bot.targets.stated import stated_targets
from bot.targets.told import Teller
from bot.targets.wanted import read_kpi, read_scope
from kpi.model import Kpi, Scope
from kpi.periods import Period
from kpi.targets import TargetKey, Targets, key_of, read_targets
from kpi.targets.spans import parse_target_period

if TYPE_CHECKING:
    from bot.state import TargetBook


@dataclass(frozen=True, slots=True)
class Subject:
    """What a target is, or is to be, on."""

    kpi: Kpi
    scope: Scope
    period: Period

    @property
    def key(self) -> TargetKey:
        return key_of(self.kpi.id, self.scope, self.period.key)


@dataclass(frozen=True, slots=True)
class Room:
    """One call's view of the targets. ``author`` is whose changes these are."""

    config: Config
    desk: Desk
    author: str

    def subject(self, kpi: str, scope: str, period: str) -> Subject:
        """What these words mean; TargetError, ScopeError or PeriodError where they mean nothing."""
        return Subject(self.kpi(kpi), self.scope(scope), self.period(period))

    def kpi(self, text: str) -> Kpi:
        return read_kpi(text, self.desk.context.catalogue)

    def scope(self, text: str) -> Scope:
        return read_scope(text, self.desk.directory)

    def period(self, key: str) -> Period:
        return parse_target_period(self.desk.context.calendar, key)

    def targets(self, kpis: Collection[str] | None = None) -> Targets:
        """Those on these KPIs (None: on all) that stand."""
        wanted = self.desk.context.catalogue.keys() if kpis is None else kpis
        return read_targets(self.desk.engine, self.desk.directory, wanted, stated_targets(self.config))

    @property
    def teller(self) -> Teller:
        context, organisation = self.desk.context, self.config.organisation
        return Teller(context.catalogue, self.desk.directory, organisation.currency, organisation.locale)

    @contextmanager
    def book(self) -> Iterator[TargetBook]:
        """Where changes are written. StateError where that is not possible."""
        from bot.state import TargetBook, open_state

        state = open_state(self.config.state_url, self.config.base)
        try:
            yield TargetBook(state, author=self.author, clock=lambda: datetime.now(UTC))
        finally:
            state.close()
