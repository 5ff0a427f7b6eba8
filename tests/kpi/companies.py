"""Small hostile companies, made from a random generator: instants at the edges, money of every kind, people in disorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from kpi.organisation import Organisation
from kpi.scopes import Override
from tests.kpi.oracle_days import Wall
from tests.kpi.oracle_records import Company, Row

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)

# Zones that turn at different hours, both ways, at midnight too; weeks and fiscal years of every kind.
ORGANISATIONS = (
    Organisation(timezone="America/New_York", currency="USD"),
    Organisation(timezone="Europe/Berlin", currency="EUR", fiscal_year_start=4, week_start="sunday"),
    Organisation(timezone="Asia/Ho_Chi_Minh", currency="VND", fiscal_year_start=7, fiscal_year_named_by="end"),
    Organisation(timezone="Africa/Cairo", currency="EUR", week_start="saturday"),
    Organisation(timezone="Australia/Lord_Howe", currency="USD", fiscal_year_start=10, fiscal_year_named_by="end"),
    Organisation(timezone="UTC", currency="EUR", fiscal_year_start=2),
)

_HOSTILE = ("'", "x'; drop table deals; --", 'q"', "a:b", "日本 Ø", "$1", "(unassigned)", "{n}", "%s\\", "1")
_AMOUNTS = ("0", "-50.5", "10000000", "1000000", "0.0001", "99999999999999.9999", "1234.5678", "33.33", "-0.0001")
_RATES = ("1.2", "25000", "0.00003944", "1.23456789", "0.99999999")
_CURRENCIES = (None, None, None, "USD", "EUR", "eur", "VND", "BRL", "Jpy", "XXX")
_OUTCOMES = (None, "connected", "no_answer", "completed", "scheduled", "cancelled", "no_show")
_TYPES = ("call", "email", "meeting", "chat", "task", "demo", "onboarding")


@dataclass(frozen=True)
class Case:
    """A company, the clock of the questions, and the keys of the periods to ask about."""

    company: Company
    now: datetime
    keys: tuple[str, ...]


def make_case(random: Random, organisation: Organisation, *, size: int = 90) -> Case:
    """A company of about ``size`` deals around ``now``, an instant with edges of its own."""
    now = random.choice(_clocks(organisation))
    keys = _keys(Wall(organisation), organisation, now, random)
    maker = _Maker(random, organisation, now, keys, size)
    sources = {"files": maker.tables("")}
    if random.random() < 0.6:
        sources["crm2"] = maker.tables("second ")
    overrides = (Override("TWICE@x.example", team="T2"), Override("nobody@x.example", team="T1"))
    return Case(Company(organisation, sources, overrides if random.random() < 0.5 else ()), now, keys)


def transitions(zone: str, year: int) -> list[datetime]:
    """The instants of a year at which a zone's clocks turn, to the hour."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


def _clocks(organisation: Organisation) -> list[datetime]:
    """Instants at and around midnights, changes of the clocks and the ends of months."""
    wall = Wall(organisation)
    turns = transitions(organisation.timezone, 2026) or [datetime(2026, 6, 1, tzinfo=UTC)]
    return [
        *(turn + shift for turn in turns for shift in (-_TICK, timedelta(0), timedelta(minutes=90), timedelta(days=3))),
        wall.midnight(date(2026, 3, 31)) + timedelta(hours=15, minutes=30),
        wall.midnight(date(2026, 5, 1)),
        wall.midnight(date(2026, 11, 22)) - _TICK,
        datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
    ]


