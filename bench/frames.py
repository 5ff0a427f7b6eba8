"""The digest's figures in pandas, with all that they need of the CRM's tables in memory, money as floats."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.asked import CALENDAR, ORGANISATION, PERIODS, Row, naive
from bench.company import CURRENCY, NOW
from bench.hand_written import open_snapshot
from bench.processes import forget_peak
from kpi.periods import Period

_COLUMNS: Mapping[str, str] = {
    "activities": 'owner_id, lead_id, type, direction, outcome, "at", created_at',
    "leads": "id, owner_id, created_at, mql_at",
    "deals": "id, owner_id, status, cast(amount as double) as amount, coalesce(currency, $currency) as currency, "
    "created_at, first_contact_at, close_date, closed_at",
    "stage_changes": 'deal_id, "at", status, cast(amount as double) as amount, '
    "cast(probability as double) as probability, row_number",
    "fx_intervals": "currency, from_at, until_at, cast(rate as double) as rate",
    "rep_owners": "owner_id, rep_id",
}
_NOBODY = ""
_DONE = ("connected", "no_answer", "completed")


@dataclass(frozen=True)
class Frames:
    """The CRM's tables by name, in the order that suits them; ``scopes``: whose records a scope counts, as ``rep_id``
    and ``scope``."""

    tables: Mapping[str, pd.DataFrame]
    scopes: pd.DataFrame


@dataclass(frozen=True)
class _Window:
    start: pd.Timestamp
    end: pd.Timestamp
    last_midnight: pd.Timestamp

    def of(self, instants: pd.Series) -> pd.Series:
        """Which of them lie within."""
        return (instants >= self.start) & (instants < self.end)


def read_frames(base: Path) -> Frames:
    """Reads the tables of a store in a folder. What that takes, sorting too, counts for nothing."""
    with open_snapshot(base) as connection:
        tables = {}
        for name, columns in _COLUMNS.items():
            parameters = {"currency": CURRENCY} if "$currency" in columns else {}
            tables[name] = connection.execute(f"select {columns} from {name}", parameters).df()
        scopes = connection.sql(f"""
            select id as rep_id, 'rep ' || id as scope from reps
            union all select reps.id, 'team ' || ancestor_id from reps join team_closure using (team_id)
            union all select id, 'company' from reps union all select '{_NOBODY}', 'company'
        """).df()
    tables["stage_changes"] = tables["stage_changes"].sort_values(["deal_id", "at", "row_number"], ignore_index=True)
    tables["fx_intervals"] = tables["fx_intervals"].sort_values("from_at", ignore_index=True)
    gc.collect()
    forget_peak()
    return Frames(tables, scopes)


def compute_digest(frames: Frames) -> pd.DataFrame:
    """A row for each period and scope, a column for each figure and what it is made of."""
    deals = _with_closing(frames.tables["deals"])
    activities = frames.tables["activities"]
    done = activities[activities["outcome"].isna() | activities["outcome"].isin(_DONE)]
    return pd.concat({period.key: _compute(frames, deals, done, _window(period)) for period in PERIODS})


def _window(period: Period) -> _Window:
    midnight = CALENDAR.midnight(period.last_day)
    return _Window(*(pd.Timestamp(naive(instant)) for instant in (period.start, period.end, midnight)))


def _with_closing(deals: pd.DataFrame) -> pd.DataFrame:
    """Deals with the instant at which they were closed: the midnight of that day, where the time is unknown."""
    midnights = deals["close_date"].dt.tz_localize(ORGANISATION.timezone).dt.tz_convert("UTC").dt.tz_localize(None)
    instants = deals["closed_at"].fillna(midnights)
    return deals.assign(closed_instant=instants.where(deals["status"] != "open"))


def _compute(frames: Frames, deals: pd.DataFrame, done: pd.DataFrame, window: _Window) -> pd.DataFrame:
    reps = frames.tables["rep_owners"].set_index("owner_id")["rep_id"]

    def by_rep(frame: pd.DataFrame) -> pd.Series:
        return frame.groupby(_reps(frame, reps)).size()

    leads = frames.tables["leads"]
    won = _valued(deals[window.of(deals["closed_instant"])], frames.tables["fx_intervals"])
    closed, won = by_rep(won), won[won["status"] == "won"]
    cycle_us = _microseconds(won["closed_instant"] - won["first_contact_at"].fillna(won["created_at"]))
    of_won = _reps(won, reps)
    timed = cycle_us[cycle_us >= 0].groupby(of_won)
    values = won["value"].groupby(of_won)
    pipeline = _open_deals(frames, deals, window)
    sums = pd.DataFrame(
        {
            "activities": by_rep(done[window.of(done["at"])]),
            "newopps": by_rep(deals[window.of(deals["created_at"])]),
            "mqls": by_rep(leads[window.of(leads["mql_at"])]),
            "closed": closed,
            "won": by_rep(won),
            "bookings": values.sum(),
            "booked": values.count(),
            "cycle_us": timed.sum(),
            "cycles": timed.count(),
            "pipeline": pipeline["worth"].groupby(_reps(pipeline, reps)).sum(),
        }
    )
    added = frames.scopes.merge(sums, left_on="rep_id", right_index=True).drop(columns="rep_id").groupby("scope").sum()
    counts = pd.DataFrame(index=frames.scopes["scope"].unique()).join(added).fillna(0)
    touched = _touches(frames.tables["activities"], done, window)
    touched = touched.assign(rep_id=_reps(touched, reps)).groupby(["rep_id", "lead_id"])["met"].max().reset_index()
    reached = frames.scopes.merge(touched, on="rep_id").groupby(["scope", "lead_id"])["met"].max()
    contacts = reached.groupby("scope").agg(["size", "sum"]).reindex(counts.index).fillna(0)
    answered = _responses(leads[window.of(leads["created_at"])], done)
    answered = answered.assign(rep_id=_reps(answered, reps))[["rep_id", "response_us"]]
    middles = frames.scopes.merge(answered, on="rep_id").groupby("scope")["response_us"].median()
    return counts.assign(
        contacts=contacts["size"],
        met=contacts["sum"],
        responsetime=(middles / 60_000_000).reindex(counts.index),
        appointments=contacts["sum"] / contacts["size"],
        winrate=counts["won"] / counts["closed"],
        dealsize=counts["bookings"] / counts["booked"],
        cycle_days=counts["cycle_us"] / 86_400_000_000,
        cycle=counts["cycle_us"] / counts["cycles"] / 86_400_000_000,
        deals=counts["won"],
    )


def _reps(frame: pd.DataFrame, reps: pd.Series) -> pd.Series:
    return frame["owner_id"].map(reps).fillna(_NOBODY).rename("rep_id")


def _valued(deals: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Closed deals with their value at the rate of their closing."""
    ordered = deals.sort_values("closed_instant")
    rated = pd.merge_asof(ordered, rates, left_on="closed_instant", right_on="from_at", by="currency")
    return rated.assign(value=rated["amount"] * rated["rate"].where(rated["currency"] != CURRENCY, 1.0))


