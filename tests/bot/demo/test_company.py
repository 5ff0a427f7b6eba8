"""The made-up company: the same for a seed, consistent in time, believable, and readable by the product."""

import csv
import hashlib
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from bot.config import load_config
from bot.demo.company import write_export
from kpi.schema import TABLES

TODAY = date(2026, 11, 22)
LAST_MIDNIGHT = datetime(2026, 11, 21, 23, tzinfo=UTC)  # in Berlin


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    write_export(folder, today=TODAY)
    return folder


@pytest.fixture(scope="module")
def tables(folder):
    return {table: read(folder / "crm" / f"{table}.csv") for table in TABLES}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_the_same_seed_and_day_give_the_same_bytes(folder, tmp_path):
    write_export(tmp_path / "again", today=TODAY)
    write_export(tmp_path / "other", today=TODAY, seed=8)
    assert digest(tmp_path / "again") == digest(folder)
    assert digest(tmp_path / "other") != digest(folder)


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 11, 23)])
def test_any_day_can_be_today(tmp_path, today):
    write_export(tmp_path, today=today)
    closed = [at(row["closed_at"]) for row in read(tmp_path / "crm" / "deals.csv") if row["closed_at"]]
    assert 0 <= (datetime(today.year, today.month, today.day, tzinfo=UTC) - max(closed)).days <= 4


def test_its_configuration_loads(folder):
    config = load_config(folder / "scoreline.toml", {})
    assert config.sources[0].path == folder / "crm"
    assert [digest.channel for digest in config.digests] == ["#sales-emea", "#sales-apac"]
    assert config.organisation.currency == "EUR"


def test_every_table_has_all_columns_and_some_rows(tables):
    for name, rows in tables.items():
        assert tuple(rows[0]) == TABLES[name].column_names
    assert 25_000 <= len(tables["activities"]) <= 42_000


def test_ids_are_unique(tables):
    for name, rows in tables.items():
        if TABLES[name].has_id:
            assert max(Counter(row["id"] for row in rows).values()) == 1, name


@pytest.mark.parametrize(
    ("table", "column", "other"),
    [
        ("owners", "team_id", "teams"),
        ("owners", "manager_id", "owners"),
        ("accounts", "owner_id", "owners"),
        ("leads", "deal_id", "deals"),
        ("leads", "campaign_id", "campaigns"),
        ("deals", "account_id", "accounts"),
        ("deals", "lead_id", "leads"),
        ("deals", "owner_id", "owners"),
        ("stage_changes", "deal_id", "deals"),
        ("activities", "lead_id", "leads"),
        ("activities", "deal_id", "deals"),
        ("activities", "owner_id", "owners"),
        ("quotes", "deal_id", "deals"),
        ("line_items", "deal_id", "deals"),
        ("subscriptions", "account_id", "accounts"),
        ("subscriptions", "deal_id", "deals"),
        ("spend", "campaign_id", "campaigns"),
    ],
)
def test_records_point_to_records_that_are_there(tables, table, column, other):
    known = {row["id"] for row in tables[other]} | {""}
    assert {row[column] for row in tables[table]} <= known


def test_nothing_happens_after_the_last_midnight(tables):
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.type == "time":
                latest = max((row[column.name] for row in rows if row[column.name]), default="")
                assert not latest or at(latest) <= LAST_MIDNIGHT, (name, column.name)


def test_deals_begin_before_they_end(tables):
    for deal in tables["deals"]:
        if deal["closed_at"]:
            assert deal["status"] in ("won", "lost", "in review")
            assert deal["created_at"] < deal["closed_at"]
            assert deal["first_contact_at"] < deal["closed_at"]


def test_leads_come_before_their_deals_and_these_before_their_subscriptions(tables):
    deals = {row["id"]: row for row in tables["deals"]}
    for lead in tables["leads"]:
        steps = [lead[name] for name in ("created_at", "mql_at", "sql_at", "opportunity_at", "won_at")]
        steps = [step for step in steps if step]
        assert steps == sorted(steps)
        if lead["deal_id"]:
            assert lead["opportunity_at"] == deals[lead["deal_id"]]["created_at"]
            assert deals[lead["deal_id"]]["lead_id"] == lead["id"]
    for subscription in tables["subscriptions"]:
        if closed_at := deals.get(subscription["deal_id"], {}).get("closed_at"):
            assert closed_at < subscription["started_at"]


