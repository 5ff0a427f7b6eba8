"""Rows that change are among those that affected_sql names, whatever the mirror and whatever changes in it."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.hubspot.objects import ACTIVITIES, OBJECTS, PAIRS
from connectors.mapping import Filters
from tests.connectors.hubspot.mirror_rows import MirrorRows

_TABLES = ("accounts", "leads", "deals", "stage_changes", "activities", "quotes", "line_items", "subscriptions")
_IDS = st.integers(1, 3)
_DAYS = st.sampled_from([None, *(f"2026-01-0{day}T00:00:00Z" for day in range(1, 6))])
_OWNERS = st.sampled_from([None, "1", "2"])
_NAMES = st.sampled_from([None, "Acme", "a test"])
_ACTIVITY = {"hs_timestamp": _DAYS, "hubspot_owner_id": _OWNERS}

_PROPERTIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "companies": {"name": _NAMES, "hubspot_owner_id": _OWNERS},
    "contacts": {
        "email": st.sampled_from([None, "a@acme.com", "b@test.io"]),
        "lifecyclestage": st.sampled_from([None, "subscriber", "lead", "customer"]),
        "hs_lifecyclestage_lead_date": _DAYS,
        "hs_analytics_source": st.sampled_from([None, "EMAIL"]),
    },
    "leads": {"hs_createdate": _DAYS, "hs_pipeline_stage": st.sampled_from(["new", "unqualified"])},
    "deals": {
        "dealname": _NAMES,
        "dealstage": st.sampled_from(["open", "won"]),
        "pipeline": st.sampled_from(["default", "other"]),
        "closedate": _DAYS,
        "createdate": _DAYS,
        "hubspot_owner_id": _OWNERS,
    },
    **dict.fromkeys(ACTIVITIES, _ACTIVITY),
    "quotes": {"hs_status": st.sampled_from(["DRAFT", "APPROVED"])},
    "products": {"name": st.sampled_from(["One", "Two"])},
    "line_items": {
        "name": st.sampled_from([None, "Line"]),
        "hs_product_id": st.sampled_from([None, "1", "2"]),
        "amount": st.sampled_from([None, "5", "7"]),
        "recurringbillingfrequency": st.sampled_from([None, "monthly"]),
    },
    "subscriptions": {"hs_mrr": st.sampled_from(["1", "2"])},
}
_RECORDS = st.sampled_from(sorted(_PROPERTIES)).flatmap(
    lambda name: st.tuples(st.just(name), _IDS, st.fixed_dictionaries(_PROPERTIES[name]))
)
_LINKS = st.tuples(st.sampled_from(PAIRS), _IDS, _IDS, st.booleans())
_GONE = st.tuples(st.sampled_from(sorted(_PROPERTIES)), _IDS)
_EVENTS = st.lists(
    st.one_of(
        _RECORDS.map(lambda each: ("put", *each)),
        _LINKS.map(lambda each: ("link", *each)),
        _LINKS.map(lambda each: ("unlink", *each)),
        _GONE.map(lambda each: ("gone", *each)),
        st.tuples(st.just("history"), _IDS, st.sampled_from(["open", "won"]), _DAYS),
    ),
    min_size=1,
    max_size=4,
)
_FILTERS = (
    Filters(),
    Filters(excluded_names=("*test*",), excluded_domains=("test.io",), excluded_owners=("two@acme.com",)),
    Filters(pipelines=("default",)),
)


@cache
def _mirror(number: int) -> MirrorRows:
    mirror = MirrorRows(filters=_FILTERS[number])
    mirror.stage("open", "Open", "0.5")
    mirror.stage("won", "Won", "1.0")
    for id_, email in ((1, "one@acme.com"), (2, "two@acme.com")):
        mirror.insert("owners", id=id_, email=email, first_name="A", last_name="B", archived=False)
    return mirror


def _apply(mirror: MirrorRows, event: tuple[Any, ...]) -> list[tuple[str, int | None]]:
    """Makes one event true; gives what the mirror notes as changed."""
    match event:
        case "put", name, id_, properties:
            mirror.put(name, id_, **properties)
            return [(name, id_)]
        case "gone", name, id_:
            mirror.remove(name, id_)
            return [(name, id_)]
        case "history", id_, value, at:
            mirror.insert("deals__history", id=id_, value=value, at=at)
            return [("deals", id_)]
        case kind, pair, source_id, target_id, primary:
            where = f"source_id = {source_id} and target_id = {target_id}"
            mirror.connection.execute(f"delete from {pair.name} where {where}")
            if kind == "link":
                mirror.link(pair.source, source_id, pair.target, target_id, primary=primary)
            return [(pair.source, source_id), (pair.target, target_id)]
    raise AssertionError(event)


def _held(mirror: MirrorRows, table: str, ids: set[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """By id (the deal's for stage changes), the rows of a table."""
    held = defaultdict(list)
    for row in mirror.rows(table, *(ids or ())):
        held[row["deal_id" if table == "stage_changes" else "id"]].append(row)
    return held


@settings(
    max_examples=int(os.environ.get("AFFECTED_EXAMPLES", "40")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    number=st.integers(0, len(_FILTERS) - 1),
    table=st.sampled_from(_TABLES),
    records=st.lists(_RECORDS, min_size=8, max_size=30),
    links=st.lists(_LINKS, min_size=5, max_size=30),
    events=_EVENTS,
)
def test_no_changed_row_is_missed(number, table, records, links, events):
    mirror = _mirror(number)
    for name in (*OBJECTS, *(pair.name for pair in PAIRS), "deals__history", "contacts__history"):
        mirror.connection.execute(f"delete from {name}")
    for each in [*(("put", *record) for record in records), *(("link", *link) for link in links)]:
        _apply(mirror, each)
    before = _held(mirror, table)

    recent = [noted for event in events for noted in _apply(mirror, event)]

    after = _held(mirror, table)
    changed = {id_ for id_ in before.keys() | after.keys() if before.get(id_) != after.get(id_)}
    if not {name for name, _ in recent} & mirror.translator.whole_after(table):
        affected = mirror.affected(table, recent)
        assert changed <= affected
        if affected:
            assert _held(mirror, table, affected) == {id_: rows for id_, rows in after.items() if id_ in affected}
