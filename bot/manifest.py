"""The Slack app manifest: manifest.yaml at the top of the repository, which packages carry as bot/manifest.yaml."""

from __future__ import annotations

from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

EVENTS_PATH = "/slack/events"
"""Where Bolt listens when Slack sends by HTTP: commands, buttons and events alike."""


class ManifestError(Exception):
    """The address can't be one that Slack sends to. The message says what it must look like."""


def read_manifest(http_url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP with Scoreline at ``http_url``. Raises ManifestError."""
    import yaml

    manifest: dict[str, Any] = yaml.safe_load(_manifest_yaml())
    return manifest if http_url is None else _for_http(manifest, _request_url(http_url))


def read_manifest_yaml(http_url: str | None = None) -> str:
    """The manifest as YAML: for Socket Mode the file itself with its comments. Raises ManifestError."""
    if http_url is None:
        return _manifest_yaml()
    import yaml

    text: str = yaml.safe_dump(read_manifest(http_url), sort_keys=False, allow_unicode=True, width=120)
    return text


def _manifest_yaml() -> str:
    return files("bot").joinpath("manifest.yaml").read_text(encoding="utf-8")


def _for_http(manifest: dict[str, Any], request_url: str) -> dict[str, Any]:
    features, settings = manifest["features"], manifest["settings"]
    return {
        **manifest,
        "features": {
            **features,
            "slash_commands": [{**command, "url": request_url} for command in features["slash_commands"]],
        },
        "settings": {
            **settings,
            "interactivity": {**settings["interactivity"], "request_url": request_url},
            "socket_mode_enabled": False,
        },
    }


def _request_url(http_url: str) -> str:
    """The address that Slack sends to, from Scoreline's own or from one that names the path already."""
    try:
        parts = urlsplit(http_url.strip())
        usable = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise ManifestError(
            "--http takes the public https address where Slack reaches Scoreline, such as https://kpi.example.com."
        )
    return f"https://{parts.netloc}{parts.path.rstrip('/').removesuffix(EVENTS_PATH)}{EVENTS_PATH}"
