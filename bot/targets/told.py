"""Targets as people and programs read them. Values are shown with all their digits: they were set, not measured."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal, format_percent

from bot.views.numbers import amount, locale_of
from kpi.answer import number
from kpi.model import Better, Kpi, Scope, ScopeType, Unit
from kpi.scopes import Directory
from kpi.targets import YES_NO, Origin, Target, TargetKey
from kpi.targets.check import Difference, scope_of
from kpi.targets.history import FarBeyond
from kpi.targets.suggest import FAR, PERIODS, WEEKS, Suggestion

_LISTED = 5  # targets in a note
_ORIGINS = {Origin.FILE: "files", Origin.SET: "set", Origin.SPLIT: "split"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes targets for one reader."""

    catalogue: Mapping[str, Kpi]
    directory: Directory
    currency: str
    locale: str

    def value(self, value: Decimal, kpi: Kpi | None) -> str:
        """``$12,000``, ``$3,333.34``, ``35.25%``, ``6``; a plain number for a KPI that is not there (any more)."""
        locale = locale_of(self.locale)
        if kpi and kpi.unit is Unit.PERCENT:
            return str(format_percent(value, locale=locale, decimal_quantization=False))
        if kpi and value == value.to_integral_value():
            return amount(value, kpi.unit, self.currency, self.locale)
        if kpi and kpi.unit is Unit.MONEY:
            return str(format_currency(value, self.currency, locale=locale, decimal_quantization=False))
        return str(format_decimal(value, locale=locale, decimal_quantization=False))

    def target(self, key: TargetKey, target: Target) -> str:
        """Its value, or ``yes`` or ``no``."""
        if target.kind == YES_NO:
            return "yes" if target.value else "no"
        return self.value(target.value, self.catalogue.get(key.kpi))

    def name(self, key: TargetKey) -> str:
        """Whose it is; the id of who is no longer there."""
        scope = scope_of(self.directory, key)
        return scope.name if scope else self.scope_word(key)

    def scope_word(self, key: TargetKey) -> str:
        """Whose it is, as one writes it in a command."""
        if key.scope_type is ScopeType.COMPANY:
            return key.scope_type.value
        return f"{key.scope_type.value}:{self.directory.shown_id(key.scope_id or '')}"

    def subject(self, key: TargetKey) -> str:
        return f"{self.catalogue[key.kpi].name}, {self.name(key)}, {key.period}"

    def origin(self, target: Target) -> str:
        """``files``, ``set``, ``split from EMEA, 2026-Q4``."""
        whole = target.whole
        return f"split from {self.name(whole)}, {whole.period}" if whole else _ORIGINS[target.origin]

    def command(self, key: TargetKey, target: Target) -> str:
        """The command that sets the target."""
        value = self.target(key, target) if target.kind == YES_NO else f"{target.value:f}"
        kind = ["--kind", YES_NO] if target.kind == YES_NO else []
        return shlex.join(["kpi", "targets", "set", key.kpi, self.scope_word(key), key.period, value, *kind])

    def far_beyond(self, found: Sequence[FarBeyond], kpi: Kpi) -> list[str]:
        """A note for each target far beyond history; of many the first ones."""
        how = "less than two thirds of" if kpi.better is Better.DOWN else f"more than {FAR} times"
        notes = [
            f"{self.value(one.value, kpi)} for {one.scope.name} in {one.period.key} is far beyond history: {how} the "
            f"best of the last {PERIODS} {one.period.grain}s, {self.value(one.best, kpi)}."
            for one in found[:_LISTED]
        ]
        more = len(found) - _LISTED
        return [*notes, f"{more} more {'is' if more == 1 else 'are'} far beyond history."] if more > 0 else notes

    # As JSON: numbers are decimal strings, ids as people see them.

    def scope_json(self, scope: Scope) -> Json:
        shown = self.directory.shown_id(scope.id) if scope.id else None
        return {"type": scope.type.value, "id": shown, "name": scope.name}

    def key_json(self, key: TargetKey) -> Json:
        scope = scope_of(self.directory, key) or Scope(key.scope_type, key.scope_id, self.name(key))
        return {"kpi": key.kpi, "scope": self.scope_json(scope), "period": key.period}

    def target_json(self, key: TargetKey, target: Target) -> Json:
        whole = self.key_json(target.whole) if target.whole else None
        return {
            **self.key_json(key),
            "kind": target.kind,
            "value": number(target.value),
            "origin": target.origin.value,
            "whole": whole,
        }

    def difference_json(self, one: Difference) -> Json:
        return {
            "kpi": one.kpi,
            "scope": self.scope_json(one.scope),
            "period": one.period.key,
            "across": one.across,
            "whole": number(one.whole),
            "parts": number(one.parts),
            "missing": number(one.missing),
            "count": one.count,
        }

    def suggestion_json(self, rep: Scope, one: Suggestion) -> Json:
        return {
            "scope": self.scope_json(rep),
            "value": number(one.value),
            "weeks": WEEKS,
            "weeks_worked": one.weeks_worked,
            "median_won": one.median_won,
        }
