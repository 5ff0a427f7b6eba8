"""Small hostile companies, made from a random generator: instants at the edges, money of every kind, people in disorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from kpi.organisation import Organisation
from kpi.scopes import Override
from tests.kpi import made_leads, made_sales
from tests.kpi.draws import DAY, TICK, Draws
from tests.kpi.expected.days import Wall
from tests.kpi.expected.records import Company, Row

# Zones that turn at different hours, both ways, at midnight too; weeks and fiscal years of every kind.
ORGANISATIONS = (
    Organisation(timezone="America/New_York", currency="USD"),
    Organisation(timezone="Europe/Berlin", currency="EUR", fiscal_year_start=4, week_start="sunday"),
    Organisation(timezone="Asia/Ho_Chi_Minh", currency="VND", fiscal_year_start=7, fiscal_year_named_by="end"),
    Organisation(
        timezone="Africa/Cairo", currency="EUR", week_start="saturday", business_hours="sat-wed, thu 08:30-24:00"
    ),
    Organisation(timezone="Australia/Lord_Howe", currency="USD", fiscal_year_start=10, fiscal_year_named_by="end"),
    Organisation(timezone="UTC", currency="EUR", fiscal_year_start=2),
)

_HOSTILE = ("'", "x'; drop table deals; --", 'q"', "a:b", "日本 Ø", "$1", "(unassigned)", "{n}", "%s\\", "1")
_RATES = ("1.2", "25000", "0.00003944", "1.23456789", "0.99999999")


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
    draws = Draws(random, organisation, now, keys)
    sources = {"files": _tables(draws, "", size)}
    if random.random() < 0.6:
        sources["crm2"] = _tables(draws, "second ", size)
    overrides = (Override("TWICE@x.example", team="T2", role="bdr"), Override("nobody@x.example", team="T1"))
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
        *(turn + shift for turn in turns for shift in (-TICK, timedelta(0), timedelta(minutes=90), timedelta(days=3))),
        wall.midnight(date(2026, 3, 31)) + timedelta(hours=15, minutes=30),
        wall.midnight(date(2026, 5, 1)),
        wall.midnight(date(2026, 11, 22)) - TICK,
        datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
    ]


def _keys(wall: Wall, organisation: Organisation, now: datetime, random: Random) -> tuple[str, ...]:
    """Periods of every kind: running, finished, not begun."""
    today = wall.today(now)
    next_month = (today.replace(day=28) + 4 * DAY).replace(day=1)
    first = today - random.randrange(5, 40) * DAY
    years = (today.year - 1, today.year, today.year + 1)
    fiscal = _containing(wall, today, [f"{year}-Q{quarter}" for year in years for quarter in (1, 2, 3, 4)])
    near = [(today + shift * DAY).isocalendar() for shift in (-6, 0, 6)]
    week = _containing(wall, today, [f"{iso.year}-W{iso.week:02}" for iso in near])
    turned = [
        turn.astimezone(ZoneInfo(organisation.timezone)).date() for turn in transitions(organisation.timezone, 2026)
    ]
    return (
        today.isoformat(),
        (today - DAY).isoformat(),
        *(day.isoformat() for day in turned[:2]),
        week,
        f"{today.year}-{today.month:02}",
        f"{today.year - 1}-12",
        f"{next_month.year}-{next_month.month:02}",
        fiscal,
        f"{int(fiscal[:4]) - 1}{fiscal[4:]}",
        fiscal[:4],
        f"{first}..{first + random.randrange(60) * DAY}",
    )


def _containing(wall: Wall, day: date, keys: Sequence[str]) -> str:
    return next(key for key in keys if wall.of(key)[0] <= day <= wall.of(key)[1])


def _tables(draws: Draws, prefix: str, size: int) -> dict[str, list[Row]]:
    """The tables of one source; ``prefix`` tells its people from those of another."""
    owners, teams = _owners(draws, prefix), _teams(prefix)
    owner_ids = [*(owner["id"] for owner in owners), "nobody", None]
    accounts = _accounts(draws, owner_ids)
    campaigns = made_leads.make_campaigns(draws)
    leads = made_leads.make_leads(draws, size * 2 // 3, owner_ids, accounts, campaigns)
    activities = made_leads.make_activities(draws, size, owner_ids, accounts, leads)
    deals = made_sales.make_deals(draws, size, owner_ids, accounts, leads)
    deals += made_sales.make_gained_deals(draws, size // 6, activities)
    tables = {
        "owners": owners,
        "teams": teams,
        "accounts": accounts,
        "campaigns": campaigns,
        "leads": leads,
        "deals": deals,
        "stage_changes": made_sales.make_stage_changes(draws, deals),
        "activities": activities,
        "quotes": made_sales.make_quotes(draws, deals, owner_ids),
        "line_items": made_sales.make_line_items(draws, deals),
        "subscriptions": made_sales.make_subscriptions(draws, accounts, owner_ids),
        "spend": made_leads.make_spend(draws, campaigns),
        "targets": _targets(draws, owners, teams),
        "fx_rates": _rates(draws),
        "holidays": [{"date": draws.day(), "name": "'; --"} for _ in range(12)],
    }
    if draws.chance(0.15):
        tables[draws.random.choice([name for name in tables if name not in ("owners", "teams", "holidays")])] = []
    return tables


def _owners(draws: Draws, prefix: str) -> list[Row]:
    names = ["Ann", "ann", "O'Brien", "<!channel>", "'); drop table deals; --", "Nguyễn Thị Hà", "=1+1"]
    owners = [
        {
            "id": f"{prefix}{each}",
            "name": draws.random.choice(names),
            "email": f"{prefix.strip()}{number}@x.example" if draws.chance(0.8) else None,
            "team_id": draws.any("T1", "T2", "T3", "T3", "T4", "circle a", "circle b", "below", "1", "gone", None),
            "active": draws.any(True, True, False, None),
            "role": draws.any("ae", "bdr", "bdr", "manager", None),
            "timezone": draws.any(
                draws.organisation.timezone, "America/Los_Angeles", "Asia/Kolkata", "Mars/Olympus", "America", None
            ),
        }
        for number, each in enumerate(_HOSTILE)
    ]
    # One person in two sources, told by the email, whatever its case; and two of one source who share an email.
    twice = {"id": "both", "name": "Twice", "email": draws.any("twice@x.example", "Twice@X.example")}
    shared = [
        {"id": f"S{number}", "name": f"S{number}", "email": "team@x.example", "team_id": "T2", "role": role}
        for number, role in ((1, "ae"), (2, "bdr"))
    ]
    return [*owners, twice | {"team_id": draws.any("T4", None), "active": draws.chance(0.5)}, *shared]


def _teams(prefix: str) -> list[Row]:
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


def _accounts(draws: Draws, owner_ids: Sequence[str | None]) -> list[Row]:
    return [
        {
            "id": f"A{number}",
            "name": "'",
            "owner_id": draws.random.choice(owner_ids),
            "industry": draws.any("Retail", "retail", "O'Hara", None),
            "segment": draws.any("1-10", "11+", "(none)", None),
            "region": draws.any("EMEA", None),
            "customer_since": draws.maybe_at(0.3),
            "churned_at": draws.maybe_at(0.3),
        }
        for number in range(30)
    ]


def _targets(draws: Draws, owners: Sequence[Row], teams: Sequence[Row]) -> list[Row]:
    whose = [
        *(("company", None), ("company", "files"), ("rep", "TWICE@x.example"), ("rep", "Team@X.example")),
        *(("rep", "nobody"), ("team", "unknown"), ("rep", "stranger@x.example")),
        *(("rep", owner["id"]) for owner in owners),
        *(("team", team["id"]) for team in teams),
    ]
    rows = []
    for _ in range(160):
        scope, scope_id = draws.random.choice(whose)
        rows.append(
            {
                "kpi": draws.any("bookings", "deals", "newcustomers", "winrate", "activities"),
                "scope": scope,
                "scope_id": scope_id,
                "period": draws.random.choice(draws.keys),
                "kind": draws.any(None, "number", "money", "yes_no"),
                "value": draws.any(Decimal(0), Decimal(1), Decimal(7), Decimal("0.3"), Decimal("1000000.0001")),
            }
        )
    return rows


def _rates(draws: Draws) -> list[Row]:
    days = sorted({draws.day() for _ in range(8)})
    return [
        {"currency": currency, "date": day, "rate": Decimal(draws.random.choice(_RATES))}
        for currency in ("USD", "eur", "VND", "JPY")
        for day in days[3 if currency == "JPY" else 0 :]
    ]
