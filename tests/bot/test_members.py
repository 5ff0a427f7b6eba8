"""Who a Slack user is, as the real client hears it from a loopback Slack."""

from __future__ import annotations

from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError

from bot.access import STRANGER
from bot.members import Members, TooManyMembersError
from bot.playground.emulator import SlackEmulator
from bot.playground.faults import Fault
from bot.playground.workspace import Channel
from bot.slack_client import make_client
from kpi.scopes import Directory, Rep
from tests.bot.acme import ACME, BOT, connect
from tests.bot.conftest import tokens_of

ANA = Rep("files:R1", "Ana Diaz", "Ana@Acme.example")
DEE = Rep("files:R4", "Dee Oh", "dee@acme.example")
PAT = Rep("files:R8", "Pat Partner", "pat@partner.example")
GUS = Rep("files:R6", "Gus Guest", "gus@agency.example")
LOU = Rep("files:R7", "Lou Left", "lou@acme.example")
DIRECTORY = Directory((ANA, DEE, PAT, GUS, LOU), (), ("files",))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def members(acme: Path, acme_slack: SlackEmulator, clock: Clock) -> Members:
    config = connect(acme, acme_slack.api_url, tokens_of(acme_slack))
    return Members(make_client(config), config, ACME.id, clock)


def test_a_member_is_the_rep_with_their_email_whatever_its_capitals(members: Members):
    assert members.viewer("UANA", DIRECTORY).rep == ANA


def test_a_member_is_the_rep_that_the_configuration_says(members: Members):
    assert members.viewer("UALIAS", DIRECTORY).rep == DEE
    assert members.slack_id("DEE@acme.example") == "UALIAS"


def test_an_admin_is_known_by_email(members: Members):
    assert members.viewer("UOPS", DIRECTORY).is_admin


@pytest.mark.parametrize("user", ["UGUEST", "ULEFT", "UROBOT", "USTRANGER", "UPARTNER", "UNOMAIL", BOT])
def test_who_is_no_full_member_is_a_stranger_whatever_their_email(members: Members, user: str):
    assert members.viewer(user, DIRECTORY) == STRANGER
    assert members.rep(user, DIRECTORY) is None


def test_in_an_organisation_of_several_workspaces_members_of_ours_count(members: Members):
    user = {"id": "W1", "team_id": "T0OTHER", "profile": {"email": "ana@acme.example"}}

    assert members._read(user).email is None
    assert members._read(user | {"enterprise_user": {"teams": ["T0OTHER", ACME.id]}}).email == "ana@acme.example"
    assert members._read(user | {"enterprise_user": {"teams": ["T0OTHER"]}}).email is None


def test_a_mention_of_nobody_means_nobody(members: Members):
    assert members.rep("UNOBODY", DIRECTORY) is None


def test_what_else_slack_refuses_is_an_error(members: Members, acme_slack: SlackEmulator):
    acme_slack.fault("users.info", Fault.ERROR, error="internal_error")

    with pytest.raises(SlackApiError):
        members.rep("UANA", DIRECTORY)


def test_what_is_known_of_somebody_is_kept_for_ten_minutes(members: Members, acme_slack: SlackEmulator, clock: Clock):
    members.member("UANA")
    acme_slack.change_user("UANA", deleted=True)
    clock.now = 599.0
    assert members.viewer("UANA", DIRECTORY).rep == ANA
    assert len(acme_slack.calls("users.info")) == 1

    clock.now = 600.0
    assert members.viewer("UANA", DIRECTORY) == STRANGER


@pytest.mark.parametrize("email", ["nobody@acme.example", "lou@acme.example"])
def test_an_email_that_is_nobodys_or_of_somebody_who_left_has_no_slack_id(members: Members, email: str):
    assert members.slack_id(email) is None


def test_the_people_of_a_channel_are_its_members_without_bots(members: Members):
    assert {member.id for member in members.of_channel("CSALES")} == {"UMIA", "UANA", "UBO"}


@pytest.mark.parametrize(
    ("size", "error"), [(200, SlackApiError), (201, TooManyMembersError), (401, TooManyMembersError)]
)
def test_a_channel_of_more_than_two_hundred_members_is_not_looked_through(
    members: Members, acme_slack: SlackEmulator, size: int, error: type[Exception]
):
    acme_slack.change_channel(Channel("CSIZE", "size", frozenset(f"UNOBODY{n}" for n in range(size))))

    with pytest.raises(error):  # of those who are looked up Slack knows none
        members.of_channel("CSIZE")

    assert len(acme_slack.calls("users.info")) == (1 if error is SlackApiError else 0)
