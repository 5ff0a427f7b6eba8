"""What people write about targets, understood: the KPI, whose it is, for when, how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from bot.question.asked import Vocabulary
from bot.question.words import QuestionError, echo, fold, read_words
from kpi.model import Kpi, Scope, Unit
from kpi.scopes import Directory, ScopeError
from kpi.targets import YES_NO, TargetError, kind_of

_NUMBER = re.compile(r"(?P<number>-?[0-9]{1,14}(?:\.[0-9]{1,4})?)(?P<percent>\s*%)?")
_TRUTH = {"yes": 1, "true": 1, "1": 1, "no": 0, "false": 0, "0": 0}


def read_kpi(text: str, catalogue: Mapping[str, Kpi]) -> Kpi:
    """The KPI of that id or name. TargetError with the nearest for a slip, and for a variant: targets are on a KPI's
    own formula."""
    vocabulary = Vocabulary(tuple(catalogue.values()))
    try:
        words = read_words(text)
    except QuestionError as error:
        raise TargetError(str(error)) from None
    found = vocabulary.read_kpi(words) if words else None
    if found is None or found[1] < len(words):
        near = vocabulary.nearest(fold(text))
        advice = f"Did you mean {near[0]}?" if near else 'See "kpi catalogue".'
        raise TargetError(f"There is no KPI {echo(text, 40)}. {advice}")
    asked = found[0]
    if asked.variant:
        raise TargetError(f"Targets are on a KPI's own formula: write {asked.kpi.id}, without {asked.variant}.")
    return asked.kpi


def read_scope(text: str, directory: Directory) -> Scope:
    """The scope of ``company``, ``team:ID``, ``rep:ID`` or an email; ScopeError where there is none."""
    if "@" not in text or ":" in text:
        return directory.find_scope(text)
    rep = directory.rep_by_email(text)
    if rep is None:
        raise ScopeError(f"The CRM has nobody with the email {echo(text, 40)}: write rep:ID.")
    return directory.scope_of_rep(rep)


def read_kind(given: str | None, kpi: Kpi) -> str:
    """The kind of a target on the KPI. TargetError for money on what is no money, and the other way round."""
    own = kind_of(kpi)
    if given not in (None, own, YES_NO):
        raise TargetError(f"A target on {kpi.id} is of kind {own} or yes_no: leave --kind out, or write --kind yes_no.")
    return given or own


def read_value(text: str, kpi: Kpi, kind: str) -> Decimal:
    """The value in the KPI's unit, a percentage as a fraction. TargetError for what is no number, and for 35 where 35 %
    or 3500 % may be meant."""
    if kind == YES_NO:
        if text.casefold() not in _TRUTH:
            raise TargetError(f"{echo(text, 40)} is neither yes nor no.")
        return Decimal(_TRUTH[text.casefold()])
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise TargetError(
            f"{echo(text, 40)} is not a number: write 12000 or 12000.50, without separators of thousands and signs of "
            "currencies, with up to 14 digits before the point and 4 after it."
        )
    number = Decimal(match["number"])
    if kpi.unit is not Unit.PERCENT:
        if match["percent"]:
            raise TargetError(f"{kpi.name} is no percentage: write {number:f}.")
        return number
    if match["percent"]:
        return number / 100
    if abs(number) > 1:
        raise TargetError(f"{kpi.name} is a percentage: write {number:f}% for {number:f} per cent, 0.35 for 35%.")
    return number
