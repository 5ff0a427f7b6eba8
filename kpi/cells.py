"""The numbers behind the answers: everything asked at once is read in a few queries, then summed in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

from kpi import relations
from kpi.engines.base import Engine
from kpi.evaluate import EXACT
from kpi.formulas import Number
from kpi.model import Combine, Filter, Measure
from kpi.scopes import NONE
from kpi.spans import Window
from kpi.sql import Cell, Shape, compose, compose_slices, depends_on_window, shape_of, sliced_by

Members = frozenset[str | None] | None  # rep ids, None among them for records without a known owner; None: everybody
Values = tuple[str, ...]  # of the dimensions of a cell, ``(none)`` for what is empty

_NOBODY = ""  # how records without a known owner are joined to a group
_FEW, _AT_ONCE = 4, 3  # queries
_MANY_EDGES = 8  # of windows: from so many on time is read in slices


class Rates:
    """What one unit of a currency was worth in the company's, at the beginnings of some days."""

    def __init__(self, currency: str, rows: Mapping[tuple[str, datetime], Decimal]) -> None:
        self._currency, self._rows = currency, rows

    def at(self, currency: str, day_at: datetime) -> Decimal | None:
        """The rate of that day; None before the first."""
        return Decimal(1) if currency == self._currency else self._rows.get((currency, day_at))


class Cells:
    """Numbers by rep (or group of reps) and by the values of dimensions, read once."""

    def __init__(self, rows: Mapping[Cell, Mapping[Any, Mapping[Values, Number]]], rates: Rates) -> None:
        self._rows = rows
        self._sums: dict[tuple[int, Members], Mapping[Values, Number]] = {}
        self.rates = rates

    def number(self, cell: Cell, members: Members, values: Values = ()) -> Number:
        """The cell's number over these reps, for these values of its dimensions; nothing counts 0."""
        return self.by_values(cell, members).get(values, 0)

    def by_owner(self, cell: Cell) -> Mapping[Any, Mapping[Values, Number]]:
        """The cell's numbers by rep, or by group of reps where only those are counted, and by the values of its
        dimensions."""
        return self._rows[cell]

    def by_values(self, cell: Cell, members: Members) -> Mapping[Values, Number]:
        """The cell's numbers over these reps, by the values of its dimensions."""
        rows = self._rows[cell]
        if cell.measure.combine is Combine.WHOLE:
            return rows.get(members, _EMPTY)
        if members is not None and len(members) == 1:
            (rep,) = members
            return rows.get(rep, _EMPTY)
        key = (id(rows), members)
        if key not in self._sums:
            found, combine = _rows_of(rows, members), cell.measure.combine
            with localcontext(EXACT):
                self._sums[key] = _combined(found, combine) if cell.by else {(): _total(found, combine)}
        return self._sums[key]


_EMPTY: Mapping[Values, Number] = {}
_NOTHING: Mapping[Values, Number] = {(): 0}


class Rollup:
    """Many sets of reps at once, for cells without dimensions."""

    def __init__(self, members: Sequence[Members]) -> None:
        self.members = members
        self._reps = tuple(dict.fromkeys(rep for some in members for rep in some or ()))
        places = {rep: n for n, rep in enumerate(self._reps)}
        self._places = [None if some is None else [places[rep] for rep in some] for some in members]

    @property
    def all_members(self) -> Members:
        """The reps of all sets together."""
        return None if None in self.members else frozenset(self._reps)

    def numbers(self, cells: Cells, cell: Cell) -> Sequence[Number]:
        """The cell's number over each set; nothing counts 0."""
        rows, combine = cells.by_owner(cell), cell.measure.combine
        if combine is Combine.WHOLE:
            return [rows.get(members, _EMPTY).get((), 0) for members in self.members]
        own = [rows.get(rep, _NOTHING) for rep in self._reps]
        with localcontext(EXACT):
            return [
                own[places[0]][()]
                if places and len(places) == 1
                else _total(rows.values() if places is None else [own[n] for n in places], combine)
                for places in self._places
            ]


def _total(rows: Iterable[Mapping[Values, Number]], combine: Combine) -> Number:
    """The number of all rows of a cell without dimensions, in an exact context."""
    numbers = [row[()] for row in rows]
    return max(numbers, default=0) if combine is Combine.MAX else sum(numbers)


def _rows_of(rows: Mapping[Any, Mapping[Values, Number]], members: Members) -> Iterable[Mapping[Values, Number]]:
    if members is None:
        return rows.values()
    if len(members) < len(rows):
        return (rows[rep] for rep in members if rep in rows)
    return (numbers for rep, numbers in rows.items() if rep in members)


def _combined(rows: Iterable[Mapping[Values, Number]], combine: Combine) -> Mapping[Values, Number]:
    combined: dict[Values, Number] = {}
    for numbers in rows:
        for values, number in numbers.items():
            if values not in combined:
                combined[values] = number
            elif combine is Combine.MAX:
                combined[values] = max(combined[values], number)
            else:
                combined[values] += number
    return combined


