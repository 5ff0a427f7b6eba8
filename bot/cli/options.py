"""What the commands share: options, the configuration, the clock, and where output goes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.errors import UsageError

if TYPE_CHECKING:
    from bot.config import Config

_YEARS = range(1970, 2200)  # calendars end soon after the year 9999, and some periods lie years away

_Command = TypeVar("_Command", bound=Callable[..., Any])


def common(command: _Command) -> _Command:
    """``--config`` and ``--verbose``, which every command takes."""
    command = click.option("--verbose", is_flag=True, help="Show the traceback of an error.", expose_value=False)(
        command
    )
    return click.option(
        "--config",
        "config_path",
        metavar="FILE",
        help="The configuration; default: SCORELINE_CONFIG, else ./scoreline.toml.",
    )(command)


def json_option(command: _Command) -> _Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def now_option(command: _Command) -> _Command:
    return click.option(
        "--now",
        "now",
        metavar="INSTANT",
        callback=_read_instant,
        help="Answer as if it were this instant (ISO 8601).",
    )(command)


def _read_instant(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text[:40]!r} is not an instant: write 2026-11-20T17:00:00Z.") from None
    if instant.year not in _YEARS:
        raise UsageError(f"--now {text[:40]!r} is too far away: write an instant like 2026-11-20T17:00:00Z.")
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def load(config_path: str | None) -> Config:
    """The configuration that a command works with; ConfigError says what is wrong with it."""
    from bot.config import find_config, load_config

    return load_config(find_config(config_path, os.environ, Path.cwd()), os.environ)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def is_terminal() -> bool:
    """Whether a person watches: progress goes to standard error."""
    return sys.stderr.isatty()
