"""A HubSpot account of any size whose records are made up when they are asked for, each time the same.

Nothing is kept but which records have been changed, so that an answer takes no longer in a large account.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from bench.hubspot_pages import OWNERS, PIPELINE

_FIRST = {"companies": 10**9, "contacts": 2 * 10**9, "deals": 3 * 10**9, "calls": 4 * 10**9}
_SHARES = {"companies": 0.1, "contacts": 0.3, "deals": 0.2, "calls": 0.4}
_PAST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)  # the first record's last change
_STEP = 20_000  # ms from one record's last change to the next one's
_SEED = 6
# Of a record its associations with the record of the same number, modulo how many there are of those.
_LINKED = {
    ("contacts", "companies"),
    ("deals", "companies"),
    ("deals", "contacts"),
    ("calls", "contacts"),
    ("calls", "companies"),
    ("calls", "deals"),
}
_NOTHING: Mapping[str, Any] = {"total": 0, "results": []}


@dataclass
class Account:
    """So many records in all. ``answer`` serves the API, and besides it ``POST /change?count=`` (changes so many
    records, of all objects) and ``GET /requests`` (how many others there were so far)."""

    records: int
    _changed: dict[str, dict[int, int]] = field(default_factory=lambda: {name: {} for name in _FIRST})
    _ids: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in _FIRST})
    _chance: random.Random = field(default_factory=lambda: random.Random(_SEED))  # noqa: S311, made-up edits
    _requests: int = 0

    def answer(self, method: str, target: str, body: bytes) -> object:  # noqa: PLR0911 (one for each kind of request)
        address = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/change":
            return self._change(int(query["count"]))
        if address.path == "/requests":
            return {"requests": self._requests}
        self._requests += 1
        parts = address.path.strip("/").split("/")
        asked = orjson.loads(body) if body else {}
        match [method, *parts]:
            case ["POST", "crm", "associations", _, source, target_name, "batch", "read"]:
                return self._links(source, target_name, asked["inputs"])
            case ["POST", "crm", "objects", _, name, "batch", "read"] if "archived" not in query:
                return self._batch(name, asked)
            case ["POST", "crm", "objects", _, name, "search"]:
                return self._search(name, asked)
            case ["GET", "crm", "objects", _, name] if query.get("archived") != "true":
                return self._page(name, query)
            case ["GET", "account-info", *_]:
                return {"portalId": 62515, "timeZone": "Europe/Berlin", "companyCurrency": "EUR"}
            case ["GET", "crm", "owners", _] if query["archived"] == "false":
                return {"results": OWNERS}
            case ["GET", "crm", "pipelines", _, "deals"]:
                return {"results": [PIPELINE]}
        return _NOTHING

    def _count(self, name: str) -> int:
        return int(self.records * _SHARES.get(name, 0))

    def _change(self, count: int) -> object:
        now = int(time.time() * 1000)
        for name, share in _SHARES.items():
            numbers = self._chance.sample(range(self._count(name)), round(count * share))
            self._changed[name].update(dict.fromkeys((_FIRST[name] + number for number in numbers), now))
            self._ids[name] = sorted(self._changed[name])
        return {}

    def _page(self, name: str, query: Mapping[str, str]) -> object:
        start, size = int(query.get("after", 0)), int(query["limit"])
        end = min(start + size, self._count(name))
        properties, past = query.get("properties", "").split(","), query.get("propertiesWithHistory")
        ids = range(_FIRST.get(name, 0) + start, _FIRST.get(name, 0) + end)
        answer: dict[str, object] = {"results": [self._record(name, id_, properties, past) for id_ in ids]}
        if end < self._count(name):
            answer["paging"] = {"next": {"after": str(end)}}
        return answer

    def _batch(self, name: str, asked: Mapping[str, Any]) -> object:
        past = next(iter(asked.get("propertiesWithHistory", ())), None)
        ids = (int(each["id"]) for each in asked["inputs"])
        return {"results": [self._record(name, id_, asked["properties"], past) for id_ in ids]}

    def _search(self, name: str, asked: Mapping[str, Any]) -> object:
        """Of records in the order of their ids; the filters are those that the connector knows."""
        start, end, after = None, None, 0
        for each in (each for group in asked["filterGroups"] for each in group["filters"]):
            value = int(each["value"])
            match each["operator"]:
                case "GT":
                    after = value
                case "GTE":
                    start = value
                case "LT":
                    end = value
        if name not in _FIRST:
            return _NOTHING
        changed = self._changed[name]
        ids = self._ids[name][bisect_right(self._ids[name], after) :]
        found = [id_ for id_ in ids if (start is None or changed[id_] >= start) and (end is None or changed[id_] < end)]
        limit, modified = asked["limit"], asked["properties"]
        answer: dict[str, object] = {
            "total": len(found) + self._unchanged(name, start, end),
            "results": [self._record(name, id_, modified, None) for id_ in found[:limit]],
        }
        if len(found) > limit:
            answer["paging"] = {"next": {"after": str(limit)}}
        return answer

    def _unchanged(self, name: str, start: int | None, end: int | None) -> int:
        """How many records that nobody has changed were last changed in a span."""
        count = self._count(name)
        first = 0 if start is None else min(max(0, -(-(start - _PAST) // _STEP)), count)
        last = count if end is None else min(max(0, -(-(end - _PAST) // _STEP)), count)
        inside = range(_FIRST[name] + first, _FIRST[name] + last)
        return len(inside) - sum(id_ in inside for id_ in self._changed[name])

    def _record(self, name: str, id_: int, properties: Sequence[str], past: str | None) -> dict[str, object]:
        number = id_ - _FIRST[name]
        changed_at = self._changed[name].get(id_)
        made_at, modified = _instant(_PAST + number * _STEP), _instant(changed_at or _PAST + number * _STEP)
        values = _values(name, number, made_at, changed_at)
        values |= {"hs_lastmodifieddate": modified, "lastmodifieddate": modified}
        record: dict[str, object] = {
            "id": str(id_),
            "properties": {each: values.get(each) for each in properties},
            "createdAt": made_at,
            "updatedAt": modified,
            "archived": False,
        }
        if past is not None:
            record["propertiesWithHistory"] = {past: [{"value": values[past], "timestamp": made_at}]}
        return record

    def _links(self, source: str, target: str, inputs: Sequence[Mapping[str, Any]]) -> object:
        results = []
        for each in inputs:
            ends = list(self._ends(source, target, int(each["id"])))
            if ends:
                types = [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": None}]
                to = [{"toObjectId": str(end), "associationTypes": types} for end in ends]
                results.append({"from": {"id": each["id"]}, "to": to})
        return {"results": results}

    def _ends(self, source: str, target: str, id_: int) -> Iterator[int]:
        if (source, target) in _LINKED:
            yield _FIRST[target] + (id_ - _FIRST[source]) % self._count(target)
        elif (target, source) in _LINKED:
            yield from range(
                _FIRST[target] + id_ - _FIRST[source], _FIRST[target] + self._count(target), self._count(source)
            )


def _values(name: str, number: int, made_at: str, changed_at: int | None) -> dict[str, str]:
    """A record's values; a change is of the name, the amount or the length."""
    owner = str(OWNERS[number % len(OWNERS)]["id"])
    revision = (changed_at or 0) % 10_000
    match name:
        case "companies":
            own = {"name": f"Company {number} {revision}", "country": "Germany", "numberofemployees": "120"}
        case "contacts":
            own = {"email": f"buyer{number}.{revision}@example.com", "lifecyclestage": "lead"}
            own |= {"hs_lifecyclestage_lead_date": made_at, "hs_analytics_source": "ORGANIC_SEARCH"}
        case "deals":
            own = {"dealname": f"Deal {number}", "amount": f"{1_000 + number % 50_000 + revision}.50"}
            stage = PIPELINE["stages"][number % len(PIPELINE["stages"])]  # type: ignore[index, arg-type]
            own |= {"pipeline": "default", "dealstage": stage["id"], "deal_currency_code": "EUR", "closedate": made_at}
            own |= {"hs_is_closed": stage["metadata"]["isClosed"], "dealtype": "newbusiness"}
        case _:
            own = {"hs_timestamp": made_at, "hs_call_duration": str(60_000 + revision), "hs_call_status": "COMPLETED"}
            own |= {"hs_call_direction": "OUTBOUND"}
    return {"hubspot_owner_id": owner, "createdate": made_at, "hs_createdate": made_at, **own}


def _instant(milliseconds: int) -> str:
    return (
        datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03}Z"
    )
