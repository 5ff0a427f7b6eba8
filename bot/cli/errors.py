"""Errors as people see them: one line, what happened and what to do, and the exit status that goes with it."""

from __future__ import annotations

import sys

import click

DEFECT, USAGE, REFUSED, INCOMPLETE = 1, 2, 3, 4
STOPPED = 130  # by Ctrl-C, as shells count it
_STOPPED_IN_A_QUERY = "Query interrupted"  # what DuckDB makes of Ctrl-C, in a RuntimeError

# By where each is found, so that no module is imported only to recognise its error: one that was not imported cannot
# have raised it. A subclass counts as well.
_STATUS = {
    ("bot.cli.errors", "UsageError"): USAGE,
    ("bot.config", "ConfigError"): USAGE,
    ("bot.demo.tour", "DemoError"): USAGE,
    ("bot.export", "ExportError"): USAGE,
    ("bot.manifest", "ManifestError"): USAGE,
    ("bot.question", "QuestionError"): USAGE,
    ("bot.send", "NoRecipientError"): USAGE,
    ("bot.services", "NotPermittedError"): USAGE,
    ("bot.sync", "UnknownSourceError"): USAGE,
    ("click", "ClickException"): USAGE,
    ("connectors.base", "MappingError"): USAGE,
    ("kpi.own.errors", "OwnKpiError"): USAGE,
    ("kpi.periods", "PeriodError"): USAGE,
    ("kpi.scopes", "ScopeError"): USAGE,
    ("bot.slack_client", "SlackUnreachableError"): REFUSED,
    ("bot.state", "StateError"): REFUSED,
    ("bot.targets", "StatedTargetsError"): REFUSED,
    ("connectors.base", "SourceError"): REFUSED,
    ("kpi.engines.base", "StoreError"): REFUSED,
}


class UsageError(Exception):
    """The command was called in a way that cannot work. One line, with what to write instead."""


def exit_status(error: BaseException) -> int:
    """The exit status of an error: 1 for a defect of ours, else what kind of trouble it is."""
    if _is_stop(error):
        return STOPPED
    for (module, name), status in _STATUS.items():
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return status
    return DEFECT


def explain(error: BaseException) -> str:
    """The error in one line, without control characters."""
    if _is_stop(error):
        return "kpi: Stopped."
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if exit_status(error) == DEFECT:
        where = f"{type(error).__name__}: {text}" if text else type(error).__name__
        text = f"A defect in Scoreline: {where}. Run it again with --verbose and report what it prints."
    return "kpi: " + "".join(c if c.isprintable() else " " for c in text).strip()


def _is_stop(error: BaseException) -> bool:
    return isinstance(error, click.Abort) or (isinstance(error, RuntimeError) and str(error) == _STOPPED_IN_A_QUERY)


def note(text: str) -> None:
    """A line on standard error that is no error."""
    click.echo(text, file=sys.stderr)
