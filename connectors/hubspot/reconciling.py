"""Holding the mirror against the account, by counts and ids: what has slipped through is found, and read again.

HubSpot counts what a search would find. Those counts are held, over spans of the moment of the last change, against
the mirror's own. A record that is missing, one too many, or one that was changed unseen makes a span differ; spans that
differ are halved until they are small enough to have their ids listed. So an account in which nothing slipped costs a
few counts, whatever its size. A small one is compared id by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.hubspot.mirror import Mirror
from connectors.hubspot.mirror.mirror import CHANGED_AT
from connectors.hubspot.mirror.tables import quoted
from connectors.hubspot.objects import CrmObject
from connectors.hubspot.reading import SEARCH_PAGE, Client, changed_between, count_found, search

_SPANS = 16  # each is counted by itself: one missing and one too many in different spans do not hide each other
_COMPARED = _SPANS * SEARCH_PAGE  # records of an object whose ids are listed for less than what counts would cost
_LISTED = 1_000  # records whose ids are listed rather than counted once more
_MOST_COUNTS = 2_000


@dataclass(frozen=True, slots=True)
class _Span:
    """Moments from ``start`` to before ``end``, in ms; None: without an end."""

    start: int | None
    end: int

    @property
    def sql(self) -> str:
        start = "" if self.start is None else f"{CHANGED_AT} >= {self.start} and "
        return f"{start}{CHANGED_AT} < {self.end}"


def find_slipped(client: Client, mirror: Mirror, kind: CrmObject, until: int) -> list[int]:
    """The ids of an object's records that are not in the mirror as they are in the account, of those last changed
    before ``until`` (ms)."""
    if mirror.count(kind.name) <= _COMPARED:
        return sorted(_differing(client, mirror, kind, _Span(None, until)))
    ids: list[int] = []
    spans = list(_first_spans(mirror, kind, until))
    counts = 0
    while spans and counts < _MOST_COUNTS:
        span = spans.pop()
        here = _count(mirror, kind, span)
        there = count_found(client, kind, changed_between(kind, span.start, span.end))
        counts += 1
        if here == there:
            continue
        middle = _middle(mirror, kind, span)
        if max(here, there) <= _LISTED or middle is None:
            ids += _differing(client, mirror, kind, span)
        else:
            spans += [_Span(span.start, middle), _Span(middle, span.end)]
    for span in spans:  # more differs than not
        ids += _differing(client, mirror, kind, span)
    return sorted(set(ids))


def _first_spans(mirror: Mirror, kind: CrmObject, until: int) -> Iterator[_Span]:
    shares = [position / _SPANS for position in range(1, _SPANS)]
    row = mirror.connection.execute(
        f"select quantile_disc({CHANGED_AT}, {shares}) from {quoted(kind.name)} "
        f"where {CHANGED_AT} >= 0 and {CHANGED_AT} < {until}"
    ).fetchone()
    bounds = sorted(set(row[0] or ())) if row else []
    start: int | None = None
    for bound in bounds:
        yield _Span(start, bound)
        start = bound
    yield _Span(start, until)


def _count(mirror: Mirror, kind: CrmObject, span: _Span) -> int:
    return _one(mirror, f"select count(*) from {quoted(kind.name)} where {span.sql}")


def _middle(mirror: Mirror, kind: CrmObject, span: _Span) -> int | None:
    """A moment within the span, between its records if there are any; None where it is a single one."""
    start = span.start if span.start is not None else 0
    if span.end - start <= 1:
        return None
    median = mirror.connection.execute(
        f"select quantile_disc({CHANGED_AT}, 0.5) from {quoted(kind.name)} where {span.sql} and {CHANGED_AT} >= 0"
    ).fetchone()
    middle = median[0] if median and median[0] is not None else (start + span.end) // 2
    return int(middle) if start < middle < span.end else (start + span.end) // 2


def _differing(client: Client, mirror: Mirror, kind: CrmObject, span: _Span) -> Iterator[int]:
    here = dict(mirror.connection.execute(f"select id, modified from {quoted(kind.name)} where {span.sql}").fetchall())
    there: dict[int, str] = {}
    for found in search(client, kind, changed_between(kind, span.start, span.end)):
        there.update(found)
    yield from _unlike(here, there)


def _unlike(here: Mapping[int, str], there: Mapping[int, str]) -> Iterator[int]:
    for id_ in sorted(here.keys() | there.keys()):
        if id_ not in here or id_ not in there or here[id_] != there[id_]:
            yield id_


def _one(mirror: Mirror, sql: str) -> int:
    ((count,),) = mirror.connection.execute(sql).fetchall()
    return int(count)
