"""What a request's answer ought to be by the second computation, in the shape of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from kpi.catalogue import CATALOGUE
from kpi.formulas import Total
from kpi.model import Combine, Figure, Line, Reading, Request, Scope, ScopeType
from kpi.plan import Context, define
from kpi.schema import TABLES
from kpi.scopes import COMPANY
from tests.kpi.expected import Ask, Expected, Frames, expect, missing_input
from tests.kpi.expected.days import Days
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.records import EVERYBODY, Members, Row

KPIS: tuple[tuple[str, str | None], ...] = tuple(
    (kpi.id, variant) for kpi in CATALOGUE.values() for variant in (None, *(each.name for each in kpi.variants))
)
ATTAINED = {"attainment": "bookings", "attainment deals": "deals", "attainment customers": "newcustomers"}
_CLOSE = Decimal("1e-9")


def scopes_of(context: Context, every: int = 1) -> list[Scope]:
    """The company, and of the teams and reps every nth."""
    directory = context.directory
    teams = [directory.scope_of_team(team) for team in directory.teams.values()]
    reps = [directory.scope_of_rep(rep) for rep in directory.reps.values()]
    return [COMPANY, *teams[::every], *reps[::every]]


def request_of(
    asked: tuple[str, str | None], scope: Scope, key: str, context: Context, by: tuple[str, ...] = ()
) -> Request:
    kpi, variant = asked
    return Request(CATALOGUE[kpi], scope, context.calendar.parse(key), variant, by)


def said(request: Request) -> str:
    """The request in short, to name it where a test fails."""
    kpi = f"{request.kpi.id} {request.variant or ''}".strip()
    return f"{kpi} {request.scope.type}:{request.scope.id} {request.period.key} by {request.by}"


def differs(found: Reading | Figure | Line | None, wanted: Expected | None) -> str | None:
    """Where what was found is not what was expected; money and counts exactly, means to 1e-9; None: it agrees."""
    if found is None or wanted is None:
        return None if found is wanted else f"{found} is not {wanted}"
    for name in ("reason", "records"):
        if getattr(found, name) != getattr(wanted, name):
            return f"{name} {getattr(found, name)} is not {getattr(wanted, name)}"
    for name in ("value", "numerator", "denominator"):
        if not is_close(getattr(found, name), getattr(wanted, name)):
            return f"{name} {getattr(found, name)} is not {getattr(wanted, name)}"
    return None


def is_close(found: Decimal | None, wanted: Decimal | None) -> bool:
    """Whether they are the same number, or differ by what rounding to 28 digits leaves."""
    if found is None or wanted is None:
        return found is wanted
    return found == wanted or abs(found - wanted) <= _CLOSE * abs(wanted)


@dataclass(frozen=True)
class Answer:
    """The answer to a request as it ought to be."""

    request: Request
    frames: Frames
    now: datetime

    @property
    def name(self) -> str:
        return f"{self.request.kpi.id} {self.request.variant}" if self.request.variant else self.request.kpi.id

    @property
    def is_running(self) -> bool:
        wall = self.frames.wall
        return wall.start(self._days) <= self.now < wall.end(self._days)

    @property
    def _days(self) -> Days:
        return self.frames.wall.of(self.request.period.key)

    @property
    def _before(self) -> Days:
        return self.frames.wall.before(self.request.period.key, self._days)

    def _ask(self, **changed: object) -> Ask:
        """What is asked, of the whole elapsed part of the period."""
        ask = Ask(
            members=self.frames.records.members(self.request.scope),
            days=self._days,
            until=min(self.frames.wall.end(self._days), self.now),
            now=self.now,
            running=self.is_running,
            key=self.request.period.key,
            scope_type=self.request.scope.type,
        )
        return replace(ask, **changed)

    @cached_property
    def value(self) -> Expected:
        return self._expect(self._ask(), self.request.scope)

    def previous(self, *, is_maturing: bool) -> Expected:
        """The whole period before; what matures, once the asked one is over, at the age that it has now."""
        wall, before = self.frames.wall, self._before
        until = min(wall.end(before), self.now)
        seen = None
        if is_maturing and not self.is_running:
            local = self.now.astimezone(self.frames.zone)
            seen = min(self.now, wall.instant(before[0] + (local.date() - self._days[0]), local.time()))
        running = wall.start(before) <= self.now < wall.end(before)
        return self._expect(
            self._ask(days=before, until=until, running=running, seen_until=seen), self.request.scope, ""
        )

    def previous_to_date(self, *, is_maturing: bool) -> Expected | None:
        if not self.is_running:
            return None
        until = self.frames.wall.like_part_end(self._days, self._before, self.now)
        seen = until if is_maturing else None
        ask = self._ask(days=self._before, until=until, running=False, seen_until=seen)
        return self._expect(ask, self.request.scope, "")

    def benchmark(self) -> Decimal | None:
        """The mean of the three periods before that have a value."""
        if not self.name.startswith("winrate"):
            return None
        values, days = [], self._days
        for _ in range(3):
            days = self.frames.wall.before(self.request.period.key, days)
            until = min(self.frames.wall.end(days), self.now)
            values.append(self._expect(self._ask(days=days, until=until, running=False), None).value)
        known = [Fraction(value) for value in values if value is not None]
        return quotient(sum(known), len(known)) if known else None

    def lines_by_people(self, dimension: str) -> list[tuple[str, str, Expected]]:
        """(key, name, figure) of each line, in their order."""
        return list(self._lines_by_rep() if dimension == "rep" else self._lines_by_team())

    def line(self, where: Mapping[str, str]) -> Expected:
        """The line of some values."""
        return self._expect(self._ask(where=where), self.request.scope)

    def _expect(self, ask: Ask, scope: Scope | None, key: str | None = None) -> Expected:
        if self.name not in ATTAINED:
            return expect(self.frames, self.name, ask)
        missing = missing_input(self.frames, ATTAINED[self.name]) or (
            None if self.frames.supplied("targets") else "targets"
        )
        if missing:
            return Expected(None, reason=f"missing_input: {missing}")
        actual = expect(self.frames, ATTAINED[self.name], ask)
        if actual.value is None:
            return actual
        target = self._target(scope, self.request.period.key if key is None else _key_of(self.frames, ask))
        if target is None:
            return Expected(None, actual.value, None, actual.records, "missing_input: targets")
        if target == 0:
            return Expected(None, actual.value, target, actual.records, "zero_denominator")
        return Expected(quotient(actual.value, target), actual.value, target, actual.records)

    def _target(self, scope: Scope | None, key: str) -> Decimal | None:
        """The last target of that scope and period, unless it is a yes or no."""
        row = target_row(self.frames, ATTAINED.get(self.name, self.name), scope, key)
        return row["value"] if row and row["kind"] != "yes_no" else None

    def _people(self, members: Members, scope: Scope | None) -> Expected:
        return self._expect(self._ask(members=members), scope)

    def _lines_by_rep(self) -> Iterator[tuple[str, str, Expected]]:
        members = self._ask().members
        people = [p for p in self.frames.people if members is EVERYBODY or p.id in members]
        for person in sorted(people, key=lambda each: (each.name.casefold(), each.id)):
            figure = self._people(frozenset({person.id}), Scope(ScopeType.REP, person.id))
            if person.active or figure.records:
                yield person.id, person.name, figure
        yield from self._if_there("(unassigned)", frozenset({None}))

    def _lines_by_team(self) -> Iterator[tuple[str, str, Expected]]:
        records, above = self.frames.records, self.request.scope.id
        if self.request.scope.type is ScopeType.REP:
            return
        names = {team["id"]: team["name"] for team in records.tables["teams"]}
        children = [team for team, parent in records.parents.items() if parent == above]
        for team in sorted(children, key=lambda each: (names[each].casefold(), each)):
            scope = Scope(ScopeType.TEAM, team)
            yield team, names[team], self._people(records.members(scope), scope)
        direct = frozenset(
            p.id for p in records.people if (p.team == above if above else p.team not in records.parents)
        )
        yield from self._if_there("(direct)" if above else "(no team)", direct)
        yield from self._if_there("(unassigned)", frozenset({None}))

    def _if_there(self, key: str, members: frozenset[str | None]) -> Iterator[tuple[str, str, Expected]]:
        """A line that is nobody's own, where it has records; those without an owner are the company's only."""
        figure = self._people(members, None)
        if figure.records and (key != "(unassigned)" or self.request.scope.type is ScopeType.COMPANY):
            yield key, key, figure


def target_row(frames: Frames, kpi: str, scope: Scope | None, key: str) -> Row | None:
    """The target on a KPI: the last row of its scope and period."""
    found = None
    for row in frames.records.tables["targets"]:
        whose = row.get("scope_id")
        if row["scope"] == "company":
            whose = None
        elif row["scope"] == "rep":
            by_email = frames.records.first_with_email(whose) if "@" in (whose or "") else None
            whose = by_email or frames.records.person_of(whose)
        if scope and (row["kpi"], row["scope"], whose, row["period"]) == (kpi, scope.type.value, scope.id, key):
            found = row
    return {"kind": None, **found} if found else None


def pace_of(frames: Frames, actual: Decimal, target: Decimal, days: Days, now: datetime) -> Decimal | None:
    wall = frames.wall
    whole = frames.business_days(*days)
    elapsed = frames.business_days(days[0], min(days[1], wall.today(now)))
    return quotient(Fraction(actual) * whole, Fraction(target) * elapsed) if elapsed and target else None


def values_of(frames: Frames, dimension: str) -> set[str]:
    """Every value that any record may have in a dimension."""
    columns = {
        "channel": [("campaigns", "channel"), ("activities", "type")],
        "campaign": [("leads", "campaign_id"), ("spend", "campaign_id")],
        "type": [("deals", "type"), ("activities", "type")],
        "stage": [("deals", "stage"), ("stage_changes", "stage")],
        "product": [("deals", "product"), ("line_items", "product"), ("subscriptions", "product")],
        "segment": [("accounts", "segment"), ("spend", "segment")],
        "source": [("deals", "source"), ("leads", "source")],
    }
    anywhere = [(table.name, dimension) for table in TABLES.values() if dimension in table.column_names]
    found = {"(none)"}
    for table, column in columns.get(dimension, anywhere):
        found |= {value for value in frames.table(table)[column] if value is not None}
    return found


def adds_up(request: Request) -> bool:
    """Whether the value is a sum over records that each stand in one line."""
    definition = define(request.kpi, request.variant, CATALOGUE)
    formula = definition.formula
    if not isinstance(formula, Total) or definition.held_against:
        return False
    return definition.measures[formula.measure].combine is Combine.SUM


def _key_of(frames: Frames, ask: Ask) -> str:
    """The name of the ask's period, told by its days."""
    if ".." in ask.key:
        return f"{ask.days[0]}..{ask.days[1]}"
    form = _form(ask.key)
    return next(each for each in _neighbours(ask.days) if _form(each) == form and frames.wall.of(each) == ask.days)


def _neighbours(days: Days) -> Iterator[str]:
    """Every key that may be the name of these days."""
    yield days[0].isoformat()
    for year in (days[0].year - 1, days[0].year, days[0].year + 1):
        yield from (f"{year}", *(f"{year}-Q{n}" for n in range(1, 5)), *(f"{year}-{n:02}" for n in range(1, 13)))
    for iso in (days[0].isocalendar(), days[1].isocalendar()):
        yield f"{iso.year}-W{iso.week:02}"


def _form(key: str) -> str:
    return "".join("0" if character.isdigit() else character for character in key)