def has_dimension(measure: Measure, by: str) -> bool:
    """Whether the measure's records carry the dimension; if not, its whole number stands beside each of the values."""
    return by in relations.BY_NAME[measure.relation].dimensions


def cell_of(measure: Measure, window: Window, by: Sequence[str] = (), where: Sequence[Filter] = ()) -> Cell:
    """The cell that answers for a measure: dimensions and filters that its relation does not have leave it whole, and
    where no window matters, one answers for all."""
    return Cell(
        measure,
        window if depends_on_window(measure) else None,
        tuple(dimension for dimension in by if has_dimension(measure, dimension)),
        tuple(each for each in where if has_dimension(measure, each.dimension)),
    )


def column_cell(measure: Measure, window: Window, column: str, where: Sequence[Filter] = ()) -> Cell:
    """The cell of a measure by any column of its relation."""
    plain = cell_of(measure, window, (), where)
    return Cell(plain.measure, plain.window, (column,), plain.where)


def read_cells(
    engine: Engine,
    cells: Iterable[Cell],
    *,
    members: Members,
    groups: Collection[Members],
    currency: str,
    days: Iterable[datetime] = (),
) -> Cells:
    """Reads all cells, one query per shape. ``members``: those of additive cells; ``groups``: the sets of reps that
    distinct counts and medians are counted for, each as a whole. ``currency`` is the company's. Rates are
    read of the days that the cells need, and of the beginnings of further ``days``."""
    shapes: dict[Shape, dict[Cell, None]] = {}
    for cell in cells:
        shapes.setdefault(shape_of(cell), {})[cell] = None
    parts = [part for shape, wanted in shapes.items() for part in _parts(shape, list(wanted))]
    rates = Rates(currency, _read_rates(engine, [cell for part in parts for cell in part.cells], days))
    queries = [list(_queries(engine, part, members, groups)) for part in parts]
    rows: dict[Cell, Mapping[Any, Mapping[Values, Number]]] = {}
    with closing(_run(engine, [query for own in queries for query in own])) as answers, localcontext(EXACT):
        for part, own in zip(parts, queries, strict=True):
            answered = [(query.owner_of, next(answers)) for query in own]
            found = ((owner_of(row[0]), row[1:]) for owner_of, answer in answered for row in answer)
            rows.update(_sorted_out(found, part, rates))
    return Cells(rows, rates)


@dataclass(frozen=True, slots=True)
class _Part:
    """Cells that are read together. ``edges``: of many windows, all starts and ends; time is read in the slices between
    them, which an engine can tell apart much sooner than it can filter for each window."""

    shape: Shape
    cells: Sequence[Cell]
    edges: Sequence[datetime] = ()

    @property
    def measures(self) -> Sequence[Measure]:
        return list(dict.fromkeys(cell.measure for cell in self.cells))


def _parts(shape: Shape, cells: Sequence[Cell]) -> Iterator[_Part]:
    plain: list[Cell] = []
    sliced: dict[str, list[Cell]] = {}
    for cell in cells:
        column = sliced_by(cell.measure)
        (sliced.setdefault(column, []) if column else plain).append(cell)
    for own in sliced.values():
        edges = sorted({at for cell in own if cell.window for at in (cell.window.start, cell.window.end)})
        if len(edges) < _MANY_EDGES:
            plain += own
        else:
            yield _Part(shape, own, edges)
    if plain:
        yield _Part(shape, plain)


@dataclass(frozen=True, slots=True)
class _Query:
    """A query whose rows begin with what ``owner_of`` tells the owner of: a rep, or a group of reps."""

    sql: str
    owner_of: Callable[[Any], Any]
    parameters: dict[str, Any] | None = None


def _queries(engine: Engine, part: _Part, members: Members, groups: Collection[Members]) -> Iterator[_Query]:
    """Additive cells are read by rep, or at once where nobody is told apart. Cells that only a whole group has take a
    query for single reps, one for everybody, and one for all others."""
    shape, cells, dialect = part.shape, part.cells, engine.dialect
    if not shape.is_whole:
        adds_up = all(measure.combine is Combine.SUM for measure in part.measures)
        owner = "null" if adds_up and all(group is None for group in groups) else "rep_id"
        if part.edges:
            sql = compose_slices(shape, part.measures, part.edges, owner=owner, reps=members, dialect=dialect)
        else:
            sql = compose(shape, cells, owner=owner, reps=members, dialect=dialect)
        yield _Query(sql, lambda rep: rep)
        return
    single = [group for group in groups if group is not None and len(group) == 1]
    if single:
        # Where everybody is read anyway, one more scan takes less time than a long list of reps.
        reps = None if None in groups else frozenset().union(*single)
        sql = compose(shape, cells, owner="rep_id", reps=reps, dialect=dialect)
        yield _Query(sql, lambda rep: frozenset({rep}))
    if None in groups:
        yield _Query(compose(shape, cells, owner="0", reps=None, dialect=dialect), lambda _: None)
    others = [group for group in groups if group is not None and len(group) > 1]
    if len(others) == 1:
        yield _Query(compose(shape, cells, owner="0", reps=others[0], dialect=dialect), lambda _: others[0])
    elif others:
        pairs = [(_NOBODY if rep is None else rep, n) for n, group in enumerate(others) for rep in group]
        source = (
            " join (select unnest(cast($reps as varchar[])) as member, unnest(cast($numbers as integer[])) as number)"
            f" as of_group on of_group.member = coalesce({shape.relation}.rep_id, '{_NOBODY}')"
        )
        sql = compose(shape, cells, owner="of_group.number", source=source, reps=None, dialect=dialect)
        numbered = {"reps": [rep for rep, _ in pairs], "numbers": [n for _, n in pairs]}
        yield _Query(sql, others.__getitem__, numbered)


