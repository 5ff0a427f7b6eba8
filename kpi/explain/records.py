"""Records behind a number: how many there are, and a page of them, with names that people know them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kpi.engines.base import Engine
from kpi.evaluate import EXACT
from kpi.explain.model import ADDS, ExplainError, Page, Record, Records
from kpi.explain.rows import ADDED, RATE, Listing, addend, columns_read, date_column, is_addend, rows_text, with_addend
from kpi.model import Measure
from kpi.nearest import did_you_mean
from kpi.relations import BY_NAME
from kpi.sql import Reps, of_reps, quoted

_LAST_YEAR = 9999  # what never ends
_MOST_DIMENSIONS = 2
_SHOWN_CHARACTERS = 40
_FIXED = ("id", "name", "owner", "at")
_TOLD = ("id", "name", "owner id", "owner", "at")  # what each row of a list begins with

# What people know a record by, where its table has no name for it.
LABELS: Mapping[str, str] = {
    "accounts": "record.name",
    "activities": "record.type",
    "deals": "coalesce(record.name, (select max(accounts.name) from accounts where accounts.id = record.account_id))",
    "leads": "coalesce(record.email, (select max(accounts.name) from accounts where accounts.id = record.account_id))",
    "owners": "record.name",
    "quotes": "(select max(deals.name) from deals where deals.id = record.deal_id)",
    "spend": "coalesce((select max(campaigns.name) from campaigns where campaigns.id = record.campaign_id), "
    "record.category)",
    "subscriptions": "coalesce((select max(accounts.name) from accounts where accounts.id = record.account_id), "
    "record.product)",
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose records are listed, and of which reps single ones may be shown; None: everybody's. ``currency`` is the
    company's."""

    reps: Reps
    seen: Reps
    currency: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a list shows. ``sums``: the measure whose addends are told, if any."""

    columns: tuple[str, ...]
    sums: Measure | None = None


def shape_of(listing: Listing, beside: Sequence[Measure], dimensions: Sequence[str], main: Measure | None) -> Shape:
    """The columns of a list: those that decide whether and how much a record counts, here and in the measures
    ``beside``, the first dimensions that it has, and its filters. ``main``: what the answer sums."""
    measure = listing.measure
    relation = BY_NAME[measure.relation]
    related = [one for one in (measure, *beside) if one.relation == measure.relation]
    steps = {name for name, _ in measure.each}
    known = {*relation.columns, *steps}
    wanted = [
        *(column for one in related for column in columns_read(one)),
        *(["currency"] if any(one.is_by_currency for one in related) or listing.unrated else []),
        *[dimension for dimension in dimensions if dimension in relation.dimensions][:_MOST_DIMENSIONS],
        *(only.dimension for only in listing.cells[0].where),
    ]
    told = {listing.subject.id_column, "rep_id", "is_current", date_column(measure), *_FIXED}
    columns = tuple(name for name in dict.fromkeys(wanted) if name in known and name not in told)
    return Shape(columns, _summed(measure, main))


def _summed(measure: Measure, main: Measure | None) -> Measure | None:
    """The measure whose addends are told: one that is a sum over the same rows."""
    for one in (measure, main):
        if one and addend(one) is not None and _places(one) == _places(measure) and not measure.per:
            return one
    return None


def _places(measure: Measure) -> tuple[str, str | None, str | None]:
    return measure.relation, measure.dated_by, measure.held_at


def count_records(engine: Engine, listings: Sequence[Listing], audience: Audience) -> list[tuple[int, int]]:
    """How many records each of the lists has, and how many of them the audience may see; in one query."""
    if not listings:
        return []
    seen = " and ".join(f"{one} is true" for one in of_reps(audience.seen, engine.dialect)) or "true"
    texts = (_rows(each, audience, engine.dialect) for each in listings)
    counts = (
        f"select {n} as n, count(*), count(*) filter (where {seen}) from ({text}) as rows_{n}"
        for n, text in enumerate(texts)
    )
    found = engine.run(f"{' union all '.join(counts)} order by n")
    return [(total, visible) for _, total, visible in found]


def read_records(engine: Engine, name: str, listing: Listing, shape: Shape, page: Page, audience: Audience) -> Records:
    """A page of a list. ExplainError for a column or a page that it does not have."""
    ((total, visible),) = count_records(engine, [listing], audience)
    pages = max(-(-visible // page.rows), 1)
    if not 1 <= page.number <= pages:
        made = "1 page" if pages == 1 else f"{pages:,} pages"
        raise ExplainError(f"There is no page {page.number}: {visible:,} records make {made} of {page.rows}.")
    dated, adds = date_column(listing.measure), _adds(shape, listing.measure)
    columns = (*shape.columns, ADDS) if adds == ADDS else shape.columns
    sort = _sort(page.sort, columns, dated)
    text = _list_text(listing, shape, sort, audience, engine.dialect)
    found = engine.run(f"{text} limit {page.rows:d} offset {(page.number - 1) * page.rows:d}")
    origins = BY_NAME[listing.measure.relation].dimensions
    return Records(
        measure=name,
        table=listing.subject.table,
        dated_by=dated,
        columns=columns,
        id_columns=frozenset(one for one in columns if origins.get(one, one).endswith("_id")),
        adds=adds,
        sort=sort,
        total=total,
        hidden=total - visible,
        page=page.number,
        pages=pages,
        rows=tuple(_record(row, shape.columns, adds=adds == ADDS) for row in found),
    )


def _adds(shape: Shape, listed: Measure) -> str | None:
    """The column that says what records add to the sum: one of the relation's, where it holds just that."""
    if shape.sums is None:
        return None
    return next((name for name in shape.columns if is_addend(name, shape.sums, listed)), ADDS)


