"""The blocks of the file that become something else (see ``settings``), and the rule of every key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config import rules
from bot.config.record_url import record_url
from bot.config.rules import Rule
from bot.config.settings import (
    AccessSettings,
    CapacitySettings,
    DeliverySettings,
    DigestSettings,
    PersonSettings,
    RankingSettings,
    SlackSettings,
    SyncSettings,
)
from connectors.mapping import DEMO, ONBOARDING
from kpi.model import Better, Cadence, Combine, HeldAt, ScopeType, Unit
from kpi.organisation import Organisation
from kpi.own import OwnDoubt, OwnExtra, OwnKpi, OwnMeasure, OwnValue, OwnVariant
from kpi.schema import TABLES


@dataclass(frozen=True, slots=True)
class StoreBlock:
    url: str = "duckdb:///var/crm.duckdb"


@dataclass(frozen=True, slots=True)
class StateBlock:
    url: str = "sqlite:///var/state.db"


@dataclass(frozen=True, slots=True)
class IncludeBlock:
    pipelines: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExcludeBlock:
    owners: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoBlock:
    types: tuple[str, ...] = DEMO.types
    titles: tuple[str, ...] = DEMO.titles


@dataclass(frozen=True, slots=True)
class OnboardingBlock:
    types: tuple[str, ...] = ONBOARDING.types
    titles: tuple[str, ...] = ONBOARDING.titles


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceBlock:
    """What every ``[[source]]`` has; ``map`` is read by the connectors themselves."""

    type: str
    name: str | None = None
    record_url: str | None = None
    include: IncludeBlock = IncludeBlock()
    exclude: ExcludeBlock = ExcludeBlock()
    map: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesBlock(SourceBlock):
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class HubspotBlock(SourceBlock):
    api_url: str = "https://api.hubapi.com"
    api_version: str = "2026-09"
    env_prefix: str = "HUBSPOT"
    share: float = 0.9
    demo: DemoBlock = DemoBlock()
    onboarding: OnboardingBlock = OnboardingBlock()


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceBlock(SourceBlock):
    login_url: str = "https://login.salesforce.com"
    auth: str = "client_credentials"
    ca_file: Path | None = None
    env_prefix: str = "SALESFORCE"


SOURCE_BLOCKS: Mapping[str, type[SourceBlock]] = {
    "files": FilesBlock,
    "hubspot": HubspotBlock,
    "salesforce": SalesforceBlock,
}


@dataclass(frozen=True, slots=True)
class Document:
    """The whole file, key by key."""

    organisation: Organisation = field(default_factory=Organisation)
    store: StoreBlock = field(default_factory=StoreBlock)
    state: StateBlock = field(default_factory=StateBlock)
    sync: SyncSettings = field(default_factory=SyncSettings)
    source: tuple[SourceBlock, ...] = ()
    person: tuple[PersonSettings, ...] = ()
    slack: SlackSettings = field(default_factory=SlackSettings)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    digest: tuple[DigestSettings, ...] = ()
    access: AccessSettings = field(default_factory=AccessSettings)
    capacity: CapacitySettings = field(default_factory=CapacitySettings)
    ranking: RankingSettings = field(default_factory=RankingSettings)
    kpi: tuple[OwnKpi, ...] = ()


_WORDS: Mapping[str, Rule] = {"what": rules.line, "formula": rules.line}
_GLOBS: Mapping[str, Rule] = {"types": rules.filled, "titles": rules.filled}
_UNIT, _BETTER = rules.one_of(*Unit), rules.one_of(*Better)

RULES: Mapping[type, Mapping[str, Rule]] = {
    Organisation: {
        "name": rules.filled,
        "timezone": rules.time_zone,
        "currency": rules.currency,
        "locale": rules.locale,
        "week_start": rules.one_of(*rules.WEEKDAYS),
        "fiscal_year_start": rules.between(1, 12),
        "fiscal_year_named_by": rules.one_of("start", "end"),
        "business_hours": rules.business_hours,
    },
    StoreBlock: {"url": rules.database_url("duckdb", "postgresql")},
    StateBlock: {"url": rules.database_url("sqlite", "postgresql")},
    SyncSettings: {"every_minutes": rules.between(1, 24 * 60), "stale_after_hours": rules.between(0, 24 * 365)},
    IncludeBlock: {"types": rules.one_of(*TABLES["deals"].column("type").values)},
    ExcludeBlock: dict.fromkeys(("owners", "domains", "pipelines", "names"), rules.filled),
    DemoBlock: _GLOBS,
    OnboardingBlock: _GLOBS,
    SourceBlock: {"name": rules.name, "record_url": record_url},
    HubspotBlock: {
        "api_url": rules.private_url,
        "api_version": rules.one_of("2026-09", "v3"),
        "env_prefix": rules.name,
        "share": rules.share,
    },
    SalesforceBlock: {
        "login_url": rules.private_url,
        "auth": rules.one_of("client_credentials", "jwt", "refresh_token", "password"),
        "env_prefix": rules.name,
    },
    PersonSettings: {
        "email": rules.email,
        "manager": rules.email,
        "role": rules.one_of(*TABLES["owners"].column("role").values),
    },
    SlackSettings: {
        "api_url": rules.private_url,
        "mode": rules.one_of("socket", "http"),
        "host": rules.filled,
        "port": rules.between(1, 65535),
    },
    DigestSettings: {
        "id": rules.name,
        "cadence": rules.one_of("weekly", "monthly", "quarterly"),
        "to": rules.recipient,
        "timezone": rules.time_zone,
    },
    AccessSettings: {"policy": rules.one_of("own", "team", "open"), "admins": rules.email},
    CapacitySettings: {"leads_per_day": rules.between(0, 10_000), "deals_per_day": rules.between(0, 10_000)},
    RankingSettings: {"smallest": rules.between(0, 1_000_000)},
    OwnKpi: {
        **_WORDS,
        "name": rules.line,
        "names": rules.line,
        "unit": _UNIT,
        "better": _BETTER,
        "cadence": rules.one_of(*Cadence),
        "scopes": rules.one_of(*ScopeType),
        "benchmark_periods": rules.between(0, 24),
    },
    OwnMeasure: {"held_at": rules.one_of(*HeldAt), "combine": rules.one_of(*Combine)},
    OwnValue: {"per": rules.between(1, 10**15)},
    OwnExtra: {"unit": _UNIT},
    OwnVariant: {**_WORDS, "names": rules.line, "unit": _UNIT, "better": _BETTER},
    OwnDoubt: {"one": rules.line, "text": rules.line},
}
