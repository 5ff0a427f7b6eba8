"""What the company spends and converts: campaigns, spend, exchange rates, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.demo.chance import Dice, Span, months
from bot.demo.markets import EUROS

# name, channel, EUR a month, months from the beginning of the two years to its start and its end
_CAMPAIGNS = (
    ("Search ads", "search", 8200, 0, 99),
    ("Review sites", "search", 3100, 5, 99),
    ("Hannover fair", "event", 14500, 4, 6),
    ("Customer days", "event", 9800, 9, 11),
    ("Hannover fair, again", "event", 15200, 16, 18),
    ("Autumn roadshow", "event", 7600, 20, 99),
    ("Webinar series", "email", 2400, 0, 13),
    ("Webinar series: forecasting", "email", 2900, 13, 99),
    ("Partner programme", "partner", 4300, 2, 99),
)
# category, segment, EUR a month
_SALARIES = (
    ("marketing", "", 39000),
    ("sales", "SMB", 54000),
    ("sales", "Mid-Market", 78000),
    ("sales", "Enterprise", 42000),
    ("sales", "", 48000),
)
_BILLED_ON = (1, 8, 15, 22)
_HOLIDAYS = (
    (1, 1, "New Year's Day"),
    (5, 1, "Labour Day"),
    (10, 3, "German Unity Day"),
    (12, 25, "Christmas Day"),
    (12, 26, "Boxing Day"),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    name: str
    channel: str
    euros_a_month: int
    starts_on: date
    ends_on: date | None

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def plan_campaigns(span: Span) -> tuple[Campaign, ...]:
    """The campaigns of the two years; those that still run have no end."""
    firsts = months(span.first_day, span.today)
    return tuple(
        Campaign(
            id=f"C{number}",
            name=name,
            channel=channel,
            euros_a_month=euros,
            starts_on=firsts[start],
            ends_on=firsts[end] - timedelta(days=1) if end < len(firsts) else None,
        )
        for number, (name, channel, euros, start, end) in enumerate(_CAMPAIGNS, start=1)
    )


def spend_rows(span: Span, dice: Dice, campaigns: tuple[Campaign, ...]) -> Iterator[dict[str, object]]:
    """What was paid: for campaigns week by week, for people on the first of each month."""
    paid = [row for first in months(span.first_day, span.last_day) for row in _month(first, dice, campaigns)]
    past = (row for row in paid if row["date"] <= span.last_day)
    for number, row in enumerate(past, start=1):
        yield {**row, "id": f"P{number}", "date": row["date"].isoformat()}


def _month(first: date, dice: Dice, campaigns: tuple[Campaign, ...]) -> Iterator[dict[str, Any]]:
    for campaign in campaigns:
        for day in (first.replace(day=day) for day in _BILLED_ON if campaign.runs_on(first)):
            amount = campaign.euros_a_month / len(_BILLED_ON) * dice.uniform(0.85, 1.15)
            about = {"date": day, "category": "marketing", "campaign_id": campaign.id}
            yield {**about, "amount": f"{amount:.2f}", "currency": "EUR"}
    for category, segment, euros in _SALARIES:
        yield {"date": first, "category": category, "amount": f"{euros}.00", "segment": segment}


def rate_rows(span: Span, dice: Dice) -> Iterator[dict[str, object]]:
    """A rate a month for every foreign currency but one, which nobody keeps."""
    for currency, mean in EUROS.items():
        if currency in ("EUR", "BRL"):
            continue
        rate = mean
        for day in months(span.first_day - timedelta(days=400), span.last_day):
            rate = mean + (rate - mean) * 0.8 + mean * dice.gauss(0, 0.01)
            yield {"currency": currency, "date": day.isoformat(), "rate": f"{rate:.6f}"}


def holiday_rows(span: Span) -> Iterator[dict[str, object]]:
    for year in range(span.first_day.year, span.today.year + 2):
        for month, day, name in _HOLIDAYS:
            yield {"date": date(year, month, day).isoformat(), "name": name, "country": "DE"}
