"""What ``kpi digest`` and ``kpi scorecard`` share: show a report, or send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.access import ADMIN
from bot.cli.errors import DEFECT, INCOMPLETE, REFUSED, UsageError
from bot.cli.options import common, json_option, load, now_option, print_json
from bot.services import open_desk
from kpi.answer import answer_json, period_json
from kpi.engines import open_engine
from kpi.model import Cadence

if TYPE_CHECKING:
    from bot.reports import Report
    from bot.send import Sent
    from bot.services import Desk

CADENCES = click.Choice([cadence.value for cadence in Cadence])


_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--period", metavar="KEY", help="2026-W46, 2026-10 or 2026-Q3; default: the last finished one."),
    click.option("--send", is_flag=True, help="Send it now, to whom it is for."),
    click.option("--again", is_flag=True, help="With --send: once more, though it was sent."),
    json_option,
    now_option,
    common,
)


def report_options(command: _Command) -> _Command:
    """The options that are the rest of ``Wanted``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report as asked for on the command line."""

    cadence: Cadence
    about: str
    period: str | None
    send: bool
    again: bool
    as_json: bool
    now: datetime
    config_path: str | None


def run(wanted: Wanted) -> int:
    """Shows the report, sends it where asked to, and gives the exit status."""
    if wanted.again and not wanted.send:
        raise UsageError("--again goes with --send: it sends once more what was sent.")
    from bot.reports import compose_report, report_period

    config = load(wanted.config_path)
    engine = open_engine(config.store_url, config.base)
    try:
        desk = open_desk(config, engine, wanted.now)
        scope = desk.directory.find_scope(wanted.about)
        period = report_period(desk, wanted.cadence, wanted.period)
        locale = config.organisation.locale
        report = compose_report(desk, wanted.cadence, scope, period, viewers=[ADMIN], locale=locale)
        sent: list[Sent] = []
        if wanted.send:
            from bot.send import send_report

            sent = send_report(config, desk, wanted.cadence, scope, period, again=wanted.again)
    finally:
        engine.close()
    if wanted.as_json:
        print_json(_json(wanted, report, desk, sent))
    elif wanted.send:
        for one in sent:
            click.echo(f"{one.recipient.name}: {one.outcome.told}")
    else:
        _show(report, desk.context.calendar.local(wanted.now))
    return _status(sent)


def _json(wanted: Wanted, report: Report, desk: Desk, sent: list[Sent]) -> dict[str, Any]:
    readings = [answer_json(reading, desk.directory) for reading in report.readings]
    return {
        "text": report.message["text"],
        "blocks": report.message["blocks"],
        "period": period_json(report.period),
        "recipient": wanted.about,
        "readings": readings,
        "deliveries": [
            {"to": one.recipient.name, "state": one.outcome.kind.value, "told": one.outcome.told} for one in sent
        ],
    }


def _show(report: Report, at: datetime) -> None:
    from rich.console import Console

    from bot.terminal import print_message

    print_message(Console(), report.message, poster="Scoreline", at=at)


def _status(sent: list[Sent]) -> int:
    kinds = {one.outcome.kind.value for one in sent}
    if any(one.outcome.failure and one.outcome.failure.error_class == "ours" for one in sent):
        return DEFECT
    if "failed" in kinds:
        return REFUSED
    return INCOMPLETE if kinds & {"unknown", "in_progress"} else 0
