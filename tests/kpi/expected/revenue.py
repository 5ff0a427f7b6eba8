"""What closed deals brought: won and lost, their amounts, margins, length, products and ways of contact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import cache

from tests.kpi.expected.ask import (
    Ask,
    Expected,
    Extras,
    asked,
    count,
    happened,
    mean,
    median,
    picked,
    ratio,
    sum_of,
    theirs,
    told,
)
from tests.kpi.expected.exact import quotient
from tests.kpi.expected.frames import Frame, Frames, frame_of, keep, rows_of, total, with_column
from tests.kpi.expected.records import Row

DATED_DEALS = ("deals", "deals.closed_at|deals.close_date")
PRICED_DEALS = (*DATED_DEALS, "deals.amount")
COSTED_DEALS = (*DATED_DEALS, "deals.amount|line_items.amount", "deals.cost|line_items.cost")

_DAY_OF_MICROSECONDS = 24 * 60 * 60 * 10**6


def _is_won(status: str) -> bool:
    return status == "won"


def _is_known(value: object) -> bool:
    return value is not None


def closed(frames: Frames, ask: Ask) -> Frame:
    """The deals won and lost in P."""
    return asked(frames, ask, frames.deals, "closed_instant")


def won(frames: Frames, ask: Ask) -> Frame:
    return keep(closed(frames, ask), "status", _is_won)


def valued(frame: Frame) -> Frame:
    """The rows that are worth something known: those with an amount and a rate."""
    return keep(frame, "value", _is_known)


def worth(frame: Frame) -> Fraction:
    return total(valued(frame)["value"])


def bookings_of(frames: Frames, ask: Ask) -> Fraction:
    return worth(won(frames, ask))


def part_before(frames: Frames, ask: Ask) -> Ask:
    """The same question of the period before: of the whole to a whole, of the like part to a part."""
    wall = frames.wall
    before = wall.before(ask.key, ask.days)
    is_whole = ask.until >= wall.end(ask.days)
    until = wall.end(before) if is_whole else wall.like_part_end(ask.days, before, ask.until)
    return replace(ask, days=before, until=until, running=False)


# Won and lost


def _winrate(frames: Frames, ask: Ask) -> Expected:
    deals = closed(frames, ask)
    return ratio(len(won(frames, ask)), len(deals), len(deals))


def _winrate_by_value(frames: Frames, ask: Ask) -> Expected:
    deals = valued(closed(frames, ask))
    return ratio(bookings_of(frames, ask), worth(deals), len(deals))


def _deals(frames: Frames, ask: Ask) -> Expected:
    return count(len(won(frames, ask)))


def _bookings(frames: Frames, ask: Ask) -> Expected:
    deals = won(frames, ask)
    return sum_of(worth(deals), len(valued(deals)), {"deals": told(len(deals))})


def _growth(frames: Frames, ask: Ask) -> Expected:
    now, before = bookings_of(frames, ask), bookings_of(frames, part_before(frames, ask))
    return ratio(now - before, before, len(valued(won(frames, ask))))


# Size and margin


def _dealsize(frames: Frames, ask: Ask) -> Expected:
    return mean(list(valued(won(frames, ask))["value"]))


def _newdealsize(frames: Frames, ask: Ask) -> Expected:
    deals = keep(won(frames, ask), "type", lambda type_: type_ == "new")
    terms = [Fraction(months) for months in deals["term_months"] if months is not None]
    return mean(list(valued(deals)["value"]), {"term_months": mean(terms).value})


@cache
def costed_deals(frames: Frames) -> Frame:
    """The won deals whose cost is known, with ``margin_amount`` and ``margin_cost`` at the rate of their closing day."""
    deals = keep(keep(frames.deals, "status", _is_won), "closed_instant", _is_known)
    deals = with_column(
        deals, "margin_amount", lambda deal: _converted(frames, deal, _amount_and_cost(frames, deal)[0])
    )
    deals = with_column(deals, "margin_cost", lambda deal: _converted(frames, deal, _amount_and_cost(frames, deal)[1]))
    return keep(keep(deals, "margin_amount", _is_known), "margin_cost", _is_known)


def _amount_and_cost(frames: Frames, deal: Row) -> tuple[Fraction | None, Fraction | None]:
    """Of the lines where every one has both, else of the deal itself where it has both."""
    lines = by_deal(frames, "line_items").get(deal["id"], [])
    if lines and all(line["amount"] is not None and line["cost"] is not None for line in lines):
        return total(Fraction(line["amount"]) for line in lines), total(Fraction(line["cost"]) for line in lines)
    if deal["amount"] is None or deal["cost"] is None:
        return None, None
    return Fraction(deal["amount"]), Fraction(deal["cost"])


def _converted(frames: Frames, deal: Row, amount: Fraction | None) -> Fraction | None:
    return frames.money(amount, deal["currency"], frames.local_day(deal["closed_instant"]))


@cache
def by_deal(frames: Frames, table: str) -> Mapping[str, list[Row]]:
    """The rows of each deal in a table, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows_of(frames.table(table)):
        found.setdefault(row["deal_id"], []).append(row)
    return found


