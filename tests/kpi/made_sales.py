"""What made companies sell: deals with their stages, quotes and line items, and subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.kpi.draws import DAY, TICK, Draws
from tests.kpi.expected.records import Row

_PRODUCTS = ("P'1", "P:2", None)
_PROBABILITIES = (None, Decimal(0), Decimal("0.3"), Decimal("0.12345678"), Decimal(1))
_GAINED_WITHIN = timedelta(days=30)


def make_deals(
    draws: Draws, size: int, owner_ids: Sequence[str | None], accounts: Sequence[Row], leads: Sequence[Row]
) -> list[Row]:
    rows = [
        {
            "id": f"D{number}",
            "account_id": draws.id_of(accounts, "A unknown", filled=0.85),
            "lead_id": draws.id_of(leads, "L unknown", filled=0.35),
            "owner_id": draws.random.choice(owner_ids),
            "pipeline": draws.any("Sales", None),
            "stage": draws.any("Demo", "Offer", None),
            "type": draws.any("new", "new", "expansion", "renewal", None),
            "source": draws.any("Web", "web", "(none)", None),
            "contact_method": draws.any("phone", "email", "in person", None),
            "product": draws.any(*_PRODUCTS),
            "status": draws.any("won", "won", "lost", "open"),
            "amount": draws.money(),
            "cost": draws.money(missing=0.4),
            "currency": draws.currency(),
            "probability": draws.any(*_PROBABILITIES),
            "created_at": draws.at(),
            "first_contact_at": draws.maybe_at(0.4),
            "closed_at": draws.maybe_at(0.7),
            "close_date": draws.day() if draws.chance(0.6) else None,
            "term_months": draws.any(None, Decimal(0), 1, 12, 36),
        }
        for number in range(size)
    ]
    draws.repeat(rows, "owner_id", "status", "closed_at")
    return rows


def make_gained_deals(draws: Draws, number: int, touches: Sequence[Row]) -> list[Row]:
    """Deals that their owner's call or email may have won: created from it until just after 30 days."""
    meant = [each for each in touches if each["type"] in ("call", "email")]
    rows = []
    for count in range(number if meant else 0):
        touch = draws.random.choice(meant)
        shift = draws.any(timedelta(0), -TICK, TICK, _GAINED_WITHIN, _GAINED_WITHIN - TICK, _GAINED_WITHIN + TICK, DAY)
        rows.append(
            {
                "id": f"G{count}",
                "account_id": touch["account_id"] if draws.chance(0.6) else None,
                "lead_id": touch["lead_id"] if draws.chance(0.5) else None,
                "owner_id": touch["owner_id"],
                "status": draws.any("won", "open"),
                "amount": draws.money(),
                "created_at": touch["at"] + shift,
                "closed_at": draws.maybe_at(0.5),
            }
        )
    return rows


def make_stage_changes(draws: Draws, deals: Sequence[Row]) -> list[Row]:
    """None, one or several of a deal: at once, at its creation, at its closing, after it, back to open."""
    rows = []
    for deal in deals:
        instants = [deal["created_at"], deal.get("closed_at") or draws.at(), draws.at()]
        for _ in range(draws.any(0, 0, 1, 2, 4)):
            at = draws.at_or_near(draws.random.choice(instants))
            instants.append(at)
            rows.append(
                {
                    "deal_id": deal["id"],
                    "stage": draws.any("Demo", "Offer", "Won", "'"),
                    "at": at,
                    "status": draws.any(None, None, "open", "won", "lost"),
                    "amount": draws.money(missing=0.6),
                    "probability": draws.any(*_PROBABILITIES),
                }
            )
    draws.random.shuffle(rows)
    return [*rows, {"deal_id": "D unknown", "stage": "Demo", "at": draws.at()}]


def make_quotes(draws: Draws, deals: Sequence[Row], owner_ids: Sequence[str | None]) -> list[Row]:
    return [
        {
            "id": f"Q{number}",
            "deal_id": draws.id_of(deals, "D unknown"),
            "owner_id": draws.random.choice(owner_ids),
            "amount": draws.money(),
            "currency": draws.currency(),
            "sent_at": draws.at(),
            "accepted_at": draws.maybe_at(0.3),
        }
        for number in range(40)
    ]


def make_line_items(draws: Draws, deals: Sequence[Row]) -> list[Row]:
    """For a third of the deals, one to three; mostly with amount and cost."""
    rows: list[Row] = []
    for deal in deals:
        for _ in range(draws.any(0, 0, 0, 0, 1, 2, 3)):
            missing = draws.any(0.0, 0.0, 0.2)
            item = {
                "id": f"I{len(rows)}",
                "deal_id": deal["id"],
                "product": draws.any("P'1", "P:2", "P3"),
                "family": draws.any("F1", "(none)", None),
                "quantity": draws.any(None, Decimal(0), Decimal(1), Decimal("2.50000001")),
                "amount": draws.money(missing),
                "cost": draws.money(missing),
            }
            rows.append(item)
    return [*rows, {"id": "I unknown", "deal_id": "D unknown", "product": "P3", "amount": Decimal(7)}]


def make_subscriptions(draws: Draws, accounts: Sequence[Row], owner_ids: Sequence[str | None]) -> list[Row]:
    """Single ones, some without length or ended before they start, and accounts with a history of them."""
    rows: list[Row] = []

    def add(account_id: str | None, started_at: Any, ended_at: Any, mrr: Decimal, currency: str | None) -> None:
        row = {
            "id": f"U{len(rows)}",
            "account_id": account_id or "A unknown",
            "owner_id": draws.random.choice([*owner_ids, None, None]),
            "product": draws.any(*_PRODUCTS),
            "mrr": mrr,
            "currency": currency,
            "started_at": started_at,
            "ended_at": ended_at,
        }
        rows.append(row)

    for _ in range(15):
        started_at = draws.at()
        ended_at = started_at + timedelta(days=draws.random.randrange(-1, 60))
        ended_at = draws.any(None, started_at, ended_at, draws.at())
        add(draws.id_of(accounts, "A unknown"), started_at, ended_at, _mrr(draws), draws.currency())
    for _ in range(8):
        account_id = draws.id_of(accounts, "A unknown")
        instants = sorted({draws.at() for _ in range(4)})
        currency = draws.any(None, None, draws.currency())
        for started_at, ended_at in zip(instants, [*instants[1:], None], strict=True):
            is_gap, is_last = draws.chance(0.2), ended_at is None
            if not is_gap:
                add(account_id, started_at, None if is_last and draws.chance(0.5) else ended_at, _mrr(draws), currency)
            if draws.chance(0.2):
                add(account_id, started_at, ended_at, _mrr(draws), currency)
    return rows


def _mrr(draws: Draws) -> Decimal:
    return Decimal(draws.any("10", "10", "20", "0", "0.0001", "99999999999.9999", "1000000"))
