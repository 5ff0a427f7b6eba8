"""The configuration: one ``scoreline.toml`` and the environment's secrets, read into checked, frozen settings."""

from bot.config.errors import ConfigError
from bot.config.loading import find_config, load_config
from bot.config.secrets import Secrets
from bot.config.settings import (
    AccessSettings,
    Config,
    DeliverySettings,
    DigestSettings,
    PersonSettings,
    SendTime,
    SlackSettings,
    SyncSettings,
)

__all__ = [
    "AccessSettings",
    "Config",
    "ConfigError",
    "DeliverySettings",
    "DigestSettings",
    "PersonSettings",
    "Secrets",
    "SendTime",
    "SlackSettings",
    "SyncSettings",
    "find_config",
    "load_config",
]
