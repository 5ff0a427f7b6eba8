"""Owners with their users, and teams."""

from __future__ import annotations

from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.records import create_each
from connectors.hubspot.emulator.filling.rows import Row, Tables
from connectors.hubspot.emulator.organisation import Owner, Team

_FIRST_OWNER, _FIRST_TEAM, _FIRST_USER = 1001, 101, 5001


def fill_people(account: Account, tables: Tables, ids: Ids) -> None:
    """Teams and owners, numbered in their order, and a user of each owner with the time zone. HubSpot knows no roles,
    managers or languages of people: a custom property of the user holds the role."""
    _fill_teams(account, tables, ids)
    _fill_owners(account, tables, ids)
    account.add_property("users", "sales_role", label="Sales role")
    users = ((None, _user(row, _FIRST_USER + position, ids)) for position, row in enumerate(tables["owners"]))
    create_each(account, "users", users)


def _user(row: Row, user_id: int, ids: Ids) -> dict[str, Any]:
    return {
        "hs_internal_user_id": user_id,
        "hubspot_owner_id": ids.of("owners", row["id"]),
        "hs_standard_time_zone": row["timezone"],
        "sales_role": row["role"],
    }


def _fill_teams(account: Account, tables: Tables, ids: Ids) -> None:
    rows = tables["teams"]
    ids.note("teams", (row["id"] for row in rows), range(_FIRST_TEAM, _FIRST_TEAM + len(rows)))
    for row in rows:
        number = int(ids.of("teams", row["id"]))
        account.teams[number] = Team(number, row["name"], ids.number("teams", row["parent_id"]))


def _fill_owners(account: Account, tables: Tables, ids: Ids) -> None:
    rows = tables["owners"]
    ids.note("owners", (row["id"] for row in rows), range(_FIRST_OWNER, _FIRST_OWNER + len(rows)))
    for position, row in enumerate(rows):
        number = int(ids.of("owners", row["id"]))
        first, _, last = row["name"].partition(" ")
        team = ids.number("teams", row["team_id"])
        account.owners[number] = Owner(
            number,
            email=row["email"] or "",
            first_name=first,
            last_name=last,
            user_id=_FIRST_USER + position,
            archived=not row["active"],
            teams=((team, True),) if team else (),
        )