def costed_in(frames: Frames, ask: Ask) -> Frame:
    """Those closed in P."""
    return asked(frames, ask, costed_deals(frames), "closed_instant")


def _margin(frames: Frames, ask: Ask) -> Expected:
    deals = costed_in(frames, ask)
    amount, cost = total(deals["margin_amount"]), total(deals["margin_cost"])
    return ratio(amount - cost, amount, len(deals))


# Length


def _cycle(frames: Frames, ask: Ask) -> Expected:
    spans = [
        deal["closed_instant"] - (deal["first_contact_at"] or deal["created_at"]) for deal in rows_of(won(frames, ask))
    ]
    days = [_in_days(span) for span in spans if span >= timedelta(0)]
    return mean(days, {"median": median(days).value})


def _in_days(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), _DAY_OF_MICROSECONDS)


# Products and ways of contact


@cache
def _sold(frames: Frames) -> Frame:
    """What won deals consist of: their lines, else the deal itself as one unit of its product, in no family."""
    columns = ["rep", "closed_instant", "product", "family", "units", "value"]
    deals = keep(keep(frames.deals, "status", _is_won), "closed_instant", _is_known)
    return frame_of((part for deal in rows_of(deals) for part in _parts_of(frames, deal)), columns)


def _parts_of(frames: Frames, deal: Row) -> Iterator[Row]:
    whose = {"rep": deal["rep"], "closed_instant": deal["closed_instant"]}
    lines = by_deal(frames, "line_items").get(deal["id"], [])
    for line in lines:
        units = Fraction(1) if line["quantity"] is None else Fraction(line["quantity"])
        value = _converted(frames, deal, line["amount"])
        yield whose | {"product": line["product"], "family": line["family"], "units": units, "value": value}
    if not lines:
        yield whose | {"product": deal["product"], "family": None, "units": Fraction(1), "value": deal["value"]}


def _products(frames: Frames, ask: Ask) -> Expected:
    parts = asked(frames, ask, _sold(frames), "closed_instant")
    extras: Extras = {"units": told(total(parts["units"]))}
    if ask.where:
        whole = worth(theirs(ask, happened(frames, ask, _sold(frames), "closed_instant")))
        before = asked(frames, part_before(frames, ask), _sold(frames), "closed_instant")
        extras |= {"share": quotient(worth(parts), whole) if whole else None, "previous": told(worth(before))}
    return sum_of(worth(parts), len(valued(parts)), extras)


def _channels(frames: Frames, ask: Ask) -> Expected:
    whole = won(frames, replace(ask, where={}))
    part = picked(ask, whole)
    return ratio(worth(part), worth(whole), len(valued(part)))


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "winrate": _winrate,
    "winrate value": _winrate_by_value,
    "deals": _deals,
    "bookings": _bookings,
    "growth": _growth,
    "dealsize": _dealsize,
    "newdealsize": _newdealsize,
    "margin": _margin,
    "cycle": _cycle,
    "products": _products,
    "channels": _channels,
}

NEEDS: Mapping[str, tuple[str, ...]] = {
    "winrate": DATED_DEALS,
    "winrate value": PRICED_DEALS,
    "deals": DATED_DEALS,
    "bookings": PRICED_DEALS,
    "growth": PRICED_DEALS,
    "dealsize": PRICED_DEALS,
    "newdealsize": (*PRICED_DEALS, "deals.type"),
    "margin": COSTED_DEALS,
    "cycle": DATED_DEALS,
    "products": (*DATED_DEALS, "deals.amount|line_items.amount"),
    "channels": (*PRICED_DEALS, "deals.contact_method"),
}
