"""What every real CRM has too: records that lack something, and words that nobody expected."""

from __future__ import annotations

from collections.abc import Iterable

from bot.demo.chance import Dice
from bot.demo.records import Book

Row = dict[str, object]

_UNASSIGNED = 6
_WITHOUT_RATE = 2
_ODD_NAMES = (
    'R&D pilot <phase 2> "Nordlicht"',
    "=Q4 push (do not touch)",
    "<!channel> urgent: Água Clara",
    "Dokumentenmanagement für alle Standorte einschließlich der Niederlassungen in Österreich und der Schweiz 2026/27",
)


def unassign(book: Book, dice: Dice) -> None:
    """Takes the owner from a few deals of people who left, and some others."""
    left = [deal for deal in book.deals if deal.owner and not deal.owner.active and deal.status == "open"]
    others = [deal for deal in book.deals if deal.status != "open" and deal.type == "new"]
    for deal in [*left[:2], *dice.sample(others, _UNASSIGNED - len(left[:2]))]:
        deal.owner = None


def strain(rows: list[Row], dice: Dice) -> list[Row]:
    """Deals as they come out of a CRM: a win without a date, a currency without rates, odd names, an unknown status."""
    won = sorted((row for row in rows if row["status"] == "won"), key=lambda row: str(row["closed_at"]))
    undated, *foreign = dice.sample(won[-160:-60], 1 + _WITHOUT_RATE)  # not what the last week's digest tells
    undated.update(close_date="", closed_at="")
    for row in foreign:
        row["currency"] = "BRL"
    for row, name in zip(_recent_open(rows), _ODD_NAMES, strict=False):
        row["name"] = name
    return [*rows, {**rows[-1], "id": f"D{len(rows) + 1}", "name": "Imported by hand", "status": "in review"}]


def _recent_open(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["status"] == "open"][-len(_ODD_NAMES) :]
