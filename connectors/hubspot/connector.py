"""The HubSpot connector: records come into the mirror, and from there, as rows, into the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.base import Batch, Finding, MappingError, Pulled, SourceError, Surroundings
from connectors.hubspot.fields import mapped_properties, properties_of
from connectors.hubspot.objects import OBJECTS, PAIRS
from connectors.mapping import SourceSettings
from connectors.suggestion import nearest
from kpi.schema import TABLES

if TYPE_CHECKING:
    from connectors.hubspot.client import HubspotClient
    from connectors.hubspot.mirror import Mirror
    from connectors.hubspot.pulling import Puller
    from connectors.hubspot.sides import Definition
    from connectors.limiter import Limiter
    from connectors.wins import Month, MonthlyWins

_API_URL = "https://api.hubapi.com"
_NIGHT = time(2)  # in the organisation's zone: who works then, is asleep


class HubspotConnector:
    """Tables from a HubSpot account. ``limiter``: other than the account's usual limits, and what [source] says."""

    def __init__(self, settings: SourceSettings, surroundings: Surroundings, limiter: Limiter | None = None) -> None:
        self._limiter = limiter
        self.name = settings.name
        self._settings = settings
        self._surroundings = surroundings
        self._account_zone: str | None = None  # as far as it is known: a daily limit ends at its midnight
        self._properties = {name: properties_of(name, settings) for name in OBJECTS}

    def pull(self, cursors: Mapping[str, str], *, full: bool) -> Iterator[Batch | Pulled]:
        """See Connector. Rows come once everything that has changed has been pulled."""
        from connectors.hubspot.mirror import open_mirror
        from connectors.hubspot.rows import make_rows
        from connectors.hubspot.translation import Translator

        translator = Translator(self._settings, self._surroundings.timezone, self._surroundings.currency)
        with open_mirror(self._mirror_path, self._properties) as mirror:
            self._account_zone = next((zone for _, zone, _ in mirror.side("account")), None)
            try:
                yield from self._pull_records(mirror, full=full)
            finally:
                self.client.close()
            yield from make_rows(mirror, translator, cursors)
            yield Pulled("records", notices=tuple(translator.notices(mirror.connection)))

    def size(self) -> None:
        """HubSpot does not say how much there is before it is asked for."""

    def check(self) -> Iterator[Finding]:
        """See Connector."""
        from connectors.hubspot.checking import check

        yield from check(self.client, self._settings, self._surroundings)

    def monthly_wins(self, months: Sequence[Month], synced_at: datetime | None) -> Iterator[MonthlyWins]:
        """See CountsWins."""
        from connectors.hubspot.against import monthly_wins

        yield from monthly_wins(self.client, self._settings, self._surroundings.timezone, months, synced_at)

    @cached_property
    def client(self) -> HubspotClient:
        """The one way to the account, with its limits."""
        from connectors.hubspot.auth import open_tokens
        from connectors.hubspot.client import HubspotClient
        from connectors.hubspot.paths import DATED, Paths
        from connectors.limiter import Limiter

        settings, surroundings = self._settings, self._surroundings
        paths = Paths(settings.api_version or DATED)
        return HubspotClient(
            settings.api_url or _API_URL,
            open_tokens(settings, surroundings, paths),
            self._limiter or Limiter(settings.share),
            paths=paths,
            clock=surroundings.clock,
            timezone=lambda: self._account_zone or surroundings.timezone,
            secret=surroundings.secret,
        )

    @property
    def _mirror_path(self) -> Path:
        self._surroundings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._surroundings.folder / f"{self.name}.duckdb"

    def _pull_records(self, mirror: Mirror, *, full: bool) -> Iterator[Pulled]:
        from connectors.hubspot.mirror.arrivals import apply_side
        from connectors.hubspot.pulling import Puller
        from connectors.hubspot.sides import options_of, read_definitions, read_sides

        puller = Puller(self.client, mirror, OBJECTS, PAIRS, self._properties)
        account = self.client.get(self.client.paths.account())
        self._account_zone = account.body.get("timeZone")
        self._refuse_other_account(mirror, account.body.get("portalId"), full=full)
        # A clock that runs ahead would leave out what happens until then; one that is behind costs a few requests.
        began_at = min(account.at, self._surroundings.clock().astimezone(UTC))
        for side, notice in read_sides(self.client, mirror):
            apply_side(mirror, side)
            if notice is not None:
                yield Pulled("settings", notices=(notice,))
        definitions = read_definitions(self.client, tuple(OBJECTS))
        self._refuse_lost_properties(definitions)
        apply_side(mirror, options_of(definitions, self._properties))
        if full:
            puller.restart()
        yield from puller.pull(began_at)
        yield from self._hold_against_account(puller, mirror, began_at)
        for name, scopes in puller.absent.items():
            if scopes:
                yield Pulled(name, notices=(f"{name} are not read: the token has no scope {' or '.join(scopes)}.",))

    def _refuse_other_account(self, mirror: Mirror, portal: object, *, full: bool) -> None:
        """Records of two accounts would be told apart by nothing."""
        known = mirror.meta("portal")
        if known is not None and known != str(portal):
            if not full:
                raise SourceError(
                    f"The token is of the HubSpot account {portal}, but what was pulled as {self.name!r} is of "
                    f"{known}. Set the token of that account, or run kpi sync --full to begin with this one."
                )
            for name in OBJECTS:
                mirror.empty(name)
        mirror.set_meta("portal", str(portal))

    def _refuse_lost_properties(self, definitions: Mapping[str, Sequence[Definition] | None]) -> None:
        """A property that is not there is given as empty by HubSpot, in every record: nobody would notice."""
        from connectors.hubspot.fields import FEEDS
        from connectors.hubspot.property_check import archived_properties

        for table in TABLES:
            for name in mapped_properties(table, self._settings):
                objects = [feed.object for feed in FEEDS[table]]
                names = [str(one["name"]) for each in objects for one in definitions[each] or ()]
                if names and name not in names:
                    is_archived = any(name in archived_properties(self.client, each) for each in objects)
                    near = nearest(name, names)
                    told = "is archived in HubSpot" if is_archived else "the HubSpot account does not have"
                    meant = f'did you mean "{near}"? ' if near and not is_archived else ""
                    raise MappingError(
                        f'[source.map.{table}] names the property "{name}", which {told}; {meant}kpi check says more.'
                    )

    def _hold_against_account(self, puller: Puller, mirror: Mirror, began_at: datetime) -> Iterator[Pulled]:
        """Looks for what has slipped: of objects that were just listed by their number, each night of all."""
        is_night = self._is_due(mirror, began_at)
        if is_night:
            yield from puller.read_archived()
            puller.look_at_links()
            yield from puller.read_pending()
            doubtful = [name for name in OBJECTS if name not in puller.absent]
        else:
            doubtful = [name for name, count in puller.counted.items() if count != mirror.count(name)]
        before = mirror.version
        for name in doubtful:
            puller.look_for_slipped(name, began_at)
        yield from puller.read_pending()
        for name, count in puller.counted.items():
            if count and not mirror.count(name):
                mirror.restart(name)
                raise SourceError(f"HubSpot counts {count:,} {name}, but gave none of them: run kpi sync again.")
        slipped = {name: mirror.changes(name, before) for name in doubtful if name not in puller.counted}
        if is_night:
            mirror.tidy()
            mirror.set_meta("held", began_at.isoformat())
        for name, count in slipped.items():
            if count:
                told = "1 record had" if count == 1 else f"{count:,} records had"
                yield Pulled(name, notices=(f"{name}: {told} slipped past earlier syncs; read again.",))

    def _is_due(self, mirror: Mirror, now: datetime) -> bool:
        """Whether a night has begun since all was last held against the account; a first listing stands for one."""
        last = mirror.meta("held")
        if last is None:
            mirror.set_meta("held", now.isoformat())
            return False
        local = now.astimezone(ZoneInfo(self._surroundings.timezone))
        night = datetime.combine(local.date(), _NIGHT, local.tzinfo)
        return datetime.fromisoformat(last) < (night if night <= local else night - timedelta(days=1))