def _keys(wall: Wall, organisation: Organisation, now: datetime, random: Random) -> tuple[str, ...]:
    """Periods of every kind: running, finished, not begun."""
    today = wall.today(now)
    next_month = (today.replace(day=28) + 4 * _DAY).replace(day=1)
    first = today - random.randrange(5, 40) * _DAY
    years = (today.year - 1, today.year, today.year + 1)
    fiscal = _containing(wall, today, [f"{year}-Q{quarter}" for year in years for quarter in (1, 2, 3, 4)])
    near = [(today + shift * _DAY).isocalendar() for shift in (-6, 0, 6)]
    week = _containing(wall, today, [f"{iso.year}-W{iso.week:02}" for iso in near])
    turned = [
        turn.astimezone(ZoneInfo(organisation.timezone)).date() for turn in transitions(organisation.timezone, 2026)
    ]
    return (
        today.isoformat(),
        (today - _DAY).isoformat(),
        *(day.isoformat() for day in turned[:2]),
        week,
        f"{today.year}-{today.month:02}",
        f"{today.year - 1}-12",
        f"{next_month.year}-{next_month.month:02}",
        fiscal,
        f"{int(fiscal[:4]) - 1}{fiscal[4:]}",
        fiscal[:4],
        f"{first}..{first + random.randrange(60) * _DAY}",
    )


def _containing(wall: Wall, day: date, keys: Sequence[str]) -> str:
    return next(key for key in keys if wall.of(key)[0] <= day <= wall.of(key)[1])


