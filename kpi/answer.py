"""An answer as JSON: numbers as decimal strings, unrounded; instants in UTC; ids as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kpi.model import Amount, Figure, Filter, Key, Line, Reading, Scope, TargetReading
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
        "interval": _interval(reading.interval),
        "extras": _extras(reading.extras),
        "previous": _figure(reading.previous),
        "previous_to_date": _figure(reading.previous_to_date),
        "benchmark": None if reading.benchmark is None else {"value": number(reading.benchmark)},
        "target": _target(reading.target),
        "by": [_line(line, directory) for line in reading.by],
        "trend": [_figure(figure) for figure in reading.trend],
        "versus": _figure(reading.versus),
        "where": [_filter(each, directory) for each in reading.where],
        "maturing": reading.is_maturing,
        "noise": reading.is_noise,
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
        **_key(line.key, directory),
        **({"second": _key(line.second, directory)} if line.second else {}),
        "value": number(line.value),
        "numerator": number(line.numerator),
        "denominator": number(line.denominator),
        "records": line.records,
        "reason": line.reason,
        "interval": _interval(line.interval),
        "small": line.is_small,
        "extras": _extras(line.extras),
    }


def _key(key: Key, directory: Directory) -> Json:
    return {"dimension": key.dimension, "key": shown_key(key.dimension, key.key, directory), "name": key.name}


def shown_key(dimension: str, key: str, directory: Directory) -> str:
    """The key of a line as people see it: ids of reps, teams and campaigns bare while there is one source."""
    return directory.shown_id(key) if dimension in ("rep", "team", "campaign") and ":" in key else key


def _filter(each: Filter, directory: Directory) -> Json:
    values = [shown_key(each.dimension, value, directory) for value in each.values]
    return {"dimension": each.dimension, "values": values, "excluded": each.excluded}


def _interval(interval: tuple[Decimal, Decimal] | None) -> list[str | None] | None:
    return [number(bound) for bound in interval] if interval else None


def _extras(extras: Mapping[str, Amount]) -> Json:
    return {name: number(amount.value) for name, amount in extras.items()}