def test_the_last_stage_change_says_what_the_deal_says(tables):
    last = {}
    for change in tables["stage_changes"]:
        assert change["at"] >= last.get(change["deal_id"], change)["at"]
        last[change["deal_id"]] = change
    for deal in tables["deals"]:
        if deal["id"] in last:
            assert (last[deal["id"]]["stage"], last[deal["id"]]["status"]) == (deal["stage"], deal["status"])


def test_line_items_add_up_to_their_deals(tables):
    sums: Counter[str] = Counter()
    for line in tables["line_items"]:
        sums[line["deal_id"]] += int(line["amount"])
    amounts = {row["id"]: int(row["amount"]) for row in tables["deals"]}
    assert sums == {deal_id: amounts[deal_id] for deal_id in sums}


def test_a_subscription_that_changes_goes_on_at_the_same_instant(tables):
    by_account: dict[str, list[dict[str, str]]] = {}
    for row in tables["subscriptions"]:
        by_account.setdefault(row["account_id"], []).append(row)
    changed = [rows for rows in by_account.values() if len(rows) > 1]
    assert len(changed) > 50
    for rows in changed:
        for before, after in pairwise(rows):
            assert before["ended_at"] == after["started_at"]


def test_who_churned_has_no_subscription_left(tables):
    open_accounts = {row["account_id"] for row in tables["subscriptions"] if not row["ended_at"]}
    churned = {row["id"] for row in tables["accounts"] if row["churned_at"]}
    assert len(churned) > 20
    assert not churned & open_accounts


def test_win_rates_are_believable_and_differ_between_reps(tables):
    new = [row for row in tables["deals"] if row["type"] == "new" and row["status"] in ("won", "lost")]
    assert 0.18 <= sum(row["status"] == "won" for row in new) / len(new) <= 0.3
    closed = Counter(row["owner_id"] for row in new)
    won = Counter(row["owner_id"] for row in new if row["status"] == "won")
    rates = {rep: won[rep] / closed[rep] for rep in closed if closed[rep] > 100}
    assert max(rates.values()) > 1.5 * min(rates.values())


def test_the_company_reaches_about_its_targets(tables):
    euros = {"": 1, "EUR": 1, "USD": 0.91, "GBP": 1.17, "SEK": 0.088, "JPY": 0.0062, "BRL": 0}
    for quarter, months in {"2026-Q1": ("01", "02", "03"), "2026-Q3": ("07", "08", "09")}.items():
        booked = sum(
            int(row["amount"]) * euros[row["currency"]]
            for row in tables["deals"]
            if row["status"] == "won" and row["closed_at"][:7] in {f"2026-{month}" for month in months}
        )
        (target,) = (
            row["value"]
            for row in tables["targets"]
            if (row["kpi"], row["scope"], row["period"]) == ("bookings", "company", quarter)
        )
        assert 0.75 <= booked / float(target) <= 1.25


def test_the_last_finished_week_has_wins_to_tell(tables):
    owners = {row["id"]: row for row in tables["owners"]}
    emea = {row["id"] for row in tables["teams"] if "T1" in (row["id"], row["parent_id"])}
    won = [
        row
        for row in tables["deals"]
        if row["status"] == "won" and "2026-11-09" <= row["closed_at"][:10] <= "2026-11-15"
    ]
    assert len(won) >= 8
    assert sum(owners[row["owner_id"]]["team_id"] in emea for row in won if row["owner_id"]) >= 3


def test_some_of_it_is_dirty_as_in_every_crm(tables):
    deals = tables["deals"]
    inactive = {row["id"] for row in tables["owners"] if row["active"] == "false"}
    assert sum(not row["owner_id"] for row in deals) == 6
    assert sum(row["owner_id"] in inactive for row in deals) > 50
    assert sum(row["status"] == "won" and not (row["closed_at"] or row["close_date"]) for row in deals) == 1
    assert sum(row["status"] not in ("open", "won", "lost") for row in deals) == 1
    rates = {row["currency"] for row in tables["fx_rates"]} | {"", "EUR"}
    assert sum(row["status"] == "won" and row["currency"] not in rates for row in deals) == 2
    assert any(row["name"].startswith("=") for row in deals)


def test_amounts_and_rates_are_plain_numbers(tables):
    assert all(Decimal(row["rate"]) > 0 for row in tables["fx_rates"])
    assert all(row["amount"].isdigit() and int(row["amount"]) > 0 for row in tables["deals"])
    assert all(row["mrr"].isdigit() for row in tables["subscriptions"])