def _open_deals(frames: Frames, deals: pd.DataFrame, window: _Window) -> pd.DataFrame:
    """The deals that were open at the window's end, with their worth on its last day."""
    changes, rates = frames.tables["stage_changes"], frames.tables["fx_intervals"]
    last = changes[changes["at"] < window.end].drop_duplicates("deal_id", keep="last")
    states = deals.merge(last, how="left", left_on="id", right_on="deal_id", suffixes=("", "_then"))
    has_changed = states["at"].notna()
    is_decided = states["probability"].isin([0.0, 1.0])
    says_open = (states["status_then"] == "open") | (states["status_then"].isna() & ~is_decided)
    is_closed = (states["closed_instant"] < window.end) & ~(states["at"] > states["closed_instant"])
    is_undated = (states["status"] != "open") & states["closed_instant"].isna()
    is_there = (states["created_at"] < window.end) | has_changed
    of_open = states[is_there & ~is_undated & ~is_closed & (~has_changed | says_open)]
    is_valid = (rates["from_at"] <= window.last_midnight) & (rates["until_at"] > window.last_midnight)
    of_day = rates[is_valid].set_index("currency")["rate"]
    of_day[CURRENCY] = 1.0
    return of_open.assign(worth=of_open["amount_then"].fillna(of_open["amount"]) * of_open["currency"].map(of_day))


def _touches(activities: pd.DataFrame, done: pd.DataFrame, window: _Window) -> pd.DataFrame:
    """Whom reps reached in the window, and whether a meeting or demo was booked or held from then on within it."""
    is_touch = window.of(done["at"]) & (done["direction"] == "outbound") & done["type"].isin(["call", "email", "chat"])
    touches = done[is_touch & done["lead_id"].notna()].sort_values("at")
    meetings = activities[activities["type"].isin(["meeting", "demo"]) & activities["lead_id"].notna()]
    booked = meetings[(meetings["outcome"] != "cancelled") & window.of(meetings["created_at"])]
    held = meetings[(meetings["outcome"].isna() | meetings["outcome"].isin(_DONE)) & window.of(meetings["at"])]
    instants = [booked[["lead_id", "created_at"]].set_axis(["lead_id", "met_at"], axis=1)]
    instants.append(held[["lead_id", "at"]].set_axis(["lead_id", "met_at"], axis=1))
    appointments = pd.concat(instants).sort_values("met_at")
    found = pd.merge_asof(touches, appointments, left_on="at", right_on="met_at", by="lead_id", direction="forward")
    return found.assign(met=found["met_at"].notna())


def _responses(leads: pd.DataFrame, done: pd.DataFrame) -> pd.DataFrame:
    """The leads that were answered by now, with the time that it took."""
    is_answer = (done["direction"] == "outbound") & (done["at"] >= leads["created_at"].min())
    answers = done.loc[is_answer & (done["at"] < pd.Timestamp(naive(NOW))), ["lead_id", "at"]]
    both = leads.merge(answers, left_on="id", right_on="lead_id")
    first = both[both["at"] >= both["created_at"]].groupby("id")["at"].min()
    answered = leads.set_index("id").join(first, how="inner")
    return answered.assign(response_us=_microseconds(answered["at"] - answered["created_at"]))


def _microseconds(spans: pd.Series) -> pd.Series:
    return spans.astype("timedelta64[us]").astype("int64")


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
