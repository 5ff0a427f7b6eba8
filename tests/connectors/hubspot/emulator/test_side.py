"""People, account, currencies and campaigns, in the shapes of HubSpot's specifications."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.organisation import Campaign, ExchangeRate, Owner, SpendItem
from tests.connectors.hubspot.emulator.served import OWNERS, Asker, Clock, served, small_account

TEAMS = "/settings/teams/2026-09"
RATES = "/settings/currencies/2026-09/exchange-rates"
CAMPAIGNS = "/marketing/campaigns/2026-09"
GUID = "0d0e7d90-0000-4000-8000-000000000001"


def all_pages(asker: Asker, path: str, **query: str) -> list[dict]:
    """Every result, one per page, and no more pages than there can be."""
    found, after = [], {}
    for _ in range(20):
        page = asker.get(path, limit="1", **query, **after).json()
        assert len(page["results"]) <= 1
        found += page["results"]
        if "paging" not in page:
            return found
        after = {"after": page["paging"]["next"]["after"]}
    raise AssertionError("the pages do not end")


def test_an_owner_has_teams_of_which_one_is_primary() -> None:
    with served() as (_, asker):
        first = asker.get(OWNERS).json()["results"][0]
    assert first == {
        "id": "11",
        "type": "PERSON",
        "email": "ann@acme.example",
        "firstName": "Ann",
        "lastName": "Lee",
        "userId": 101,
        "userIdIncludingInactive": 101,
        "createdAt": "2020-01-01T00:00:00.000Z",
        "updatedAt": "2020-01-01T00:00:00.000Z",
        "archived": False,
        "teams": [{"id": "2", "name": "Europe", "primary": True}, {"id": "1", "name": "World", "primary": False}],
    }


def test_owners_who_left_are_listed_apart_and_have_no_user() -> None:
    with served() as (_, asker):
        live, archived = (all_pages(asker, OWNERS, archived=text) for text in ("false", "true"))
    assert [each["id"] for each in live] == ["11", "12"]
    (gone,) = archived
    assert (gone["archived"], gone["userIdIncludingInactive"]) == (True, 103)
    assert not {"userId", "lastName", "teams"} & gone.keys()


def test_owners_are_found_by_email_by_id_and_by_user() -> None:
    with served() as (_, asker):
        assert [each["id"] for each in asker.get(OWNERS, email="bob@acme.example").json()["results"]] == ["12"]
        assert asker.get(f"{OWNERS}/12").json()["email"] == "bob@acme.example"
        assert asker.get("/crm/v3/owners/102", idProperty="userId").json()["id"] == "12"
        assert asker.get(f"{OWNERS}/13").status == 404
        assert asker.get(f"{OWNERS}/13", archived="true").json()["id"] == "13"


def test_a_queue_owns_things_but_is_nobody() -> None:
    account = small_account()
    account.owners[20] = Owner(20, "", "Support queue")
    with served(account) as (_, asker):
        queue = asker.get(f"{OWNERS}/20").json()
    assert (queue["type"], queue.keys() & {"email", "userId", "userIdIncludingInactive"}) == ("QUEUE", set())


def test_wrong_pages_are_refused() -> None:
    with served() as (_, asker):
        for query in ({"limit": "0"}, {"limit": "501"}, {"limit": "many"}, {"after": "x"}, {"archived": "x"}):
            answer = asker.get(OWNERS, **query)
            assert (answer.status, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_teams_name_the_team_above_them() -> None:
    with served() as (_, asker):
        assert all_pages(asker, TEAMS) == [
            {"id": "1", "name": "World"},
            {"id": "2", "name": "Europe", "parentTeamId": "1"},
        ]
        assert asker.get(f"{TEAMS}/2").json()["parentTeamId"] == "1"
        assert asker.get(f"{TEAMS}/3").status == 404


def test_members_of_a_team_are_its_users() -> None:
    with served() as (_, asker):
        assert all_pages(asker, f"{TEAMS}/1/members") == [
            {"userId": "101", "type": "EXTRA"},
            {"userId": "102", "type": "DEFAULT"},
        ]


def test_the_older_list_of_teams_knows_no_team_above() -> None:
    with served() as (_, asker):
        assert asker.get("/settings/v3/users/teams").json() == {
            "results": [
                {"id": "1", "name": "World", "userIds": ["102"], "secondaryUserIds": ["101"]},
                {"id": "2", "name": "Europe", "userIds": ["101"], "secondaryUserIds": []},
            ]
        }


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_an_account_tells_its_zone_and_currencies(version: str) -> None:
    account = Account(clock=Clock(), timezone="Asia/Kolkata", currency="EUR", currencies=["EUR", "USD", "GBP"])
    with served(account) as (_, asker):
        assert asker.get(f"/account-info/{version}/details").json() == {
            "portalId": 62515,
            "accountType": "STANDARD",
            "timeZone": "Asia/Kolkata",
            "companyCurrency": "EUR",
            "additionalCurrencies": ["USD", "GBP"],
            "utcOffset": "+05:30",
            "utcOffsetMilliseconds": 19_800_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }


def test_the_offset_of_an_account_is_that_of_the_day() -> None:
    clock = Clock()
    with served(small_account(clock)) as (_, asker):
        offsets = []
        for month in (7, 12):
            clock.now = datetime(2026, month, 1, tzinfo=UTC)
            offsets.append(asker.get("/account-info/v3/details").json()["utcOffset"])
    assert offsets == ["-04:00", "-05:00"]


def account_with_rates() -> Account:
    account = small_account()
    account.exchange_rates = [
        ExchangeRate(1, "EUR", Decimal("1.08"), datetime(2026, 1, 1, tzinfo=UTC)),
        ExchangeRate(2, "EUR", Decimal("1.1"), datetime(2026, 6, 1, tzinfo=UTC)),
        ExchangeRate(3, "EUR", Decimal("1.2"), datetime(2027, 1, 1, tzinfo=UTC)),
        ExchangeRate(4, "JPY", Decimal("0.0067"), datetime(2026, 1, 1, tzinfo=UTC), visible=False),
    ]
    return account


def test_exchange_rates_are_listed_with_those_of_the_past_and_the_future() -> None:
    with served(account_with_rates()) as (_, asker):
        rates = all_pages(asker, RATES)
        assert asker.get("/settings/v3/currencies/exchange-rates").json()["results"] == rates
        assert [each["id"] for each in all_pages(asker, RATES, fromCurrencyCode="JPY")] == ["4"]
        assert all_pages(asker, RATES, toCurrencyCode="EUR") == []
    assert [each["conversionRate"] for each in rates] == [1.08, 1.1, 1.2, 0.0067]
    assert rates[3] == {
        "id": "4",
        "fromCurrencyCode": "JPY",
        "toCurrencyCode": "USD",
        "conversionRate": 0.0067,
        "effectiveAt": "2026-01-01T00:00:00.000Z",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "visibleInUI": False,
    }


def test_of_each_currency_one_rate_is_current() -> None:
    with served(account_with_rates()) as (_, asker):
        assert [each["id"] for each in asker.get(f"{RATES}/current").json()["results"]] == ["2", "4"]


def test_currencies_are_open_to_who_may_read_quotes() -> None:
    with served(scopes=("crm.objects.quotes.read",)) as (_, asker):
        assert asker.get("/settings/currencies/2026-09/company-currency").json()["id"] == "USD"
        codes = asker.get("/settings/currencies/2026-09/codes").json()["results"]
        assert {"currencyCode": "EUR", "currencyName": "Euro"} in codes
        central = asker.get("/settings/currencies/2026-09/central-fx-rates/information")
        assert central.json() == {"centralExchangeRatesEnabled": False}


def account_with_campaigns() -> Account:
    account = small_account()
    spend = [
        SpendItem(1, "Ads", Decimal("250.50"), datetime(2026, 3, 1, tzinfo=UTC)),
        SpendItem(2, "Booth", Decimal(100), datetime(2026, 3, 2, 0, 0, 0, 5000, tzinfo=UTC)),
    ]
    properties = {"hs_name": "Spring", "hs_start_date": "2026-03-01", "hs_budget_items_sum_amount": "1000"}
    account.campaigns[GUID] = Campaign(GUID, properties, "EUR", spend)
    account.campaigns["b"] = Campaign("b", {"hs_name": "Autumn"}, updated_at=datetime(2026, 9, 1, tzinfo=UTC))
    return account


def test_a_campaign_tells_the_properties_that_were_asked_for() -> None:
    with served(account_with_campaigns()) as (_, asker):
        page = asker.get(CAMPAIGNS, properties="hs_name,hs_spend_items_sum_amount,hs_currency_code,hs_end_date").json()
    assert page["total"] == 2
    assert [each["properties"] for each in page["results"]] == [
        {"hs_name": "Autumn", "hs_currency_code": "USD"},
        {"hs_name": "Spring", "hs_currency_code": "EUR", "hs_spend_items_sum_amount": "350.50"},
    ]
    assert page["results"][1] | {"properties": {}} == {
        "id": GUID,
        "properties": {},
        "businessUnits": [{"id": 0}],
        "createdAt": "2020-01-01T00:00:00.000Z",
        "updatedAt": "2020-01-01T00:00:00.000Z",
    }


def test_campaigns_are_paged_sorted_and_found_by_name() -> None:
    with served(account_with_campaigns()) as (_, asker):
        assert [each["id"] for each in all_pages(asker, CAMPAIGNS, sort="-hs_name")] == [GUID, "b"]
        assert [each["id"] for each in all_pages(asker, CAMPAIGNS, sort="updatedAt")] == [GUID, "b"]
        assert [each["id"] for each in all_pages(asker, "/marketing/v3/campaigns", name="AUT")] == ["b"]
        assert asker.get(CAMPAIGNS, sort="colour").status == 400


def test_one_campaign_and_a_batch_of_them_are_read() -> None:
    with served(account_with_campaigns()) as (_, asker):
        assert asker.get(f"{CAMPAIGNS}/{GUID}", properties="hs_name").json()["properties"] == {"hs_name": "Spring"}
        assert asker.get(f"{CAMPAIGNS}/unknown").status == 404
        batch = asker.post(f"{CAMPAIGNS}/batch/read?properties=hs_name", {"inputs": [{"id": "b"}, {"id": "unknown"}]})
        assert [each["id"] for each in batch.json()["results"]] == ["b"]
        assert asker.post(f"{CAMPAIGNS}/batch/read", {}).status == 400


def test_spend_has_amounts_and_milliseconds() -> None:
    with served(account_with_campaigns()) as (_, asker):
        totals = asker.get(f"{CAMPAIGNS}/{GUID}/budget/totals").json()
        assert totals == {
            "currencyCode": "EUR",
            "budgetTotal": 1000.0,
            "spendTotal": 350.5,
            "remainingBudget": 649.5,
            "budgetItems": [],
            "spendItems": [
                {
                    "id": "1",
                    "name": "Ads",
                    "amount": 250.5,
                    "order": 0,
                    "createdAt": 1772323200000,
                    "updatedAt": 1772323200000,
                },
                {
                    "id": "2",
                    "name": "Booth",
                    "amount": 100.0,
                    "order": 1,
                    "createdAt": 1772409600005,
                    "updatedAt": 1772409600005,
                },
            ],
        }
        assert asker.get(f"{CAMPAIGNS}/{GUID}/spend/2").json() == totals["spendItems"][1]
        assert asker.get(f"{CAMPAIGNS}/{GUID}/spend/3").status == 404
        assert asker.get("/marketing/v3/campaigns/b/budget/totals").json()["spendItems"] == []
