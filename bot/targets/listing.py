"""Lists of targets, as rows of a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.targets.told import Json, Teller
from kpi.answer import instant, number
from kpi.model import Kpi, Scope, ScopeType
from kpi.periods import Calendar, Period, PeriodError
from kpi.targets import Target, TargetKey, Targets
from kpi.targets.check import DOWN, Difference, scope_of
from kpi.targets.spans import GRAINS
from kpi.targets.split import Part
from kpi.targets.suggest import WEEKS, Suggestion

if TYPE_CHECKING:
    from bot.state import Change, Entry

_ONE_OF = {DOWN: "team or rep", **{f"{grain}s": grain.value for grain in GRAINS}}


@dataclass(frozen=True, slots=True)
class Listing:
    """A table, and the same for programs. ``columns`` are their headings; ``numbers`` those of them that hold
    numbers."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    told: list[Json]
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which targets: on a KPI, of a period and those within it, of a scope alone; None: of any."""

    kpi: Kpi | None = None
    period: Period | None = None
    scope: Scope | None = None

    def takes(self, key: TargetKey, calendar: Calendar) -> bool:
        of_scope = self.scope is None or (self.scope.type, self.scope.id) == (key.scope_type, key.scope_id)
        return of_scope and (self.kpi is None or self.kpi.id == key.kpi) and self._holds(key.period, calendar)

    def _holds(self, key: str, calendar: Calendar) -> bool:
        if self.period is None:
            return True
        try:
            period = calendar.parse(key)
        except PeriodError:
            return False
        return self.period.first_day <= period.first_day and period.last_day <= self.period.last_day


def list_standing(targets: Targets, wanted: Wanted, calendar: Calendar, teller: Teller) -> Listing:
    """The targets that stand, by KPI, the long periods before the short ones, the company before teams and reps."""
    listing = Listing(("KPI", "Whose", "Period", "Target", "From"), [], [], numbers=("Target",))
    kept = {key: target for key in targets if wanted.takes(key, calendar) and (target := targets.get(key))}
    for key, target in sorted(kept.items(), key=lambda one: _order(one[0], teller, calendar)):
        if key.scope_type is not ScopeType.COMPANY and key.scope_id is None:
            continue  # a row of the files for somebody who is not there
        listing.rows.append((key.kpi, teller.name(key), key.period, teller.target(key, target), teller.origin(target)))
        listing.told.append(teller.target_json(key, target))
    return listing


def list_history(entries: Iterable[Entry], wanted: Wanted, calendar: Calendar, teller: Teller) -> Listing:
    """What was set or split here, in its order, and until when it stood."""
    columns = ("KPI", "Whose", "Period", "Target", "From", "Set", "By", "Until")
    listing = Listing(columns, [], [], numbers=("Target",))
    for entry in entries:
        key, target = entry.key, entry.target
        if not wanted.takes(key, calendar):
            continue
        listing.rows.append(
            (
                *(key.kpi, teller.name(key), key.period, teller.target(key, target), teller.origin(target)),
                *(_moment(entry.set_at), entry.set_by, _moment(entry.ended_at)),
            )
        )
        listing.told.append(
            {
                **teller.target_json(key, target),
                "set_by": entry.set_by,
                "set_at": instant(entry.set_at),
                "ended_by": entry.ended_by,
                "ended_at": instant(entry.ended_at),
            }
        )
    return listing


def list_changes(changes: Iterable[Change], teller: Teller) -> Listing:
    listing = Listing(("KPI", "Whose", "Period", "Was", "Is"), [], [], numbers=("Was", "Is"))

    def shown(key: TargetKey, target: Target | None) -> str:
        return teller.target(key, target) if target else "none"

    for key, before, after in ((one.key, one.before, one.after) for one in changes):
        listing.rows.append((key.kpi, teller.name(key), key.period, shown(key, before), shown(key, after)))
        listing.told.append(
            {
                **teller.key_json(key),
                "before": teller.target_json(key, before) if before else None,
                "after": teller.target_json(key, after) if after else None,
            }
        )
    return listing


def list_parts(parts: Iterable[Part], teller: Teller) -> Listing:
    listing = Listing(("Whose", "Period", "Part", "Of", ""), [], [], numbers=("Part",))
    for part in parts:
        value = teller.value(part.value, teller.catalogue[part.key.kpi])
        of = f"{teller.name(part.whole)}, {part.whole.period}"
        listing.rows.append((part.scope.name, part.period.key, value, of, "kept" if part.is_kept else ""))
        listing.told.append(
            {
                **teller.key_json(part.key),
                "value": number(part.value),
                "whole": teller.key_json(part.whole),
                "kept": part.is_kept,
            }
        )
    return listing


def list_differences(differences: Iterable[Difference], kpis: Mapping[str, Kpi], teller: Teller) -> Listing:
    columns = ("KPI", "Whose", "Period", "Target", "Sum of", "Is", "Missing")
    listing = Listing(columns, [], [], numbers=("Target", "Is", "Missing"))
    for one in differences:
        whole, parts, missing = (teller.value(value, kpis[one.kpi]) for value in (one.whole, one.parts, one.missing))
        of = f"{one.count} {one.across if one.count > 1 else _ONE_OF[one.across]}"
        listing.rows.append((one.kpi, one.scope.name, one.period.key, whole, of, parts, missing))
        listing.told.append(teller.difference_json(one))
    return listing


def list_suggestions(suggested: Iterable[tuple[Scope, Suggestion]], kpi: Kpi, teller: Teller) -> Listing:
    columns = ("Whose", "A week", "Weeks that worked", "Deals won in the median week")
    listing = Listing(columns, [], [], numbers=columns[1:])
    for rep, one in suggested:
        value = "n/a" if one.value is None else teller.value(one.value, kpi)
        listing.rows.append((rep.name, value, f"{one.weeks_worked} of {WEEKS}", str(one.median_won)))
        listing.told.append(teller.suggestion_json(rep, one))
    return listing


def _order(key: TargetKey, teller: Teller, calendar: Calendar) -> tuple[object, ...]:
    try:
        period = calendar.parse(key.period)
        time: tuple[object, ...] = (0, period.first_day, (period.first_day - period.last_day).days)
    except PeriodError:
        time = (1, key.period)
    scope = scope_of(teller.directory, key)
    kinds = tuple(ScopeType)
    return list(teller.catalogue).index(key.kpi), *time, kinds.index(key.scope_type), scope.name if scope else ""


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
