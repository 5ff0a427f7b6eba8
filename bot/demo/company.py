"""Makes the company up, and writes it to a folder as an export of its CRM: CSV in the schema's shape."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from bot.demo import dirt, finance, goals, journeys, tables
from bot.demo.chance import TIMEZONE, Dice, Span
from bot.demo.customers import Customers
from bot.demo.outreach import Outreach
from bot.demo.records import Book
from bot.demo.sales import Sales
from bot.demo.staff import MEMBERS
from kpi.schema import TABLES

Rows = list[dict[str, object]]

SEED = 7
HEADING = "# A made-up company to try Scoreline on."

_CONFIGURATION = """\
{heading} Every key but [[source]] has a default.
[organisation]
name = "Larkspur Analytics"
timezone = "{timezone}"
currency = "{currency}"
locale = "en-GB"

{sources}
[access]
policy = "team"
admins = ["{admin}"]

[[digest]]
id = "emea-weekly"
cadence = "weekly"
to = "team:{emea}"
channel = "#sales-emea"
at = "monday 09:00"

[[digest]]
id = "apac-weekly"
cadence = "weekly"
to = "team:{apac}"
channel = "#sales-apac"
at = "monday 09:00"
"""
CURRENCY = "EUR"

_FILES = """\
[[source]]
type = "files"
path = "crm"
"""


def write_export(folder: Path, *, today: date, seed: int = SEED) -> None:
    """Writes ``scoreline.toml`` and ``crm/TABLE.csv`` for two years that end as ``today`` begins: the same bytes for
    the same ``today`` and ``seed``. Replaces the files of an earlier company."""
    write_tables(folder / "crm", company_tables(today, seed))
    write_configuration(folder, _FILES, emea="T1", apac="T7")


def write_configuration(folder: Path, sources: str, *, emea: str, apac: str) -> None:
    """Writes ``scoreline.toml`` with these blocks of sources, and the ids of two teams that have a digest."""
    admin = MEMBERS["M1"].email
    text = _CONFIGURATION.format(
        heading=HEADING, timezone=TIMEZONE, currency=CURRENCY, sources=sources, admin=admin, emea=emea, apac=apac
    )
    (folder / "scoreline.toml").write_text(text, "utf-8", newline="\n")


def write_tables(folder: Path, tables_: Mapping[str, Rows]) -> None:
    """Writes ``TABLE.csv`` for each table, and makes the folder where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables_.items():
        _write_csv(folder / f"{table}.csv", TABLES[table].column_names, rows)


def company_tables(today: date, seed: int = SEED) -> dict[str, Rows]:
    """The rows of every table of the schema."""
    span, dice, book = Span(today), Dice(seed), Book()
    campaigns = finance.plan_campaigns(span)
    sales = Sales(book, span, dice, campaigns)
    sales.fill()
    Customers(book, span, dice, sales).fill()
    journeys.give_stages(book.deals, span, dice)
    activities = sorted(Outreach(book, span, dice).rows(), key=lambda row: str(row["at"]))
    targets = list(goals.target_rows(book.deals, span, dice))
    dirt.unassign(book, dice)
    return {
        "owners": list(tables.owner_rows()),
        "teams": list(tables.team_rows()),
        "accounts": list(tables.account_rows(book.accounts)),
        "campaigns": list(tables.campaign_rows(campaigns)),
        "leads": list(tables.lead_rows(book.leads)),
        "deals": dirt.strain(list(tables.deal_rows(book.deals, dice)), dice),
        "stage_changes": list(journeys.stage_rows(book.deals)),
        "activities": activities,
        "quotes": list(journeys.quote_rows(book.deals, span, dice)),
        "line_items": list(journeys.line_rows(book.deals, dice)),
        "subscriptions": list(tables.subscription_rows(book.subscriptions)),
        "spend": list(finance.spend_rows(span, dice, campaigns)),
        "targets": targets,
        "fx_rates": list(finance.rate_rows(span, dice)),
        "holidays": list(finance.holiday_rows(span)),
    }


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row.get(column, "") for column in columns] for row in rows)
