"""``kpi manifest``: what the Slack app is installed from."""

from __future__ import annotations

import click

from bot.cli.options import common


@click.command("manifest", epilog="Examples: kpi manifest · kpi manifest --http https://kpi.example.com")
@click.option("--http", "http_url", metavar="URL", help="For an app that Slack reaches over HTTP, at this address.")
@common
def command(*, http_url: str | None, config_path: str | None) -> None:  # noqa: ARG001, every command takes --config
    """Print the manifest to create the Slack app from, in YAML."""
    from bot.manifest import read_manifest_yaml

    click.echo(read_manifest_yaml(http_url), nl=False)