def _run(engine: Engine, queries: Sequence[_Query]) -> Generator[Sequence[tuple[Any, ...]]]:
    """The rows of each query. Many are run a few at once: while one hands its rows over, the engine works on others."""
    if len(queries) <= _FEW:
        yield from (engine.run(query.sql, query.parameters) for query in queries)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda query: engine.run(query.sql, query.parameters), queries)


def _sorted_out(
    rows: Iterable[tuple[Any, Sequence[Any]]], part: _Part, rates: Rates
) -> Mapping[Cell, Mapping[Any, Mapping[Values, Number]]]:
    """Each cell's numbers; where records are in their own currencies, converted and put together."""
    cells, dimensions = part.cells, len(part.shape.by)
    if part.edges:
        rows = _unsliced(rows, part)
    if part.shape.by_currency:
        rows = _converted(rows, cells, rates)
    found: list[dict[Any, dict[Values, Number]]] = [{} for _ in cells]
    for owner, row in rows:
        values = tuple([NONE if value is None else str(value) for value in row[:dimensions]])
        for of_cell, number in zip(found, row[dimensions:], strict=True):
            if not number:
                continue
            of_owner = of_cell.get(owner)
            if of_owner is None:
                of_cell[owner] = {values: number}
            else:
                of_owner[values] = of_owner[values] + number if values in of_owner else number
    return dict(zip(cells, found, strict=True))


def _unsliced(rows: Iterable[tuple[Any, Sequence[Any]]], part: _Part) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Rows without their first column, the slice, with a number for each cell: 0 where its window does not hold it."""
    places = {measure: n + len(part.shape.by) for n, measure in enumerate(part.measures)}
    windows = [(places[cell.measure], cell.window) for cell in part.cells if cell.window]
    of_slice = [
        [place if window.start <= start < window.end else None for place, window in windows] for start in part.edges
    ]
    for owner, (number, *row) in rows:
        numbers = [0 if place is None else row[place] for place in of_slice[number]]
        yield owner, [*row[: len(part.shape.by)], *numbers]


def _converted(
    rows: Iterable[tuple[Any, Sequence[Any]]], cells: Sequence[Cell], rates: Rates
) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Rows without their first column, the currency: sums at the rate of the cell's day, counts of what has one."""
    factors: dict[str, list[Number]] = {}
    for owner, (currency, *row) in rows:
        if currency not in factors:
            factors[currency] = [_factor(cell, currency, rates) for cell in cells]
        first = len(row) - len(cells)
        numbers = zip(row[first:], factors[currency], strict=True)
        yield owner, [*row[:first], *[number and number * factor for number, factor in numbers]]


def _factor(cell: Cell, currency: str, rates: Rates) -> Number:
    """What a number of a cell in a currency is multiplied by: 0 where there is no rate."""
    rate = rates.at(currency, _rated_at(cell))
    return 0 if rate is None else rate if cell.measure.in_own_currency else 1


def _rated_at(cell: Cell) -> datetime:
    """The beginning of the day whose rates convert the cell's money."""
    if cell.window is None:
        raise TypeError(f"{cell.measure.expression} is in its own currency and in no window")
    return cell.window.day_at if cell.measure.held_at else cell.window.today_at


def _read_rates(
    engine: Engine, cells: Sequence[Cell], further: Iterable[datetime]
) -> Mapping[tuple[str, datetime], Decimal]:
    """The rates that conversions need, by currency and beginning of the day."""
    days = sorted({*further, *(_rated_at(cell) for cell in cells if cell.measure.is_by_currency)})
    if not days:
        return {}
    rows = engine.run(
        "select fx.currency, day.at, fx.rate from (select unnest(cast($days as timestamp[])) as at) as day "
        "join fx_intervals as fx on fx.from_at <= day.at and day.at < fx.until_at",
        {"days": [day.astimezone(UTC).replace(tzinfo=None) for day in days]},
    )
    return {(currency, at.replace(tzinfo=UTC)): rate for currency, at, rate in rows}
