"""For scripts: opens the company of a configuration, for ``kpi.read`` and ``kpi.table``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.config import load_config
from bot.services import open_desk
from kpi.company import Company
from kpi.engines import open_engine


def open_company(config: str | Path = "scoreline.toml", *, now: datetime | None = None) -> Company:
    """The company of that file, on what is published now: its calendar, its own KPIs, its targets.

    ``now`` is the clock of the questions, an aware instant. Raises ConfigError, StoreError, NothingPublishedError.
    """
    settings = load_config(Path(config), {})  # no secrets: a script reads what was published
    engine = open_engine(settings.store_url, settings.base)
    try:
        return Company(engine, open_desk(settings, engine, now or datetime.now(UTC)).context)
    except BaseException:
        engine.close()
        raise
