"""How deals went: their stages, quotes and line items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.demo.chance import Dice, Span, stamp
from bot.demo.markets import CLOSED_STAGES, PRODUCTS, SERVICES, STAGES
from bot.demo.records import Deal

_QUOTED_FROM = "Proposal"


def give_stages(deals: Iterable[Deal], span: Span, dice: Dice) -> None:
    """Each deal's way through the stages up to its end, or as far as it has come."""
    for deal in deals:
        until = deal.closed_at or span.end
        reached = _stages_reached(deal, span, dice)
        spread = sorted(dice.uniform(0.05, 0.95) for _ in reached[1:])
        moments = [deal.created_at, *(deal.created_at + (until - deal.created_at) * part for part in spread)]
        deal.stages = list(zip(reached, moments, strict=True))
        if deal.closed_at:
            deal.stages.append((CLOSED_STAGES[deal.status][0], deal.closed_at))


def _stages_reached(deal: Deal, span: Span, dice: Dice) -> list[str]:
    stages = list(STAGES)
    if deal.status == "won":
        return stages
    if deal.status == "lost":
        return stages[: dice.pick({1: 25, 2: 35, 3: 25, 4: 15})]
    planned = max((deal.closes_on - deal.created_at.date()).days, 1)
    part = (span.today - deal.created_at.date()).days / planned
    return stages[: min(max(1 + int(part * len(stages)), 1), len(stages))]


def probability(stage: str) -> str:
    closed = dict(CLOSED_STAGES.values())
    return STAGES.get(stage) or closed.get(stage, "")


def stage_rows(deals: Iterable[Deal]) -> Iterator[dict[str, object]]:
    for deal in deals:
        for stage, at in deal.stages:
            status = deal.status if stage not in STAGES else "open"
            yield {
                "deal_id": deal.id,
                "stage": stage,
                "at": stamp(at),
                "status": status,
                "amount": deal.amount,
                "probability": probability(stage),
            }


def quote_rows(deals: Iterable[Deal], span: Span, dice: Dice) -> Iterator[dict[str, object]]:
    """A quote or two for each deal that came as far; the last one of a won deal was accepted."""
    number = 0
    for deal in deals:
        proposed_at = dict(deal.stages).get(_QUOTED_FROM)
        for version in range(1 + dice.is_so(0.15) if proposed_at else 0):
            sent_at = _within(proposed_at, timedelta(hours=dice.uniform(2, 30) + 40 * version), deal, span)
            if sent_at is None:
                continue
            number += 1
            yield {
                "id": f"Q{number}",
                "deal_id": deal.id,
                "owner_id": deal.owner.id if deal.owner else "",
                "amount": deal.amount,
                "currency": deal.currency,
                "sent_at": stamp(sent_at),
                "accepted_at": stamp(deal.closed_at) if deal.status == "won" else "",
            }


def _within(start: datetime | None, after: timedelta, deal: Deal, span: Span) -> datetime | None:
    moment = (start or deal.created_at) + after
    return moment if moment < (deal.closed_at or span.end) else None


def line_rows(deals: Iterable[Deal], dice: Dice) -> Iterator[dict[str, object]]:
    """The lines of most deals; they add up to the deal's amount."""
    number = 0
    for deal in deals:
        if not dice.is_so(0.7):
            continue
        services = {name: part for name, part in SERVICES.items() if dice.is_so(0.35)}
        rest = deal.amount
        for name, part in services.items():
            number += 1
            amount = round(deal.amount * part)
            rest -= amount
            yield _line(number, deal, (name, "Services", 1), amount, cost=0.62)
        number += 1
        seats = max(round(deal.mrr / dice.choice((45, 60, 75))), 1)
        yield _line(number, deal, (deal.product, PRODUCTS[deal.product][1], seats), rest, cost=0.17)


def _line(number: int, deal: Deal, product: tuple[str, str, int], amount: int, *, cost: float) -> dict[str, object]:
    name, family, quantity = product
    return {
        "id": f"I{number}",
        "deal_id": deal.id,
        "product": name,
        "family": family,
        "quantity": quantity,
        "amount": amount,
        "cost": f"{amount * cost:.2f}",
    }
