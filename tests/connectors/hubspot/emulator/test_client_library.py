"""HubSpot's own client library reads the account over loopback."""

from collections.abc import Iterator

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.associations.v4 import PublicFetchAssociationsBatchRequest as Wanted
from hubspot.crm.contacts import PublicObjectSearchRequest

from connectors.hubspot.emulator.account import Account, Link
from connectors.hubspot.emulator.server import HubspotEmulator


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def hubspot(account: Account) -> Iterator[HubSpot]:
    with HubspotEmulator(account) as emulator:
        yield HubSpot(access_token=emulator.token, host=emulator.api_url)


def test_it_lists_deals(account: Account, hubspot: HubSpot) -> None:
    made = account.create_many("deals", [{"dealname": f"Deal {n}"} for n in range(3)])
    page = hubspot.crm.deals.basic_api.get_page(limit=2, properties=["dealname"])
    assert [(int(deal.id), deal.properties["dealname"]) for deal in page.results] == [
        (made[0], "Deal 0"),
        (made[1], "Deal 1"),
    ]
    rest = hubspot.crm.deals.basic_api.get_page(after=page.paging.next.after)
    assert ([int(deal.id) for deal in rest.results], rest.paging) == ([made[2]], None)


def test_it_searches_contacts(account: Account, hubspot: HubSpot) -> None:
    contact = account.create("contacts", {"email": "a@b.example"})
    account.create("contacts", {"email": "c@d.example"})
    wanted = {"propertyName": "email", "operator": "EQ", "value": "a@b.example"}
    asked = PublicObjectSearchRequest(filter_groups=[{"filters": [wanted]}], limit=200, properties=["email"], sorts=[])
    found = hubspot.crm.contacts.search_api.do_search(asked)
    assert (found.total, [int(each.id) for each in found.results]) == (1, [contact])


def test_it_reads_associations(account: Account, hubspot: HubSpot) -> None:
    company = account.create("companies", {})
    deal = account.create("deals", {}, associations=[Link("companies", company, primary=True)])
    asked = BatchInputPublicFetchAssociationsBatchRequest([Wanted(id=str(deal))])
    found = hubspot.crm.associations.v4.batch_api.get_page("deals", "companies", asked)
    assert [each.label for each in found.results[0].to[0].association_types] == ["Primary", None]


def test_it_reads_properties_and_pipelines(hubspot: HubSpot) -> None:
    names = {each.name for each in hubspot.crm.properties.core_api.get_all("deals").results}
    assert {"dealname", "hs_v2_date_entered_closedwon"} <= names
    (pipeline,) = hubspot.crm.pipelines.pipelines_api.get_all("deals").results
    assert pipeline.stages[-1].metadata["isClosed"] == "true"
