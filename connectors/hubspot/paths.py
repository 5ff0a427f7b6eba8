"""The paths of HubSpot's API: the one place that knows its versions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from connectors.base import SourceError

API_URL = "https://api.hubapi.com"
DATED = "2026-09"
V3 = "v3"
VERSIONS = (DATED, V3)


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths in one version: HubSpot's dated API, or "v3" (with v4 for associations), which ends in September 2027.
    ``name``, ``source`` and ``target`` are names of OBJECTS. SourceError where there is no such version."""

    version: str = DATED

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise SourceError(f'api_version "{self.version}" is none that is known here: write one of {_told()}.')

    def objects(self, name: str) -> str:
        """GET: a page of records, live or archived."""
        if self.version == V3:
            return f"/crm/v3/objects/{quote(name)}"
        return f"/crm/objects/{self.version}/{quote(name)}"

    def batch_read(self, name: str) -> str:
        """POST: records by id."""
        return f"{self.objects(name)}/batch/read"

    def search(self, name: str) -> str:
        """POST: live records that fit a filter. Has a limit of its own."""
        return f"{self.objects(name)}/search"

    def associations(self, source: str, target: str) -> str:
        """POST: the records of ``target`` that belong to each of some of ``source``."""
        ends = f"{quote(source)}/{quote(target)}/batch/read"
        return f"/crm/v4/associations/{ends}" if self.version == V3 else f"/crm/associations/{self.version}/{ends}"

    def properties(self, name: str) -> str:
        """GET: what an object has, with the labels of its options."""
        return f"{self._crm('properties')}/{quote(name)}"

    def pipelines(self, name: str) -> str:
        """GET: pipelines and their stages, live ones alone."""
        return f"{self._crm('pipelines')}/{quote(name)}"

    def owners(self) -> str:
        """GET: a page of owners, live or archived."""
        return self._crm("owners")

    def teams(self) -> str:
        """GET: teams. Which team is above which is told by the dated API alone."""
        return "/settings/v3/users/teams" if self.version == V3 else f"/settings/teams/{self.version}"

    def account(self) -> str:
        """GET: portal id, time zone, currency."""
        return f"/account-info/{self.version}/details"

    def exchange_rates(self) -> str:
        """GET: a page of rates, past ones too."""
        return f"{self._currencies()}/exchange-rates"

    def company_currency(self) -> str:
        """GET: the currency of the account."""
        return f"{self._currencies()}/company-currency"

    def campaigns(self) -> str:
        """GET: a page of campaigns."""
        return "/marketing/v3/campaigns" if self.version == V3 else f"/marketing/campaigns/{self.version}"

    def campaign_spend(self, campaign: str) -> str:
        """GET: the budget and the spend of one campaign, item by item."""
        return f"{self.campaigns()}/{quote(campaign, safe='')}/budget/totals"

    def token(self) -> str:
        """POST (a form): an access token for a refresh token."""
        return f"/oauth/{self.version}/token"

    def token_info(self) -> str:
        """POST: what a private app's token may read. There is one version of it."""
        return "/oauth/v2/private-apps/get/access-token-info"

    def _crm(self, part: str) -> str:
        return f"/crm/v3/{part}" if self.version == V3 else f"/crm/{part}/{self.version}"

    def _currencies(self) -> str:
        return "/settings/v3/currencies" if self.version == V3 else f"/settings/currencies/{self.version}"


def _told() -> str:
    return ", ".join(f'"{version}"' for version in VERSIONS)
