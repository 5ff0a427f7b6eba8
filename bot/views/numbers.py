"""Numbers as people read them, in their locale. Values come exact and are rounded here, half up, and nowhere before."""

from __future__ import annotations

from copy import copy
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, format_decimal, get_currency_precision
from babel.units import format_unit

from kpi.model import Unit

_PRECISION = 60  # Babel quantizes in the context's precision: more digits than any sum here has
_LARGE_MONEY = 1000
_LARGE_PERCENT = 10
_MINUTES_IN_AN_HOUR, _MINUTES_IN_A_DAY = 60, 24 * 60


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The locale of a tag such as ``en-US`` or ``zh-CN``; its language's where the region is unknown, else English."""
    parts = tag.replace("_", "-").split("-")
    for candidate in ("-".join(parts), parts[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en", "US")


def locale_of_words(tag: str) -> Locale:
    """The locale of what is told in words, such as months: the words are English, and where the reader's language is
    another, the day stands before the month."""
    locale = locale_of(tag)
    return locale if locale.language == "en" else Locale("en", "GB")


def amount(value: Decimal, unit: Unit, currency: str, locale: str) -> str:
    """A value in its unit: ``63.2%``, ``$12,300``, ``1 hr 20 min``. ``currency`` is used for money only."""
    match unit:
        case Unit.MONEY:
            return money(value, currency, locale)
        case Unit.PERCENT:
            return percent(value, locale)
        case Unit.MINUTES:
            return minutes(value, locale)
        case Unit.DAYS | Unit.MONTHS:
            return _unit(value, unit.value.removesuffix("s"), locale)
        case Unit.RATIO:
            return _decimal(value, 2, locale)
        case Unit.COUNT:
            return count(value, locale)


def money(value: Decimal, currency: str, locale: str) -> str:
    """Whole units when large (1,000 and more) or whole, else with the currency's own decimals."""
    places = 0 if abs(value) >= _LARGE_MONEY or value == value.to_integral_value() else get_currency_precision(currency)
    babel_locale = locale_of(locale)
    return _apply(
        babel_locale.currency_formats["standard"], _rounded(value, places), (places, places), locale, currency
    )


def percent(value: Decimal, locale: str, places: int | None = None) -> str:
    """A fraction as a percentage, with ``places`` decimals at most. If not told: one, none for thousands of per cent,
    two where one would say 0 % or 100 % of what is not quite."""
    if places is None:
        places = 1 if abs(value) < _LARGE_PERCENT else 0
        rounded = _rounded(value, places + 2)
        places = 2 if rounded in (0, 1) and rounded != value else places
    pattern = locale_of(locale).percent_formats[None]
    return _apply(pattern, _rounded(value, places + 2), (0, places), locale)


def count(value: Decimal, locale: str) -> str:
    """A number of things; a mean of such with one decimal."""
    return _decimal(value, 1, locale)


def minutes(value: Decimal, locale: str) -> str:
    """A duration in its two largest units: ``4.5 min``, ``1 hr 20 min``, ``2 days 3 hr``."""
    if abs(value) < _MINUTES_IN_AN_HOUR:
        return _unit(value, "minute", locale)
    large, small, size = ("hour", "minute", 1) if abs(value) < _MINUTES_IN_A_DAY else ("day", "hour", 60)
    per_large = Decimal(_MINUTES_IN_AN_HOUR if large == "hour" else 24)
    with localcontext(prec=_PRECISION):
        whole, rest = divmod(_rounded(value / size, 0), per_large)
    return " ".join(_unit(part, unit, locale) for part, unit in ((whole, large), (rest, small)) if part)


def change(value: Decimal, before: Decimal, unit: Unit, currency: str, locale: str) -> str:
    """How a value moved, for ``from ...`` to follow: ``▲ up 4.2 points`` for percentages, else ``▼ down 12%``; by how
    much from 0, which has no per cent."""
    with localcontext(prec=_PRECISION):
        moved = abs(value - before)
        share = moved / abs(before) if before else Decimal(0)
    if not moved:
        return "= unchanged"
    if unit is Unit.PERCENT:
        points = _rounded(moved.scaleb(2), 1)
        by = f"{_decimal(points, 1, locale)} {'point' if points == 1 else 'points'}" if points else ""
    elif before:
        by = percent(share, locale) if _rounded(share, 3) else ""
    else:
        by = amount(moved, unit, currency, locale)
    if not by:
        return "≈ hardly changed"
    return f"▲ up {by}" if value > before else f"▼ down {by}"


def _rounded(value: Decimal, places: int) -> Decimal:
    with localcontext(prec=_PRECISION):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0  # + 0: no minus before a zero


def _decimal(value: Decimal, places: int, locale: str) -> str:
    with localcontext(prec=_PRECISION):
        return format_decimal(_rounded(value, places), locale=locale_of(locale))


def _unit(value: Decimal, unit: str, locale: str) -> str:
    with localcontext(prec=_PRECISION):
        rounded = _rounded(value, 1)
        whole = rounded.to_integral_value()
        # A 1.0 would be told in the plural.
        return format_unit(whole if whole == rounded else rounded, unit, length="short", locale=locale_of_words(locale))


def _apply(
    pattern: NumberPattern, value: Decimal, places: tuple[int, int], locale: str, currency: str | None = None
) -> str:
    """The locale's pattern with as many decimals (at least, at most) as asked."""
    own = copy(pattern)
    own.frac_prec = places
    with localcontext(prec=_PRECISION):
        return str(own.apply(value, locale_of(locale), currency=currency, currency_digits=False))
