"""Owners and teams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.hubspot.emulator.account import Account
from connectors.hubspot.emulator.answers import not_found
from connectors.hubspot.emulator.organisation import Owner, Team
from connectors.hubspot.emulator.pages import page_of
from connectors.hubspot.emulator.parameters import flag
from connectors.hubspot.emulator.routing import Call, Reply, Route
from connectors.hubspot.emulator.values import iso

_OWNERS_SCOPES = ("crm.objects.owners.read", "automation")
_TEAMS_SCOPES = ("settings.users.teams.read",)
_MOST_OWNERS = 500


def _list_owners(account: Account, call: Call) -> Reply:
    archived, email = flag(call, "archived"), call.one("email")
    with account.lock:
        owners = [
            _owner(account, each)
            for _, each in sorted(account.owners.items())
            if each.archived == archived and (email is None or each.email == email)
        ]
    return Reply(page_of(call, owners, most=_MOST_OWNERS))


def _read_owner(account: Account, call: Call) -> Reply:
    is_user = (call.one("idProperty") or "id").lower() == "userid"
    with account.lock:
        for each in account.owners.values():
            wanted = each.user_id if is_user else each.id
            if str(wanted) == call.path["ownerId"] and each.archived == flag(call, "archived"):
                return Reply(_owner(account, each))
    raise not_found()


def _owner(account: Account, owner: Owner) -> dict[str, Any]:
    """A queue is an owner without address and user. The user of an archived owner is told as an inactive one alone."""
    told: dict[str, Any] = {
        "id": str(owner.id),
        "type": "PERSON" if owner.email or owner.user_id is not None else "QUEUE",
        "createdAt": iso(owner.created_at),
        "updatedAt": iso(owner.updated_at),
        "archived": owner.archived,
    }
    told |= {
        name: value
        for name, value in (("email", owner.email), ("firstName", owner.first_name), ("lastName", owner.last_name))
        if value
    }
    if owner.user_id is not None:
        told["userIdIncludingInactive"] = owner.user_id
        if not owner.archived:
            told["userId"] = owner.user_id
    teams = [
        {"id": str(team_id), "name": account.teams[team_id].name, "primary": primary}
        for team_id, primary in owner.teams
        if team_id in account.teams
    ]
    return {**told, "teams": teams} if teams else told


def _list_teams(account: Account, call: Call) -> Reply:
    with account.lock:
        teams = [_team(each) for _, each in sorted(account.teams.items())]
    return Reply(page_of(call, teams))


def _read_team(account: Account, call: Call) -> Reply:
    with account.lock:
        return Reply(_team(_found_team(account, call)))


def _list_members(account: Account, call: Call) -> Reply:
    with account.lock:
        members = list(_members(account, _found_team(account, call).id))
    kinds = {True: "DEFAULT", False: "EXTRA"}
    page = page_of(call, [{"id": str(user), "type": kinds[primary]} for user, primary in members])
    page["results"] = [{"userId": each["id"], "type": each["type"]} for each in page["results"]]
    return Reply(page)


def _list_teams_of_users(account: Account, _call: Call) -> Reply:
    """The older list, which knows members but no team above another, and has no pages."""
    with account.lock:
        members = {team_id: list(_members(account, team_id)) for team_id in account.teams}
        results = [
            {
                "id": str(each.id),
                "name": each.name,
                "userIds": [str(user) for user, primary in members[each.id] if primary],
                "secondaryUserIds": [str(user) for user, primary in members[each.id] if not primary],
            }
            for _, each in sorted(account.teams.items())
        ]
    return Reply({"results": results})


def _team(team: Team) -> dict[str, Any]:
    told = {"id": str(team.id), "name": team.name}
    return told if team.parent_id is None else {**told, "parentTeamId": str(team.parent_id)}


def _found_team(account: Account, call: Call) -> Team:
    for team in account.teams.values():
        if str(team.id) == call.path["teamId"]:
            return team
    raise not_found()


def _members(account: Account, team_id: int) -> Iterator[tuple[int, bool]]:
    """The users of a team, and whether it is their primary one."""
    for _, owner in sorted(account.owners.items()):
        for each, primary in owner.teams:
            if each == team_id and owner.user_id is not None and not owner.archived:
                yield owner.user_id, primary


ROUTES: tuple[Route, ...] = (
    Route("GET", ("/crm/owners/2026-09", "/crm/v3/owners"), _list_owners, lambda _path: _OWNERS_SCOPES),
    Route(
        "GET", ("/crm/owners/2026-09/{ownerId}", "/crm/v3/owners/{ownerId}"), _read_owner, lambda _path: _OWNERS_SCOPES
    ),
    Route("GET", ("/settings/teams/2026-09",), _list_teams, lambda _path: _TEAMS_SCOPES),
    Route("GET", ("/settings/teams/2026-09/{teamId}",), _read_team, lambda _path: _TEAMS_SCOPES),
    Route("GET", ("/settings/teams/2026-09/{teamId}/members",), _list_members, lambda _path: _TEAMS_SCOPES),
    Route("GET", ("/settings/v3/users/teams",), _list_teams_of_users, lambda _path: _TEAMS_SCOPES),
)
