"""Targets, set as companies do: near what is usual, a little above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.demo.chance import Dice, Span, local_day, months
from bot.demo.markets import EUROS, SEASON, growth
from bot.demo.records import Deal
from bot.demo.staff import STAFF, TEAMS, Member

Row = dict[str, object]
Won = Mapping[tuple[str, date], float]  # (rep, first day of a month) -> what counts towards a goal

_AMBITION = 1.03
_ACTIVITIES_A_WEEK = {"ae": 22, "bdr": 21, "csm": 34}
_WINRATES = {"company": "0.28", "team": "0.28"}


def _euros(deal: Deal) -> float:
    return deal.amount * EUROS[deal.currency or "EUR"]


def _one(_deal: Deal) -> float:
    return 1


def _is_new(deal: Deal) -> float:
    return float(deal.type == "new")


@dataclass(frozen=True, slots=True)
class _Goal:
    """A KPI that people of some roles have a number to reach in, by the month: what a won deal counts towards it, and
    what it is rounded to."""

    kpi: str
    counted: Callable[[Deal], float]
    step: int
    roles: tuple[str, ...]

    @property
    def members(self) -> list[Member]:
        return [member for member in STAFF if member.role in self.roles]


_GOALS = (
    _Goal("bookings", _euros, 500, ("ae", "csm")),
    _Goal("deals", _one, 1, ("ae", "csm")),
    _Goal("newcustomers", _is_new, 1, ("ae",)),
)


def target_rows(deals: Iterable[Deal], span: Span, dice: Dice) -> Iterator[Row]:
    """Bookings, deals and new customers per month, quarter and year; win rates per quarter; activities per week."""
    won = [deal for deal in deals if deal.status == "won" and deal.closed_at and deal.owner]
    firsts = months(span.first_day, date(span.today.year, 12, 1))
    for goal in _GOALS:
        yield from _in_all_scopes(goal, _monthly_targets(goal, won, firsts, span, dice), firsts)
    yield from _winrate_rows(firsts)
    yield from _activity_rows(span)


def _won_by_month(won: Iterable[Deal], goal: _Goal) -> Won:
    sums: dict[tuple[str, date], float] = defaultdict(float)
    for deal in won:
        if deal.owner and deal.closed_at:
            sums[deal.owner.id, local_day(deal.closed_at).replace(day=1)] += goal.counted(deal)
    return sums


def _monthly_targets(
    goal: _Goal, deals: Iterable[Deal], firsts: list[date], span: Span, dice: Dice
) -> dict[tuple[str, date], int]:
    """Between what the rep usually wins in such a month and what came of it, and a little more: so that people reach
    most of it, some more than all. The running month and those to come have only the usual."""
    targets = {}
    won, running = _won_by_month(deals, goal), span.today.replace(day=1)
    for member in goal.members:
        past = [first for first in firsts if first < running and _is_there(member, first, span)]
        usual = sum(won.get((member.id, first), 0) for first in past) / max(len(past), 1)
        for first in [first for first in firsts if _is_there(member, first, span)]:
            seasonal = usual * SEASON[first.month - 1] * growth(span.part(first))
            happened = seasonal if first >= running else won.get((member.id, first), 0)
            wanted = (0.4 * seasonal + 0.6 * happened) * dice.uniform(0.93, 1.13) * _AMBITION
            targets[member.id, first] = max(round(wanted / goal.step), 1) * goal.step
    return targets


def _is_there(member: Member, first: date, span: Span) -> bool:
    part = span.part(first)
    return part >= member.joined and (member.left is None or part < member.left)


def _in_all_scopes(goal: _Goal, monthly: Mapping[tuple[str, date], int], firsts: list[date]) -> Iterator[Row]:
    """The months of reps, and their sums: of quarters, years, teams with those beneath them, and the company."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    teams = {member.id: _teams_of(member) for member in goal.members}
    for (rep_id, first), value in monthly.items():
        scopes = [("rep", rep_id), ("company", ""), *(("team", team_id) for team_id in teams[rep_id])]
        for scope, scope_id in scopes:
            for period in _periods(first, firsts):
                sums[scope, scope_id, period] += value
    for (scope, scope_id, period), value in sums.items():
        yield {"kpi": goal.kpi, "scope": scope, "scope_id": scope_id, "period": period, "kind": "", "value": value}


def _periods(first: date, firsts: list[date]) -> list[str]:
    """The month, and the quarter and year it belongs to where all their months are among those with targets."""
    quarter_from, year_from = first.replace(month=(first.month - 1) // 3 * 3 + 1), first.replace(month=1)
    keys = [f"{first:%Y-%m}"]
    if quarter_from >= firsts[0]:
        keys.append(f"{first.year}-Q{(first.month + 2) // 3}")
    if year_from >= firsts[0]:
        keys.append(f"{first.year}")
    return keys


def _teams_of(member: Member) -> list[str]:
    parents = {team.id: team.parent_id for team in TEAMS}
    path = [member.team_id] if member.team_id else []
    while path and (parent := parents[path[-1]]):
        path.append(parent)
    return path


def _winrate_rows(firsts: list[date]) -> Iterator[Row]:
    for quarter in dict.fromkeys(f"{first.year}-Q{(first.month + 2) // 3}" for first in firsts):
        yield {"kpi": "winrate", "scope": "company", "period": quarter, "value": _WINRATES["company"]}
        for team in TEAMS[:-2]:
            row = {"kpi": "winrate", "scope": "team", "scope_id": team.id, "period": quarter}
            yield {**row, "value": _WINRATES["team"]}


def _activity_rows(span: Span) -> Iterator[Row]:
    """A number a week for each rep, by email, and its sum for each team and the company."""
    monday = span.first_day + timedelta(days=-span.first_day.weekday() % 7)
    while monday <= span.today:
        year, week, _ = monday.isocalendar()
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for member in STAFF:
            if member.role in _ACTIVITIES_A_WEEK and _is_there(member, monday, span):
                for scope in [
                    ("rep", member.email),
                    ("company", ""),
                    *(("team", team_id) for team_id in _teams_of(member)),
                ]:
                    sums[scope] += _ACTIVITIES_A_WEEK[member.role]
        for (kind, scope_id), value in sums.items():
            row = {"kpi": "activities", "scope": kind, "scope_id": scope_id, "period": f"{year}-W{week:02}"}
            yield {**row, "value": value}
        monday += timedelta(days=7)
