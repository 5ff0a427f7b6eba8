"""``kpi export``: a table of the store, or a KPI, as a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.access import ADMIN
from bot.cli.options import common, load, now_option
from bot.services import Asker, open_desk
from kpi.engines import open_engine
from kpi.schema import TABLES
from kpi.scopes import COMPANY


@click.command(
    "export",
    epilog='Examples: kpi export deals --to deals.xlsx · kpi export "winrate last quarter by rep" --to winrate.csv',
)
@click.argument("what", nargs=-1, required=True, metavar="TABLE|KPI")
@click.option("--to", "path", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@now_option
@common
def command(*, what: tuple[str, ...], path: Path, now: datetime, config_path: str | None) -> None:
    """Write a TABLE of the schema, or the answer to a question about a KPI, to a csv, xlsx or parquet file.

    "deals" and "activities" name the tables; for the KPI of that name say more: "deals this month".
    """
    from bot.export import check_suffix, write_frame
    from kpi.frames import answer_frame, table_frame

    check_suffix(path)
    config = load(config_path)
    engine = open_engine(config.store_url, config.base)
    asked = " ".join(what)
    try:
        desk = open_desk(config, engine, now)
        if asked in TABLES:
            frame = table_frame(engine, asked, desk.directory)
        else:
            frame = answer_frame(desk.ask(asked, Asker(ADMIN, default=COMPANY)), desk.directory)
    finally:
        engine.close()
    write_frame(frame, path)
    click.echo(f"{len(frame):,} rows written to {path}.")
