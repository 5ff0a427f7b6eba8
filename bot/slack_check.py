"""Whether Slack takes the tokens, and whether the app has the scopes that it works with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackClientError

from bot.app import explain_slack, make_client
from bot.manifest import read_manifest

if TYPE_CHECKING:
    from bot.config import Config


def check_slack(config: Config) -> Iterator[tuple[bool, str]]:
    """Lines of a check: fine or not, and the words for it."""
    client = make_client(config)
    try:
        answer = client.auth_test()
    except (OSError, SlackClientError) as error:
        yield False, str(explain_slack(error, config.slack.api_url))
        return
    yield True, f"connected to {answer.get('team')} as {answer.get('user')}"
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    missing = sorted(set(needed_scopes()) - granted)
    if missing:
        yield False, f"the app lacks the scopes {', '.join(missing)}: add them and install it again"
    else:
        yield True, "the app has every scope it needs"
    app_token = config.secrets.get("SLACK_APP_TOKEN")
    if app_token is None:
        return
    try:
        client.apps_connections_open(app_token=app_token)
    except (OSError, SlackClientError) as error:
        yield False, f"Socket Mode: {explain_slack(error, config.slack.api_url)}"
    else:
        yield True, "Socket Mode is open to the app"


def needed_scopes() -> list[str]:
    """The bot's scopes, as the manifest asks for them."""
    scopes: list[str] = read_manifest(None)["oauth_config"]["scopes"]["bot"]
    return scopes
