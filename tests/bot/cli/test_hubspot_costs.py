"""What ``kpi check`` says that a missing scope costs is what it costs: a sync without it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connectors.hubspot.emulator.account import Account, Link
from connectors.hubspot.emulator.filling import CUSTOM, fill_account
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.organisation import Campaign, SpendItem
from connectors.hubspot.emulator.server import HubspotEmulator
from tests.bot.conftest import Ran
from tests.connectors.hubspot.held import held_tables
from tests.kpi.companies import ORGANISATIONS, make_case

Kpi = Callable[..., Ran]

LINES, SUBSCRIPTIONS = ("crm.objects.line_items.read", "e-commerce"), ("crm.objects.subscriptions.read",)
# Scopes that are taken away together: those that cost nothing of each other's in one go.
TAKEN = {
    "what nothing stands in for": (
        "sales-email-read",
        "crm.objects.quotes.read",
        "crm.objects.goals.read",
        "marketing.campaigns.read",
    ),
    "what no KPI hangs on": (
        "crm.objects.products.read",
        "crm.objects.users.read",
        "settings.users.teams.read",
        "settings.currencies.read",
    ),
    "companies": ("crm.objects.companies.read",),
    "leads": ("crm.objects.leads.read",),
    "line items": LINES,
    "subscriptions": SUBSCRIPTIONS,
    "line items and subscriptions": (*LINES, *SUBSCRIPTIONS),
}
AS_IT_COMES: Mapping[str, Any] = {}
CASES = [(name, AS_IT_COMES) for name in TAKEN] + [
    (name, CUSTOM) for name in ("leads", "line items", "line items and subscriptions")
]


@dataclass(frozen=True)
class Told:
    """The KPIs without a value, and those that the findings on scopes name."""

    without: set[str]
    costs: set[str]
    weakens: set[str]


@pytest.fixture(scope="module")
def account() -> Account:
    organisation = ORGANISATIONS[0]
    case = make_case(Random(0), organisation)  # noqa: S311 - the same every time
    account = Account(timezone=organisation.timezone, currency=organisation.currency, clock=lambda: case.now)
    fill_account(account, held_tables(case.company.sources["files"], organisation))
    given_up = {"hs_lead_name": "Given up", "hs_pipeline_stage": "unqualified-stage-id"}
    contact = account.create("contacts", {"lifecyclestage": "lead"}, at=case.now)
    account.create("leads", given_up, at=case.now, associations=[Link("contacts", contact)])
    guid = "6f1e0a52-0000-4000-8000-000000000001"
    account.campaigns[guid] = Campaign(guid, {"hs_name": "Fair"}, spend=[SpendItem(1, "Stand", Decimal(900))])
    return account


@pytest.fixture
def hubspot(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubspotEmulator]:
    with HubspotEmulator(account, limits=UNLIMITED) as emulator:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        yield emulator


def told_after_a_sync(kpi: Kpi, hubspot: HubspotEmulator, folder: Path, maps: Mapping[str, Any]) -> Told:
    folder.mkdir()
    config = folder / "scoreline.toml"
    config.write_text(
        '[organisation]\ntimezone = "America/New_York"\ncurrency = "USD"\n\n'
        f'[[source]]\ntype = "hubspot"\napi_url = "{hubspot.api_url}"\n'
        + "".join(
            f"[source.map.{table}]\n" + "".join(f"{column} = {json.dumps(name)}\n" for column, name in columns.items())
            for table, columns in maps.items()
        )
    )
    assert kpi("sync", config=config).status == 0
    found = json.loads(kpi("check", "--json", config=config).out)
    without = {id_ for check in found for id_ in check["subject"].removeprefix("KPI ").split(", ")
               if check["subject"].startswith("KPI ")}  # fmt: skip
    scopes = [check["detail"] for check in found if check["subject"].startswith("source hubspot: scope")]
    costs, weakens = ({id_ for detail in scopes for id_ in named(word, detail)} for word in ("costs", "weakens"))
    return Told(without, costs, weakens)


def named(word: str, detail: str) -> list[str]:
    found = re.search(rf"[(;] ?{word}: ([^;)]+)", detail)
    return found[1].split(", ") if found else []


@pytest.fixture(scope="module")
def whole() -> dict[bool, Told]:
    """What a whole account gives, mapped or not, once it is known."""
    return {}


@pytest.mark.parametrize(("name", "maps"), CASES, ids=lambda each: each if isinstance(each, str) else bool(each))
def test_the_kpis_without_a_value_are_those_that_the_check_names(
    kpi: Kpi, hubspot: HubspotEmulator, tmp_path: Path, whole: dict[bool, Told], name: str, maps: Mapping[str, Any]
) -> None:
    is_mapped = bool(maps)
    if is_mapped not in whole:
        whole[is_mapped] = told_after_a_sync(kpi, hubspot, tmp_path / "before", maps)
    before = whole[is_mapped]
    hubspot.grant(set(READ_SCOPES) - set(TAKEN[name]))
    after = told_after_a_sync(kpi, hubspot, tmp_path / "after", maps)

    assert before.without <= {"cpl"}  # leads that name no campaign
    assert before.costs | before.weakens == set()
    lost = after.without - before.without
    assert after.costs - before.without <= lost
    assert lost <= after.costs | after.weakens
