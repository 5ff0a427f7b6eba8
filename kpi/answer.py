"""An answer as JSON: numbers as decimal strings, unrounded; instants in UTC; ids as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kpi.model import Figure, Line, Reading, Scope, TargetReading
from kpi.periods import Period
from kpi.scopes import Directory

Json = dict[str, Any]


def answer_json(reading: Reading, directory: Directory) -> Json:
    """The reading in the shape that `kpi ask --json` promises."""
    return {
        "kpi": reading.kpi,
        "variant": reading.variant,
        "unit": reading.unit.value,
        "better": reading.better.value,
        "scope": _scope(reading.scope, directory),
        "period": {**period_json(reading.period), "to_date": reading.period.start <= reading.now < reading.period.end},
        "value": number(reading.value),
        "numerator": number(reading.numerator),
        "denominator": number(reading.denominator),
        "records": reading.records,
        "reason": reading.reason,
        "interval": [number(bound) for bound in reading.interval] if reading.interval else None,
        "extras": {name: number(value) for name, value in reading.extras.items()},
        "previous": _figure(reading.previous),
        "previous_to_date": _figure(reading.previous_to_date),
        "benchmark": None if reading.benchmark is None else {"value": number(reading.benchmark)},
        "target": _target(reading.target),
        "by": [_line(line, directory) for line in reading.by],
        "trend": [_figure(figure) for figure in reading.trend],
        "notes": list(reading.notes),
        "as_of": instant(reading.as_of),
        "now": instant(reading.now),
    }


def number(value: Decimal | None) -> str | None:
    """Exact, without an exponent and without trailing zeros."""
    if value is None:
        return None
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def instant(value: datetime | None) -> str | None:
    """``2026-11-20T17:00:00Z``."""
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _scope(scope: Scope, directory: Directory) -> Json:
    return {"type": scope.type.value, "id": scope.id and directory.shown_id(scope.id), "name": scope.name}


def period_json(period: Period) -> Mapping[str, Any]:
    """Its key and instants."""
    return {"key": period.key, "start": instant(period.start), "end": instant(period.end)}


def _figure(figure: Figure | None) -> Json | None:
    if figure is None:
        return None
    return {
        "period": period_json(figure.period),
        "value": number(figure.value),
        "numerator": number(figure.numerator),
        "denominator": number(figure.denominator),
        "records": figure.records,
        "reason": figure.reason,
    }


def _target(target: TargetReading | None) -> Json | None:
    if target is None:
        return None
    return {"value": number(target.value), "attainment": number(target.attainment), "pace": number(target.pace)}


def _line(line: Line, directory: Directory) -> Json:
    return {
        "dimension": line.dimension,
        "key": directory.shown_id(line.key) if line.dimension in ("rep", "team") and ":" in line.key else line.key,
        "name": line.name,
        "value": number(line.value),
        "numerator": number(line.numerator),
        "denominator": number(line.denominator),
        "records": line.records,
        "reason": line.reason,
    }
