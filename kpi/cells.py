"""The numbers behind the answers: everything asked at once is read in one query per relation, then summed in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext

from kpi import relations
from kpi.engines.base import Engine
from kpi.evaluate import EXACT
from kpi.model import Measure
from kpi.scopes import NONE
from kpi.sql import Cell, Window, compose

Members = frozenset[str | None] | None  # rep ids, None among them for records without a known owner; None: everybody

_ZERO = Decimal(0)


class Cells:
    """Sums by rep (and by one dimension's values), read once."""

    def __init__(self, rows: Mapping[Cell, Mapping[tuple[str | None, str | None], Decimal]]) -> None:
        self._rows = rows

    def total(self, measure: Measure, window: Window | None, members: Members) -> Decimal:
        """The measure in the window over these reps; nothing sums to 0."""
        by_rep = self._rows[cell_of(measure, window)]
        with localcontext(EXACT):
            if members is not None and len(members) < len(by_rep):
                return sum((by_rep.get((rep, None), _ZERO) for rep in members), _ZERO)
            return sum((value for (rep, _), value in by_rep.items() if members is None or rep in members), _ZERO)

    def by_value(self, measure: Measure, window: Window | None, by: str, members: Members) -> Mapping[str, Decimal]:
        """The same, by the dimension's values (``(none)``: empty), those that are not 0."""
        sums: dict[str, Decimal] = {}
        with localcontext(EXACT):
            for (rep, value), number in self._rows[cell_of(measure, window, by)].items():
                if number and (members is None or rep in members):
                    sums[value or NONE] = sums.get(value or NONE, _ZERO) + number
        return sums


def has_dimension(measure: Measure, by: str) -> bool:
    """Whether the measure's records carry the dimension; if not, its total stands beside each of the values."""
    return by in relations.BY_NAME[measure.relation].dimensions


def cell_of(measure: Measure, window: Window | None, by: str | None = None) -> Cell:
    """The cell that answers for a measure: what no instant places has one for all windows."""
    return Cell(measure, window if measure.dated_by else None, by)


def read_cells(engine: Engine, cells: Iterable[Cell], members: Members) -> Cells:
    """Reads all cells, one query per relation and dimension. ``members``: theirs only."""
    queries: dict[tuple[str, str | None], dict[Cell, None]] = {}
    for cell in cells:
        queries.setdefault((cell.measure.relation, cell.by), {})[cell] = None
    rows: dict[Cell, dict[tuple[str | None, str | None], Decimal]] = {}
    for (relation, by), wanted in queries.items():
        asked = tuple(wanted)
        found = engine.run(compose(relation, asked, by=by, reps=members, dialect=engine.dialect))
        keys = 2 if by else 1
        for n, cell in enumerate(asked, start=keys):
            rows[cell] = {(row[0], row[1] if by else None): Decimal(row[n] or 0) for row in found}
    return Cells(rows)