class _Maker:
    """Makes the tables of one source."""

    def __init__(
        self, random: Random, organisation: Organisation, now: datetime, keys: Sequence[str], size: int
    ) -> None:
        self._random, self._organisation, self._now, self._keys, self._size = random, organisation, now, keys, size
        self._wall = Wall(organisation)
        self._edges = sorted(
            {
                edge + shift
                for key in keys
                for days in (self._wall.of(key), self._wall.before(key, self._wall.of(key)))
                for edge in (self._wall.start(days), self._wall.end(days), now)
                for shift in (-_TICK, timedelta(0), _TICK)
            }
        )

    def tables(self, prefix: str) -> dict[str, list[Row]]:
        owners = self._owners(prefix)
        teams = self._teams(prefix)
        owner_ids = [*(owner["id"] for owner in owners), "nobody", None]
        accounts = self._accounts(owner_ids)
        tables = {
            "owners": owners,
            "teams": teams,
            "accounts": accounts,
            "deals": self._deals(owner_ids, accounts),
            "activities": self._activities(owner_ids),
            "subscriptions": self._subscriptions(accounts),
            "targets": self._targets(owners, teams),
            "fx_rates": self._rates(),
            "holidays": [{"date": self._day(), "name": "'; --"} for _ in range(12)],
        }
        for table in self._random.sample(["accounts", "deals", "activities", "targets", "fx_rates"], 1):
            if self._chance(0.15):
                tables[table] = []
        return tables

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _at(self) -> datetime:
        """An instant: at an edge of what is asked about, or anywhere in some months around."""
        if self._chance(0.6):
            return self._random.choice(self._edges)
        return self._now + timedelta(seconds=self._random.randrange(-200 * 86400, 20 * 86400))

    def _day(self) -> date:
        return self._wall.today(self._at())

    def _any(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _owners(self, prefix: str) -> list[Row]:
        names = ["Ann", "ann", "O'Brien", "<!channel>", "'); drop table deals; --", "Nguyễn Thị Hà", "=1+1"]
        owners = [
            {
                "id": f"{prefix}{each}",
                "name": self._random.choice(names),
                "email": f"{prefix.strip()}{number}@x.example" if self._chance(0.8) else None,
                "team_id": self._any("T1", "T2", "T3", "T3", "T4", "circle a", "circle b", "below", "1", "gone", None),
                "active": self._any(True, True, False, None),
                "role": self._any("ae", "bdr", "manager", None),
            }
            for number, each in enumerate(_HOSTILE)
        ]
        # One person in two sources, told by the email, whatever its case; and two of one source who share an email.
        twice = {"id": "both", "name": "Twice", "email": self._any("twice@x.example", "Twice@X.example")}
        shared = [{"id": each, "name": each, "email": "team@x.example", "team_id": "T2"} for each in ("S1", "S2")]
        return [*owners, twice | {"team_id": self._any("T4", None), "active": self._chance(0.5)}, *shared]

    def _teams(self, prefix: str) -> list[Row]:
        parents = {
            "T1": None,
            "T2": "T1",
            "T3": "T2",
            "T4": "T3",
            "1": "unknown",
            "circle a": "circle b",
            "circle b": "circle a",
            "below": "circle a",
            "itself": "itself",
        }
        return [{"id": each, "name": f"{prefix}{each}'", "parent_id": parent} for each, parent in parents.items()]

    def _accounts(self, owner_ids: Sequence[str | None]) -> list[Row]:
        return [
            {
                "id": f"A{number}",
                "name": "'",
                "owner_id": self._random.choice(owner_ids),
                "industry": self._any("Retail", "retail", "O'Hara", None),
                "segment": self._any("1-10", "11+", "(none)", None),
                "region": self._any("EMEA", None),
                "customer_since": self._at() if self._chance(0.3) else None,
            }
            for number in range(30)
        ]

    def _deals(self, owner_ids: Sequence[str | None], accounts: Sequence[Row]) -> list[Row]:
        return [
            {
                "id": f"D{number}",
                "account_id": self._any(self._random.choice(accounts)["id"], "A unknown", None),
                "owner_id": self._random.choice(owner_ids),
                "pipeline": self._any("Sales", None),
                "type": self._any("new", "expansion", None),
                "source": self._any("Web", "web", "(none)", None),
                "product": self._any("P'1", "P:2", None),
                "status": self._any("won", "won", "lost", "open"),
                "amount": self._money(),
                "currency": self._any(*_CURRENCIES, self._organisation.currency.lower()),
                "created_at": self._at(),
                "closed_at": self._at() if self._chance(0.7) else None,
                "close_date": self._day() if self._chance(0.6) else None,
            }
            for number in range(self._size)
        ]

    def _money(self) -> Decimal | None:
        if self._chance(0.15):
            return None
        if self._chance(0.5):
            return Decimal(self._random.choice(_AMOUNTS))
        return Decimal(self._random.randrange(1, 10**9)).scaleb(-self._random.randrange(5))

    def _activities(self, owner_ids: Sequence[str | None]) -> list[Row]:
        return [
            {
                "id": f"C{number}",
                "type": self._random.choice(_TYPES),
                "owner_id": self._random.choice(owner_ids),
                "at": self._at(),
                "outcome": self._random.choice(_OUTCOMES),
            }
            for number in range(self._size)
        ]

    def _subscriptions(self, accounts: Sequence[Row]) -> list[Row]:
        rows = []
        for number in range(25):
            started_at = self._at()
            ended_at = started_at + timedelta(days=self._random.randrange(-1, 60))
            rows.append(
                {
                    "id": f"U{number}",
                    "account_id": self._any(self._random.choice(accounts)["id"], "A unknown"),
                    "mrr": Decimal(10),
                    "started_at": started_at,
                    "ended_at": self._any(None, started_at, ended_at),
                }
            )
        return rows

    def _targets(self, owners: Sequence[Row], teams: Sequence[Row]) -> list[Row]:
        whose = [
            *(("company", None), ("company", "files"), ("rep", "TWICE@x.example"), ("rep", "Team@X.example")),
            *(("rep", "nobody"), ("team", "unknown"), ("rep", "stranger@x.example")),
            *(("rep", owner["id"]) for owner in owners),
            *(("team", team["id"]) for team in teams),
        ]
        rows = []
        for _ in range(160):
            scope, scope_id = self._random.choice(whose)
            rows.append(
                {
                    "kpi": self._any("bookings", "deals", "newcustomers", "winrate", "activities"),
                    "scope": scope,
                    "scope_id": scope_id,
                    "period": self._random.choice(self._keys),
                    "kind": self._any(None, "number", "money", "yes_no"),
                    "value": self._any(Decimal(0), Decimal(1), Decimal(7), Decimal("0.3"), Decimal("1000000.0001")),
                }
            )
        return rows

    def _rates(self) -> list[Row]:
        days = sorted({self._day() for _ in range(8)})
        return [
            {"currency": currency, "date": day, "rate": Decimal(self._random.choice(_RATES))}
            for currency in ("USD", "eur", "VND", "JPY")
            for day in days[3 if currency == "JPY" else 0 :]
        ]
