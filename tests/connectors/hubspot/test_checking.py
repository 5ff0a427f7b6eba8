"""``kpi check`` of a HubSpot source, against an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Finding
from connectors.hubspot.checking import has_same_clock
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.faults import Fault, Faults
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.oauth import READ_SCOPES
from connectors.hubspot.emulator.organisation import ExchangeRate, Owner
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.mapping import Filters, SourceSettings, parse_table_map
from tests.connectors.surroundings import NOW, surroundings


@pytest.fixture
def hubspot() -> Iterator[HubspotEmulator]:
    with HubspotEmulator(Account(timezone="US/Eastern", currency="USD"), limits=UNLIMITED) as emulator:
        yield emulator


def found(
    hubspot: HubspotEmulator,
    *,
    maps: dict[str, dict[str, Any]] | None = None,
    filters: Filters | None = None,
    timezone: str = "America/New_York",
    currency: str = "USD",
    token: str | None = None,
) -> list[Finding]:
    settings = SourceSettings(
        "hubspot",
        "hubspot",
        filters=filters or Filters(),
        maps={table: parse_table_map(table, raw, of_files=False) for table, raw in (maps or {}).items()},
        api_url=hubspot.api_url,
        api_version="2026-09",
        env_prefix="HUBSPOT",
    )
    secrets = {"HUBSPOT_ACCESS_TOKEN": token or hubspot.token}
    return list(HubspotConnector(settings, surroundings(timezone, currency, secrets=secrets)).check())


def wrong(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.subject, one.detail) for one in findings if not one.ok]


def test_a_sound_account_is_fine_in_every_way(hubspot: HubspotEmulator) -> None:
    findings = found(hubspot)

    assert [(one.subject, one.detail, one.costs) for one in findings] == [
        ("token", "is good for the HubSpot account 62515", ()),
        ("scopes", "everything that is pulled can be read", ()),
        ("properties", "the account has every property that is read", ()),
        ("currency", "USD, as in [organisation]", ()),
        ("time zone", "US/Eastern, as in [organisation]", ()),
    ]


def test_nothing_is_pulled_and_nothing_is_asked_for_by_name(hubspot: HubspotEmulator) -> None:
    hubspot.account.create("contacts", {"email": "jo@client.example"})
    found(hubspot)
    assert not [one for one in hubspot.log if "search" in one.path or "batch" in one.path or one.method != "GET"]


def test_a_wrong_token_is_all_that_is_told(hubspot: HubspotEmulator) -> None:
    (finding,) = found(hubspot, token="pat-na1-wrong")
    assert (finding.subject, finding.ok) == ("token", False)
    assert "pat-na1-wrong" not in finding.detail


def test_a_missing_scope_names_what_it_keeps_from_being_read_and_what_that_costs(hubspot: HubspotEmulator) -> None:
    hubspot.grant(set(READ_SCOPES) - {"crm.objects.quotes.read", "crm.objects.deals.read"})
    findings = {one.subject: one for one in found(hubspot)}

    deals, quotes = findings["scope crm.objects.deals.read"], findings["scope crm.objects.quotes.read"]
    assert (deals.ok, deals.costs) == (False, ())
    assert deals.detail == (
        "is missing, so that deals cannot be read, without which nothing is synced: give it to the app in HubSpot"
    )
    assert (quotes.ok, quotes.costs) == (True, (("quotes", ""),))
    assert quotes.detail == "is missing, so that quotes cannot be read: give it to the app in HubSpot, if you use them"


@pytest.mark.parametrize(
    ("path", "asked", "named"),
    [
        (
            "*/quotes*",
            ("automation", "cpq.quotes.write", "crm.objects.quotes.read", "crm.objects.quotes.write"),
            "crm.objects.quotes.read",
        ),
        ("*/quotes*", ("automation", "crm.objects.quotes.write"), "automation"),
        ("*/quotes*", ("crm.objects.quotes.write",), "crm.objects.quotes.read"),
        ("*/products*", ("e-commerce", "crm.objects.products.read"), "crm.objects.products.read"),
        ("*/subscriptions*", ("commerce.subscriptions.read", "x.read"), "commerce.subscriptions.read"),
    ],
)
def test_the_scope_to_give_is_the_guides_and_never_one_that_writes(
    hubspot: HubspotEmulator, path: str, asked: tuple[str, ...], named: str
) -> None:
    hubspot.add_faults(Faults.every(1, Fault.FORBIDDEN, path=path, scopes=asked))

    subjects = [one.subject for one in found(hubspot)]

    assert f"scope {named}" in subjects
    assert not [subject for subject in subjects if "write" in subject]


def test_scopes_that_are_missing_together_cost_what_each_alone_would_leave(hubspot: HubspotEmulator) -> None:
    lines, subscriptions = "crm.objects.line_items.read", "crm.objects.subscriptions.read"
    hubspot.grant(set(READ_SCOPES) - {subscriptions})
    (alone,) = [one for one in found(hubspot) if one.costs or one.weakens]
    hubspot.grant(set(READ_SCOPES) - {subscriptions, lines, "e-commerce"})
    together = {one.subject: one for one in found(hubspot)}

    assert (alone.costs, alone.weakens) == ((), (("subscriptions", ""),))
    assert alone.detail.endswith("; subscriptions then come from line_items alone")
    for scope in (lines, subscriptions):
        assert ("subscriptions", "") in together[f"scope {scope}"].costs


def test_rates_that_may_not_be_read_are_not_said_to_be_missing_in_hubspot(hubspot: HubspotEmulator) -> None:
    hubspot.account.currencies.append("BRL")
    hubspot.grant(set(READ_SCOPES) - {"settings.currencies.read", "crm.objects.quotes.read"})
    assert wrong(found(hubspot)) == [
        ("currency", "the exchange rates cannot be read: amounts in BRL are not counted"),
    ]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"amount": "custom_ar"}, 'amount: deals have no property "custom_ar"; did you mean "custom_arr"?'),
        (
            {"amount": "legacy"},
            'amount: the property "legacy" is archived in HubSpot: restore it there, or name another',
        ),
        (
            {"closed_at": "kind"},
            'closed_at: the property "kind" holds enumeration, which is not read as time; name another',
        ),
        (
            {"type": {"column": "kind", "values": {"n": "new", "renewl": "renewal"}}},
            'type: no value of kind is "renewl"; did you mean "Renewal"?',
        ),
        (
            {"status": {"column": "dealstage", "values": {"closedwon": "won", "Closed lst": "lost"}}},
            'status: no value of dealstage is "Closed lst"; did you mean "Closed Lost"?',
        ),
    ],
)
def test_a_mapping_that_does_not_fit_the_account_costs_its_column(
    hubspot: HubspotEmulator, entry: dict[str, Any], told: str
) -> None:
    account = hubspot.account
    account.add_property("deals", "custom_arr", type="number")
    account.add_property("deals", "kind", type="enumeration", options={"n": "New", "r": "Renewal"})
    account.add_property("deals", "legacy", type="number")
    account.remove_property("deals", "legacy")

    (finding,) = [one for one in found(hubspot, maps={"deals": entry}) if not one.ok]

    assert (finding.subject, finding.detail) == ("mapping", f"[source.map.deals] {told}")
    assert finding.costs == (("deals", next(iter(entry))),)


def test_a_mapping_that_fits_is_fine(hubspot: HubspotEmulator) -> None:
    hubspot.account.add_property("deals", "custom_arr", type="number")
    hubspot.account.add_property("deals", "kind", type="enumeration", options={"n": "New", "r": "Renewal"})
    entries = {
        "amount": ["Custom_ARR", "amount"],
        "type": {"column": "kind", "values": {"n": "new", "Renewal": "renewal", "": "new"}},
        "status": {"column": "dealstage", "values": {"closedwon": "won", "Closed Lost": "lost"}, "otherwise": "open"},
        "source": {"constant": "HubSpot"},
    }
    assert wrong(found(hubspot, maps={"deals": entries})) == []


def test_what_hubspot_keeps_outside_its_records_cannot_be_mapped(hubspot: HubspotEmulator) -> None:
    with pytest.raises(Exception, match="HubSpot keeps teams outside its records"):
        found(hubspot, maps={"teams": {"name": "x"}})


def test_a_default_property_that_is_not_there_is_a_note_with_its_cost_unless_it_is_mapped(
    hubspot: HubspotEmulator,
) -> None:
    hubspot.account.remove_property("companies", "industry")

    (finding,) = [one for one in found(hubspot) if one.subject == "properties"]

    assert (finding.ok, finding.costs) == (True, (("accounts", "industry"),))
    assert finding.detail.startswith("companies have no industry, so that they give no accounts.industry")
    assert not [one for one in found(hubspot, maps={"accounts": {"industry": "name"}}) if one.costs]


def test_filters_that_name_what_is_not_there_are_told(hubspot: HubspotEmulator) -> None:
    hubspot.account.owners[7] = Owner(7, "Test@acme.example")
    filters = Filters(
        pipelines=("sales PIPELINE", "Sales Pipelin", " default "),
        excluded_pipelines=("Partner",),
        excluded_owners=(" test@ACME.example", "nobody@acme.example"),
    )
    assert wrong(found(hubspot, filters=filters)) == [
        (
            "filters",
            '[source.include] names the pipeline "Sales Pipelin", which is not there; did you mean "Sales Pipeline"?',
        ),
        ("filters", '[source.exclude] names the pipeline "Partner", which is not there; there are: Sales Pipeline'),
        ("filters", "1 of the 2 emails in [source.exclude] owners are nobody's."),
    ]


def test_another_currency_needs_a_rate(hubspot: HubspotEmulator) -> None:
    (told,) = wrong(found(hubspot, currency="EUR"))
    assert told[1].endswith("HubSpot has no rate for it: set currency to USD, or add the rate in HubSpot")

    rate = ExchangeRate(1, "EUR", Decimal("1.08"), datetime(2026, 1, 1, tzinfo=UTC))
    hubspot.account.exchange_rates.append(rate)
    assert wrong(found(hubspot, currency="EUR")) == []


def test_a_currency_of_the_account_without_a_rate_is_told(hubspot: HubspotEmulator) -> None:
    hubspot.account.currencies.append("BRL")
    assert wrong(found(hubspot)) == [
        ("currency", "HubSpot has no exchange rate for BRL: amounts in it are not counted; add the rate")
    ]


def test_another_time_zone_is_told_and_nothing_is_wrong_with_it(hubspot: HubspotEmulator) -> None:
    last = found(hubspot, timezone="Europe/Berlin")[-1]
    assert (last.subject, last.ok) == ("time zone", True)
    assert last.detail.startswith("HubSpot's reports cut months at midnight in US/Eastern, Scoreline in Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "other", "same"),
    [
        ("US/Eastern", "America/New_York", True),
        ("Europe/Berlin", "Europe/Paris", True),
        ("Europe/London", "UTC", False),
        ("Nowhere/Land", "UTC", False),
        ("", "UTC", False),
    ],
)
def test_zones_are_the_same_when_their_clocks_are(zone: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert has_same_clock(zone, other, NOW) is same
