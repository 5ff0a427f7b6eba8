"""What Slack, the command line and the digests share: a question in, with whose rights, and an answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.access import Access, Policy, Viewer, default_scope
from bot.question import Names, QuestionError, parse_question
from bot.targets import stated_targets
from kpi.compute import read
from kpi.engines import read_directory
from kpi.engines.base import Engine
from kpi.model import Filter, Kpi, Reading, Request, Scope
from kpi.organisation import Organisation
from kpi.own.errors import OwnKpiError
from kpi.periods import Calendar
from kpi.plan import Context, define
from kpi.scopes import Directory, Rep, ScopeError
from kpi.targets import StatedTarget

if TYPE_CHECKING:
    from bot.config import Config

NOT_PERMITTED = "not_permitted"


class NotPermittedError(Exception):
    """The asker may see nothing at all, or not what was asked. One line that tells no figure and no name."""


def nobody_by_slack(_user_id: str) -> Rep | None:
    """Outside Slack a mention names nobody."""
    return None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and how mentions in the question are resolved. ``default`` is whose numbers are meant where the
    question names nobody; None takes the asker's own."""

    viewer: Viewer
    default: Scope | None = None
    rep_by_slack: Callable[[str], Rep | None] = nobody_by_slack


class Desk:
    """Answers questions from one snapshot, with the rights of who asks. Cheap to make, one for each question."""

    def __init__(
        self,
        engine: Engine,
        organisation: Organisation,
        catalogue: Mapping[str, Kpi],
        policy: Policy,
        now: datetime,
        *,
        smallest_ranked: int = 5,
        stale_after: timedelta | None = None,
        stated: Sequence[StatedTarget] = (),
    ) -> None:
        self.engine = engine
        self.directory: Directory = read_directory(engine)
        self.access = Access(policy, self.directory)
        self.context = Context(
            catalogue,
            Calendar(organisation),
            organisation.currency,
            self.directory,
            now,
            smallest_ranked,
            stale_after,
            stated,
        )

    def ask(self, text: str, asker: Asker) -> Reading:
        """The answer to a question. Where the asker may not see it, it has no value and the reason
        ``not_permitted``. Raises QuestionError, PeriodError, ScopeError; NotPermittedError for a stranger."""
        return self.answer(self.parse(text, asker), asker.viewer)

    def parse(self, text: str, asker: Asker) -> Request:
        """The question understood. A stranger learns neither names nor what there is to ask about."""
        viewer = asker.viewer
        is_known = self.access.is_known(viewer)
        try:
            return parse_question(
                text,
                self._names(asker, is_known=is_known),
                calendar=self.context.calendar,
                now=self.context.now,
                asker=viewer.rep,
                default_scope=asker.default or default_scope(viewer, self.directory),
            )
        except (QuestionError, ScopeError):
            if is_known:
                raise
            raise NotPermittedError("You are not among the people of the CRM, so there is nothing to see.") from None

    def answer(self, request: Request, viewer: Viewer) -> Reading:
        """The answer to one request, as far as the viewer may see it."""
        return self.answers([request], viewer)[0]

    def answers(self, requests: Sequence[Request], viewer: Viewer) -> list[Reading]:
        """The answers to many requests, in their order, read at once."""
        permitted = [request for request in requests if self.access.may_see_request(viewer, request)]
        with self.blaming_own_kpis(permitted):
            found = dict(zip(map(id, permitted), read(self.engine, permitted, self.context), strict=True))
        return [found.get(id(request)) or self._refused(request, viewer) for request in requests]

    @contextmanager
    def blaming_own_kpis(self, requests: Sequence[Request]) -> Iterator[None]:
        """Answers to these requests are made within: where that fails, and a KPI of the company's own is why, it raises
        OwnKpiError instead, one line for the user."""
        try:
            yield
        except Exception as error:
            from kpi.own.faults import find_fault, is_own

            catalogue = self.context.catalogue
            meant = [define(one.kpi, one.variant, catalogue).held_against or one.kpi for one in requests]
            for kpi in {kpi.id: kpi for kpi in meant if is_own(kpi)}.values():
                fault = find_fault(self.engine, kpi, self.context.now)
                if fault:
                    message = f"{kpi.id} cannot be computed as this company's configuration defines it: {fault}"
                    raise OwnKpiError(message) from error
            raise

    def value_names(self, where: Sequence[Filter]) -> Mapping[tuple[str, str], str]:
        """The names of the reps, teams and campaigns of filters, by dimension and stored id."""
        of = {
            "rep": {rep.id: rep.name for rep in self.directory.reps.values()},
            "team": {team.id: team.name for team in self.directory.teams.values()},
        }
        if any(each.dimension == "campaign" for each in where):
            of["campaign"] = dict(self._read_campaigns())
        values = {(each.dimension, value) for each in where for value in each.values}
        return {(by, value): of[by][value] for by, value in values if value in of.get(by, ())}

    def _names(self, asker: Asker, *, is_known: bool) -> Names:
        """What the asker can name."""
        kpis = self.context.catalogue.values()
        if is_known:
            return Names(kpis, self.directory, asker.rep_by_slack, self._read_campaigns)
        # Nobody is there for a stranger, so that a name that exists is answered as one that does not.
        return Names(kpis, Directory((), (), self.directory.sources), nobody_by_slack)

    def _read_campaigns(self) -> Mapping[str, str]:
        return dict(self.engine.run("select id, name from campaigns"))

    def _refused(self, request: Request, viewer: Viewer) -> Reading:
        scope = request.scope if self.access.is_known(viewer) else replace(request.scope, name="")
        return Reading(
            kpi=request.kpi.id,
            name=request.kpi.name,
            variant=request.variant,
            unit=request.kpi.unit,
            better=request.kpi.better,
            currency=self.context.currency,
            scope=scope,
            period=request.period,
            value=None,
            numerator=None,
            denominator=None,
            records=0,
            reason=NOT_PERMITTED,
            interval=None,
            previous=None,
            previous_to_date=None,
            benchmark=None,
            target=None,
            as_of=self.engine.as_of(),
            now=self.context.now,
        )


def open_desk(config: Config, engine: Engine, now: datetime) -> Desk:
    """A desk over the configured organisation, KPIs and rights."""
    return Desk(
        engine,
        config.organisation,
        config.catalogue,
        Policy(config.access.policy),
        now,
        smallest_ranked=config.ranking.smallest,
        stale_after=config.sync.stale_after,
        stated=stated_targets(config),
    )
