"""Readings to a digest for a team or the company, and to a scorecard for a rep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from markupsafe import Markup

from bot.digests.contents import CAPACITIES, sections
from bot.digests.rows import ATTAINMENT, Row, compared_with, row_of
from bot.digests.template import render
from bot.views.facts import shown, target_text, target_unit, title
from bot.views.labels import is_running, period_label, period_name
from bot.views.message import Message
from bot.views.mrkdwn import date_token
from bot.views.numbers import amount
from bot.views.reasons import missing_input
from kpi.model import Cadence, Line, Reading, Scope, Unit
from kpi.periods import Period

_NOT_APPLICABLE, _NOT_PERMITTED = "not_applicable", "not_permitted"
_NOTES = 8
"""How many notes are told: a digest is read in a minute."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest is made of: the answers to ``digest_requests`` and to ``breakdown_requests``.

    ``business_days_left`` are those of the period that attainment is told for, today included; None: not told.
    """

    cadence: Cadence
    scope: Scope
    period: Period
    readings: tuple[Reading, ...]
    breakdown: tuple[Reading, ...] = ()
    business_days_left: int | None = None


def digest_message(digest: Digest, locale: str) -> Message:
    """A team's or the company's digest: its figures, then a table by rep or team, by name and not by rank."""
    rows = _breakdown_rows(digest.breakdown, locale)
    return render(f"team_{digest.cadence.value}.j2", _values(digest, locale), rows)


def scorecard_message(digest: Digest, locale: str) -> Message:
    """A rep's scorecard: their figures, and what the running period still needs."""
    return render(f"rep_{digest.cadence.value}.j2", _values(digest, locale))


@dataclass(frozen=True, slots=True)
class Section:
    """The rows under one heading."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The KPIs that are no rows for one reason: the input that was never supplied, or ``not_permitted``."""

    names: tuple[str, ...]
    reason: str


def _values(digest: Digest, locale: str) -> Mapping[str, Any]:
    """What templates can say; the README beside them lists it."""
    told = [reading for reading in digest.readings if not _is_silent(reading) and _why_left_out(reading) is None]
    now = max((reading.now for reading in digest.readings), default=digest.period.end)
    label = period_label(digest.period, now, locale)
    instants = [reading.as_of for reading in digest.readings if reading.as_of]
    notes = tuple(dict.fromkeys(note for reading in (*told, *digest.breakdown) for note in reading.notes))
    return {
        "who": digest.scope.name or digest.scope.id or "Company",
        "period": label[:1].upper() + label[1:],
        "compared": _compared(digest, locale),
        "sections": _sections(told, digest.period, locale),
        "needs": [text for reading in told for text in _needs(reading, digest.business_days_left, locale)],
        "left_out": _left_out(digest.readings),
        "notes": notes[:_NOTES],
        "more_notes": max(0, len(notes) - _NOTES),
        "as_of": Markup(date_token(min(instants))) if instants else "",  # noqa: S704 - of our making
    }


def _sections(readings: Sequence[Reading], period: Period, locale: str) -> list[Section]:
    of_kpi: dict[str, list[Row]] = {}
    told = {(each.period, each.target.value) for each in readings if each.kpi == ATTAINMENT and each.target}
    for reading in readings:
        is_told = reading.kpi != ATTAINMENT and reading.target and (reading.period, reading.target.value) in told
        of_kpi.setdefault(reading.kpi, []).append(row_of(reading, period, locale, tells_target=not is_told))
    return [
        Section(heading, tuple(row for kpi in kpis for row in of_kpi[kpi]))
        for heading, kpis in sections(of_kpi).items()
    ]


def _left_out(readings: Sequence[Reading]) -> list[LeftOut]:
    """Each reason once, with the KPIs that it keeps out."""
    names: dict[str, list[str]] = {}
    for reading in readings:
        if (why := _why_left_out(reading)) is not None:
            names.setdefault(why, []).append(title(reading))
    return [LeftOut(tuple(own), why) for why, own in names.items()]


def _compared(digest: Digest, locale: str) -> str:
    """What the changes are held against: the rows of the digest's own period share it."""
    for reading in digest.readings:
        figure = reading.previous_to_date or reading.previous
        if figure is not None and reading.period == digest.period:
            return compared_with(reading, figure, locale)
    return ""


def _why_left_out(reading: Reading) -> str | None:
    """Why a KPI is no row of the digest and is named instead: what was never supplied, or ``not_permitted``."""
    return missing_input(reading.reason) or (_NOT_PERMITTED if reading.reason == _NOT_PERMITTED else None)


def _is_silent(reading: Reading) -> bool:
    """A KPI that there is nothing to say about: it is not for this scope or period, or nobody here has that role."""
    return reading.reason == _NOT_APPLICABLE or (reading.kpi in CAPACITIES and reading.value == 0)


def _needs(reading: Reading, days_left: int | None, locale: str) -> Iterator[str]:
    """What is missing to the target of a running period that attainment is told for."""
    if reading.kpi != ATTAINMENT or reading.target is None or reading.numerator is None:
        return
    if not is_running(reading.period, reading.now):
        return
    gap, name = reading.target.value - reading.numerator, period_name(reading.period, reading.now, locale)
    if gap <= 0:
        yield f"The target for {name} is reached: {target_text(reading, locale)}"
        return
    yield f"{_in_units(gap, reading, locale)} to go to the target for {name}{_daily(gap, days_left, reading, locale)}"


def _daily(gap: Decimal, days_left: int | None, reading: Reading, locale: str) -> str:
    if days_left is None:
        return ""
    if not days_left:
        return ", no business day left"
    per_day = gap / days_left
    a_day = _in_units(per_day if per_day < 1 else per_day.to_integral_value(ROUND_CEILING), reading, locale)
    return f", {days_left} business {'day' if days_left == 1 else 'days'} left: {a_day} a day"


def _in_units(value: Decimal, reading: Reading, locale: str) -> str:
    """``$38,000``, ``4 deals``"""
    unit = target_unit(reading)
    text = amount(value, unit, reading.currency, locale)
    return text if unit is Unit.MONEY else f"{text} {reading.variant}"


def _breakdown_rows(readings: Sequence[Reading], locale: str) -> list[list[str]]:
    """A head and a row per rep or team, one column per KPI; nothing where there is nothing to break down."""
    columns = [(reading, {line.key.key: line for line in reading.by}) for reading in readings if reading.by]
    names = {line.key.key: line.key.name for reading, _ in columns for line in reading.by}
    if not names:
        return []
    head = [columns[0][0].by[0].key.dimension.capitalize(), *(title(reading) for reading, _ in columns)]
    # By name, and those without a name of their own last: never by rank.
    keys = sorted(names, key=lambda key: (key.startswith("("), names[key].casefold(), key))
    return [
        head,
        *([names[key], *(_cell(lines.get(key), reading, locale) for reading, lines in columns)] for key in keys),
    ]


def _cell(line: Line | None, reading: Reading, locale: str) -> str:
    """A rep without a line has no records, and a count or sum of nothing is 0."""
    return shown(Decimal(0) if line is None else line.value, reading, locale)
