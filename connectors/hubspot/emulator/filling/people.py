"""Owners with their users, and teams."""

from __future__ import annotations

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.filling.ids import Ids
from connectors.hubspot.emulator.filling.rows import Tables
from connectors.hubspot.emulator.organisation import Owner, Team

_FIRST_OWNER, _FIRST_TEAM, _FIRST_USER = 1001, 101, 5001


def fill_people(account: Account, tables: Tables, ids: Ids) -> None:
    """Teams and owners, numbered in their order, and a user of each owner with the time zone. HubSpot knows no roles,
    managers or languages of people: a custom property of the user holds the role."""
    _fill_teams(account, tables, ids)
    _fill_owners(account, tables, ids)
    account.add_property("users", "sales_role", label="Sales role")
    account.create_many(
        "users",
        [
            {
                "hs_internal_user_id": str(_FIRST_USER + position),
                "hubspot_owner_id": ids.of("owners", row["id"]),
                "hs_standard_time_zone": row["timezone"],
                "sales_role": row["role"],
            }
            for position, row in enumerate(tables["owners"])
        ],
    )


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
