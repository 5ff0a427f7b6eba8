"""The paths of both versions, as the vendor's specifications have them."""

import pytest

from connectors.base import SourceError
from connectors.hubspot.objects import OBJECTS, PAIRS
from connectors.hubspot.paths import Paths

DATED = {
    "objects": "/crm/objects/2026-09/deals",
    "batch_read": "/crm/objects/2026-09/deals/batch/read",
    "search": "/crm/objects/2026-09/deals/search",
    "properties": "/crm/properties/2026-09/deals",
    "pipelines": "/crm/pipelines/2026-09/deals",
    "owners": "/crm/owners/2026-09",
    "teams": "/settings/teams/2026-09",
    "account": "/account-info/2026-09/details",
    "exchange_rates": "/settings/currencies/2026-09/exchange-rates",
    "company_currency": "/settings/currencies/2026-09/company-currency",
    "campaigns": "/marketing/campaigns/2026-09",
    "token": "/oauth/2026-09/token",
    "token_info": "/oauth/v2/private-apps/get/access-token-info",
}
V3 = {
    "objects": "/crm/v3/objects/deals",
    "batch_read": "/crm/v3/objects/deals/batch/read",
    "search": "/crm/v3/objects/deals/search",
    "properties": "/crm/v3/properties/deals",
    "pipelines": "/crm/v3/pipelines/deals",
    "owners": "/crm/v3/owners",
    "teams": "/settings/v3/users/teams",
    "account": "/account-info/v3/details",
    "exchange_rates": "/settings/v3/currencies/exchange-rates",
    "company_currency": "/settings/v3/currencies/company-currency",
    "campaigns": "/marketing/v3/campaigns",
    "token": "/oauth/v3/token",
    "token_info": "/oauth/v2/private-apps/get/access-token-info",
}
OF_AN_OBJECT = ("objects", "batch_read", "search", "properties", "pipelines")


@pytest.mark.parametrize(("version", "expected"), [("2026-09", DATED), ("v3", V3)])
def test_each_version_has_the_paths_of_its_specification(version, expected):
    paths = Paths(version)
    assert {name: getattr(paths, name)(*(["deals"] if name in OF_AN_OBJECT else [])) for name in expected} == expected


def test_associations_of_the_old_version_are_those_of_v4():
    assert Paths("v3").associations("deals", "companies") == "/crm/v4/associations/deals/companies/batch/read"
    assert Paths().associations("deals", "companies") == "/crm/associations/2026-09/deals/companies/batch/read"


def test_spend_is_asked_for_by_campaign():
    assert Paths().campaign_spend("a-1") == "/marketing/campaigns/2026-09/a-1/budget/totals"
    assert Paths("v3").campaign_spend("../x?y") == "/marketing/v3/campaigns/..%2Fx%3Fy/budget/totals"


@pytest.mark.parametrize("version", ["2026-09", "v3"])
def test_no_two_questions_have_the_same_path(version):
    paths = Paths(version)
    asked = [method(name) for name in OBJECTS for method in (paths.objects, paths.batch_read, paths.search)]
    asked += [paths.associations(pair.source, pair.target) for pair in PAIRS]
    assert len(set(asked)) == len(asked)


def test_an_unknown_version_is_told_with_those_that_are_known():
    with pytest.raises(SourceError, match=r'"v9".*"2026-09", "v3"'):
        Paths("v9")
