"""What a connector is given of the world: zone and currency, a folder of its own, secrets, a vault, the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Surroundings, Vault
from kpi.engines.base import StoreError
from kpi.engines.files import duckdb_files

if TYPE_CHECKING:
    from bot.config import Config


def surroundings_of(config: Config, clock: Callable[[], datetime]) -> Surroundings:
    """Those that the configuration says. Opens and makes nothing yet."""
    return Surroundings(
        timezone=config.organisation.timezone,
        currency=config.organisation.currency,
        folder=_folder_of_store(config),
        secret=config.secrets.get,
        vault=_LazyVault(config, clock),
        clock=clock,
    )


def _folder_of_store(config: Config) -> Path:
    """Beside the store's file, and named after it: what is kept there belongs to what that store has taken up."""
    try:
        database = duckdb_files(config.store_url, config.base).database
    except StoreError:  # told by who opens the store
        database = config.base / "crm.duckdb"
    return database.with_name(f"{database.stem}.sources")


class _LazyVault:
    """The vault in the state's database. What it needs takes time to import, and most sources keep no secrets."""

    def __init__(self, config: Config, clock: Callable[[], datetime]) -> None:
        self._config, self._clock = config, clock

    @cached_property
    def _vault(self) -> Vault:
        from bot.state.vault import StateVault

        config = self._config
        return StateVault(config.state_url, config.base, config.secrets.get, self._clock)

    def read(self, name: str) -> str | None:
        return self._vault.read(name)

    def write(self, name: str, secret: str) -> None:
        self._vault.write(name, secret)
