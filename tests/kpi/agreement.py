"""What a request's answer ought to be, by the oracle, in the shape of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from kpi.catalogue import CATALOGUE
from kpi.model import Figure, Line, Reading, Request, Scope, ScopeType
from kpi.plan import Context
from kpi.scopes import COMPANY
from tests.kpi.oracle import ATTAINED, Expected, Oracle, quotient
from tests.kpi.oracle_days import Days
from tests.kpi.oracle_records import EVERYBODY

KPIS: tuple[tuple[str, str | None], ...] = tuple(
    (kpi.id, variant) for kpi in CATALOGUE.values() for variant in (None, *(each.name for each in kpi.variants))
)
TOTALS = ("deals", "bookings", "activities", "newcustomers")


def scopes_of(context: Context, every: int = 1) -> list[Scope]:
    """The company, and of the teams and reps every nth."""
    directory = context.directory
    teams = [directory.scope_of_team(team) for team in directory.teams.values()]
    reps = [directory.scope_of_rep(rep) for rep in directory.reps.values()]
    return [COMPANY, *teams[::every], *reps[::every]]


def request_of(
    asked: tuple[str, str | None], scope: Scope, key: str, context: Context, by: str | None = None
) -> Request:
    kpi, variant = asked
    return Request(CATALOGUE[kpi], scope, context.calendar.parse(key), variant, by)


def said(request: Request) -> str:
    """The request in short, to name it where a test fails."""
    return (
        f"{request.kpi.id} {request.variant} {request.scope.type}:{request.scope.id} {request.period.key} {request.by}"
    )


def parts(figure: Reading | Figure | Line | None) -> Expected | None:
    """What is compared of a figure."""
    if figure is None:
        return None
    return Expected(figure.value, figure.numerator, figure.denominator, figure.records, figure.reason)


class Answer:
    """The answer to a request as it ought to be."""

    def __init__(self, request: Request, oracle: Oracle) -> None:
        self._oracle, self._scope, self._by = oracle, request.scope, request.by
        self._kpi = f"{request.kpi.id} {request.variant}" if request.variant else request.kpi.id
        self._base = ATTAINED.get(self._kpi, self._kpi)
        self._key = request.period.key
        self._days = oracle.wall.of(self._key)
        self._before = oracle.wall.before(self._key, self._days)
        self._key_before = _key_of(self._key, self._before, oracle)
        self._members = oracle.members(request.scope)

    def value(self) -> Expected:
        return self._figure(self._key, self._days, self._oracle.until(self._days))

    def previous(self) -> Expected:
        return self._figure(self._key_before, self._before, self._oracle.until(self._before))

    def previous_to_date(self) -> Expected | None:
        wall, now = self._oracle.wall, self._oracle.now
        if not wall.start(self._days) <= now < wall.end(self._days):
            return None
        return self._figure(self._key_before, self._before, wall.like_part_end(self._days, self._before, now))

    def benchmark(self) -> Decimal | None:
        """The mean of the three periods before that have a value."""
        if not self._kpi.startswith("winrate"):
            return None
        values, days = [], self._days
        for _ in range(3):
            days = self._oracle.wall.before(self._key, days)
            values.append(self._figure("", days, self._oracle.until(days)).value)
        known = [Fraction(value) for value in values if value is not None]
        return quotient(sum(known), len(known)) if known else None

    def target(self) -> tuple[Decimal, Decimal | None, Decimal | None] | None:
        """(target, attainment, pace)."""
        row = None if self._kpi in ("winrate value", "activities per_rep") else self._target_of(self._scope, self._key)
        if row is None:
            return None
        value, is_number = row["value"], row.get("kind") != "yes_no"
        figure = self.value()
        actual = figure.numerator if self._kpi in ATTAINED else figure.value
        if figure.reason not in (None, "zero_denominator") or actual is None or not value or not is_number:
            return value, None, None
        pace = self._oracle.pace(actual, value, self._days) if self._base in TOTALS else None
        return value, quotient(actual, value), pace

    def lines(self) -> list[tuple[str, str, Expected]]:
        """(key, name, figure) of each line, in their order."""
        reason = self.value().reason or ""
        if reason == "not_begun" or (reason.startswith("missing_input") and reason != "missing_input: targets"):
            return []
        if reason == "missing_input: targets" and not self._oracle.supplied("targets"):
            return []
        by_people = {"rep": self._lines_by_rep, "team": self._lines_by_team}.get(self._by or "")
        return list(by_people() if by_people else self._lines_by_value())

    def notes(self) -> list[str]:
        if self._kpi == "attainment customers":
            return []
        found = self._oracle.notes(self._kpi, self._members, self._days)
        return [_worded(*note) for note in found]

    def _figure(self, key: str, days: Days, until: object, scope: Scope | None = None) -> Expected:
        row = self._target_of(scope or self._scope, key)
        return self._oracle.figure(self._kpi, self._members, days, until, _number(row))

    def _target_of(self, scope: Scope | None, key: str) -> dict | None:
        return self._oracle.target(self._base, scope, key)

    def _line(self, members: frozenset[str | None], scope: Scope | None) -> Expected:
        target = _number(self._target_of(scope, self._key))
        return self._oracle.figure(self._kpi, members, self._days, self._oracle.until(self._days), target)

    def _lines_by_rep(self) -> Iterator[tuple[str, str, Expected]]:
        people = [p for p in self._oracle.people if self._members is EVERYBODY or p.id in self._members]
        for person in sorted(people, key=lambda each: (each.name.casefold(), each.id)):
            figure = self._line(frozenset({person.id}), Scope(ScopeType.REP, person.id))
            if person.active or figure.records:
                yield person.id, person.name, figure
        yield from self._if_there("(unassigned)", frozenset({None}))

    def _lines_by_team(self) -> Iterator[tuple[str, str, Expected]]:
        oracle, above = self._oracle, self._scope.id
        if self._scope.type is ScopeType.REP:
            return
        names = {team["id"]: team["name"] for team in oracle.tables["teams"]}
        children = [team for team, parent in oracle.parents.items() if parent == above]
        for team in sorted(children, key=lambda each: (names[each].casefold(), each)):
            scope = Scope(ScopeType.TEAM, team)
            yield team, names[team], self._line(oracle.members(scope), scope)
        direct = frozenset(p.id for p in oracle.people if (p.team == above if above else p.team not in oracle.parents))
        yield from self._if_there("(direct)" if above else "(no team)", direct)
        yield from self._if_there("(unassigned)", frozenset({None}))

    def _if_there(self, key: str, members: frozenset[str | None]) -> Iterator[tuple[str, str, Expected]]:
        """A line that is nobody's own, where it has records; those without an owner are the company's only."""
        figure = self._line(members, None)
        if figure.records and (key != "(unassigned)" or self._scope.type is ScopeType.COMPANY):
            yield key, key, figure

    def _lines_by_value(self) -> Iterator[tuple[str, str, Expected]]:
        oracle, days = self._oracle, self._days
        until = oracle.until(days)
        kind = {"activities": "done", "newcustomers": "new"}.get(self._kpi.split()[0], "closed")
        values = {record[self._by] or "(none)" for record in oracle.records(kind)}
        found = []
        for value in values:
            figure = oracle.figure(self._kpi, self._members, days, until, None, (self._by, value))
            if figure.records or figure.numerator:
                found.append((value, value, figure))
        yield from sorted(found, key=lambda line: (line[0] == "(none)", -line[2].records, line[0]))


def _number(row: dict | None) -> Decimal | None:
    return row["value"] if row and row.get("kind") != "yes_no" else None


def _key_of(key: str, days: Days, oracle: Oracle) -> str:
    """The name of the period before, told by its days."""
    if ".." in key:
        return f"{days[0]}..{days[1]}"
    kind = _form(key)
    return next(each for each in _neighbours(days) if _form(each) == kind and oracle.wall.of(each) == days)


def _neighbours(days: Days) -> Iterator[str]:
    """Every key that may be the name of these days."""
    yield days[0].isoformat()
    for year in (days[0].year, days[0].year + 1):
        yield from (f"{year}", *(f"{year}-Q{n}" for n in range(1, 5)), *(f"{year}-{n:02}" for n in range(1, 13)))
    for iso in (days[0].isocalendar(), days[1].isocalendar()):
        yield f"{iso.year}-W{iso.week:02}"


def _form(key: str) -> str:
    return "".join("0" if character.isdigit() else character for character in key)


def _worded(kind: str, what: str, n: int) -> str:
    deals, are, count = ("deal", "is", "counts") if n == 1 else ("deals", "are", "count")
    if kind == "undated":
        return f"{n:,} {what} {deals} {are} closed without a date and {count} in no period"
    has = "has" if n == 1 else "have"
    if kind == "no amount":
        return f"{n:,} {what} {deals} {has} no amount and {are} left out"
    return f"{n:,} {deals} {has} no exchange rate for {what} and {are} left out"
