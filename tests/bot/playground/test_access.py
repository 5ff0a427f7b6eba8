"""Tokens, scopes, and what Slack says to those who come without."""

import dataclasses
import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from bot.playground.emulator import SlackEmulator
from bot.playground.workspace import Workspace
from tests.bot.playground.conftest import client_of, refusal


def posted(slack: SlackEmulator, method: str, body: bytes, **headers: str) -> dict:
    with closing(HTTPConnection(urlsplit(slack.api_url).netloc, timeout=5)) as connection:
        connection.request("POST", f"/api/{method}", body, headers)
        return json.load(connection.getresponse())


def test_the_bots_token_says_who_it_is(client: WebClient):
    answer = client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team"]) == ("U0SCORELINE", "B0SCORELINE", "Acme")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


def test_a_call_without_a_token_is_not_authed(slack: SlackEmulator):
    assert refusal(WebClient(base_url=slack.api_url).auth_test)["error"] == "not_authed"


def test_an_unknown_token_is_invalid(slack: SlackEmulator):
    assert refusal(WebClient(token="xoxb-1", base_url=slack.api_url).auth_test)["error"] == "invalid_auth"


def test_each_workspace_has_tokens_of_its_own(workspace: Workspace):
    assert SlackEmulator(workspace).bot_token != SlackEmulator(workspace).bot_token


def test_a_revoked_token_is_refused_from_then_on(slack: SlackEmulator, client: WebClient):
    assert client.auth_test()["ok"]
    slack.revoke_tokens("account_inactive")
    assert refusal(client.auth_test)["error"] == "account_inactive"


def test_tokens_are_not_interchangeable(slack: SlackEmulator, client: WebClient):
    assert refusal(client.apps_connections_open, app_token=slack.bot_token)["error"] == "not_allowed_token_type"
    assert refusal(client.auth_test, token=slack.app_token)["error"] == "not_allowed_token_type"


def test_a_missing_scope_is_named(workspace: Workspace):
    with SlackEmulator(dataclasses.replace(workspace, scopes=frozenset({"commands"}))) as slack:
        answer = refusal(client_of(slack).chat_postMessage, channel="C1", text="hi")
        assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "commands")
        assert answer.headers["x-oauth-scopes"] == "commands"


@pytest.mark.parametrize(
    ("call", "arguments", "needed"),
    [
        ("conversations_history", {"channel": "CPRIVATE"}, "groups:history"),
        ("conversations_history", {"channel": "C1"}, "channels:history"),
        ("conversations_members", {"channel": "CPRIVATE"}, "groups:read"),
        ("conversations_list", {"types": "im"}, "im:read"),
        ("conversations_open", {"users": "U1"}, "im:write"),
        ("conversations_open", {"users": "U1,U2"}, "mpim:write"),
        ("users_lookupByEmail", {"email": "ann@acme.example"}, "users:read.email"),
    ],
)
def test_scopes_follow_the_kind_of_conversation(workspace: Workspace, call: str, arguments: dict, needed: str):
    with SlackEmulator(dataclasses.replace(workspace, scopes=frozenset({"chat:write"}))) as slack:
        assert refusal(getattr(client_of(slack), call), **arguments)["needed"] == needed


def test_an_unknown_method_is_named(client: WebClient):
    answer = refusal(client.api_call, api_method="chat.shout")
    assert (answer["error"], answer["req_method"]) == ("unknown_method", "chat.shout")


def test_json_forms_and_tokens_in_the_body_are_all_read(slack: SlackEmulator):
    bearer = f"Bearer {slack.bot_token}"
    by_json = posted(
        slack,
        "chat.postMessage",
        json.dumps({"channel": "C1", "text": "json"}).encode(),
        **{"Content-Type": "application/json; charset=utf-8", "Authorization": bearer},
    )
    by_form = posted(
        slack,
        "chat.postMessage",
        f"token={slack.bot_token}&channel=C1&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D".encode(),
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert by_json["ok"]
    assert by_form["message"]["blocks"][0]["type"] == "divider"
    assert [dict(call.arguments) for call in slack.calls("chat.postMessage")] == [
        {"channel": "C1", "text": "json"},
        {"channel": "C1", "blocks": '[{"type":"divider"}]'},
    ]


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[1]", "json_not_object")])
def test_a_body_that_is_no_object_is_refused(slack: SlackEmulator, body: bytes, error: str):
    answer = posted(slack, "chat.postMessage", body, **{"Content-Type": "application/json"})
    assert answer == {"ok": False, "error": error}


def test_recorded_calls_hold_no_token(slack: SlackEmulator, client: WebClient):
    client.chat_postMessage(channel="C1", text="hi")
    client.apps_connections_open(app_token=slack.app_token)
    recorded = repr(slack.calls())
    assert slack.bot_token not in recorded
    assert slack.app_token not in recorded
