"""Rows that change are among those that affected_sql names, whatever the mirror and whatever changes in it."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import product
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.hubspot.objects import ACTIVITIES, OBJECTS, PAIRS, Pair
from connectors.mapping import Filters
from tests.connectors.hubspot.mirror_rows import MirrorRows

_TABLES = ("accounts", "leads", "deals", "stage_changes", "activities", "quotes", "line_items", "subscriptions")
_IDS = (1, 2)
_DAYS = (None, *(f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)))
_OWNERS = (None, "1", "2")
_NAMES = ("Acme", "Acme", "a test")

_PROPERTIES: dict[str, dict[str, tuple[str | None, ...]]] = {
    "companies": {"name": _NAMES, "hubspot_owner_id": _OWNERS},
    "contacts": {
        "email": (None, "a@acme.com", "a@acme.com", "b@test.io"),
        "lifecyclestage": ("subscriber", "lead", "customer"),
        "hs_lifecyclestage_lead_date": _DAYS,
        "hs_analytics_source": (None, "EMAIL", "PAID"),
    },
    "leads": {"hs_createdate": _DAYS, "hs_pipeline_stage": ("new", "unqualified")},
    "deals": {
        "dealname": _NAMES,
        "dealstage": ("open", "won"),
        "pipeline": ("default", "default", "other"),
        "closedate": _DAYS,
        "createdate": _DAYS,
        "hubspot_owner_id": _OWNERS,
    },
    **{name: {"hs_timestamp": _DAYS, "hubspot_owner_id": _OWNERS} for name in ACTIVITIES},
    "quotes": {"hs_status": ("DRAFT", "APPROVED")},
    "products": {"name": ("One", "Two")},
    "line_items": {
        "name": (None, "Line"),
        "hs_product_id": (None, "1", "2"),
        "amount": (None, "5", "7"),
        "recurringbillingfrequency": (None, "monthly"),
    },
    "subscriptions": {"hs_mrr": ("1", "2")},
}
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


def _put(mirror: MirrorRows, random: Random, name: str, id_: int) -> None:
    mirror.put(name, id_, **{column: random.choice(values) for column, values in _PROPERTIES[name].items()})


def _link(mirror: MirrorRows, random: Random, pair: Pair, source_id: int, target_id: int) -> None:
    mirror.link(pair.source, source_id, pair.target, target_id, primary=random.random() < 0.3)


def _fill(mirror: MirrorRows, random: Random) -> None:
    """Most records that there can be, and some of the associations."""
    for name in (*OBJECTS, *(pair.name for pair in PAIRS), "deals__history", "contacts__history"):
        mirror.connection.execute(f"delete from {name}")
    for name, id_ in product(_PROPERTIES, _IDS):
        if name != "subscriptions" and random.random() < 0.8:
            _put(mirror, random, name, id_)
    for pair, source_id, target_id in product(PAIRS, _IDS, _IDS):
        if random.random() < 0.3:
            _link(mirror, random, pair, source_id, target_id)


def _change(mirror: MirrorRows, random: Random) -> list[tuple[str, int | None]]:
    """Changes one thing; gives what the mirror notes as changed."""
    kind = random.choice(("put", "put", "gone", "link", "unlink", "history"))
    if kind in ("link", "unlink"):
        pair, source_id, target_id = random.choice(PAIRS), random.choice(_IDS), random.choice(_IDS)
        where = f"source_id = {source_id} and target_id = {target_id}"
        mirror.connection.execute(f"delete from {pair.name} where {where}")
        if kind == "link":
            _link(mirror, random, pair, source_id, target_id)
        return [(pair.source, source_id), (pair.target, target_id)]
    name, id_ = random.choice(sorted(_PROPERTIES.keys() - {"subscriptions"})), random.choice(_IDS)
    if kind == "history":
        mirror.insert("deals__history", id=id_, value=random.choice(("open", "won")), at=random.choice(_DAYS))
        return [("deals", id_)]
    if kind == "gone":
        mirror.remove(name, id_)
    else:
        _put(mirror, random, name, id_)
    return [(name, id_)]


def _held(mirror: MirrorRows, table: str, ids: set[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """By id (the deal's for stage changes), the rows of a table."""
    held = defaultdict(list)
    for row in mirror.rows(table, *(ids or ())):
        held[row["deal_id" if table == "stage_changes" else "id"]].append(row)
    return held


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    random=st.randoms(use_true_random=False),
    number=st.integers(0, len(_FILTERS) - 1),
    table=st.sampled_from(_TABLES),
)
def test_no_changed_row_is_missed(random, number, table):
    mirror = _mirror(number)
    _fill(mirror, random)
    before = _held(mirror, table)
    for _ in range(3):
        recent = _change(mirror, random)
        affected = mirror.affected(table, recent)

        after = _held(mirror, table)

        changed = {id_ for id_ in before.keys() | after.keys() if before.get(id_) != after.get(id_)}
        assert changed <= affected
        if affected:
            assert _held(mirror, table, affected) == {id_: rows for id_, rows in after.items() if id_ in affected}
        before = after
