"""The small tables, which are made anew as a whole: owners, teams, campaigns, spend, targets, exchange rates."""

from __future__ import annotations

from connectors.hubspot.translation import rules
from connectors.hubspot.translation.run import Run
from connectors.hubspot.translation.values import COMPANY_CURRENCY, NULL, literal


def owner_rows(run: Run) -> str:
    """Of an owner who is there live and archived, the live one. Whoever has no name is called by the email."""
    users = run.once(
        "users",
        "select * from (select u.*, try_cast({} as bigint) as _user_id from users u) "
        "where _user_id is not null qualify row_number() over (partition by _user_id order by id) = 1".format(
            run.prop("users", "hs_internal_user_id", "u")
        ),
    )
    defaults = {
        "name": "coalesce(nullif(trim(concat_ws(' ', o.first_name, o.last_name)), ''), o.email, 'Owner ' || o.id)",
        "email": "o.email",
        "team_id": "cast(o.team_id as varchar)",
        "manager_id": NULL,
        "role": NULL,
        "active": "case when coalesce(o.archived, false) then 'false' else 'true' end",
        "timezone": run.prop("users", "hs_standard_time_zone", "u"),
        "locale": NULL,
    }
    columns = {name: run.value("owners", name, "users", "u", sql) for name, sql in defaults.items()}
    selected = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    return (
        f"select cast(o.id as varchar) as id, {selected}, o.id as _row from "
        "(select * from owners qualify row_number() over (partition by id order by coalesce(archived, false)) = 1) o "
        f"left join {users} u on u._user_id = o.user_id "
        f"where not {rules.owner(run, 'cast(o.id as varchar)')} order by o.id"
    )


def team_rows(run: Run) -> str:
    columns = {"name": "coalesce(name, 'Team ' || id)", "parent_id": "cast(parent_id as varchar)"}
    return f"select cast(id as varchar) as id, {_constants(run, 'teams', columns)}, id as _row from teams order by id"


def campaign_rows(run: Run) -> str:
    columns = {
        "name": "coalesce(name, id)",
        "channel": "channel",
        "starts_on": "hs_day(starts_on)",
        "ends_on": "hs_day(ends_on)",
    }
    number = "row_number() over (order by id)"
    return f"select id, {_constants(run, 'campaigns', columns)}, {number} as _row from campaigns order by id"


def spend_rows(run: Run) -> str:
    """A spend item has no day of its own: that of its making counts."""
    columns = {
        "date": 'hs_day("at")',
        "category": literal("marketing"),
        "amount": "amount",
        "currency": f"coalesce(currency, {COMPANY_CURRENCY})",
        "campaign_id": "campaign_id",
        "segment": NULL,
    }
    number = "row_number() over (order by campaign_id, id)"
    return (
        f"select campaign_id || '-' || id as id, {_constants(run, 'spend', columns)}, {number} as _row "
        "from campaign_spend order by campaign_id, id"
    )


def rate_rows(run: Run) -> str:
    """HubSpot's rates are into the company currency of the account: none where the organisation has another one."""
    columns = {"currency": "code", "date": 'hs_day("at")', "rate": "rate"}
    return (
        f'select {_constants(run, "fx_rates", columns)}, row_number() over (order by code, "at", rate) as _row '
        f"from exchange_rates where upper({COMPANY_CURRENCY}) = upper({literal(run.currency)}) "
        # Of several rates of one day the last holds.
        'qualify row_number() over (partition by code, hs_day("at") order by hs_instant("at") desc, rate) = 1 '
        "order by all"
    )


def target_rows(run: Run) -> str:
    """Goals on money or on the number of deals, whose time is a day, week, month, quarter or year."""
    g = "goal_targets"
    object_type = run.prop(g, "hs_kpi_object_type_id", "g")
    counts = f"upper({run.prop(g, 'hs_kpi_metric_type', 'g')}) = 'COUNT'"
    named = f"contains(lower({run.prop(g, 'hs_goal_type', 'g')}), 'deal')"
    owner = f"coalesce(try_cast({run.prop(g, 'hubspot_owner_id', 'g')} as bigint), o.id)"
    team = run.first(g, "g", "hs_assignee_team_id", "hubspot_team_id")
    defaults = {
        "kpi": f"case when coalesce({counts} or {named}, false) then 'deals' else 'bookings' end",
        "scope": f"case when {owner} is not null then 'rep' when {team} is not null then 'team' else 'company' end",
        "scope_id": f"coalesce(cast({owner} as varchar), {team})",
        "period": _PERIOD,
        "kind": f"case when lower({run.prop(g, 'hs_kpi_unit_type', 'g')}) = 'currency' then 'money' end",
        "value": run.prop(g, "hs_target_amount", "g"),
    }
    columns = {name: run.value("targets", name, g, "g", sql) for name, sql in defaults.items()}
    selected = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    users = "(select user_id, min(id) as id from owners where user_id is not null group by user_id)"
    # Goals begin and end at midnights of a zone that is not told, or a moment before: half a day inwards is the day.
    start, end = (f"hs_instant({run.prop(g, f'hs_{name}_datetime', 'g')})" for name in ("start", "end"))
    return (
        f"select * from (select {selected}, g.id as _row from (select g.*, "
        f"cast({start} + interval 12 hour as date) as d1, cast({end} - interval 12 hour as date) as d2 "
        "from goal_targets g) g "
        f"left join {users} o on o.user_id = try_cast({run.prop(g, 'hs_assignee_user_id', 'g')} as bigint) "
        f"where coalesce({object_type}, '0-3') = '0-3') where period is not null order by _row"
    )


_PERIOD = (
    "case when d1 = d2 then strftime(d1, '%Y-%m-%d') "
    "when dayofmonth(d1) = 1 and d2 = last_day(d1) then strftime(d1, '%Y-%m') "
    "when dayofmonth(d1) = 1 and month(d1) % 3 = 1 and d2 = last_day(cast(d1 + interval 2 month as date)) "
    "then year(d1) || '-Q' || quarter(d1) "
    "when dayofyear(d1) = 1 and d2 = last_day(cast(d1 + interval 11 month as date)) then cast(year(d1) as varchar) "
    "when isodow(d1) = 1 and d2 = d1 + 6 then strftime(d1, '%G-W%V') end"
)


def _constants(run: Run, table: str, columns: dict[str, str]) -> str:
    """Lists outside HubSpot's records have no properties: a mapping can only put a constant."""
    return ", ".join(f"{run.value(table, name, table, 'none', sql)} as {name}" for name, sql in columns.items())
