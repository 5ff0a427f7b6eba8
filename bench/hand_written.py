"""The same questions as SQL that was written by hand for exactly them, on the same snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from bench.asked import CALENDAR, ORGANISATION, PERIODS, STORE, naive
from bench.company import NOW
from kpi.engines.files import current_snapshot, duckdb_files
from kpi.model import Request
from kpi.periods import Period

Query = tuple[str, dict[str, Any]]

_DIGEST = Path(__file__).with_name("digest.sql")

_OF_REP = """
    select count(*) filter (where status = 'won'), count(*)
    from closed_deals
    where closed_instant >= $start and closed_instant < $end and rep_id = $scope
"""
_BY_TEAM = """
    select closure.ancestor_id, count(*) filter (where status = 'won'), count(*)
    from closed_deals as deals
    join reps on reps.id = deals.rep_id
    join team_closure as closure on closure.team_id = reps.team_id
    where deals.closed_instant >= $start and deals.closed_instant < $end
    group by closure.ancestor_id
"""
_BY_MONTH = """
    select month.start_at, count(*) filter (where status = 'won'), count(*)
    from closed_deals as deals
    join (
        select unnest(cast($starts as timestamp[])) as start_at, unnest(cast($ends as timestamp[])) as end_at
    ) as month on deals.closed_instant >= month.start_at and deals.closed_instant < month.end_at
    group by month.start_at
    order by month.start_at
"""
_MEDIAN = """
    select median(response_us) / 60000000, count(*) from lead_responses
    where created_at >= $start and created_at < $end and first_response_at < $now and rep_id in (
        select reps.id from reps join team_closure using (team_id) where ancestor_id = $scope
    )
"""


def open_snapshot(base: Path) -> duckdb.DuckDBPyConnection:
    """A connection to the snapshot in a folder."""
    return duckdb.connect(str(current_snapshot(duckdb_files(STORE, base))), read_only=True)


def digest_query() -> Query:
    """The digest's figures: rows of ``bench.asked.Row``."""
    parameters = {
        "keys": [period.key for period in PERIODS],
        "starts": [naive(period.start) for period in PERIODS],
        "ends": [naive(period.end) for period in PERIODS],
        "days": [naive(CALENDAR.midnight(period.last_day)) for period in PERIODS],
        "now": naive(NOW),
        "currency": ORGANISATION.currency,
    }
    return _DIGEST.read_text("utf-8"), parameters


def query_of(request: Request) -> Query:
    """What answers a question of ``bench.asked.questions``: its figures, in the asked period alone."""
    period: Period = request.period
    within = {"start": naive(period.start), "end": naive(period.end)}
    if request.kpi.id == "responsetime":
        return _MEDIAN, {**within, "now": naive(NOW), "scope": request.scope.id}
    if request.by:
        return _BY_TEAM, within
    if request.trend:
        starts, ends = (
            [naive(at) for at in side] for side in zip(*((m.start, m.end) for m in request.trend), strict=True)
        )
        return _BY_MONTH, {"starts": starts, "ends": ends}
    return _OF_REP, {**within, "scope": request.scope.id}
