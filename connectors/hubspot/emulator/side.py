"""All endpoints besides records: people, account, money, campaigns, and how much was asked today."""

from __future__ import annotations

from collections.abc import Callable

from connectors.hubspot.emulator import campaigns, money, people
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.limits import DailyUse
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.values import iso

ROUTES: tuple[Route, ...] = (*people.ROUTES, *money.ROUTES, *campaigns.ROUTES)


def usage_route(daily_use: Callable[[], DailyUse]) -> Route:
    """The endpoint that tells how many of the day's requests are used."""

    def read_usage(_account: Account, call: Call) -> Reply:
        use = daily_use()
        entry = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": use.limit,
            "currentUsage": use.used,
            "collectedAt": iso(call.now),
            "fetchStatus": "SUCCESS",
            "resetsAt": iso(use.resets_at),
        }
        return Reply({"results": [entry]})

    versions = ("2026-09", "2026-03", "v3")
    return Route("GET", tuple(f"/account-info/{each}/api-usage/daily/private-apps" for each in versions), read_usage)
