"""``kpi check``: what a company's set-up looks like, one finding a line, and what to do where it is not fine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.services import Desk, open_desk
from bot.surroundings import surroundings_of
from bot.targets import StatedTargetsError
from connectors import open_connector
from connectors.base import Finding, SourceError
from connectors.suggestion import in_one_line
from kpi.catalogue import CATALOGUE
from kpi.engines import open_engine
from kpi.engines.base import Engine, NothingPublishedError, StoreError
from kpi.inputs import missing_input, read_supplied, standing_variant
from kpi.model import Kpi
from kpi.plan import define
from kpi.quality import read_quality
from kpi.schema import TABLES
from kpi.scopes import Directory, ScopeError
from kpi.store.status import read_emptied, read_set_aside

if TYPE_CHECKING:
    from bot.config import Config

_LISTED = 20


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"  # worth knowing, and nothing is broken
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and what to do."""

    level: Level
    subject: str
    detail: str


def run_checks(config: Config, now: datetime, clock: Callable[[], datetime]) -> Iterator[Check]:
    """Everything that can be looked at without changing anything. ``now`` is the question's, ``clock`` the time."""
    yield Check(Level.OK, "configuration", f"{config.file} is sound")
    yield from _check_sources(config, clock)
    yield from _check_store(config, now)
    yield from _check_slack(config)


def _check_sources(config: Config, clock: Callable[[], datetime]) -> Iterator[Check]:
    surroundings = surroundings_of(config, clock)
    for settings in config.sources:
        subject = f"source {settings.name}"
        try:
            connector = open_connector(settings, surroundings)
            for finding in connector.check():
                yield _of_finding(subject, finding, config.catalogue)
        except SourceError as error:
            yield Check(Level.BAD, subject, str(error))


def _of_finding(subject: str, finding: Finding, catalogue: Mapping[str, Kpi]) -> Check:
    """A finding, and which KPIs it costs their value if no other source supplies what they need; it weakens those
    whose value hangs on what may not be there."""
    fine = Level.NOTE if finding.costs or finding.weakens else Level.OK
    without = _without_value(catalogue, finding.unfilled)
    lost = _without_value(catalogue, {*finding.unfilled, *finding.costs}) - without
    weakened = _without_value(catalogue, {*finding.unfilled, *finding.costs, *finding.weakens}) - without - lost
    told = "; ".join(
        f"{word}: {in_one_line(sorted(kpis))}" for word, kpis in (("costs", lost), ("weakens", weakened)) if kpis
    )
    detail = f"{finding.detail} ({told})" if told else finding.detail
    return Check(fine if finding.ok else Level.BAD, f"{subject}: {finding.subject}", detail)


def _without_value(catalogue: Mapping[str, Kpi], empty: Collection[tuple[str, str]]) -> set[str]:
    """The KPIs that have none where these columns and tables are empty, and all others are filled."""
    left = {
        f"{table.name}.{column}": int((table.name, "") not in empty and (table.name, column) not in empty)
        for table in TABLES.values()
        for column in table.column_names
    }
    left |= {table: int((table, "") not in empty) for table in TABLES}
    return {kpi.id for kpi in catalogue.values() if _lacks(kpi, left, catalogue)}


def _lacks(kpi: Kpi, supplied: Mapping[str, int], catalogue: Mapping[str, Kpi]) -> str | None:
    """What keeps a KPI from having a value."""
    return missing_input(define(kpi, standing_variant(kpi, None, supplied), catalogue).needs, supplied)


def _check_store(config: Config, now: datetime) -> Iterator[Check]:
    try:
        engine = open_engine(config.store_url, config.base)
    except NothingPublishedError as error:
        yield Check(Level.NOTE, "store", str(error))
        return
    except StoreError as error:
        yield Check(Level.BAD, "store", str(error))
        return
    try:
        desk = open_desk(config, engine, now)
        yield from _check_snapshot(desk)
        yield from _check_own_kpis(config, engine, now)
        yield from _check_quality(desk)
        yield from _check_names(config, desk.directory)
    except (StoreError, StatedTargetsError) as error:
        yield Check(Level.BAD, "store", str(error))
    finally:
        engine.close()


