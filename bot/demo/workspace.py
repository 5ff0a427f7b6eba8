"""The company's Slack workspace: its people by the emails of the CRM, and a channel per region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.demo.staff import DOMAIN, STAFF, TEAMS, Member
from bot.playground.workspace import Channel, User, Workspace

_CHANNELS = {"T1": "sales-emea", "T4": "sales-americas", "T7": "sales-apac", "T9": "customer-success"}
_OUTSIDERS = (  # whom the CRM does not know
    User("U0FINANCE", "hanna", real_name="Hanna Vogt", email=f"hanna@{DOMAIN}", tz="Europe/Berlin"),
    User("U0GUEST", "agency", real_name="Dana Kim (agency)", email="dana@agency.example", is_restricted=True),
)


def demo_workspace(members: Iterable[Member] = STAFF) -> Workspace:
    """A workspace where everybody of the company is, who left it as a deactivated user, and an accountant and a guest
    beside. A region's channel holds its reps, its manager, the head of sales and the bot."""
    people = tuple(members)
    users = (*(_user(member) for member in people), *_OUTSIDERS)
    empty = Workspace(users=users, name="Larkspur Analytics", domain="larkspur")
    everybody = frozenset(user.id for user in users if not user.deleted)
    members_by_channel = {"general": everybody} | {name: _in_team(id_, people) for id_, name in _CHANNELS.items()}
    channels = (
        Channel(f"C0{name.replace('-', '').upper()}", name, inside | {empty.bot_user_id})
        for name, inside in members_by_channel.items()
    )
    return replace(empty, channels=tuple(channels))


def user_id(member: Member) -> str:
    return f"U0{member.id}"


def _user(member: Member) -> User:
    return User(
        id=user_id(member),
        name=member.login,
        real_name=member.name,
        email=member.email,
        deleted=not member.active,
        is_admin=not member.manager_id,
        tz=member.timezone,
        locale=member.locale,
    )


def _in_team(team_id: str, people: Iterable[Member]) -> frozenset[str]:
    """The active people of a team and its sub-teams, and who has no manager."""
    teams = {team_id} | {team.id for team in TEAMS if team.parent_id == team_id}
    return frozenset(
        user_id(member) for member in people if member.active and (member.team_id in teams or not member.manager_id)
    )
