"""One figure of a digest: its value, how it moved, what it is held against. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.digests.contents import BESIDE, LINES_SHOWN
from bot.views.facts import PREVIOUS, share_of, shown, target_unit, title
from bot.views.labels import is_running, period_label, period_name
from bot.views.mrkdwn import cut
from bot.views.numbers import amount, change, percent
from kpi.breakdown import OTHER
from kpi.model import Figure, Line, Reading
from kpi.periods import Period
from kpi.scopes import NONE

ATTAINMENT = "attainment"
_CHANGES = frozenset({"growth"})  # they are changes themselves, whose change tells nothing
_SHARE = "share"
_UNCHANGED = "= unchanged"  # as it is shown
_NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A figure as templates tell it: plain texts, each empty where there is nothing to tell.

    ``reason`` is why there is no value. ``change`` is how the value moved from ``before``, the value of the period (or
    part of it) that it is fairly compared with, and which ``compared`` names where that is not the digest's own;
    ``is_chance``: a change as large comes about by chance, so that it is none. ``lines`` are the largest lines of what
    is told in parts. ``reached`` is the part of the target that is reached.
    """

    name: str
    period: str
    value: str
    reason: str
    beside: str
    change: str
    before: str
    compared: str
    is_chance: bool
    is_maturing: bool
    benchmark: str
    target: str
    reached: str
    pace: str
    lines: tuple[str, ...]


def row_of(reading: Reading, period: Period, locale: str, *, tells_target: bool = True) -> Row:
    """The reading as a row of a digest of that period; ``tells_target``: no other row does."""
    before, value = _fair_figure(reading), shown(reading.value, reading, locale)
    was = shown(before.value, reading, locale) if before else ""
    is_own, is_valued = reading.period == period, reading.value is not None
    target, reached, pace = _target(reading, locale) if tells_target else ("", "", "")
    return Row(
        name=title(reading),
        period="" if is_own else period_label(reading.period, reading.now, locale),
        value=value,
        reason="" if is_valued else reading.reason or "",
        beside=_beside(reading, locale),
        change=_moved(reading, before, locale) if was != value else _UNCHANGED,
        before="" if was == value else was,
        compared=compared_with(reading, before, locale) if before and not is_own else "",
        is_chance=bool(before and reading.is_noise and was != value),
        is_maturing=is_valued and reading.is_maturing,
        benchmark="" if reading.benchmark is None else shown(reading.benchmark, reading, locale),
        target=target,
        reached=reached,
        pace=pace,
        lines=_lines(reading, locale),
    )


def _fair_figure(reading: Reading) -> Figure | None:
    """What the value is fairly compared with: while the period runs with the like part of the one before, else with
    the whole."""
    figure = reading.previous_to_date or reading.previous
    is_told = figure and figure.value is not None and reading.value is not None and reading.kpi not in _CHANGES
    return figure if is_told else None


def _moved(reading: Reading, before: Figure | None, locale: str) -> str:
    if before is None or before.value is None or reading.value is None:
        return ""
    return change(reading.value, before.value, reading.unit, reading.currency, locale)


def compared_with(reading: Reading, figure: Figure, locale: str) -> str:
    """What a reading is fairly compared with, in words: ``the same part of October 2026``."""
    part = "the same part of " if reading.previous_to_date else ""
    return part + period_name(figure.period, reading.now, locale)


def _beside(reading: Reading, locale: str) -> str:
    name = BESIDE.get(reading.kpi, "")
    extra = reading.extras.get(name)
    if extra is None or not extra.value:
        return ""
    return f"{name.replace('_', ' ')} {amount(extra.value, extra.unit, reading.currency, locale)}"


def _target(reading: Reading, locale: str) -> tuple[str, str, str]:
    """The target, what part of it is reached, and the pace while the period runs; attainment is that part itself."""
    target = reading.target
    if target is None:
        return "", "", ""
    is_share = reading.kpi == ATTAINMENT
    text = amount(target.value, target_unit(reading), reading.currency, locale)
    pace = target.pace if is_running(reading.period, reading.now) else None
    return (
        (share_of(reading, reading, locale) or text) if is_share else text,
        "" if is_share or target.attainment is None else percent(target.attainment, locale),
        "" if pace is None else percent(pace, locale),
    )


def _lines(reading: Reading, locale: str) -> tuple[str, ...]:
    """``Insight Core €612,000 (41%, ▲ up 3%)``, the largest first; none where no record has a value to tell apart."""
    if all(line.key.key in (NONE, OTHER) for line in reading.by):
        return ()
    largest = sorted(reading.by, key=lambda line: (line.key.key == OTHER, -(line.value or 0)))
    return tuple(_line(line, reading, locale) for line in largest[: LINES_SHOWN + 1])


def _line(line: Line, reading: Reading, locale: str) -> str:
    share, before = line.extras.get(_SHARE), line.extras.get(PREVIOUS)
    beside = [
        *([percent(share.value, locale, 0)] if share and share.value is not None else []),
        *([_line_change(line.value, before.value, reading, locale)] if before and before.value and line.value else []),
    ]
    told = f" ({', '.join(beside)})" if beside else ""
    return f"{cut(line.key.name, _NAME_CHARACTERS)} {shown(line.value, reading, locale)}{told}"


def _line_change(value: Decimal, before: Decimal, reading: Reading, locale: str) -> str:
    return change(value, before, reading.unit, reading.currency, locale)
