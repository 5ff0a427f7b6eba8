"""What values may be: one rule per key, which gives the value back, perhaps in its usual form, or a ValueError."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.config.settings import SendTime
from connectors.suggestion import did_you_mean

Rule = Callable[[Any], Any]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CURRENCIES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"""
_TIME = r"([01]?\d|2[0-3]):([0-5]\d)"
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)"
_HOURS = re.compile(rf"{_DAY}(-{_DAY})?(,\s*{_DAY}(-{_DAY})?)* {_TIME}-({_TIME}|24:00)")
_SEND_TIME = re.compile(rf"(?:(?P<day>[a-z]+)|business day (?P<number>\d+)) {_TIME}")
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
_LONGEST_SHOWN = 60
_LONGEST_LINE = 300
_MOST_BUSINESS_DAYS = 20  # a February may have no more


def _shown(value: str) -> str:
    return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}...")


def one_of(*words: str) -> Rule:
    """One of these words, capitals ignored."""

    def rule(value: str) -> str:
        word = value.strip().casefold()
        if word not in words:
            raise ValueError(f"{_shown(value)} is not one of its values; {did_you_mean(word, words)}")
        return word

    return rule


def between(lowest: int, highest: int) -> Rule:
    """A whole number in this span."""

    def rule(value: int) -> int:
        if not lowest <= value <= highest:
            raise ValueError(f"{value} must be between {lowest} and {highest}.")
        return value

    return rule


def share(value: float) -> float:
    """A part of a whole: 0.8 is four fifths."""
    if not 0 < value <= 1:
        raise ValueError(f"{value} must be more than 0 and at most 1, such as 0.8.")
    return value


def filled(value: str) -> str:
    """Text that is not blank."""
    if not value.strip():
        raise ValueError("must not be empty.")
    return value.strip()


def line(value: str) -> str:
    """Words in one line, as people are shown."""
    if not value.isprintable() or len(value) > _LONGEST_LINE:
        raise ValueError(f"{_shown(value)} must be one line of at most {_LONGEST_LINE} characters.")
    return filled(value)


def path(value: str) -> Path:
    """A file or folder; ``~`` is the home folder."""
    if not value.isprintable():
        raise ValueError(f"{_shown(value)} is not a path.")
    try:
        return Path(filled(value)).expanduser()
    except RuntimeError:
        raise ValueError(
            f"{_shown(value)} begins with a home folder that is not known: write the whole path."
        ) from None


def time_zone(value: str) -> str:
    """The name of an IANA time zone."""
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, KeyError):
        from zoneinfo import available_timezones

        hint = did_you_mean(value, available_timezones())
        hint = hint if hint.startswith("did") else "write one like 'Europe/Berlin' or 'UTC'."
        raise ValueError(f"{_shown(value)} is not a time zone; {hint}") from None


def currency(value: str) -> str:
    """A currency's ISO 4217 code."""
    if value.upper() not in CURRENCIES.split():
        raise ValueError(f"{_shown(value)} is not a currency; write its three letters, such as 'USD'.")
    return value.upper()


def locale(value: str) -> str:
    """A locale that numbers and dates can be written in, such as ``en-US``."""
    if not (_is_common_locale(value) or _is_known_locale(value)):
        raise ValueError(f"{_shown(value)} is not a locale; write a language and a country, such as 'en-US'.")
    return value.replace("_", "-")


def _is_common_locale(value: str) -> bool:
    """Whether Babel has data of just this name; looked up in its files, as importing it takes longer than all else."""
    babel = find_spec("babel")
    folder = Path(babel.origin or "").parent / "locale-data" if babel else Path()
    return bool(re.fullmatch(r"[A-Za-z_-]+", value)) and (folder / f"{value.replace('-', '_')}.dat").is_file()


def _is_known_locale(value: str) -> bool:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def business_hours(value: str) -> str:
    """Days and hours, such as ``mon-fri 09:00-18:00``."""
    hours = value.strip().casefold()
    start, _, end = hours.rpartition(" ")[2].partition("-")
    if not _HOURS.fullmatch(hours) or start.zfill(5) >= end.zfill(5):
        raise ValueError(f"{_shown(value)} cannot be read; write it like 'mon-fri 09:00-18:00'.")
    return hours


def send_time(value: str) -> SendTime:
    """When a digest goes out, from ``monday 09:00`` or ``business day 1 09:00``."""
    read = _SEND_TIME.fullmatch(" ".join(value.casefold().split()))
    if not read or (read["day"] and read["day"] not in WEEKDAYS):
        raise ValueError(f"{_shown(value)} cannot be read; write it like 'monday 09:00' or 'business day 1 09:00'.")
    hour, minute = int(read[3]), int(read[4])
    if read["day"]:
        return SendTime(hour, minute, weekday=WEEKDAYS.index(read["day"]))
    number: int = between(1, _MOST_BUSINESS_DAYS)(int(read["number"]))
    return SendTime(hour, minute, business_day=number)


def recipient(value: str) -> str:
    """Whom a digest is about: ``team:ID``, ``rep:ID`` or ``company``."""
    kind, _, id_ = value.strip().partition(":")
    if not (kind.casefold() in ("team", "rep") and id_.strip()) and value.strip().casefold() != "company":
        raise ValueError(f"{_shown(value)} cannot be read; write 'team:ID', 'rep:ID' or 'company'.")
    return f"{kind.casefold()}:{id_.strip()}" if id_ else kind.casefold()


def email(value: str) -> str:
    """Something that may be an email address."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value.strip()):
        raise ValueError(f"{_shown(value)} is not an email address.")
    return value.strip()


def name(value: str) -> str:
    """A word that may stand before an id: letters, digits, ``-`` and ``_``."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", value):
        raise ValueError(f"{_shown(value)} must be 1 to 40 of the letters a to z, digits, '-' and '_'.")
    return value


def private_url(value: str) -> str:
    """An address that secrets may be sent to: https, or this machine."""
    try:
        url = urlsplit(value.strip())
        host, _port = url.hostname or "", url.port
    except ValueError:
        raise ValueError(f"{_shown(value)} is not an address.") from None
    local = url.scheme == "http" and _LOOPBACK.fullmatch(host)
    if not host or not (url.scheme == "https" or local):
        raise ValueError(f"{_shown(value)} must begin with https:// (http:// is for this machine, 127.0.0.1, alone).")
    return value.strip()


def database_url(*schemes: str) -> Rule:
    """The URL of a database of one of these kinds."""

    def rule(value: str) -> str:
        scheme, separator, rest = value.strip().partition("://")
        if scheme.partition("+")[0] not in schemes or not separator or not rest.strip("/") or not rest.isprintable():
            raise ValueError(
                f"{_shown(value)} must begin with {' or '.join(f'{known}://' for known in schemes)} and go on."
            )
        return value.strip()

    return rule
