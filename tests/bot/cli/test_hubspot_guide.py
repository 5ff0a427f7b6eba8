"""docs/hubspot.md says what the code does: its scopes, its properties, and what its commands print on an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.hubspot.emulator.account import Account, Link
from connectors.hubspot.emulator.limits import UNLIMITED, Policy
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.organisation import BEGINNING, ExchangeRate, Owner
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.hubspot.fields import TITLES, properties_of
from connectors.hubspot.objects import OBJECTS
from connectors.mapping import SourceSettings
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

GUIDE = (Path(__file__).parents[3] / "docs" / "hubspot.md").read_text("utf-8")
SHOWN_FOLDER = "/home/ana/acme"
NOW = ("--now", "2026-11-20T17:00:00Z")

CONFIG = """\
[organisation]
timezone = "Europe/Berlin"
currency = "EUR"

[[source]]
type = "hubspot"
api_url = "{api_url}"
"""
EXCLUDED = """
[source.exclude]
pipelines = ["Partner programme"]
"""
MISSPELT = """
[source.map.deals]
amount = "anual_value"
"""


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubspotEmulator]:
    with HubspotEmulator(acme(), limits=UNLIMITED) as emulator:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        yield emulator


@pytest.fixture
def config(hubspot: HubspotEmulator, tmp_path: Path) -> Path:
    file = tmp_path / "scoreline.toml"
    file.write_text(CONFIG.format(api_url=hubspot.api_url))
    return file


def acme() -> Account:
    """An account whose zone is another than the company's, with two pipelines and two currencies."""
    account = Account(timezone="US/Eastern", currency="EUR", currencies=["USD", "BRL"])
    account.exchange_rates += [
        ExchangeRate(1, "USD", Decimal("0.92"), BEGINNING),
        ExchangeRate(2, "BRL", Decimal("0.16"), datetime(2026, 11, 1, tzinfo=UTC)),
    ]
    account.owners[7] = Owner(7, "ana@acme.example", "Ana", "Ruiz")
    account.add_property("deals", "annual_value", type="number", label="Annual value")
    stages = account.pipelines["deals"]["default"].stages
    partner = [type(stage)(f"p{id_}", stage.label, dict(stage.metadata)) for id_, stage in stages.items()]
    account.add_pipeline("deals", "77", "Partner programme", partner)
    for closed_at, values in DEALS:
        deal = {"dealname": "Deal", "hubspot_owner_id": "7", "dealstage": "closedwon", "deal_currency_code": "EUR"}
        account.create("deals", {**deal, "closedate": closed_at, **values}, at=closed_at)
    return account


DEALS: tuple[tuple[datetime, dict[str, object]], ...] = (
    (datetime(2026, 9, 15, 10, tzinfo=UTC), {"amount": "12000"}),
    (
        datetime(2026, 9, 29, 14, tzinfo=UTC),
        {"amount": "5000", "deal_currency_code": "USD", "amount_in_home_currency": "4600"},
    ),
    (datetime(2026, 10, 7, 9, tzinfo=UTC), {"amount": "9000"}),
    (datetime(2026, 10, 21, 9, tzinfo=UTC), {"amount": "20000", "dealstage": "pclosedwon", "pipeline": "77"}),
    (datetime(2026, 10, 28, 9, tzinfo=UTC), {}),
    (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), {"amount": "4000"}),
    (datetime(2026, 11, 11, 13, tzinfo=UTC), {"amount": "11000"}),
)


def add_one_of_each(account: Account) -> None:
    """An open deal with a lead, and a record of every other object."""
    deal = account.create("deals", {"dealname": "Open", "dealstage": "appointmentscheduled"}, at=BEGINNING)
    account.create("leads", {}, at=BEGINNING, associations=[Link("deals", deal)])
    for name in OBJECTS.keys() - {"deals", "leads"}:
        account.create(name, {}, at=BEGINNING)


