"""What there is to say about an answer, in words and in order: the same in Slack, in a digest and in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from bot.views.labels import is_running, period_label, period_name
from bot.views.numbers import amount, change, count, percent
from bot.views.reasons import NO_VALUE, explanation
from kpi.model import Figure, Filter, Line, Reading, Unit

ValueNames = Mapping[tuple[str, str], str]  # of reps, teams and campaigns that are filtered by: by dimension and id
NO_NAMES: ValueNames = {}

_SPARKS = "▁▂▃▄▅▆▇█"
_NO_SPARK = "·"
_WIDE = Decimal("0.02")  # an interval that whole per cents can tell
_ATTAINMENT = "attainment"
_MONEY_SHARES = {("winrate", "value"), ("growth", None), ("margin", None), ("channels", None), ("revenuechurn", None)}
PREVIOUS = "previous"  # the extra that is the value of the period before
# What attainment is held against, by its variant: the unit of its target and of what was reached.
_TARGET_UNITS = {None: Unit.MONEY, "money": Unit.MONEY, "deals": Unit.COUNT, "customers": Unit.COUNT}


class Fact(NamedTuple):
    """One thing about a figure; both parts are plain text, not escaped."""

    label: str
    text: str


def title(reading: Reading) -> str:
    """The KPI's name, with its variant: ``Win rate (value)``."""
    return f"{reading.name} ({reading.variant.replace('_', ' ')})" if reading.variant else reading.name


def whose(reading: Reading) -> str:
    return reading.scope.name or reading.scope.id or reading.scope.type.value.capitalize()


def when(reading: Reading, locale: str) -> str:
    return period_label(reading.period, reading.now, locale)


def only(reading: Reading, names: ValueNames) -> str:
    """Which records count alone: ``type = new; region not EMEA``; empty where all do."""
    return "; ".join(_filtered(each, names) for each in reading.where)


def _filtered(each: Filter, names: ValueNames) -> str:
    values = " or ".join(names.get((each.dimension, value), value) for value in each.values)
    return f"{each.dimension.replace('_', ' ')} {'not' if each.excluded else '='} {values}"


def shown(value: Decimal | None, reading: Reading, locale: str) -> str:
    """A value in the reading's unit, or ``n/a``."""
    return NO_VALUE if value is None else amount(value, reading.unit, reading.currency, locale)


def facts(reading: Reading, locale: str) -> tuple[Fact, ...]:
    """What the value is made of and compared with; why there is none; nothing that was not supplied."""
    found = (
        None if reading.value is not None else Fact("Why", explanation(reading.reason, reading.kpi)),
        _parts(reading, locale),
        _interval(reading, locale),
        *comparisons(reading, locale),
        _maturing(reading),
        _benchmark(reading, locale),
        _target(reading, locale),
        _extras(reading, locale),
    )
    return tuple(fact for fact in found if fact)


def comparisons(reading: Reading, locale: str) -> tuple[Fact, ...]:
    """Against the period before: its like part first while the period runs, then the whole; then against the period
    that was asked for."""
    like_part = _against(reading, reading.previous_to_date, "the same part of ", locale)
    found = (like_part, _against(reading, reading.previous, "", locale), _against_asked(reading, locale))
    return tuple(fact for fact in found if fact)


def like_for_like(reading: Reading, locale: str) -> Fact | None:
    """The one comparison that is fair: with the like part of the period before while this one runs, else the whole."""
    if reading.previous_to_date is not None:
        return _against(reading, reading.previous_to_date, "the same part of ", locale)
    return _against(reading, reading.previous, "", locale)


def target_text(reading: Reading, locale: str) -> str | None:
    """The target, what part of it is reached, and the pace: held against the business days that have passed."""
    target = reading.target
    if target is None:
        return None
    text = amount(target.value, target_unit(reading), reading.currency, locale)
    if reading.kpi == _ATTAINMENT:
        text = share_of(reading, reading, locale) or text
    elif target.attainment is not None:
        text += f", {percent(target.attainment, locale)} reached"
    if target.pace is not None and reading.now < reading.period.end:
        text += f", pace {percent(target.pace, locale)} (against the business days so far)"
    return text


def target_unit(reading: Reading) -> Unit:
    """The unit of the reading's target: its own, but for attainment, whose value is a share of the target."""
    return _TARGET_UNITS.get(reading.variant, reading.unit) if reading.kpi == _ATTAINMENT else reading.unit


def share_of(part: Figure | Line | Reading, reading: Reading, locale: str) -> str | None:
    """``7 of 10``, where numerator and denominator of a percentage can be told."""
    if reading.unit is not Unit.PERCENT or part.numerator is None or part.denominator is None:
        return None
    unit = _unit_of_parts(part, reading)
    if unit is None:
        return None
    numerator, denominator = (
        amount(value, unit, reading.currency, locale) for value in (part.numerator, part.denominator)
    )
    return f"{numerator} of {denominator}"


