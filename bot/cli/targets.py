"""``kpi targets``: set, split and check targets, and have them suggested."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.errors import UsageError, note
from bot.cli.options import common, json_option, load, now_option, print_json
from kpi.targets import MONEY, NUMBER, YES_NO, TargetError

if TYPE_CHECKING:
    from bot.targets.listing import Listing
    from bot.targets.room import Room

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _subject(subcommand: _Command) -> _Command:
    """The arguments that name a target."""
    for name, shown in (("period", "PERIOD"), ("scope", "SCOPE"), ("kpi", "KPI")):
        subcommand = click.argument(name, metavar=shown)(subcommand)
    return subcommand


@click.group(
    "targets",
    epilog="Examples: kpi targets set bookings company 2026-Q4 120000 · "
    "kpi targets split bookings company 2026-Q4 --by headcount --over months · kpi targets check",
)
@common
@click.pass_context
def command(context: click.Context, *, config_path: str | None) -> None:
    """Set targets, split a whole into parts, and hold the parts against it.

    KPI: an id or a name, as winrate. SCOPE: company, team:ID, rep:ID or an email. PERIOD: 2026-11-20, 2026-W47,
    2026-11, 2026-Q4 or 2026.
    """
    context.default_map = {name: {"config_path": config_path} for name in command.commands}


@command.command(
    "list",
    short_help="List the targets and where each comes from",
    epilog="Examples: kpi targets list · kpi targets list --kpi bookings --period 2026-Q4",
)
@click.option("--kpi", metavar="KPI", help="On this KPI.")
@click.option("--period", metavar="PERIOD", help="Of this period and those within it.")
@click.option("--to", "scope", metavar="SCOPE", help="Of this team or rep, or the company's own.")
@click.option("--history", is_flag=True, help="What was set here, also what no longer stands.")
@json_option
@common
def list_targets(
    *, kpi: str | None, period: str | None, scope: str | None, history: bool, as_json: bool, config_path: str | None
) -> None:
    """List the targets: those of the files, and those that were set or split here, which stand before them."""
    from bot.targets.listing import Wanted, list_history, list_standing

    with _opened(config_path) as room:
        wanted = Wanted(
            kpi=room.kpi(kpi) if kpi else None,
            period=room.period(period) if period else None,
            scope=room.scope(scope) if scope else None,
        )
        calendar = room.desk.context.calendar
        if history:
            with room.book() as book:
                listing = list_history(book.entries(with_history=True), wanted, calendar, room.teller)
        else:
            listing = list_standing(room.targets(), wanted, calendar, room.teller)
    _print(listing, as_json=as_json, empty="There is no such target.")


@command.command(
    "set",
    short_help="Set a target",
    epilog="Examples: kpi targets set deals team:T1 2026-12 6 · kpi targets set winrate company 2026-Q4 35%",
)
@_subject
@click.argument("value")
@click.option("--kind", type=click.Choice([NUMBER, MONEY, YES_NO]), help="Default: by the KPI's unit.")
@json_option
@now_option
@common
def set_target(
    *, value: str, kind: str | None, as_json: bool, now: datetime, config_path: str | None, **subject: str
) -> None:
    """Set a target. It stands before one of the files; what it replaces is kept, and can be brought back.

    VALUE: in the KPI's unit, money in the company's currency, 35% or 0.35, yes or no with --kind yes_no. Write --
    before a VALUE below zero.
    """
    from bot.targets.wanted import read_kind, read_value
    from kpi.targets import Origin, StatedTarget, Target
    from kpi.targets.history import find_far_beyond

    with _opened(config_path, now) as room:
        on, teller = room.subject(**subject), room.teller
        kind = read_kind(kind, on.kpi)
        target = Target(read_value(value, on.kpi, kind), kind, Origin.SET)
        before = room.targets([on.kpi.id]).get(on.key)
        wanted = [] if kind == YES_NO else [(on.scope, on.period, target.value)]
        far = find_far_beyond(room.desk.engine, on.kpi, wanted, room.desk.context)
        with room.book() as book:
            book.write([StatedTarget(on.key, target)])
    notes = teller.far_beyond(far, on.kpi)
    if before:
        notes.append(f"It was {teller.target(on.key, before)} ({teller.origin(before)}).")
    if as_json:
        replaced = teller.target_json(on.key, before) if before else None
        print_json({"target": teller.target_json(on.key, target), "before": replaced, "notes": notes})
    else:
        _tell(f"{teller.subject(on.key)}: {teller.target(on.key, target)}", notes)


@command.command("remove", short_help="Take a target away", epilog="Example: kpi targets remove deals team:T1 2026-12")
@_subject
@json_option
@common
def remove_target(*, as_json: bool, config_path: str | None, **subject: str) -> None:
    """Take a target away that was set or split here."""
    from kpi.targets import Origin

    with _opened(config_path) as room:
        on, teller = room.subject(**subject), room.teller
        targets = room.targets([on.kpi.id])
        target, filed = targets.get(on.key), targets.filed(on.key)
        if target is None:
            raise TargetError(f"There is no target on {on.kpi.id} for {on.scope.name} in {on.period.key}.")
        if target.origin is Origin.FILE:
            raise TargetError(f"This target, {teller.target(on.key, target)}, is a row of the files: remove it there.")
        with room.book() as book:
            book.write([], removed=[on.key])
    notes = [f"To set it back: {teller.command(on.key, target)}"]
    if filed:
        notes.append(f"The row of the files stands again: {teller.target(on.key, filed)}.")
    if as_json:
        print_json({"removed": teller.target_json(on.key, target), "notes": notes})
    else:
        _tell(f"Removed: {teller.subject(on.key)}: {teller.target(on.key, target)}", notes)


@command.command("undo", short_help="Take the last change back", epilog="Example: kpi targets undo")
@json_option
@common
def undo(*, as_json: bool, config_path: str | None) -> None:
    """Take the last change back: a set, a remove, a whole split, or an undo."""
    from bot.targets.listing import list_changes

    with _opened(config_path) as room, room.book() as book:
        listing = list_changes(book.undo(), room.teller)
    _print(listing, as_json=as_json, empty="There is nothing to undo.")


@command.command(
    "split",
    short_help="Write the parts of a target",
    epilog="Examples: kpi targets split bookings company 2026-Q4 --by share · "
    "kpi targets split deals rep:R1 2026-12 --over days --dry-run",
)
@_subject
@click.option("--by", type=click.Choice(["equally", "headcount", "share"]), help="Down the tree: how parts compare.")
@click.option("--over", type=click.Choice(["days", "weeks", "months", "quarters"]), help="Over time: into what.")
@click.option(
    "--depth", type=click.Choice(["teams", "reps"]), default="reps", show_default=True, help="How far down the tree."
)
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Among reps of this role; may be repeated.")
@click.option("--overwrite", is_flag=True, help="Replace parts that were set by hand, too.")
@click.option("--dry-run", is_flag=True, help="Show the parts and write nothing.")
@json_option
@now_option
@common
def split(  # noqa: PLR0913, each is an option
    *,
    by: str | None,
    over: str | None,
    depth: str,
    roles: tuple[str, ...],
    overwrite: bool,
    dry_run: bool,
    as_json: bool,
    now: datetime,
    config_path: str | None,
    **subject: str,
) -> None:
    """Write the parts of a target: down the tree, over time, or both, so that they sum to the whole.

    --by equally: all directly beneath alike; headcount: by active reps; share: by what each had in the last full
    period. --over: by business days. Parts that were set by hand are kept, and what is left of the whole is split.
    """
    if not (by or over):
        raise UsageError(
            "Say how to split: --by equally, headcount or share, or --over days, weeks, months or quarters."
        )
    if roles and not by:
        raise UsageError("--role says among whom to split down the tree: it goes with --by.")
    from bot.targets.listing import list_parts
    from bot.targets.splitting import By, How, plan_split
    from kpi.periods import Grain
    from kpi.targets.history import find_far_beyond
    from kpi.targets.tree import Depth

    grain = Grain(over.removesuffix("s")) if over else None
    how = How(By(by) if by else None, grain, Depth(depth), roles, overwrite)
    with _opened(config_path, now) as room:
        on, context, teller = room.subject(**subject), room.desk.context, room.teller
        planned = plan_split(room.desk.engine, context, room.targets([on.kpi.id]), on.kpi, on.scope, on.period, how)
        wanted = [(part.scope, part.period, part.value) for part in planned.parts if not part.is_kept]
        far = find_far_beyond(room.desk.engine, on.kpi, wanted, context)
        if not dry_run:
            with room.book() as book:
                book.write(planned.stated, removed=planned.stale)
    listing, notes = list_parts(planned.parts, teller), [*planned.notes, *teller.far_beyond(far, on.kpi)]
    if as_json:
        whole = teller.target_json(on.key, planned.whole)
        print_json({"whole": whole, "parts": listing.told, "written": not dry_run, "notes": notes})
        return
    _tell(f"{teller.subject(on.key)}: {teller.target(on.key, planned.whole)}", ())
    _print(listing, as_json=False, empty="")
    _note([*notes, "Nothing was written."] if dry_run else notes)


@command.command(
    "check",
    short_help="Hold parts against their wholes",
    epilog="Examples: kpi targets check · kpi targets check bookings",
)
@click.argument("kpi", required=False)
@json_option
@common
def check(*, kpi: str | None, as_json: bool, config_path: str | None) -> None:
    """Hold parts against their wholes, down the tree and over time: which sums are not the whole."""
    from bot.targets.listing import list_differences
    from kpi.targets.check import find_differences

    with _opened(config_path) as room:
        context = room.desk.context
        targets = room.targets([room.kpi(kpi).id] if kpi else None)
        found = find_differences(targets, context.catalogue, context.directory, context.calendar)
        listing = list_differences(found, context.catalogue, room.teller)
    _print(listing, as_json=as_json, empty="All parts meet their wholes.")


@command.command(
    "suggest",
    short_help="Suggest a weekly target from a rep's history",
    epilog="Examples: kpi targets suggest activities rep:R1 · kpi targets suggest calls team:T1",
)
@click.argument("kpi")
@click.argument("scope")
@click.option("--period", type=click.Choice(["week"]), default="week", show_default=True, help="A target for what.")
@json_option
@now_option
@common
def suggest(
    *,
    kpi: str,
    scope: str,
    period: str,  # noqa: ARG001, weeks are all that suggestions are made for
    as_json: bool,
    now: datetime,
    config_path: str | None,
) -> None:
    """Suggest a weekly target on an activity KPI, for a rep or each active rep of a team.

    It is the mean of the weeks that worked: those, of the last 13 full ones, in which the rep won at least the median
    week's number of deals, and at least one.
    """
    from bot.targets.listing import list_suggestions
    from kpi.targets.history import read_suggestions
    from kpi.targets.suggest import is_activity

    with _opened(config_path, now) as room:
        on, directory = room.kpi(kpi), room.desk.directory
        if not is_activity(on):
            raise TargetError(
                f"{on.name} is no activity KPI: targets are suggested for what reps do in a week, as calls."
            )
        members = directory.members(room.scope(scope))
        reps = [directory.scope_of_rep(rep) for rep in directory.reps.values() if rep.active and rep.id in members]
        suggested = read_suggestions(room.desk.engine, on, reps, room.desk.context)
        listing = list_suggestions(zip(reps, suggested, strict=True), on, room.teller)
    _print(listing, as_json=as_json, empty="There is no active rep there.")


@contextmanager
def _opened(config_path: str | None, now: datetime | None = None) -> Iterator[Room]:
    from bot.services import open_desk
    from bot.targets.room import Room
    from kpi.engines import open_engine

    config = load(config_path)
    engine = open_engine(config.store_url, config.base)
    try:
        yield Room(config, open_desk(config, engine, now or datetime.now(UTC)), _operator())
    except TargetError as error:
        raise UsageError(str(error)) from error
    finally:
        engine.close()


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return "unknown"


def _tell(line: str, notes: Iterable[str]) -> None:
    click.echo(_plain(line))
    _note(notes)


def _note(notes: Iterable[str]) -> None:
    for each in notes:
        note(_plain(each))


def _plain(text: str) -> str:
    """Names come from the CRM, and must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _print(listing: Listing, *, as_json: bool, empty: str) -> None:
    if as_json:
        print_json(listing.told)
    elif not listing.rows:
        click.echo(empty)
    else:
        _print_table(listing.columns, listing.numbers, listing.rows)


def _print_table(columns: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE)
    for column in columns:
        table.add_column(Text(column), justify="right" if column in numbers else "left")
    for row in rows:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    Console().print(table)