@pytest.fixture
def printed(kpi: Kpi, config: Path) -> Callable[..., str]:
    """What a command prints, as the guide shows it."""

    def run(*command: str) -> str:
        ran = kpi(*command, config=config)
        return comparable((ran.err + ran.out).replace(str(config.parent), SHOWN_FOLDER))

    return run


def shown(command: str, number: int = 0) -> str:
    """What the guide shows below a command, where it does so for the ``number``th time."""
    found = re.findall(rf"^```text\n\$ kpi {re.escape(command)}\n(.*?)```$", GUIDE, re.DOTALL | re.MULTILINE)
    return comparable(found[number])


def comparable(text: str) -> str:
    lines = (line.rstrip() for line in text.splitlines())
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "AT", "\n".join(lines))


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first column is called so."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


def coded(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", text))


def test_the_scopes_to_tick_are_those_that_reading_takes() -> None:
    needed, optional = ({coded(row[0])[0] for row in rows(each)} for each in ("needed", "optional"))

    owners = {"crm.objects.owners.read"}
    assert needed == {scope for each in OBJECTS.values() if each.is_needed for scope in each.scopes} | owners
    schemas = {scope for scope in READ_SCOPES if scope.startswith("crm.schemas.")}
    assert needed | optional == set(READ_SCOPES) - schemas - {"e-commerce"}
    assert all(scope.endswith(("read", "-read")) for scope in needed | optional)


def test_a_sync_does_with_the_needed_scopes_alone(printed: Callable[..., str], hubspot: HubspotEmulator) -> None:
    hubspot.grant({coded(row[0])[0] for row in rows("needed")})

    assert printed("sync").endswith("Published.")


@pytest.mark.parametrize("name", OBJECTS)
def test_the_properties_of_each_object_are_those_that_are_pulled(name: str) -> None:
    (row,) = [row for row in rows("object") if row[0] == f"`{name}`" and len(row) == len(("object", "table", "names"))]

    assert coded(row[2]) == properties_of(name, SourceSettings("hubspot", "hubspot"))


def test_the_titles_that_a_rule_reads_are_named() -> None:
    assert [title for title in TITLES.values() if f"`{title}`" not in GUIDE] == []


def test_the_check_before_a_sync_names_the_scopes_that_are_missing(
    printed: Callable[..., str], hubspot: HubspotEmulator
) -> None:
    hubspot.grant(set(READ_SCOPES) - {"crm.objects.goals.read", "marketing.campaigns.read"})

    assert shown("check") in printed("check", *NOW)


def test_the_check_names_a_property_that_is_not_there_and_the_sync_refuses_it(
    printed: Callable[..., str], config: Path
) -> None:
    config.write_text(config.read_text() + MISSPELT)

    assert shown("check", 1) in printed("check", *NOW)
    assert "anual_value" in printed("sync")


def test_an_answer_and_the_comparison_with_the_crm(printed: Callable[..., str], config: Path) -> None:
    config.write_text(config.read_text() + EXCLUDED)
    printed("sync")

    assert shown("ask bookings 2026-10") in printed("ask", "bookings", "2026-10", *NOW)
    assert shown("check --against-crm") in printed("check", "--against-crm", *NOW)


def test_at_the_daily_limit(printed: Callable[..., str], hubspot: HubspotEmulator) -> None:
    printed("sync")
    hubspot.consume(Policy.DAILY, UNLIMITED.daily)

    assert printed("sync") == shown("sync")


def test_the_requests_of_an_idle_sync(printed: Callable[..., str], hubspot: HubspotEmulator) -> None:
    printed("sync")
    before = hubspot.requests
    printed("sync")
    without_open_deals = hubspot.requests - before
    add_one_of_each(hubspot.account)
    printed("sync", "--full")
    before = hubspot.requests
    printed("sync")

    told = re.search(r"An idle sync takes (\d+) requests, and up to (\d+) more while deals are open", GUIDE)
    assert told
    assert (without_open_deals, hubspot.requests - before - without_open_deals) == tuple(map(int, told.groups()))
