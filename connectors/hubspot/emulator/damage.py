"""What a fault makes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot.emulator.answers import (
    Answer,
    error_answer,
    expired,
    limited_answer,
    missing_scopes,
    page_answer,
)
from connectors.hubspot.emulator.faults import Fault, PlannedFault
from connectors.hubspot.emulator.parameters import refused
from connectors.hubspot.emulator.routing import ApiError

EXPIRED_FOR = timedelta(seconds=75)


def answer_instead(planned: Sequence[PlannedFault], now: datetime) -> Answer | None:
    """What is answered although nothing was done, or None where the request reaches the API."""
    for each in planned:
        if each.fault in _INSTEAD:
            return _INSTEAD[each.fault](each.options, now)
    return None


def _error(options: Mapping[str, Any], _now: datetime) -> Answer:
    return error_answer(ApiError(options["status"], "INTERNAL_ERROR", "internal error"))


def _expired_cursor(_options: Mapping[str, Any], _now: datetime) -> Answer:
    return error_answer(refused("The paging token 'after' has expired"))


def _migrating(options: Mapping[str, Any], _now: datetime) -> Answer:
    answer = error_answer(ApiError(477, "MIGRATION_IN_PROGRESS", "This account is being migrated."))
    return replace(answer, headers={"Retry-After": str(options["retry_after"])})


_INSTEAD: Mapping[Fault, Callable[[Mapping[str, Any], datetime], Answer]] = {
    Fault.PAGE: lambda options, _now: page_answer(options["status"]),
    Fault.ERROR: _error,
    Fault.RATE_LIMIT: lambda options, _now: limited_answer(**options),
    Fault.EMPTY: lambda _options, _now: Answer(200, text=""),
    Fault.EXPIRED_CURSOR: _expired_cursor,
    Fault.UNAUTHORIZED: lambda _options, now: error_answer(expired(now - EXPIRED_FOR, now)),
    Fault.FORBIDDEN: lambda options, _now: error_answer(missing_scopes(tuple(options["scopes"]))),
    Fault.MIGRATING: _migrating,
}


def damaged(answer: Answer, planned: Sequence[PlannedFault], after: str | None) -> Answer:
    """The answer as its faults leave it. ``after``: the cursor that was asked for."""
    for each in planned:
        if each.fault is Fault.WRONG_TYPE:
            answer = replace(answer, tree=[answer.tree])
        elif each.fault is Fault.REPEATED_CURSOR:
            answer = replace(answer, tree=_with_next(answer.tree, after))
    # Cut last, when the JSON is what it will be.
    if any(each.fault is Fault.TRUNCATED for each in planned):
        text = answer.encoded().decode()
        answer = replace(answer, text=text[: len(text) // 2])
    return answer


def _with_next(tree: Any, after: str | None) -> Any:
    if after is None or not isinstance(tree, dict):
        return tree
    return {**tree, "paging": {"next": {"after": after, "link": f"?after={after}"}}}


def told_date(now: datetime, planned: Sequence[PlannedFault]) -> datetime:
    """What the Date header tells: the account's time, but for faults."""
    skew = sum((timedelta(hours=each.options["hours"]) for each in planned if each.fault is Fault.DATE), timedelta())
    return now.astimezone(UTC) + skew
