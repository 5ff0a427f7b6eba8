"""``kpi ask``: the same question as in Slack, answered in the terminal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.access import ADMIN, viewer_of
from bot.cli.options import common, json_option, load, now_option, print_json
from bot.services import Asker, open_desk
from kpi.answer import answer_json
from kpi.engines import open_engine
from kpi.scopes import COMPANY


@click.command(
    "ask",
    epilog='Examples: kpi ask winrate · kpi ask "winrate team:T1 last quarter by rep" · kpi ask deals 2026-10 --json',
)
@click.argument("question", nargs=-1, required=True)
@click.option("--as", "email", metavar="EMAIL", help="Ask with this person's rights; default: as an admin.")
@click.option("--blocks", is_flag=True, help="Print the Slack message as JSON.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the answer to a file.")
@json_option
@now_option
@common
def command(
    question: tuple[str, ...],
    *,
    email: str | None,
    blocks: bool,
    csv_file: Path | None,
    as_json: bool,
    now: datetime,
    config_path: str | None,
) -> None:
    """Answer QUESTION: a KPI, and if you like whose, when, by what, of which records, and against what.

    who: company, team:ID, rep:ID, an email, a name. when: this month, last quarter, 2026-W46, 2026-10, 2026-Q3,
    2026-01-01..2026-03-31, last 6 months. by: rep, team, pipeline, source, ...; by team, product; top 5 by product.
    where: where type=new, where industry=SaaS,Retail, where region!=EMEA. vs: vs last year, vs 2026-Q3.
    """
    if csv_file:
        from bot.export import check_suffix

        check_suffix(csv_file)
    config = load(config_path)
    engine = open_engine(config.store_url, config.base)
    try:
        desk = open_desk(config, engine, now)
        viewer = viewer_of(email, desk.directory, config.access.admins) if email else ADMIN
        reading = desk.ask(" ".join(question), Asker(viewer, default=COMPANY))
        names = desk.value_names(reading.where)
    finally:
        engine.close()
    locale = (viewer.rep.locale if viewer.rep else None) or config.organisation.locale
    if as_json:
        print_json(answer_json(reading, desk.directory))
    elif blocks:
        from bot.views.answer import answer_message

        print_json(answer_message(reading, locale=locale, names=names))
    else:
        from bot.cli.tables import print_answer

        print_answer(reading, locale, names)
    if csv_file:
        from bot.export import write_frame
        from kpi.frames import answer_frame

        write_frame(answer_frame(reading, desk.directory), csv_file)
