"""HubSpot's own won deals, month by month, and what may make ours differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.hubspot.against import monthly_wins
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.organisation import ExchangeRate, Owner
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.mapping import Filters, SourceSettings
from connectors.wins import Month, MonthlyWins
from tests.connectors.surroundings import surroundings

ZONE = "Europe/Berlin"
OCTOBER = Month("2026-10", datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))
NOVEMBER = Month("2026-11", datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC))
WRITTEN_AT = datetime(2026, 11, 20, tzinfo=UTC)
SYNCED_AT = datetime(2026, 11, 21, tzinfo=UTC)
WON = {"pipeline": "default", "dealstage": "closedwon"}


@pytest.fixture
def hubspot() -> Iterator[HubspotEmulator]:
    with HubspotEmulator(Account(timezone="US/Eastern", currency="USD"), limits=UNLIMITED) as emulator:
        yield emulator


def add(hubspot: HubspotEmulator, closed_at: datetime, **properties: object) -> int:
    deal = {"dealname": "x", "amount": "100", **WON, "closedate": closed_at, **properties}
    return hubspot.account.create("deals", deal, at=WRITTEN_AT)


def wins(hubspot: HubspotEmulator, *months: Month, filters: Filters | None = None) -> list[MonthlyWins]:
    settings = SourceSettings(
        "hubspot", "hubspot", filters=filters or Filters(), api_url=hubspot.api_url, api_version="2026-09"
    )
    connector = HubspotConnector(settings, surroundings(ZONE, secrets={"HUBSPOT_ACCESS_TOKEN": hubspot.token}))
    return list(monthly_wins(connector.client, settings, ZONE, months, SYNCED_AT))


def test_months_are_those_of_the_organisations_zone_and_only_won_deals_count(hubspot: HubspotEmulator) -> None:
    add(hubspot, datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    add(hubspot, datetime(2026, 10, 31, 23, tzinfo=UTC), amount="250.25")
    add(hubspot, datetime(2026, 11, 5, 12, tzinfo=UTC), dealstage="closedlost")
    hubspot.account.archive("deals", add(hubspot, datetime(2026, 11, 6, 12, tzinfo=UTC)))

    october, november = wins(hubspot, OCTOBER, NOVEMBER)

    assert (october.won, october.amount, october.currency) == (1, Decimal(100), "USD")
    assert (november.won, november.amount) == (1, Decimal("250.25"))
    assert november.reasons == ("1 in another month by HubSpot's clock (US/Eastern)",)


def test_more_deals_than_a_page_holds_are_all_counted(hubspot: HubspotEmulator) -> None:
    rows = [{**WON, "amount": "10.5", "closedate": datetime(2026, 11, 5, 12, tzinfo=UTC)} for _ in range(450)]
    hubspot.account.create_many("deals", rows, at=WRITTEN_AT)

    (november,) = wins(hubspot, NOVEMBER)

    assert (november.won, november.amount, november.reasons) == (450, Decimal(4725), ())


def test_what_the_configuration_leaves_out_is_counted_by_its_reason(hubspot: HubspotEmulator) -> None:
    hubspot.account.owners[7] = Owner(7, "test@acme.example")
    noon = datetime(2026, 11, 5, 12, tzinfo=UTC)
    add(hubspot, noon, dealname="[TEST] Migration", dealtype="newbusiness")
    add(hubspot, noon, hubspot_owner_id="7", dealtype="newbusiness")
    add(hubspot, noon, dealtype="existingbusiness")
    filters = Filters(
        types=("new",), excluded_names=("[test]*",), excluded_owners=("TEST@acme.example",), pipelines=("Partner",)
    )

    (november,) = wins(hubspot, NOVEMBER, filters=filters)

    assert november.reasons == (
        "3 in pipelines that do not count",
        "1 of types that do not count",
        "1 of left-out owners",
        "1 with left-out names",
    )


def test_deals_without_an_amount_or_a_rate_and_those_changed_since_the_sync_are_counted(
    hubspot: HubspotEmulator,
) -> None:
    noon = datetime(2026, 11, 5, 12, tzinfo=UTC)
    add(hubspot, noon, amount=None)
    add(hubspot, noon, deal_currency_code="BRL")
    changed = add(hubspot, noon, deal_currency_code="EUR", amount_in_home_currency="108.5")
    hubspot.account.update("deals", changed, {"dealname": "y"}, at=datetime(2026, 11, 21, 1, tzinfo=UTC))

    (november,) = wins(hubspot, NOVEMBER)

    assert (november.won, november.amount) == (3, Decimal("108.5"))
    assert november.reasons == ("1 without an amount", "1 without an exchange rate", "1 changed since the last sync")


def test_a_pipeline_may_be_named_by_its_id(hubspot: HubspotEmulator) -> None:
    add(hubspot, datetime(2026, 11, 5, 12, tzinfo=UTC))

    for filters in (Filters(pipelines=("Default",)), Filters(excluded_pipelines=("other",))):
        assert wins(hubspot, NOVEMBER, filters=filters)[0].reasons == ()
    for filters in (Filters(excluded_pipelines=(" default ",)), Filters(excluded_pipelines=("sales pipeline",))):
        assert wins(hubspot, NOVEMBER, filters=filters)[0].reasons == ("1 in pipelines that do not count",)


def test_deals_that_hubspot_converts_at_another_rate_than_the_closing_days_are_counted_with_what_that_makes(
    hubspot: HubspotEmulator,
) -> None:
    for number, (rate, since) in enumerate((("1.10", 1), ("1.20", 10), ("1.30", 20)), start=1):
        at = datetime(2026, 11, since, 6, tzinfo=UTC)
        hubspot.account.exchange_rates.append(ExchangeRate(number, "EUR", Decimal(rate), at))
    for day, home in ((12, "120"), (12, "110"), (9, "111.5"), (25, "130.001")):
        closed_at = datetime(2026, 11, day, 12, tzinfo=UTC)
        add(hubspot, closed_at, deal_currency_code="EUR", amount_in_home_currency=home)

    (november,) = wins(hubspot, NOVEMBER)
    hubspot.grant(set(READ_SCOPES) - {"settings.currencies.read", "crm.objects.quotes.read"})
    (unrated,) = wins(hubspot, NOVEMBER)

    assert november.reasons == ("2 at another exchange rate than that of the closing day (8.50 USD less in the CRM)",)
    assert unrated.reasons == ()