def _rows(listing: Listing, audience: Audience, dialect: str) -> str:
    return rows_text(listing, reps=audience.reps, seen_first=audience.seen, currency=audience.currency, dialect=dialect)


def _list_text(listing: Listing, shape: Shape, sort: str, audience: Audience, dialect: str) -> str:
    """The select of a list, in its order: id, name, owner's id and name, instant, columns; addend and its rate."""
    sums, subject, dated = shape.sums, listing.subject, date_column(listing.measure)
    is_priced = sums is not None and sums.in_own_currency
    rows = _rows(replace(listing, with_rate=True) if is_priced else listing, audience, dialect)
    if sums:
        rows = with_addend(rows, sums, listing.cells[-1].window, dialect)
    seen = "".join(f" where {one}" for one in of_reps(audience.seen, dialect))
    id_column = f"listed.{quoted(subject.id_column)}"
    selected = [
        id_column,
        LABELS[subject.table],
        "owner.id",
        "owner.name",
        f"listed.{quoted(dated)}" if dated else "null",
        *(f"listed.{quoted(column)}" for column in shape.columns),
        *([f"listed.{ADDED}", f"listed.{RATE}" if is_priced else "1"] if sums else []),
    ]
    return (
        f"select {', '.join(selected)} from (select * from ({rows}) as allowed{seen}) as listed "
        f"left join {subject.table} as record on record.id = {id_column} "
        f"left join reps as owner on owner.id = listed.rep_id "
        f"order by {_order(sort, selected, shape, is_priced=is_priced)}"
    )


def _sort(asked: str | None, columns: Sequence[str], dated: str | None) -> str:
    """The column to sort by, ``-`` before it where descending. ExplainError for one that is not told."""
    if asked is None:
        return "-at" if dated else "id"
    down, name = asked.startswith("-"), asked.removeprefix("-").strip().casefold()
    known = {one.casefold(): one for one in (*columns, *_FIXED)} | ({dated: "at"} if dated else {})
    if name not in known:
        advice = did_you_mean(name, (*_FIXED, *columns))
        raise ExplainError(f"There is no column {name[:_SHOWN_CHARACTERS]!r} to sort by; {advice}")
    return f"{'-' if down else ''}{known[name]}"


def _order(sort: str, selected: Sequence[str], shape: Shape, *, is_priced: bool) -> str:
    """The chosen column, empty ones last; then all that is told, so that the order is always the same."""
    name = sort.removeprefix("-")
    places = {column: n for n, column in enumerate((*_TOLD, *shape.columns))}
    if name == ADDS:  # an order needs no more digits than a double has
        text = f"cast(listed.{ADDED} as double) * cast(listed.{RATE} as double)" if is_priced else f"listed.{ADDED}"
    else:
        text = selected[places[name]]
    first = f"lower({text})" if name in ("name", "owner") else text
    rest = ", ".join(dict.fromkeys(f"{one} nulls last" for one in selected if one not in ("null", "1")))
    return f"{first} {'desc' if sort.startswith('-') else 'asc'} nulls last, {rest}"


def _record(row: Sequence[Any], columns: Sequence[str], *, adds: bool) -> Record:
    id_, name, owner_id, owner, at, *values = (_value(one) for one in row)
    told = dict(zip(columns, values, strict=False))
    if adds:
        added, rate = values[len(columns) :]
        told[ADDS] = None if added is None or rate is None else EXACT.multiply(Decimal(added), Decimal(rate))
    return Record(id_, name, owner_id, owner, at, told)


def _value(raw: Any) -> Any:
    """Instants are aware; the last one there is stands for never."""
    if not isinstance(raw, datetime):
        return raw
    return None if raw.year >= _LAST_YEAR else raw.replace(tzinfo=UTC)
