from decimal import Decimal

import pytest

from bot.views.numbers import amount, change, locale_of, minutes, money, percent
from kpi.model import Unit


@pytest.mark.parametrize(
    ("value", "currency", "locale", "shown"),
    [
        ("0", "USD", "en-US", "$0"),
        ("12.5", "USD", "en-US", "$12.50"),
        ("999.995", "USD", "en-US", "$1,000.00"),
        ("250", "USD", "en-US", "$250"),
        ("149523.45", "USD", "en-US", "$149,523"),
        ("-149523.5", "USD", "en-US", "-$149,524"),
        ("1234567.5", "EUR", "de-DE", "1.234.568\u00a0€"),
        ("1234567.5", "INR", "en-IN", "₹12,34,568"),
        ("999.4", "JPY", "ja-JP", "￥999"),
        ("26000000000.5", "VND", "vi-VN", "26.000.000.001\u00a0₫"),
        ("1234.5", "XXQ", "en-US", "XXQ1,235"),
        ("99999999999999999999999999999999999999.5", "USD", "en-US", "$" + "100" + ",000" * 12),
    ],
)
def test_money_is_whole_when_large_and_has_cents_when_small(value: str, currency: str, locale: str, shown: str) -> None:
    assert money(Decimal(value), currency, locale) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.6315005", "63.2%"),
        ("0.25", "25%"),
        ("0", "0%"),
        ("1", "100%"),
        ("0.0004", "0.04%"),
        ("0.9997", "99.97%"),
        ("-0.00001", "0%"),
        ("-0.125", "-12.5%"),
        ("12.3456", "1,235%"),
    ],
)
def test_percent_has_a_decimal_where_it_matters(value: str, shown: str) -> None:
    assert percent(Decimal(value), "en-US") == shown


def test_numbers_are_written_as_the_locale_writes_them() -> None:
    assert percent(Decimal("0.6315"), "de-DE") == "63,2\u00a0%"
    assert amount(Decimal("12345.67"), Unit.COUNT, "", "ru-RU") == "12\u00a0345,7"
    assert amount(Decimal("3.456"), Unit.RATIO, "", "fr-FR") == "3,46"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0 min"),
        ("4.26", "4.3 min"),
        ("80", "1 hr 20 min"),
        ("120", "2 hr"),
        ("1439.9", "24 hr"),
        ("3070", "2 days 3 hr"),
    ],
)
def test_a_duration_has_at_most_two_units(value: str, shown: str) -> None:
    assert minutes(Decimal(value), "en-US") == shown


def test_days_have_one_decimal() -> None:
    assert amount(Decimal("34.25"), Unit.DAYS, "", "en-US") == "34.3 days"


@pytest.mark.parametrize(
    ("value", "before", "unit", "said"),
    [
        ("0.632", "0.59", Unit.PERCENT, "▲ up 4.2 points"),
        ("0.60", "0.59", Unit.PERCENT, "▲ up 1 point"),
        ("0.59", "0.632", Unit.PERCENT, "▼ down 4.2 points"),
        ("0.59", "0.59", Unit.PERCENT, "= unchanged"),
        ("0.5901", "0.59", Unit.PERCENT, "≈ hardly changed"),
        ("112", "100", Unit.COUNT, "▲ up 12%"),
        ("0", "100", Unit.COUNT, "▼ down 100%"),
        ("1000001", "1000000", Unit.MONEY, "≈ hardly changed"),
        ("1200", "0", Unit.MONEY, "▲ up $1,200"),
        ("0", "0", Unit.MONEY, "= unchanged"),
    ],
)
def test_a_change_tells_its_direction_in_words(value: str, before: str, unit: Unit, said: str) -> None:
    assert change(Decimal(value), Decimal(before), unit, "USD", "en-US") == said


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("en-US", "en_US"), ("zh-CN", "zh_Hans_CN"), ("de-XX", "de"), ("xx-YY", "en_US"), ("", "en_US"), ("x;y", "en_US")],
)
def test_a_locale_that_does_not_exist_is_its_language_or_english(tag: str, locale: str) -> None:
    assert str(locale_of(tag)) == locale
