"""The command ``kpi``. Each command is a module of this package and is imported when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from bot.cli import errors

COMMANDS: Mapping[str, str] = {
    "demo": "Make a small company, sync it and show it in a Slack of its own",
    "check": "Check configuration, sources, store and Slack: one line each",
    "sync": "Pull what changed from the CRM and publish it",
    "ask": "Answer a question, as Slack would",
    "explain": "Explain an answer: definition, formula, what is left out, records",
    "digest": "Show a team's or the company's digest, or send it",
    "scorecard": "Show a person's scorecard, or send it",
    "targets": "Set targets, split a whole into parts, check and suggest",
    "serve": "Run the Slack bot and the periodic sync until it is stopped",
    "catalogue": "List every KPI: definition, formula, inputs",
    "export": "Write a table or a KPI to a csv, xlsx or parquet file",
    "manifest": "Print the manifest to install the Slack app from",
}


class _Commands(click.Group):
    """Lists the commands without importing them: starting takes as long as the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"bot.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            raise click.UsageError(_no_such_command(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _no_such_command(given: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(given, COMMANDS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(COMMANDS)}."
    return f"There is no command {given[:40]!r}. {hint}"


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Begin with "kpi demo", or write a scoreline.toml and run "kpi check".',
)
@click.version_option(package_name="scoreline", prog_name="kpi")
@click.pass_context
def kpi(context: click.Context) -> None:
    """Scoreline: sales KPIs from the CRM, answered and sent in Slack."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(args: list[str] | None = None) -> None:
    """Runs a command and ends the process with its exit status; an error is one line on standard error."""
    arguments = sys.argv[1:] if args is None else args
    try:
        result: Any = kpi.main(arguments, prog_name="kpi", standalone_mode=False)
    except SystemExit:  # click's way to say that whoever read our output has had enough
        sys.exit(0)
    except Exception as error:  # noqa: BLE001, the last stop: nothing may end as a traceback
        if "--verbose" in arguments:
            import traceback

            traceback.print_exc()
        click.echo(errors.explain(error), err=True)
        sys.exit(errors.exit_status(error))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)
