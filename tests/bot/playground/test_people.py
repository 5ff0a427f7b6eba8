"""Users, channels and who is in them."""

import dataclasses

import pytest
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Workspace
from tests.bot.playground.conftest import client_of, refusal


def test_a_user_has_a_zone_a_locale_and_an_email(client: WebClient):
    user = client.users_info(user="U1", include_locale=True)["user"]
    assert (user["tz"], user["tz_offset"], user["locale"]) == ("Europe/Berlin", 3600, "de-DE")
    assert user["profile"]["email"] == "ann@acme.example"
    assert "locale" not in client.users_info(user="U1")["user"]


def test_emails_need_a_scope_of_their_own(workspace: Workspace):
    with SlackEmulator(dataclasses.replace(workspace, scopes=frozenset({"users:read"}))) as slack:
        assert "email" not in client_of(slack).users_info(user="U1")["user"]["profile"]


def test_guests_strangers_and_the_deactivated_are_marked(client: WebClient):
    guest, stranger, gone = (client.users_info(user=user)["user"] for user in ("UGUEST", "USTRANGER", "UGONE"))
    assert guest["is_restricted"]
    assert guest["is_ultra_restricted"]
    assert (stranger["is_stranger"], stranger["team_id"]) == (True, "T9")
    assert "email" not in stranger["profile"]
    assert gone["deleted"]


def test_people_are_found_by_email_in_any_case(client: WebClient):
    assert client.users_lookupByEmail(email="ANN@acme.example")["user"]["id"] == "U1"


@pytest.mark.parametrize("email", ["gone@acme.example", "s@partner.example", "nobody@acme.example"])
def test_the_deactivated_strangers_and_unknown_are_not_found_by_email(client: WebClient, email: str):
    assert refusal(client.users_lookupByEmail, email=email)["error"] == "users_not_found"


def test_an_unknown_user_is_not_found(client: WebClient):
    assert refusal(client.users_info, user="U404")["error"] == "user_not_found"


def test_lists_are_paged_by_cursor(client: WebClient):
    pages = [[user["id"] for user in page["members"]] for page in client.users_list(limit=2)]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert [user for page in pages for user in page] == ["U0SCORELINE", "U1", "U2", "UGONE", "UGUEST", "UROBOT"]
    members = [page["members"] for page in client.conversations_members(channel="C1", limit=1)]
    assert members == [["U0SCORELINE"], ["U1"], ["U2"]]


def test_the_bot_sees_public_channels_and_the_private_ones_it_is_in(client: WebClient):
    kinds = "public_channel,private_channel"
    found = client.conversations_list(types=kinds, exclude_archived=True)["channels"]
    assert [channel["name"] for channel in found] == ["sales", "deals", "open"]
    own = client.users_conversations(types=kinds)["channels"]
    assert [channel["id"] for channel in own] == ["C1", "CARCHIVED", "CPRIVATE"]
    assert client.conversations_info(channel="CPUBLIC")["channel"]["is_member"] is False
    assert refusal(client.conversations_info, channel="CSECRET")["error"] == "channel_not_found"


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U404", "user_not_found"),
        ("UROBOT", "cannot_dm_bot"),
        ("UGONE", "user_disabled"),
        ("USTRANGER", "user_not_visible"),
        (",".join(f"U{number}" for number in range(9)), "too_many_users"),
    ],
)
def test_a_direct_message_that_cannot_be_opened_is_refused(client: WebClient, users: str, error: str):
    assert refusal(client.conversations_open, users=users)["error"] == error


def test_somebody_deactivated_later_gets_nothing_more(slack: SlackEmulator, client: WebClient):
    direct = client.conversations_open(users="U2")["channel"]["id"]
    slack.change_user("U2", deleted=True)
    assert refusal(client.chat_postMessage, channel=direct, text="hi")["error"] == "user_disabled"


def test_a_home_view_is_kept_and_a_bad_one_refused(slack: SlackEmulator, client: WebClient):
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    assert client.views_publish(user_id="U1", view=home)["view"]["type"] == "home"
    assert slack.home("U1")["blocks"][0]["type"] == "divider"
    bad = {"type": "home", "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}]}
    assert refusal(client.views_publish, user_id="U1", view=bad)["error"] == "invalid_arguments"
    assert refusal(client.views_publish, user_id="U1", view=home, hash="stale")["error"] == "hash_conflict"
