"""The shapes of the configuration, one frozen class per block. Defaults stand here, what values may be in ``rules``."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.config.secrets import Secrets
from connectors.mapping import SourceSettings
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
    """``[sync]``: how often ``kpi serve`` pulls."""

    every_minutes: int = 15


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
    secrets: Secrets = field(repr=False)
