"""A CRM account in memory, edited as its people would edit it. What it answers with is in the modules of endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import NamedTuple

from connectors.hubspot.emulator.organisation import Campaign, ExchangeRate, Owner, Pipeline, Stage, Team


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Link(NamedTuple):
    """The other end of an association. ``primary`` means something for companies (and contacts of leads);
    ``label`` is one that the account made itself."""

    object: str
    id: int
    primary: bool = False
    label: str | None = None


@dataclass
class Account:
    """All that one HubSpot account holds. Threads may share it: whoever reads several things at once takes ``lock``.

    ``search_lag``: how long search shows a record as it was before an edit. ``page_shortfall``: how many records fewer
    than asked for a page of a list holds. ``page_token_life``: after which a list's ``after`` is refused.
    ``association_page``: how many associations of one record a batch read gives at once.
    """

    portal_id: int = 62515
    timezone: str = "US/Eastern"
    currency: str = "USD"
    clock: Callable[[], datetime] = _system_clock
    search_lag: timedelta = timedelta(0)
    page_shortfall: int = 0
    page_token_life: timedelta | None = None
    association_page: int = 500
    owners: dict[int, Owner] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    pipelines: dict[str, dict[str, Pipeline]] = field(default_factory=dict)
    currencies: list[str] = field(default_factory=list)
    exchange_rates: list[ExchangeRate] = field(default_factory=list)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock, repr=False)

    # Records. Objects by name (``deals``); values as HubSpot writes them, or datetime, date, number, bool, None.
    # ``at``: when it happened, by default now.

    def create(
        self,
        object_name: str,
        properties: Mapping[str, object],
        *,
        id: int | None = None,  # noqa: A002 - the vendor's word
        at: datetime | None = None,
        associations: Iterable[Link] = (),
    ) -> int:
        """Make a record and give its id."""
        raise NotImplementedError

    def create_many(
        self, object_name: str, rows: Iterable[Mapping[str, object]], *, at: datetime | None = None
    ) -> Sequence[int]:
        """Make a record of each row and give their ids, quickly. Link them with ``associate_many``."""
        raise NotImplementedError

    def update(
        self, object_name: str, record_id: int, properties: Mapping[str, object], *, at: datetime | None = None
    ) -> None:
        """Change properties; None empties one. Moves the modified date."""
        raise NotImplementedError

    def archive(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Into the recycle bin. The modified date stays."""
        raise NotImplementedError

    def restore(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Out of the recycle bin, with its associations. The modified date stays."""
        raise NotImplementedError

    def purge(self, object_name: str, record_id: int, *, at: datetime | None = None) -> None:
        """Delete for good: nothing tells that it was there."""
        raise NotImplementedError

    def merge(self, object_name: str, winner: int, loser: int, *, at: datetime | None = None) -> int:
        """Merge two records and give the id of what remains: the winner's, or a new one for deals."""
        raise NotImplementedError

    def associate(self, object_name: str, record_id: int, link: Link) -> None:
        """Link two records, seen from both. No modified date moves."""
        raise NotImplementedError

    def associate_many(self, object_name: str, links: Iterable[tuple[int, Link]]) -> None:
        """Link each record of ``object_name`` by its id, quickly."""
        raise NotImplementedError

    def dissociate(self, object_name: str, record_id: int, target: str, target_id: int) -> None:
        """Take all associations of two records away. No modified date moves."""
        raise NotImplementedError

    # Settings.

    def add_property(
        self,
        object_name: str,
        name: str,
        *,
        type: str = "string",  # noqa: A002 - the vendor's word
        label: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Define a property. ``type``: string, number, date, datetime, bool or enumeration. ``options``: value to label."""
        raise NotImplementedError

    def rename_property(self, object_name: str, old: str, new: str) -> None:
        """Give a property another name; its values move along."""
        raise NotImplementedError

    def remove_property(self, object_name: str, name: str) -> None:
        """Archive a property: no answer holds it any more."""
        raise NotImplementedError

    def add_pipeline(self, object_name: str, pipeline_id: str, label: str, stages: Iterable[Stage] = ()) -> Pipeline:
        """Add a pipeline of ``deals``, ``leads`` or ``tickets``."""
        raise NotImplementedError

    def add_stage(self, object_name: str, pipeline_id: str, stage: Stage) -> None:
        """Add a stage at the end of a pipeline, and the properties that hold when records entered and left it."""
        raise NotImplementedError

    def remove_stage(self, object_name: str, pipeline_id: str, stage_id: str) -> None:
        """Delete a stage: no answer holds it any more. Records keep its id."""
        raise NotImplementedError

    def archive_pipeline(self, object_name: str, pipeline_id: str) -> None:
        """Archive a pipeline: no answer holds it any more. Records keep its id."""
        raise NotImplementedError