def _unit_of_parts(part: Figure | Line | Reading, reading: Reading) -> Unit | None:
    """What a percentage is divided from; None where it cannot be told."""
    if reading.kpi == _ATTAINMENT:
        return target_unit(reading)
    if (reading.kpi, reading.variant) in _MONEY_SHARES:
        return Unit.MONEY
    return Unit.COUNT if part.denominator == part.records else None


def sparkline(reading: Reading) -> str:
    """The trend as bars, lowest to highest; a dot where there is no value."""
    values = [figure.value for figure in reading.trend if figure.value is not None]
    if not values:
        return ""
    low, span = min(values), max(values) - min(values)

    def spark(value: Decimal | None) -> str:
        if value is None:
            return _NO_SPARK
        return _SPARKS[int((value - low) / span * (len(_SPARKS) - 1))] if span else _SPARKS[0]

    return "".join(spark(figure.value) for figure in reading.trend)


def _against(reading: Reading, figure: Figure | None, part: str, locale: str) -> Fact | None:
    if figure is None or figure.value is None:
        return None
    text = _moved(reading, figure.value, locale)
    is_fair = figure is (reading.previous_to_date or reading.previous)  # which is what may be noise
    if is_fair and reading.is_noise and reading.value != figure.value:
        text += ", no more than chance can do"
    return Fact(f"Against {part}{period_name(figure.period, reading.now, locale)}", text)


def _against_asked(reading: Reading, locale: str) -> Fact | None:
    """Against the period that was asked for, where that is not told anyway; why not, if it has no value."""
    versus = reading.versus
    is_told = versus and reading.previous and versus.period == reading.previous.period
    if versus is None or (is_told and versus.value is not None):
        return None
    if versus.value is None and reading.value is None and versus.reason == reading.reason:
        return None  # the one explanation is for both
    is_part = (
        is_running(reading.period, reading.now)
        and versus.period.grain is reading.period.grain
        and versus.period.end <= reading.now
    )
    label = f"Against {'the same part of ' if is_part else ''}{period_label(versus.period, reading.now, locale)}"
    if versus.value is None:
        return Fact(label, f"{NO_VALUE}: {explanation(versus.reason, reading.kpi)}")
    return Fact(label, _moved(reading, versus.value, locale))


def _maturing(reading: Reading) -> Fact | None:
    if not reading.is_maturing or reading.value is None:
        return None
    return Fact("Still maturing", "what comes of these records later will count; the period before is at the same age")


def _moved(reading: Reading, before: Decimal, locale: str) -> str:
    was = shown(before, reading, locale)
    if reading.value is None:
        return was
    moved = change(reading.value, before, reading.unit, reading.currency, locale)
    return f"{moved} from {was}"


def _parts(reading: Reading, locale: str) -> Fact | None:
    if reading.value is None or reading.kpi == _ATTAINMENT:  # which tells its parts with its target
        return None
    if share := share_of(reading, reading, locale):
        return Fact("That is", share)
    if reading.records and reading.value != reading.records:
        return Fact(
            "From", "1 record" if reading.records == 1 else f"{count(Decimal(reading.records), locale)} records"
        )
    return None


def _interval(reading: Reading, locale: str) -> Fact | None:
    if reading.interval is None:
        return None
    low, high = reading.interval
    places = 0 if high - low >= _WIDE else 1
    ends = f"between {percent(low, locale, places)} and {percent(high, locale, places)}"
    return Fact("Likely", f"{ends}, n = {count(reading.denominator or Decimal(reading.records), locale)}")


def _benchmark(reading: Reading, locale: str) -> Fact | None:
    if reading.benchmark is None:
        return None
    return Fact("Against the benchmark, the mean of the periods before", _moved(reading, reading.benchmark, locale))


def _target(reading: Reading, locale: str) -> Fact | None:
    text = target_text(reading, locale)
    return Fact("Target", text) if text else None


def _extras(reading: Reading, locale: str) -> Fact | None:
    extras = {name: extra for name, extra in reading.extras.items() if extra.value is not None and name != PREVIOUS}
    told = [
        f"{name.replace('_', ' ')} {amount(extra.value or Decimal(0), extra.unit, reading.currency, locale)}"
        for name, extra in extras.items()
    ]
    is_part = {reading.unit, *(extra.unit for extra in extras.values())} == {Unit.COUNT}
    return Fact("Among them" if is_part else "Also", ", ".join(told)) if told else None
