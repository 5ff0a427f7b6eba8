"""Digests and scorecards, composed: what is asked for them, with whose rights, and the message it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.access import ADMIN, Viewer
from bot.digests.digest import Digest, digest_message, scorecard_message
from bot.digests.requests import HasTarget, breakdown_requests, digest_requests
from bot.services import Desk, NotPermittedError
from bot.views.message import Message
from kpi.defaults import GRAINS
from kpi.formulas import AgainstTarget
from kpi.inputs import read_holidays
from kpi.model import Cadence, Reading, Scope, ScopeType
from kpi.periods import Grain, Period, PeriodError
from kpi.targets import YES_NO, read_targets

_RUNNING = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True, slots=True)
class Report:
    """A digest (of a team or the company) or a scorecard (of a rep), ready to be shown or sent."""

    cadence: Cadence
    scope: Scope
    period: Period
    readings: tuple[Reading, ...]
    message: Message


def report_period(desk: Desk, cadence: Cadence, key: str | None) -> Period:
    """The period of that key, or the last finished one. PeriodError for one that the cadence does not report."""
    calendar, grain = desk.context.calendar, GRAINS[cadence]
    if key is None:
        return calendar.trend(grain, 1, desk.context.now)[0]
    period = calendar.parse(key)
    if period.grain is not grain:
        example = calendar.trend(grain, 1, desk.context.now)[0].key
        raise PeriodError(f"A {cadence.value} report is about a {grain.value}: write a period like {example}.")
    if not calendar.has_begun(period, desk.context.now):
        raise PeriodError(f"{period.key} has not begun, so that there is nothing to report.")
    return period


def compose_report(
    desk: Desk, cadence: Cadence, scope: Scope, period: Period, *, viewers: Sequence[Viewer], locale: str
) -> Report:
    """The report as all of its viewers may see it: the table by rep or team is left out where one of them may not.

    Raises NotPermittedError where one of them may not see the scope at all.
    """
    barred = sum(not desk.access.may_see(viewer, scope) for viewer in viewers)
    if barred:
        who = "1 of those it goes to" if barred == 1 else f"{barred} of those it goes to"
        raise NotPermittedError(
            f"{who} may not see the figures of {scope.name}: take them out of the channel, make them known to the CRM "
            "([[person]]), or widen [access] policy."
        )
    requests = digest_requests(
        cadence,
        scope,
        period,
        catalogue=desk.context.catalogue,
        running=_running_periods(desk),
        has_target=_target_finder(desk),
    )
    tables = breakdown_requests(scope, period, desk.context.catalogue)
    shown = [one for one in tables if all(desk.access.may_see_request(viewer, one) for viewer in viewers)]
    answered = desk.answers([*requests, *shown], ADMIN)  # what each viewer may see was settled above
    readings, breakdown = tuple(answered[: len(requests)]), tuple(answered[len(requests) :])
    digest = Digest(cadence, scope, period, readings, breakdown, _business_days_left(desk, readings))
    compose = scorecard_message if scope.type is ScopeType.REP else digest_message
    return Report(cadence, scope, period, readings, compose(digest, locale))


def _running_periods(desk: Desk) -> list[Period]:
    """Week, month, quarter and year of today."""
    calendar, now = desk.context.calendar, desk.context.now
    return [calendar.containing(calendar.local_day(now), grain) for grain in _RUNNING]


def _target_finder(desk: Desk) -> HasTarget:
    reached = {
        value.kpi
        for kpi in desk.context.catalogue.values()
        for value in (kpi.value, *(variant.value for variant in kpi.variants))
        if isinstance(value, AgainstTarget)
    }
    targets = read_targets(desk.engine, desk.directory, reached, desk.context.stated)

    def has_target(kpi: str, scope: Scope, period: str) -> bool:
        target = targets.find(kpi, scope, period)
        return target is not None and target.kind != YES_NO

    return has_target


def _business_days_left(desk: Desk, readings: Sequence[Reading]) -> int | None:
    """Of the running period that attainment is told for, today included."""
    calendar, now = desk.context.calendar, desk.context.now
    for reading in readings:
        if reading.kpi == "attainment" and calendar.is_running(reading.period, now):
            today: date = calendar.local_day(now)
            return calendar.business_days(today, reading.period.last_day, read_holidays(desk.engine))
    return None
