"""The Slack app manifest: what Slack would refuse, and what the bot could not do with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.manifest import ManifestError, read_manifest, read_manifest_yaml
from bot.playground.workspace import SCOPES

ROOT = Path(__file__).parent.parent

# What Slack's manifest reference allows in the sections that an app with a bot, commands and buttons uses.
FIELDS = {
    (): {"display_information", "features", "oauth_config", "settings"},
    ("display_information",): {"name", "description", "long_description", "background_color"},
    ("features",): {"app_home", "bot_user", "slash_commands", "shortcuts", "unfurl_domains"},
    ("features", "app_home"): {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"},
    ("features", "bot_user"): {"display_name", "always_online"},
    ("features", "slash_commands", 0): {"command", "url", "description", "usage_hint", "should_escape"},
    ("oauth_config",): {"redirect_urls", "scopes"},
    ("oauth_config", "scopes"): {"bot", "user"},
    ("settings",): {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
    ("settings", "interactivity"): {"is_enabled", "request_url", "message_menu_options_url"},
}
LENGTHS = {
    ("display_information", "name"): (1, 35),
    ("display_information", "description"): (1, 140),
    ("display_information", "long_description"): (175, 4000),
    ("features", "bot_user", "display_name"): (1, 80),
    ("features", "slash_commands", 0, "command"): (2, 32),
    ("features", "slash_commands", 0, "description"): (1, 2000),
    ("features", "slash_commands", 0, "usage_hint"): (1, 1000),
}
# Slack takes a manifest with a misspelt scope and grants nothing for it. Its bot scopes, but for those of admins.
SLACK_SCOPES = {
    "app_mentions:read",
    "assistant:write",
    "bookmarks:read",
    "bookmarks:write",
    "calls:read",
    "calls:write",
    "canvases:read",
    "canvases:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "conversations.connect:manage",
    "conversations.connect:read",
    "conversations.connect:write",
    "dnd:read",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "incoming-webhook",
    "links.embed:write",
    "links:read",
    "links:write",
    "lists:read",
    "lists:write",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "reminders:read",
    "reminders:write",
    "remote_files:read",
    "remote_files:share",
    "remote_files:write",
    "team.billing:read",
    "team.preferences:read",
    "team:read",
    "tokens.basic",
    "usergroups:read",
    "usergroups:write",
    "users.profile:read",
    "users:read",
    "users:read.email",
    "users:write",
    "workflow.steps:execute",
}


def at(manifest: dict[str, Any], path: tuple[str | int, ...]) -> Any:
    found: Any = manifest
    for step in path:
        found = found[step]
    return found


@pytest.fixture(params=[None, "https://kpi.example.com"], ids=["socket", "http"])
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read_manifest(request.param)


def test_every_field_is_one_that_slack_knows(manifest: dict[str, Any]) -> None:
    assert {path: unknown for path, known in FIELDS.items() if (unknown := set(at(manifest, path)) - known)} == {}


def test_texts_are_as_long_as_slack_allows(manifest: dict[str, Any]) -> None:
    lengths = {path: len(at(manifest, path)) for path in LENGTHS}
    assert {path: n for path, n in lengths.items() if not LENGTHS[path][0] <= n <= LENGTHS[path][1]} == {}


def test_switches_are_booleans_and_the_colour_a_colour(manifest: dict[str, Any]) -> None:
    switches = [manifest["settings"]["interactivity"]["is_enabled"], *manifest["features"]["app_home"].values()]
    switches += [value for key, value in manifest["settings"].items() if key.endswith("_enabled")]
    assert {type(switch) for switch in switches} == {bool}
    assert re.fullmatch(r"#[0-9a-f]{6}", manifest["display_information"]["background_color"])


def test_scopes_are_spelt_as_slack_spells_them_and_stand_there_once(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert set(scopes) - SLACK_SCOPES == set()
    assert len(scopes) == len(set(scopes))


def test_the_app_may_do_exactly_what_the_bot_does_on_loopback(manifest: dict[str, Any]) -> None:
    """The loopback Slack refuses a call without its scope, so that the bot's other tests show that these suffice."""
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_the_bot_can_write_direct_messages_and_gets_commands_and_buttons(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert [command["command"] for command in manifest["features"]["slash_commands"]] == ["/kpi"]
    assert manifest["features"]["slash_commands"][0]["should_escape"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True


def test_for_socket_mode_nothing_needs_an_address() -> None:
    assert read_manifest()["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(read_manifest())


def test_for_socket_mode_the_yaml_is_the_file_at_the_top_with_its_comments() -> None:
    assert read_manifest_yaml() == (ROOT / "manifest.yaml").read_text(encoding="utf-8")


def test_for_http_commands_and_buttons_go_to_the_address_and_nothing_else_changes() -> None:
    manifest = yaml.safe_load(read_manifest_yaml("https://kpi.example.com"))
    assert manifest["settings"].pop("socket_mode_enabled") is False
    assert manifest["settings"]["interactivity"].pop("request_url") == "https://kpi.example.com/slack/events"
    assert manifest["features"]["slash_commands"][0].pop("url") == "https://kpi.example.com/slack/events"
    for_sockets = read_manifest()
    del for_sockets["settings"]["socket_mode_enabled"]
    assert manifest == for_sockets


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://kpi.example.com/", "https://kpi.example.com/slack/events"),
        ("https://kpi.example.com/slack/events", "https://kpi.example.com/slack/events"),
        ("https://example.com:8443/kpi", "https://example.com:8443/kpi/slack/events"),
    ],
)
def test_the_path_where_the_bot_listens_is_added_once(given: str, expected: str) -> None:
    assert read_manifest(given)["settings"]["interactivity"]["request_url"] == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "kpi.example.com",
        "http://kpi.example.com",
        "https://",
        "https://[::1",
        "https://a@b.example",
        "https://b.example/?a=1",
    ],
)
def test_an_address_that_slack_can_not_send_to_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(ManifestError, match=r"such as https://kpi\.example\.com"):
        read_manifest(given)
