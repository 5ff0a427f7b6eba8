"""Whether Slack takes the tokens, and whether the app has the scopes that it works with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bot.manifest import read_manifest
from bot.slack_client import SLACK_ERRORS, explain_slack, make_client, token_of

if TYPE_CHECKING:
    from bot.config import Config


def check_slack(config: Config) -> Iterator[tuple[bool, str]]:
    """Lines of a check: fine or not, and the words for it."""
    client = make_client(config)
    try:
        answer = client.auth_test()
    except SLACK_ERRORS as error:
        yield False, str(explain_slack(error, config.slack.api_url))
        return
    yield True, f"connected to {answer.get('team')} as {answer.get('user')}"
    missing = sorted(set(needed_scopes()) - _granted(answer.headers))
    if missing:
        yield False, f"the app lacks the scopes {', '.join(missing)}: add them and install it again"
    else:
        yield True, "the app has every scope it needs"
    if config.secrets.get("SLACK_APP_TOKEN") is None:
        return
    app_token = token_of(config, "SLACK_APP_TOKEN", "to connect by Socket Mode")
    try:
        client.apps_connections_open(app_token=app_token)
    except SLACK_ERRORS as error:
        yield False, f"Socket Mode: {explain_slack(error, config.slack.api_url)}"
    else:
        yield True, "Socket Mode is open to the app"


def _granted(headers: Mapping[str, str]) -> set[str]:
    given = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    return {scope.strip() for scope in given.split(",")}


def needed_scopes() -> list[str]:
    """The bot's scopes, as the manifest asks for them."""
    scopes: list[str] = read_manifest(None)["oauth_config"]["scopes"]["bot"]
    return scopes
