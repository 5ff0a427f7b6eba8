"""The company in HubSpot: its account on this machine, and the configuration that pulls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.demo.chance import TIMEZONE
from bot.demo.company import CURRENCY, SEED, Rows, company_tables, write_configuration, write_tables
from bot.demo.staff import MEMBERS, STAFF, Member
from connectors import open_connector
from connectors.base import Connector, Surroundings
from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling import CUSTOM, Ids, fill_account, left_over
from connectors.hubspot.emulator.limits import UNLIMITED
from connectors.hubspot.emulator.server import HubspotEmulator
from connectors.mapping import SourceSettings

_NO_LIMIT = 1_000_000
_SOURCE = "hubspot"  # its name where none is given
_SOURCES = """\
# Its CRM is HubSpot, which `kpi demo` plays on this machine while it syncs and no longer: answers come from the store,
# but `kpi sync` and `kpi check` find nobody at this address. `kpi demo --folder` on this folder makes the company anew.
[[source]]
type = "hubspot"
api_url = "{api_url}"

{maps}\
# What HubSpot does not hold: holidays, salaries, and targets but the monthly quotas of reps.
[[source]]
type = "files"
path = "beside"

# What HubSpot does not know of people.
{people}"""


@dataclass(frozen=True, slots=True)
class Crm:
    """The company's HubSpot while it answers. ``ids``: which ids its rows have there."""

    api_url: str
    token: str
    ids: Ids
    left_over: Mapping[str, Rows]

    def write(self, folder: Path) -> None:
        """Writes ``scoreline.toml``, and ``beside/TABLE.csv`` with what HubSpot does not hold. Replaces the files of an
        earlier company."""
        write_tables(folder / "beside", self.left_over)
        maps = "".join(_map_block(table, columns) for table, columns in CUSTOM.items())
        people = "".join(_person_block(member) for member in STAFF)
        sources = _SOURCES.format(api_url=self.api_url, maps=maps, people=people)
        write_configuration(folder, sources, emea=self.ids.of("teams", "T1"), apac=self.ids.of("teams", "T7"))

    @property
    def environ(self) -> dict[str, str]:
        """The environment that the configuration is to be loaded with."""
        return {"HUBSPOT_ACCESS_TOKEN": self.token}


@contextmanager
def running_crm(today: date, clock: Callable[[], datetime], seed: int = SEED) -> Iterator[Crm]:
    """The company in a HubSpot on loopback, which answers as fast as it is asked."""
    tables = company_tables(today, seed)
    account = Account(timezone=TIMEZONE, currency=CURRENCY, clock=clock)
    ids = fill_account(account, tables)
    with HubspotEmulator(account, limits=UNLIMITED, gzip=False) as hubspot:
        yield Crm(hubspot.api_url, hubspot.token, ids, left_over(tables, ids, _SOURCE))


def connect_unlimited(settings: SourceSettings, surroundings: Surroundings) -> Connector:
    """The connector of a source, which asks this HubSpot as fast as it answers."""
    if settings.type != "hubspot":
        return open_connector(settings, surroundings)
    from connectors.hubspot.connector import HubspotConnector
    from connectors.limiter import Limiter

    return HubspotConnector(settings, surroundings, Limiter(burst=_NO_LIMIT, search=_NO_LIMIT))


def _map_block(table: str, columns: Mapping[str, Any]) -> str:
    lines = (f"{column} = {_toml(value)}\n" for column, value in columns.items())
    return f"[source.map.{table}]\n{''.join(lines)}\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return f'"{value}"'


def _person_block(member: Member) -> str:
    manager = f'manager = "{MEMBERS[member.manager_id].email}"\n' if member.manager_id else ""
    return f'[[person]]\nemail = "{member.email}"\nrole = "{member.role}"\n{manager}\n'
