"""A company of any size, made set-wise: its CRM as Parquet files in the schema's shape, the same for the same size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

BEGAN_AT = datetime(2023, 11, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)  # the clock of all questions; nothing of what is made happened later
CURRENCY, TIMEZONE = "USD", "America/New_York"

_LARGE_DEALS = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much a company has done in its three years; everything in it is in proportion to its deals."""

    name: str
    deals: int

    def part(self, of_large: int, least: int = 1) -> int:
        """As much of what the large company has, at least so much."""
        return max(least, of_large * self.deals // _LARGE_DEALS)

    @property
    def reps(self) -> int:
        return self.part(1_000)

    @property
    def teams(self) -> int:
        return self.part(60, least=3)


SIZES = {size.name: size for size in (Size("small", 20_000), Size("medium", 140_000), Size("large", _LARGE_DEALS))}

# `draw` is the same for the same record and salt; `at_share` an instant in the three years. Leads and deals have their
# numbers in the order of time, as a CRM gives them.
_MACROS = """
create macro draw(n, salt, count) as cast(hash(n, salt) % cast(count as ubigint) as bigint);
create macro chance(n, salt, percent) as draw(n, salt, 100) < percent;
create macro one_of(n, salt, options) as options[1 + draw(n, salt, len(options))];
create macro later(instant, seconds) as instant + to_seconds(seconds);
create macro past(instant) as case when instant < $now then instant end;
create macro owned(n, salt) as case when chance(n, salt, 80) then 'R' || draw(n, salt + 1, $reps) end;
create macro lead_at(n) as later($began_at, (n * $seconds) // $leads);
create macro lead_owner(n) as owned(n, 100);
create macro opened_at(n) as case
    when chance(n, 110, 60) then later(lead_at(n), least(draw(n, 111, 20 * 86400), epoch($now - lead_at(n)) // 2))
    else later($began_at, (n * $seconds) // $deals) end;
create macro cycle_seconds(n) as 4 * 86400 + draw(n, 112, 110 * 86400);
create macro worth(n, salt, most) as cast(draw(n, salt, most * 10000) / 10000 as decimal(18, 4));
"""

_TABLES = {
    "teams": """
        select 'T' || n as id, 'Team ' || n as name,
            case when n >= $tops + $middles then 'T' || ($tops + n % $middles)
                when n >= $tops then 'T' || (n % $tops) end as parent_id
        from range($teams) as t(n)
    """,
    "owners": """
        select 'R' || n as id, 'Rep ' || n as name, 'rep' || n || '@bench.example' as email,
            'T' || ($first_with_reps + draw(n, 1, $teams - $first_with_reps)) as team_id,
            one_of(n, 2, ['ae', 'ae', 'ae', 'bdr', 'bdr', 'csm', 'manager']) as role,
            not chance(n, 3, 7) as active,
            one_of(n, 4, ['America/New_York', 'Europe/Berlin', 'Asia/Singapore']) as timezone
        from range($reps) as t(n)
    """,
    "campaigns": """
        select 'C' || n as id, 'Campaign ' || n as name,
            one_of(n, 5, ['search', 'events', 'email', 'social']) as channel
        from range($campaigns) as t(n)
    """,
    "accounts": """
        select 'A' || n as id, 'Account ' || n as name, owned(n, 10) as owner_id,
            one_of(n, 12, ['Retail', 'Software', 'Health', 'Finance', 'Energy', 'Media', null]) as industry,
            one_of(n, 13, ['1-10', '11-50', '51-200', '201-1000', '1001+', null]) as segment,
            one_of(n, 14, ['EMEA', 'APAC', 'NA', 'LATAM']) as region,
            later($began_at, draw(n, 15, $seconds)) as created_at
        from range($accounts) as t(n)
    """,
    "leads": """
        select 'L' || n as id, case when chance(n, 20, 60) then 'A' || draw(n, 21, $accounts) end as account_id,
            lead_owner(n) as owner_id, 'lead' || n || '@buyer.example' as email,
            one_of(n, 22, ['web', 'referral', 'event', 'outbound', 'partner', null]) as source,
            case when chance(n, 23, 70) then 'C' || draw(n, 24, $campaigns) end as campaign_id,
            case when chance(n, 25, 25) then 'disqualified' else 'open' end as status,
            lead_at(n) as created_at,
            case when chance(n, 26, 60) then past(later(lead_at(n), draw(n, 27, 10 * 86400))) end as mql_at,
            case when chance(n, 26, 30) then past(later(lead_at(n), 864000 + draw(n, 28, 10 * 86400))) end as sql_at,
            case when chance(n, 25, 25) then past(later(lead_at(n), 864000 + draw(n, 29, 40 * 86400))) end
                as disqualified_at
        from range($leads) as t(n)
    """,
    "deals": """
        with stages as (
            select *, past(later(opened, cycle_seconds(n))) as closed,
                case when past(later(opened, cycle_seconds(n))) is null or chance(n, 30, 2) then 'open'
                    when chance(n, 31, 30) then 'won' else 'lost' end as status
            from (select n, opened_at(n) as opened from range($deals) as t(n))
        )
        select 'D' || n as id, 'Deal ' || n as name,
            case when chance(n, 32, 90) then 'A' || draw(n, 33, $accounts) end as account_id,
            case when chance(n, 110, 60) then 'L' || n end as lead_id, owned(n, 34) as owner_id,
            one_of(n, 36, ['New business', 'Renewals']) as pipeline,
            case status when 'won' then 'Won' when 'lost' then 'Lost'
                else one_of(n, 37, ['Qualified', 'Demo', 'Proposal', 'Contract']) end as stage,
            one_of(n, 38, ['new', 'new', 'expansion', 'renewal']) as type, status,
            case when chance(n, 39, 97) then worth(n, 40, 50000) end as amount,
            case when chance(n, 41, 70) then worth(n, 40, 50000) * 3 // 5 end as cost,
            one_of(n, 42, [null, null, 'USD', 'EUR', 'GBP', 'JPY', 'BRL']) as currency,
            case status when 'won' then 1 when 'lost' then 0 else draw(n, 43, 10) / 10.0 end as probability,
            one_of(n, 44, ['web', 'referral', 'event', 'outbound', null]) as source,
            one_of(n, 45, ['call', 'email', 'meeting']) as contact_method,
            'Product ' || draw(n, 46, 20) as product, opened as created_at,
            case when chance(n, 47, 50) then later(opened, -draw(n, 48, 8 * 86400)) end as first_contact_at,
            case when status <> 'open' then cast(closed as date) end as close_date,
            case when status <> 'open' and chance(n, 49, 80) then closed end as closed_at,
            12 * (1 + draw(n, 50, 3)) as term_months
        from stages
    """,
    "stage_changes": """
        select deal_id, stage, happened_at as "at", null as status, probability,
            case when k = 3 then amount end as amount
        from (
            select 'D' || n as deal_id, k,
                ['Qualified', 'Demo', 'Proposal', 'Decided'][1 + k] as stage,
                past(later(opened_at(n), k * cycle_seconds(n) // 3 + draw(n, 51, 3600))) as happened_at,
                case when k < 3 then 0.1 + k * 0.3 else cast(chance(n, 31, 30) as integer) end as probability,
                worth(n, 40, 50000) as amount
            from range($deals) as t(n), range(4) as s(k)
            where not (k = 3 and chance(n, 30, 2))
        ) where happened_at is not null
    """,
    "activities": """
        select 'X' || n as id, type,
            case when chance(n, 61, 75) then 'outbound' else 'inbound' end as direction,
            case when chance(n, 62, 60) then lead_owner(lead) else owned(n, 63) end as owner_id,
            case when chance(n, 65, 55) then 'L' || lead end as lead_id,
            case when chance(n, 66, 15) then 'A' || draw(n, 67, $accounts) end as account_id,
            case when chance(n, 68, 25) then 'D' || ((lead * $deals) // $leads) end as deal_id,
            happened_at as "at",
            case when type in ('meeting', 'demo') then later(happened_at, -draw(n, 69, 6 * 86400)) end as created_at,
            case when type = 'call' then draw(n, 70, 1800) end as duration_seconds,
            case when type = 'call' then one_of(n, 71, ['connected', 'no_answer', 'no_answer'])
                when type = 'email' then null
                else one_of(n, 72, ['completed', 'completed', 'completed', 'no_show', 'cancelled', 'scheduled']) end
                as outcome,
            case when type = 'email' then chance(n, 73, 40) end as opened,
            case when type = 'email' then chance(n, 74, 8) end as replied
        from (
            select n, lead,
                past(later(lead_at(lead), draw(n, 75, 60 * (1 + draw(n, 76, 60 * 24 * 45))))) as happened_at,
                one_of(n, 77, ['call', 'call', 'call', 'email', 'email', 'email', 'email', 'meeting', 'chat', 'task',
                    'demo', 'onboarding']) as type
            from (select n, (n * $leads) // $activities as lead from range($activities) as t(n))
        ) where happened_at is not null
    """,
    "quotes": """
        select 'Q' || n as id, 'D' || n * 5 // 2 as deal_id, owned(n, 80) as owner_id, worth(n, 81, 50000) as amount,
            happened_at as sent_at
        from (
            select n, past(later(opened_at(n * 5 // 2), draw(n, 82, 20 * 86400))) as happened_at
            from range($deals * 2 // 5) as t(n)
        ) where happened_at is not null
    """,
    "line_items": """
        select 'I' || n as id, 'D' || n // 2 as deal_id, 'Product ' || draw(n, 85, 20) as product,
            one_of(n, 86, ['Core', 'Add-on', null]) as family, 1 + draw(n, 87, 20) as quantity,
            worth(n, 88, 20000) as amount, worth(n, 89, 9000) as cost
        from range($deals) as t(n)
    """,
    "subscriptions": """
        select 'S' || n as id, 'A' || n * 2 // 3 as account_id, owned(n, 90) as owner_id,
            'Product ' || draw(n, 92, 20) as product, worth(n, 93, 3000) as mrr,
            one_of(n, 94, [null, null, null, 'EUR']) as currency,
            later($began_at, draw(n, 95, $seconds)) as started_at,
            case when chance(n, 96, 40) then later($began_at, draw(n, 95, $seconds) + draw(n, 97, 500 * 86400)) end
                as ended_at
        from range($subscriptions) as t(n)
    """,
    "spend": """
        select 'E' || n as id, cast(later($began_at, draw(n, 200, $seconds)) as date) as date,
            one_of(n, 201, ['sales', 'marketing']) as category, worth(n, 202, 9000) as amount,
            one_of(n, 203, [null, 'EUR']) as currency,
            case when chance(n, 204, 60) then 'C' || draw(n, 205, $campaigns) end as campaign_id
        from range($campaigns * 40) as t(n)
    """,
    "targets": """
        select 'bookings' as kpi, 'rep' as scope, 'R' || n as scope_id, '2026-' || lpad('' || m, 2, '0') as period,
            50000 + draw(n, 206, 90000) as value
        from range($reps) as t(n), range(9, 13) as s(m)
    """,
    "fx_rates": """
        select currency, cast(later($began_at, week * 7 * 86400) as date) as date,
            cast(base * (100 + draw(week, 207, 10)) / 100 as decimal(18, 8)) as rate
        from range(157) as t(week),
            (values ('EUR', 1.08), ('GBP', 1.27), ('JPY', 0.0067), ('BRL', 0.19)) as c(currency, base)
        where currency <> 'BRL' or week > 20
    """,
    "holidays": """
        select cast(later($began_at, n * 36 * 86400) as date) as date, 'Holiday' as name from range(30) as t(n)
    """,
}  # fmt: skip


def write_company(folder: Path, size: Size) -> int:
    """Writes ``TABLE.parquet`` for each table; gives the number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(_filled(_MACROS, size))
        for table, select in _TABLES.items():
            file = str(folder / f"{table}.parquet").replace("'", "''")
            ((written,),) = connection.execute(f"copy ({_filled(select, size)}) to '{file}'").fetchall()
            rows += written
    return rows


def write_configuration(folder: Path, crm: Path) -> Path:
    """A configuration with these files as its one source; gives its file."""
    file = folder / "scoreline.toml"
    file.write_text(
        f'[organisation]\ntimezone = "{TIMEZONE}"\ncurrency = "{CURRENCY}"\n\n'
        f'[[source]]\ntype = "files"\npath = "{crm.as_posix()}"\n',
        encoding="utf-8",
    )
    return file


def _filled(sql: str, size: Size) -> str:
    """The SQL with the size's numbers in it: macros take no parameters."""
    teams = size.teams
    tops, middles = max(1, teams // 15), max(1, teams // 5)
    values = {
        "began_at": _instant(BEGAN_AT),
        "now": _instant(NOW),
        "seconds": int((NOW - BEGAN_AT).total_seconds()),
        "first_with_reps": tops,
        "tops": tops,
        "middles": middles,
        "teams": teams,
        "reps": size.reps,
        "accounts": size.part(200_000),
        "campaigns": size.part(400, least=20),
        "leads": size.part(1_000_000),
        "deals": size.deals,
        "activities": size.part(10_000_000),
        "subscriptions": size.part(300_000),
    }
    for name, value in values.items():
        sql = sql.replace(f"${name}", str(value))
    return sql


def _instant(instant: datetime) -> str:
    return f"timestamp '{instant:%Y-%m-%d %H:%M:%S}'"
