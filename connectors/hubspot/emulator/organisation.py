"""What an account has besides records: people, teams, pipelines, money, campaigns. Plain data, edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Owner:
    """``teams``: (team id, is it the primary one). ``user_id`` None: HubSpot tells none, as of some archived owners."""

    id: int
    email: str
    first_name: str = ""
    last_name: str = ""
    user_id: int | None = None
    archived: bool = False
    teams: Sequence[tuple[int, bool]] = ()
    created_at: datetime = BEGINNING
    updated_at: datetime = BEGINNING


@dataclass(slots=True)
class Team:
    id: int
    name: str
    parent_id: int | None = None


@dataclass(slots=True)
class Stage:
    """``metadata``: text, as HubSpot gives it (``{"isClosed": "true", "probability": "1.0"}``)."""

    id: str
    label: str
    metadata: dict[str, str] = field(default_factory=dict)
    archived: bool = False
    created_at: datetime = BEGINNING
    updated_at: datetime = BEGINNING


@dataclass(slots=True)
class Pipeline:
    id: str
    label: str
    stages: dict[str, Stage] = field(default_factory=dict)
    archived: bool = False
    created_at: datetime = BEGINNING
    updated_at: datetime = BEGINNING


@dataclass(slots=True)
class ExchangeRate:
    """One unit of ``code`` is ``rate`` units of the account's currency, from ``effective_at`` on."""

    id: int
    code: str
    rate: Decimal
    effective_at: datetime
    visible: bool = True


@dataclass(slots=True)
class SpendItem:
    id: int
    name: str
    amount: Decimal
    created_at: datetime = BEGINNING


@dataclass(slots=True)
class Campaign:
    """``id`` is a GUID. ``properties``: as HubSpot writes them (``hs_name``, ``hs_start_date``, ...)."""

    id: str
    properties: dict[str, str | None] = field(default_factory=dict)
    currency: str = "USD"
    spend: list[SpendItem] = field(default_factory=list)
    created_at: datetime = BEGINNING
    updated_at: datetime = BEGINNING
