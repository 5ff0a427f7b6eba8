"""The configuration: one ``scoreline.toml`` and the environment's secrets, read into checked, frozen settings."""

from bot.config.errors import ConfigError
from bot.config.loading import find_config, load_config
from bot.config.secrets import Secrets
from bot.config.settings import (
    AccessSettings,
    CapacitySettings,
    Config,
    DeliverySettings,
    DigestSettings,
    PersonSettings,
    RankingSettings,
    SendTime,
    SlackSettings,
    SyncSettings,
)

__all__ = [
    "AccessSettings",
    "CapacitySettings",
    "Config",
    "ConfigError",
    "DeliverySettings",
    "DigestSettings",
    "PersonSettings",
    "RankingSettings",
    "Secrets",
    "SendTime",
    "SlackSettings",
    "SyncSettings",
    "find_config",
    "load_config",
]
