"""How made companies find their customers: campaigns, spend, leads, and what is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.kpi.draws import DAY, TICK, Draws
from tests.kpi.expected.records import Row

_OUTCOMES = (None, None, "connected", "no_answer", "completed", "scheduled", "cancelled", "no_show")
_TYPES = ("call", "email", "meeting", "chat", "task", "demo", "onboarding")
_FIVE_MINUTES = timedelta(minutes=5)


def make_campaigns(draws: Draws) -> list[Row]:
    return [
        {"id": f"K{number}", "name": draws.any("Fair", "'", "Ads"), "channel": draws.any("search", "Search", None)}
        for number in range(5)
    ]


def make_spend(draws: Draws, campaigns: Sequence[Row]) -> list[Row]:
    return [
        {
            "id": f"X{number}",
            "date": draws.day(),
            "category": draws.any("sales", "marketing"),
            "amount": draws.money(missing=0),
            "currency": draws.currency(),
            "campaign_id": draws.id_of(campaigns, "K unknown", filled=0.6),
            "segment": draws.any("1-10", "11+", "(none)", None),
        }
        for number in range(60)
    ]


def make_leads(
    draws: Draws, size: int, owner_ids: Sequence[str | None], accounts: Sequence[Row], campaigns: Sequence[Row]
) -> list[Row]:
    """Leads whose steps happen at edges, in any order; a third names a deal, which may name another lead."""
    rows = [
        {
            "id": f"L{number}",
            "account_id": draws.id_of(accounts, "A unknown", filled=0.6),
            "deal_id": draws.any(None, None, f"D{draws.random.randrange(size)}"),
            "owner_id": draws.random.choice(owner_ids),
            "source": draws.any("Web", "web", "(none)", None),
            "campaign_id": draws.id_of(campaigns, "K unknown", filled=0.7),
            "status": draws.any("open", "converted", "disqualified", "disqualified", None),
            "created_at": draws.at(),
            "mql_at": draws.maybe_at(0.6),
            "sql_at": draws.maybe_at(0.5),
            "opportunity_at": draws.maybe_at(0.3),
            "won_at": draws.maybe_at(0.2),
            "disqualified_at": draws.maybe_at(0.5),
        }
        for number in range(size)
    ]
    draws.repeat(rows, "owner_id", "mql_at")
    return rows


def make_activities(
    draws: Draws, size: int, owner_ids: Sequence[str | None], accounts: Sequence[Row], leads: Sequence[Row]
) -> list[Row]:
    """Some with anyone, some with a lead around what happens to it, and meetings around those."""
    rows = [_activity(draws, owner_ids, accounts, leads) for _ in range(size)]
    for lead in draws.random.sample(leads, len(leads) // 2):
        instant = draws.any(lead["created_at"], lead["created_at"] + _FIVE_MINUTES, lead["disqualified_at"])
        at = draws.any(-TICK, timedelta(0), TICK, timedelta(hours=20), 4 * DAY) + (instant or lead["created_at"])
        outcome = draws.any(None, "connected", "no_answer", "cancelled")
        about = {"lead_id": lead["id"], "at": at, "direction": "outbound", "outcome": outcome}
        rows.append(_activity(draws, owner_ids, accounts, leads) | about)
    for touch in draws.random.sample(rows, len(rows) // 4):
        if touch["lead_id"]:
            kind = {"type": draws.any("meeting", "demo"), "lead_id": touch["lead_id"]}
            booked = draws.any(None, draws.at_or_near(touch["at"]))
            held = {"at": draws.at_or_near(touch["at"]), "created_at": booked}
            rows.append(_activity(draws, owner_ids, accounts, leads) | kind | held)
    return [row | {"id": f"C{number}"} for number, row in enumerate(rows)]


def _activity(
    draws: Draws, owner_ids: Sequence[str | None], accounts: Sequence[Row], leads: Sequence[Row]
) -> dict[str, Any]:
    return {
        "type": draws.any(*_TYPES, "call", "email", "call", "email"),
        "direction": draws.any("outbound", "outbound", "outbound", "inbound", None),
        "owner_id": draws.random.choice(owner_ids),
        "lead_id": draws.id_of(leads, "L unknown", filled=0.7),
        "account_id": draws.id_of(accounts, "A unknown", filled=0.4),
        "deal_id": draws.any(None, f"D{draws.random.randrange(40)}", "D unknown"),
        "at": draws.at(),
        "created_at": draws.maybe_at(0.5),
        "duration_seconds": draws.any(None, Decimal(0), 59, 61, 3600, 10**9),
        "outcome": draws.any(*_OUTCOMES),
        "opened": draws.any(None, True, False),
        "replied": draws.any(None, True, False),
    }