def _check_snapshot(desk: Desk) -> Iterator[Check]:
    engine = desk.engine
    as_of = engine.as_of()
    yield Check(Level.OK, "store", f"published, data as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else "published")
    set_aside = read_set_aside(engine, _LISTED)
    for row in set_aside.rows:
        yield Check(Level.NOTE, f"set aside: {row.source}: {row.table}, row {row.row}", row.reason)
    if set_aside.count > len(set_aside.rows):
        yield Check(Level.NOTE, "set aside", f"and {set_aside.count - len(set_aside.rows):,} more rows")
    for emptied in read_emptied(engine):
        detail = (
            _counted(emptied.count, "value could not be read and counts", "values could not be read and count")
            + " as empty"
        )
        yield Check(Level.NOTE, f"read as empty: {emptied.source}: {emptied.table}.{emptied.column}", detail)
    supplied = read_supplied(engine, desk.context.stated)
    without: dict[str, list[str]] = {}
    for kpi in desk.context.catalogue.values():
        missing = _lacks(kpi, supplied, desk.context.catalogue)
        if missing:
            without.setdefault(missing, []).append(kpi.id)
    for missing, kpis in without.items():
        yield Check(Level.NOTE, f"KPI {', '.join(kpis)}", f"{_no_value(kpis)}: nothing supplies {missing}")


def _check_quality(desk: Desk) -> Iterator[Check]:
    """What makes figures doubtful, over all records: by the built-in KPIs, as the store may not compute others."""
    for finding in read_quality(desk.engine, desk.context, CATALOGUE.values()):
        yield Check(Level.NOTE, f"records: {finding.subject}", finding.text)


def _check_own_kpis(config: Config, engine: Engine, now: datetime) -> Iterator[Check]:
    """Each is computed once: what the store makes of an expression is known only then."""
    if not config.kpis:
        return
    from kpi.own.faults import find_fault

    for kpi in config.kpis:
        fault = find_fault(engine, kpi, now)
        done = "is computed in place of the built-in one" if kpi.redefined else "is computed"
        yield Check(Level.BAD if fault else Level.OK, f"[[kpi]] {kpi.id}", fault or done)


def _check_names(config: Config, directory: Directory) -> Iterator[Check]:
    """People and teams that the configuration names and the CRM does not know."""
    for person in config.people:
        subject = f"[[person]] {person.email}"
        if directory.rep_by_email(person.email) is None:
            yield Check(Level.NOTE, subject, "no owner in the CRM has this email, so that the block changes nothing")
        if person.manager and directory.rep_by_email(person.manager) is None:
            yield Check(Level.NOTE, subject, f"no owner in the CRM has the email of the manager {person.manager}")
    for digest in config.digests:
        try:
            directory.find_scope(digest.to)
        except ScopeError as error:
            yield Check(Level.BAD, f"[[digest]] {digest.id}", str(error))


def _no_value(kpis: Sequence[str]) -> str:
    return "has no value" if len(kpis) == 1 else "have no value"


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def _check_slack(config: Config) -> Iterator[Check]:
    for name, purpose in (("SLACK_BOT_TOKEN", "to answer and post"), ("SLACK_APP_TOKEN", "to connect (Socket Mode)")):
        if config.secrets.get(name) is None:
            yield Check(Level.NOTE, "Slack", f"{name} is not set; it is needed {purpose}")
    if config.secrets.get("SLACK_BOT_TOKEN") is not None:
        from bot.slack_check import check_slack

        for ok, detail in check_slack(config):
            yield Check(Level.OK if ok else Level.BAD, "Slack", detail)
