"""The account's own data, and its currencies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.organisation import BEGINNING, ExchangeRate
from connectors.hubspot.emulator.pages import page_of
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.values import iso

_SCOPES = tuple(
    f"{name}.{right}"
    for name in ("settings.currencies", "crm.objects.quotes", "cpq.quotes")
    for right in ("read", "write")
    if (name, right) != ("settings.currencies", "write")
)


def _read_account(account: Account, call: Call) -> Reply:
    with account.lock:
        offset = call.now.astimezone(ZoneInfo(account.timezone)).utcoffset() or timedelta()
        details = {
            "portalId": account.portal_id,
            "accountType": "STANDARD",
            "timeZone": account.timezone,
            "companyCurrency": account.currency,
            "additionalCurrencies": [each for each in account.currencies if each != account.currency],
            "utcOffset": _clock_of(offset),
            "utcOffsetMilliseconds": int(offset.total_seconds()) * 1000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    return Reply(details)


def _clock_of(offset: timedelta) -> str:
    """An offset as ``-05:00``."""
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _read_company_currency(account: Account, _call: Call) -> Reply:
    return Reply({"id": account.currency, "createdAt": iso(BEGINNING)})


def _list_rates(account: Account, call: Call) -> Reply:
    """All rates, past and future ones too."""
    source, target = call.one("fromCurrencyCode"), call.one("toCurrencyCode")
    with account.lock:
        rates = [
            _rate(account, each)
            for each in sorted(account.exchange_rates, key=lambda rate: rate.id)
            if source in {None, each.code} and target in {None, account.currency}
        ]
    return Reply(page_of(call, rates))


def _list_current_rates(account: Account, call: Call) -> Reply:
    """Of each currency the rate in force now."""
    with account.lock:
        past = [each for each in account.exchange_rates if each.effective_at <= call.now]
        current = {each.code: each for each in sorted(past, key=lambda rate: (rate.effective_at, rate.id))}
        return Reply({"results": [_rate(account, each) for _, each in sorted(current.items())]})


def _rate(account: Account, rate: ExchangeRate) -> dict[str, Any]:
    at = iso(rate.effective_at)
    return {
        "id": str(rate.id),
        "fromCurrencyCode": rate.code,
        "toCurrencyCode": account.currency,
        "conversionRate": float(rate.rate),
        "effectiveAt": at,
        "createdAt": at,
        "updatedAt": at,
        "visibleInUI": rate.visible,
    }


def _list_codes(_account: Account, _call: Call) -> Reply:
    """Every currency there is, not the account's alone."""
    names = Locale("en").currencies
    return Reply({"results": [{"currencyCode": code, "currencyName": str(names[code])} for code in sorted(names)]})


def _read_central_rates(_account: Account, _call: Call) -> Reply:
    return Reply({"centralExchangeRatesEnabled": False})


def _currencies(name: str) -> tuple[str, str]:
    return f"/settings/currencies/2026-09/{name}", f"/settings/v3/currencies/{name}"


ROUTES: tuple[Route, ...] = (
    Route("GET", tuple(f"/account-info/{version}/details" for version in ("2026-09", "2026-03", "v3")), _read_account),
    Route("GET", _currencies("company-currency"), _read_company_currency, lambda _path: _SCOPES),
    Route("GET", _currencies("exchange-rates"), _list_rates, lambda _path: _SCOPES),
    Route("GET", _currencies("exchange-rates/current"), _list_current_rates, lambda _path: _SCOPES),
    Route("GET", _currencies("codes"), _list_codes, lambda _path: _SCOPES),
    Route("GET", _currencies("central-fx-rates/information"), _read_central_rates, lambda _path: _SCOPES),
)
