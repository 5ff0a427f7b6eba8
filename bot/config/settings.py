"""The shapes of the configuration, one frozen class per block. Defaults stand here, what values may be in ``rules``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.config.secrets import Secrets
from connectors.mapping import SourceSettings
from kpi.model import Kpi
from kpi.organisation import Organisation


@dataclass(frozen=True, slots=True)
class SendTime:
    """When a digest goes out, in local time: on a weekday (0 is Monday) or on the n-th business day of the period."""

    hour: int
    minute: int
    weekday: int | None = None
    business_day: int | None = None


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """``[sync]``: how often ``kpi serve`` pulls, and how many hours old data may be before answers say so (0: any)."""

    every_minutes: int = 15
    stale_after_hours: int = 26

    @property
    def stale_after(self) -> timedelta | None:
        return timedelta(hours=self.stale_after_hours) if self.stale_after_hours else None


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """``[capacity]``: what one BDR (AE) can take on in a business day; 0: what one did on the best day lately."""

    leads_per_day: int = 0
    deals_per_day: int = 0


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """``[ranking]``: on how many records at least a figure stands that is put in order with others."""

    smallest: int = 5


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """One ``[[person]]``: what the CRM does not say about somebody, or says wrongly. ``manager`` is an email."""

    email: str
    slack: str | None = None
    role: str | None = None
    manager: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """``[slack]``: where its API is and how the bot is reached."""

    api_url: str = "https://slack.com/api/"
    mode: str = "socket"
    host: str = "127.0.0.1"
    port: int = 3000


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """``[delivery]``: whether due digests go to their recipients, or to the admins as previews."""

    enabled: bool = False


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """One ``[[digest]]``. ``to`` is ``team:ID``, ``rep:ID`` or ``company``; without ``channel`` it is a DM;
    ``timezone`` is the channel's, None the organisation's; ``at`` is None only while the file is being read."""

    id: str
    cadence: str
    to: str
    channel: str | None = None
    at: SendTime | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """``[access]``: who sees whose numbers; ``admins`` are emails."""

    policy: str = "team"
    admins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, checked. Paths and the files that URLs name are absolute, based on the file's folder."""

    file: Path
    base: Path
    organisation: Organisation
    store_url: str
    state_url: str
    sources: tuple[SourceSettings, ...]
    sync: SyncSettings
    people: tuple[PersonSettings, ...]
    slack: SlackSettings
    delivery: DeliverySettings
    digests: tuple[DigestSettings, ...]
    access: AccessSettings
    capacity: CapacitySettings
    ranking: RankingSettings
    kpis: tuple[Kpi, ...]  # the company's own, and those that it redefines
    secrets: Secrets = field(repr=False)
    record_urls: Mapping[str, str] = field(default_factory=dict)  # by source: where its records are shown

    @property
    def catalogue(self) -> Mapping[str, Kpi]:
        """Every KPI by id: the built-in ones, as configured, and the company's own."""
        from bot.config.catalogue import built_in_kpis

        return {**built_in_kpis(self.capacity), **{kpi.id: kpi for kpi in self.kpis}}
