"""The commands on a HubSpot source: at its daily limit, with a scope missing, and beside its own figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.limits import Limits, Policy
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.organisation import Owner
from connectors.hubspot.emulator.server import HubspotEmulator
from tests.bot.conftest import Ran

Kpi = Callable[..., Ran]

LIMITS = Limits(burst=10**9, search=10**9, daily=100_000)


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubspotEmulator]:
    account = Account(timezone="America/New_York", currency="USD")
    account.owners[7] = Owner(7, "ana@acme.example", "Ana", "Diaz")
    won = {"pipeline": "default", "dealstage": "closedwon", "amount": "100", "hubspot_owner_id": "7"}
    account.create("deals", {**won, "dealname": "One", "closedate": datetime.now(UTC)})
    with HubspotEmulator(account, limits=LIMITS) as emulator:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        yield emulator


@pytest.fixture
def config(hubspot: HubspotEmulator, tmp_path: Path) -> Path:
    file = tmp_path / "hub" / "scoreline.toml"
    file.parent.mkdir()
    file.write_text(
        '[organisation]\ntimezone = "America/New_York"\n\n'
        f'[[source]]\ntype = "hubspot"\napi_url = "{hubspot.api_url}"\n'
    )
    return file


def add_files(config: Path) -> None:
    (config.parent / "crm").mkdir()
    (config.parent / "crm" / "accounts.csv").write_text("id,name\nA1,One\n")
    config.write_text(config.read_text() + '[[source]]\ntype = "files"\npath = "crm"\n')


def test_a_sync_publishes_and_the_crms_own_figures_agree(kpi: Kpi, config: Path, hubspot: HubspotEmulator):
    synced = kpi("sync", config=config)
    compared = kpi("check", "--against-crm", config=config)

    assert (synced.status, synced.err) == (0, "")
    assert synced.out.endswith("Published.\n")
    assert any(
        line.startswith("ok   source hubspot: 20") and "in the CRM 1 won, $100; here 1 won, $100" in line
        for line in compared.out.splitlines()
    )
    assert compared.status == 0
    assert hubspot.token not in synced.out + compared.out + compared.err


def test_at_the_daily_limit_it_is_incomplete_and_says_when_it_goes_on(kpi: Kpi, config: Path, hubspot: HubspotEmulator):
    add_files(config)
    hubspot.consume(Policy.DAILY, LIMITS.daily)

    ran = kpi("sync", config=config)
    as_json = kpi("sync", "--json", config=config)

    assert (ran.status, as_json.status) == (4, 4)
    assert "hubspot: incomplete, resumes at " in ran.err
    assert " 00:00 (America/New_York)" in ran.err
    assert "Nothing is published yet" in ran.out
    told = [line for line in json.loads(as_json.out) if line["source"] == "hubspot"]
    assert told
    assert all(not line["complete"] and datetime.fromisoformat(line["resume_at"]).tzinfo for line in told)


def test_at_the_daily_limit_what_was_complete_before_stays_published_and_the_rest_is_new(
    kpi: Kpi, config: Path, hubspot: HubspotEmulator
):
    add_files(config)
    assert kpi("sync", config=config).status == 0
    hubspot.consume(Policy.DAILY, LIMITS.daily)
    (config.parent / "crm" / "accounts.csv").write_text("id,name\nA1,One\nA2,Two\n")

    ran = kpi("sync", config=config)

    assert ran.status == 4
    assert ran.out.endswith("Published; hubspot as it was when it was last complete.\n")
    assert kpi("check", config=config).status == 3  # HubSpot can't be asked today


def test_at_a_later_daily_limit_the_accounts_day_is_known_from_the_syncs_before(
    kpi: Kpi, config: Path, hubspot: HubspotEmulator
):
    config.write_text(config.read_text().replace("America/New_York", "UTC"))
    assert kpi("sync", config=config).status == 0
    hubspot.consume(Policy.DAILY, LIMITS.daily)

    ran = kpi("sync", "--json", config=config)

    told = [line for line in json.loads(ran.out) if line["source"] == "hubspot"]
    assert told
    for line in told:
        resume_at = datetime.fromisoformat(line["resume_at"]).astimezone(ZoneInfo("America/New_York"))
        assert (resume_at.hour, resume_at.minute) == (0, 0)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("yearly_valu", 'which the HubSpot account does not have; did you mean "yearly_value"? kpi check says more.'),
        ("zzz", "which the HubSpot account does not have; kpi check says more."),
        ("legacy", "which is archived in HubSpot; kpi check says more."),
    ],
)
def test_a_mapped_property_that_is_lost_ends_the_sync_in_one_short_line(
    kpi: Kpi, config: Path, hubspot: HubspotEmulator, name: str, told: str
):
    for each in ("yearly_value", "legacy"):
        hubspot.account.add_property("deals", each, type="number")
    hubspot.account.remove_property("deals", "legacy")
    config.write_text(config.read_text() + f'\n[source.map.deals]\namount = "{name}"\n')

    ran = kpi("sync", config=config)

    assert ran.status == 2
    assert ran.err == f'kpi: Source hubspot: [source.map.deals] names the property "{name}", {told}\n'


def test_a_missing_scope_names_the_kpis_it_costs(kpi: Kpi, config: Path, hubspot: HubspotEmulator):
    hubspot.grant(set(READ_SCOPES) - {"crm.objects.quotes.read"})

    ran = kpi("check", config=config)

    (told,) = [line for line in ran.out.splitlines() if "scope crm.objects.quotes.read" in line]
    assert told.startswith("note source hubspot: scope ")
    assert "(costs: " in told
    assert ran.status == 0


def test_a_token_that_is_not_set_is_told_and_nothing_is_asked(
    kpi: Kpi, config: Path, hubspot: HubspotEmulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN")

    synced, checked = kpi("sync", config=config), kpi("check", config=config)

    assert (synced.status, checked.status) == (3, 3)
    assert synced.err.startswith("kpi: Source hubspot: There is no token for HubSpot: set HUBSPOT_ACCESS_TOKEN")
    assert synced.err.count("\n") == 1
    assert "There is no token for HubSpot" in checked.out
    assert hubspot.requests == 0
