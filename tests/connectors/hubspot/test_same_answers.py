"""The same company through files and through HubSpot: every KPI has the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from bot.demo.chance import TIMEZONE
from bot.demo.company import CURRENCY, company_tables
from connectors.base import Batch
from connectors.hubspot.auth import open_tokens
from connectors.hubspot.client import HubspotClient
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling import CUSTOM, fill_account, left_over
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.hubspot.paths import DATED, Paths
from connectors.limiter import Limiter
from connectors.mapping import SourceSettings, parse_table_map
from kpi.compute import read
from kpi.engines import open_engine
from kpi.engines.base import Engine
from kpi.model import Reading, Request
from kpi.organisation import Organisation
from kpi.plan import Context
from kpi.store import Writer, open_writer
from tests.connectors.hubspot.held import held_tables, named_as_in_hubspot
from tests.connectors.surroundings import surroundings
from tests.kpi.agreement import KPIS, request_of, said, scopes_of
from tests.kpi.companies import ORGANISATIONS, make_case
from tests.kpi.expected.records import Company, Row
from tests.kpi.published import SYNCED_AT, URL, batch_of, context_of

# Beside what the demo maps: what HubSpot works out by itself, of a company whose records contradict each other.
MAPPED = {**CUSTOM, "owners": {"role": "sales_role"}, "leads": {**CUSTOM["leads"], "status": "lead_status"}}
NO_LIMIT = 10**6
DEMO_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DEMO_KEYS = ("2026-11-20", "2026-W46", "2026-W47", "2026-10", "2026-11", "2026-Q3", "2026-Q4", "2025", "2026")


@dataclass(frozen=True)
class Told:
    """A company in two stores: as files tell it, and as HubSpot does."""

    by_files: Engine
    by_hubspot: Engine
    context: Context
    keys: Sequence[str]


def demo() -> tuple[Organisation, dict[str, list[Row]], datetime, Sequence[str]]:
    organisation = Organisation(name="Larkspur Analytics", timezone=TIMEZONE, currency=CURRENCY)
    return organisation, company_tables(date(2026, 11, 22)), DEMO_NOW, DEMO_KEYS


def hostile(number: int) -> tuple[Organisation, Mapping[str, list[Row]], datetime, Sequence[str]]:
    case = make_case(Random(number), ORGANISATIONS[number])  # noqa: S311 - the same every time
    return ORGANISATIONS[number], case.company.sources["files"], case.now, case.keys


COMPANIES = {"demo": demo} | {
    f"hostile {each.timezone}": lambda number=number: hostile(number) for number, each in enumerate(ORGANISATIONS)
}


@pytest.fixture(scope="module", params=COMPANIES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    organisation, tables, now, keys = COMPANIES[request.param]()
    held = held_tables(tables, organisation)
    account = Account(timezone=organisation.timezone, currency=organisation.currency, clock=lambda: now)
    ids = fill_account(account, held)
    beside = left_over(held, ids, "hubspot")
    named = named_as_in_hubspot(held, ids)
    company = Company(organisation, {"hubspot": named, "files": beside})

    by_files = tmp_path_factory.mktemp("files")
    with open_writer(URL, organisation, base=by_files) as writer:
        for table, rows in named.items():
            writer.load("hubspot", batch_of(table, rows))
        publish(writer, beside)

    by_hubspot = tmp_path_factory.mktemp("hubspot")
    with (
        HubspotEmulator(account, limits=UNLIMITED, gzip=False) as hubspot,
        open_writer(URL, organisation, base=by_hubspot) as writer,
    ):
        for batch in pull(hubspot, organisation, by_hubspot, now):
            writer.load("hubspot", batch)
        publish(writer, beside)

    engines = [open_engine(URL, base) for base in (by_files, by_hubspot)]
    yield Told(*engines, context_of(company, engines[0], now), keys)
    for engine in engines:
        engine.close()


def pull(hubspot: HubspotEmulator, organisation: Organisation, folder: Path, now: datetime) -> Iterator[Batch]:
    maps = {table: parse_table_map(table, columns, of_files=False) for table, columns in MAPPED.items()}
    settings = SourceSettings("hubspot", "hubspot", maps=maps, api_url=hubspot.api_url)
    secrets = {"HUBSPOT_ACCESS_TOKEN": hubspot.token}
    around = surroundings(organisation.timezone, organisation.currency, folder / "mirror", secrets, now)
    connector, paths = HubspotConnector(settings, around), Paths(DATED)
    # The limit of searches would take longer than everything else.
    limiter = Limiter(search=NO_LIMIT, burst=NO_LIMIT)
    connector.client = HubspotClient(hubspot.api_url, open_tokens(settings, around, paths), limiter, paths=paths)
    return (each for each in connector.pull({}, full=True) if isinstance(each, Batch))


def publish(writer: Writer, beside: Mapping[str, list[Row]]) -> None:
    for table, rows in beside.items():
        writer.load("files", batch_of(table, rows))
    writer.publish(dict.fromkeys(("hubspot", "files"), SYNCED_AT), (), ["hubspot", "files"])


def test_every_kpi_variant_and_period_has_the_same_answer(told):
    company, *others = scopes_of(told.context, every=7)
    asked = [(company, key) for key in told.keys] + [(scope, key) for scope in others for key in told.keys[::4]]
    assert_same(told, [request_of(kpi, scope, key, told.context) for kpi in KPIS for scope, key in asked])


def test_every_trend_is_the_same(told):
    company, periods = scopes_of(told.context)[0], tuple(told.context.calendar.parse(key) for key in told.keys[-3:])
    assert_same(told, [replace(request_of(kpi, company, told.keys[0], told.context), trend=periods) for kpi in KPIS])


def test_every_kpi_has_the_same_answer_by_each_of_its_dimensions(told):
    company = scopes_of(told.context)[0]
    assert_same(
        told,
        [
            request_of((kpi, variant), company, key, told.context, (dimension,))
            for kpi, variant in KPIS
            for dimension in told.context.catalogue[kpi].dimensions
            for key in told.keys[::3]
        ],
    )


def assert_same(told: Told, requests: list[Request]) -> None:
    readings = [read(engine, requests, told.context) for engine in (told.by_files, told.by_hubspot)]
    found = [
        (said(request), differences)
        for request, files, hubspot in zip(requests, *readings, strict=True)
        if (differences := differing(files, hubspot))
    ]
    assert found == []


def differing(files: Reading, hubspot: Reading) -> dict[str, object]:
    """What files and HubSpot tell differently: field, by files, by HubSpot."""
    pairs = {each.name: (getattr(files, each.name), getattr(hubspot, each.name)) for each in fields(Reading)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
