"""The digest's figures in pandas, with all that they need in memory: texts as categories, numbers as floats."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.asked import CALENDAR, PERIODS, Row, naive
from bench.company import CURRENCY, NOW
from bench.hand_written import open_snapshot
from bench.processes import forget_peak

_COLUMNS: Mapping[str, str] = {
    "lead_touches": 'rep_id, lead_id, "at", next_appointment_at',
    "done_activities": 'rep_id, "at"',
    "lead_responses": "rep_id, created_at, first_response_at, response_us",
    "created_deals": "rep_id, created_at",
    "closed_deals": "rep_id, closed_instant, status, cast(value as double) as value, cycle_us",
    "lead_funnel": "rep_id, mql_at",
    "deal_states": "rep_id, from_at, until_at, is_current, status, currency, cast(amount as double) as amount",
}
_CATEGORIES = ("rep_id", "lead_id", "status", "currency")
_NOBODY = ""


@dataclass(frozen=True)
class Frames:
    """The relations by name; ``scopes``: whose records a scope counts, as ``rep_id`` and ``scope``; ``rates``: of the
    currencies, on the last days of the periods."""

    relations: Mapping[str, pd.DataFrame]
    scopes: pd.DataFrame
    rates: Mapping[str, Mapping[str, float]]


def read_frames(base: Path) -> Frames:
    """Reads what is published in a folder. What that takes counts for nothing."""
    with open_snapshot(base) as connection:
        relations = {}
        for name, columns in _COLUMNS.items():
            frame = connection.sql(f"select {columns} from {name}").df()
            for column in set(_CATEGORIES) & set(frame.columns):
                frame[column] = frame[column].fillna(_NOBODY).astype("category")
            relations[name] = frame
        scopes = connection.sql(f"""
            select id as rep_id, 'rep ' || id as scope from reps
            union all select reps.id, 'team ' || ancestor_id from reps join team_closure using (team_id)
            union all select id, 'company' from reps union all select '{_NOBODY}', 'company'
        """).df()
        rates = {}
        for period in PERIODS:
            rows = connection.execute(
                "select currency, cast(rate as double) from fx_intervals where from_at <= $day and $day < until_at",
                {"day": naive(CALENDAR.midnight(period.last_day))},
            ).fetchall()
            rates[period.key] = {**dict(rows), CURRENCY: 1.0}
    gc.collect()
    forget_peak()
    return Frames(relations, scopes, rates)


def compute_digest(frames: Frames) -> pd.DataFrame:
    """A row for each period and scope, a column for each figure and what it is made of."""
    return pd.concat({period.key: _compute(frames, number) for number, period in enumerate(PERIODS)})


def _compute(frames: Frames, number: int) -> pd.DataFrame:
    period = PERIODS[number]
    start, end, now = pd.Timestamp(naive(period.start)), pd.Timestamp(naive(period.end)), pd.Timestamp(naive(NOW))

    def within(name: str, column: str) -> pd.DataFrame:
        frame = frames.relations[name]
        return frame[(frame[column] >= start) & (frame[column] < end)]

    def by_rep(frame: pd.DataFrame) -> pd.Series:
        return frame.groupby("rep_id", observed=True).size()

    closed = within("closed_deals", "closed_instant")
    won = closed[closed["status"] == "won"]
    timed = won[won["cycle_us"] >= 0].groupby("rep_id", observed=True)["cycle_us"]
    values = won.groupby("rep_id", observed=True)["value"]
    states = frames.relations["deal_states"]
    is_open = (states["from_at"] < end) & (states["until_at"] >= end) & ~states["is_current"]
    of_open = states[is_open & (states["status"] == "open")]
    worth = of_open["amount"] * of_open["currency"].map(frames.rates[period.key]).astype("float64")
    sums = pd.DataFrame(
        {
            "activities": by_rep(within("done_activities", "at")),
            "newopps": by_rep(within("created_deals", "created_at")),
            "mqls": by_rep(within("lead_funnel", "mql_at")),
            "closed": by_rep(closed),
            "won": by_rep(won),
            "bookings": values.sum(),
            "booked": values.count(),
            "cycle_us": timed.sum(),
            "cycles": timed.count(),
            "pipeline": worth.groupby(of_open["rep_id"], observed=True).sum(),
        }
    )
    added = frames.scopes.merge(sums, left_on="rep_id", right_index=True).drop(columns="rep_id").groupby("scope").sum()
    touched = within("lead_touches", "at")
    pairs = touched.assign(met=touched["next_appointment_at"] < end)
    pairs = pairs.groupby(["rep_id", "lead_id"], observed=True)["met"].max().reset_index()
    pairs["rep_id"] = pairs["rep_id"].astype(str)
    reached = frames.scopes.merge(pairs, on="rep_id").groupby(["scope", "lead_id"], observed=True)["met"].max()
    contacts = reached.groupby("scope").agg(["size", "sum"])
    answered = within("lead_responses", "created_at")
    answered = answered[answered["first_response_at"] < now][["rep_id", "response_us"]]
    answered = answered.assign(rep_id=answered["rep_id"].astype(str))
    middles = frames.scopes.merge(answered, on="rep_id").groupby("scope")["response_us"].median()
    of_scopes = pd.DataFrame(index=frames.scopes["scope"].unique()).join(added)
    counts = of_scopes.fillna(0)
    counts["contacts"] = contacts["size"].reindex(counts.index).fillna(0)
    counts["met"] = contacts["sum"].reindex(counts.index).fillna(0)
    return counts.assign(
        responsetime=(middles / 60_000_000).reindex(counts.index),
        appointments=counts["met"] / counts["contacts"],
        winrate=counts["won"] / counts["closed"],
        dealsize=counts["bookings"] / counts["booked"],
        cycle_days=counts["cycle_us"] / 86_400_000_000,
        cycle=counts["cycle_us"] / counts["cycles"] / 86_400_000_000,
        deals=counts["won"],
    )


_RATIOS = {
    "appointments": ("met", "contacts"),
    "winrate": ("won", "closed"),
    "dealsize": ("bookings", "booked"),
    "cycle": ("cycle_days", "cycles"),
}
_PLAIN = ("contacts", "activities", "responsetime", "newopps", "bookings", "deals", "mqls", "pipeline")


def rows_of(figures: pd.DataFrame) -> Iterator[Row]:
    """Figures as rows, to be compared."""
    keys: list[tuple[str, str]] = figures.index.tolist()
    for (period, scope), line in zip(keys, figures.to_dict("records"), strict=True):
        for kpi in _PLAIN:
            yield kpi, period, scope, _known(line[kpi]), None, None
        for kpi, (numerator, denominator) in _RATIOS.items():
            yield kpi, period, scope, _known(line[kpi]), line[numerator], line[denominator]


def _known(number: float) -> float | None:
    return None if pd.isna(number) else float(number)
