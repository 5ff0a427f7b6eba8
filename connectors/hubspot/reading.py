"""Reading from HubSpot's API, page by page and batch by batch: what it answers as chunks for the mirror."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlencode

import pyarrow as pa
import pyarrow.compute as pc

from connectors.hubspot.client import HubspotError, Reply
from connectors.hubspot.mirror.chunks import History, Link, Links, Records
from connectors.hubspot.objects import CrmObject, Pair
from connectors.hubspot.paths import Paths

T = TypeVar("T")

PAGE = 100
HISTORY_PAGE = 50  # what a request may hold where past values are asked for
SEARCH_PAGE = 200
LINKS_BATCH = 1_000
_LONGEST_QUERY = 6_000  # characters; addresses break near 16,000, at proxies earlier
_MOST_PAGES_OF_ONE = 10_000
_NO_LINKS = ("NO_ASSOCIATIONS_FOUND",)
_NOT_FOUND = "OBJECT_NOT_FOUND"
_PRIMARY = "primary"
_FIXED = ("id", "createdAt", "updatedAt")


class Client(Protocol):
    """What is needed of ``HubspotClient``."""

    paths: Paths

    def get(self, path: str, query: Mapping[str, str | Sequence[str]] | None = None) -> Reply: ...

    def post(self, path: str, body: Any, *, is_search: bool = False) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Page:
    """``records`` as HubSpot gives them, and where the next page begins (None: this is the last)."""

    records: Sequence[Mapping[str, Any]]
    after: str | None
    at: datetime  # the account's clock


class RepeatedPageError(HubspotError):
    """A listing leads back to a page that it has come from."""


def list_pages(
    client: Client,
    kind: CrmObject,
    properties: Sequence[str],
    after: str | None = None,
    *,
    archived: bool = False,
    with_history: bool = False,
) -> Iterator[Page]:
    """The pages of an object's records behind ``after``. A short page ends nothing: only a missing next one does."""
    query: dict[str, str] = {
        "limit": str(HISTORY_PAGE if with_history else PAGE),
        "archived": str(archived).lower(),
        "properties": ",".join(properties),
    }
    if with_history and kind.history:
        query["propertiesWithHistory"] = kind.history
    seen = {after}
    while True:
        reply = client.get(client.paths.objects(kind.name), query if after is None else {**query, "after": after})
        records, after = results_of(reply), _next_page(reply.body)
        yield Page(records, after, reply.at)
        if after is None:
            return
        if after in seen:
            raise RepeatedPageError(f"HubSpot's list of {kind.name} leads back to a page that was there already.")
        seen.add(after)


def fitting_properties(properties: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The properties that fit into an address, and the rest."""
    length = 0
    for position, name in enumerate(properties):
        length += len(urlencode({"": name})) + 3
        if length > _LONGEST_QUERY:
            return properties[:position], properties[position:]
    return properties, ()


def search(
    client: Client, kind: CrmObject, filters: Sequence[Mapping[str, str]], after_id: int = 0
) -> Iterator[Mapping[int, str]]:
    """Ids behind ``after_id``, in their order, of the records that fit all filters, and when each was last changed.

    Each page is a search of its own for what is behind the last id. HubSpot's own pages are counted offsets: a record
    that changes in between, and so no longer fits, would push another over the edge unseen; and they end at 10,000.
    """
    while True:
        behind = {"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)}
        reply = client.post(
            client.paths.search(kind.name), _search_body(kind, [*filters, behind], SEARCH_PAGE), is_search=True
        )
        found = {int(one["id"]): str(one["properties"].get(kind.modified) or "") for one in results_of(reply)}
        is_last = _next_page(reply.body) is None
        if min(found, default=after_id + 1) <= after_id or not (found or is_last):
            raise RepeatedPageError(f"HubSpot's search for {kind.name} leads back to what was found already.")
        yield found
        if is_last:
            return
        after_id = max(found)


def count_found(client: Client, kind: CrmObject, filters: Sequence[Mapping[str, str]]) -> int:
    """How many live records fit all filters, by the search's own count."""
    reply = client.post(client.paths.search(kind.name), _search_body(kind, filters, 1), is_search=True)
    return int(_part(reply, "total", int))


def changed_between(kind: CrmObject, start: int | None, end: int | None) -> list[dict[str, str]]:
    """The filters of a search for what was last changed from ``start`` to before ``end``, in ms since 1970."""
    filters = []
    if start is not None:
        filters.append({"propertyName": kind.modified, "operator": "GTE", "value": str(start)})
    if end is not None:
        filters.append({"propertyName": kind.modified, "operator": "LT", "value": str(end)})
    return filters


def read_batch(
    client: Client,
    kind: CrmObject,
    ids: Sequence[int],
    properties: Sequence[str],
    *,
    with_history: bool = False,
    archived: bool = False,
) -> list[Mapping[str, Any]]:
    """Those of the records that are there, live ones or those in the recycle bin, in any order. A record may come under
    another id than it was asked for: that of the one it was merged into."""
    path = client.paths.batch_read(kind.name) + ("?archived=true" if archived else "")
    records: list[Mapping[str, Any]] = []
    for part in parts(ids, HISTORY_PAGE if with_history else PAGE):
        body: dict[str, Any] = {"properties": list(properties), "inputs": [{"id": str(each)} for each in part]}
        if with_history and kind.history:
            body["propertiesWithHistory"] = [kind.history]
        reply = client.post(path, body)
        for error in _errors_of(reply):
            if error.get("category") != _NOT_FOUND:
                raise HubspotError(f"HubSpot could not read some {kind.name} ({_told(error)}): run kpi sync again.")
        records += results_of(reply)
    return records


def read_links(client: Client, pair: Pair, ids: Sequence[int], *, by_target: bool = False) -> Links:
    """All associations that a pair has for some records."""
    source, target = (pair.target, pair.source) if by_target else (pair.source, pair.target)
    path = client.paths.associations(source, target)
    links: dict[tuple[int, int], bool] = {}
    inputs = [{"id": str(each)} for each in ids]
    for _ in range(_MOST_PAGES_OF_ONE):
        if not inputs:
            break
        following: list[dict[str, str]] = []
        for part in parts(inputs, LINKS_BATCH):
            reply = client.post(path, {"inputs": part})
            _refuse_link_errors(reply, pair)
            for result in results_of(reply):
                own = int(result["from"]["id"])
                for other, is_primary in _ends(result):
                    key = (other, own) if by_target else (own, other)
                    links[key] = links.get(key, False) or is_primary
                after = _next_page(result)
                if after is not None:
                    following.append({"id": str(own), "after": unquote(after)})
        if following == inputs:
            raise RepeatedPageError(f"HubSpot's associations of {source} with {target} lead back to the same page.")
        inputs = following
    else:
        raise RepeatedPageError(f"HubSpot's associations of {source} with {target} do not end.")
    asked = set(ids)
    side = 1 if by_target else 0
    rows: list[Link] = [(*key, is_primary) for key, is_primary in sorted(links.items()) if key[side] in asked]
    return Links(pair, ids, rows, by_target)


def in_columns(kind: CrmObject, records: Sequence[Mapping[str, Any]], properties: Sequence[str]) -> pa.StructArray:
    """Records of the API as texts in columns, which take less room: Arrow reads them as they are. Values
    that are no texts are written as JSON would."""
    names = _names(kind, properties)
    values = pa.struct([(name, pa.string()) for name in names])
    form = pa.struct([*((name, pa.string()) for name in _FIXED), ("properties", values)])
    try:
        return pa.array(records, form)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([_with_texts(record, names) for record in records], form)


def as_records(
    kind: CrmObject, rows: pa.StructArray, properties: Sequence[str], histories: Sequence[History] | None = None
) -> Records:
    """What ``in_columns`` gives as the mirror takes it; ``histories`` where they were read with the records."""
    id_, created_at, updated_at, values = rows.flatten()
    texts = dict(zip(_names(kind, properties), map(_without_empty, values.flatten()), strict=True))
    columns = {
        "id": id_.cast(pa.int64()),
        "created_at": _without_empty(created_at),
        "updated_at": _without_empty(updated_at),
        "modified": texts[kind.modified],
        **{name: texts[name] for name in properties},
    }
    table = pa.table(columns)
    if histories is None:
        return Records(kind.name, table)
    return Records(kind.name, table, table["id"].to_pylist(), histories)


def histories_of(kind: CrmObject, records: Iterable[Mapping[str, Any]]) -> Iterator[History]:
    """What an object's property has been, of records that were read with its past values."""
    for record in records:
        for entry in (record.get("propertiesWithHistory") or {}).get(kind.history) or ():
            yield int(record["id"]), str(entry.get("value") or ""), str(entry["timestamp"])


def results_of(reply: Reply) -> list[Mapping[str, Any]]:
    """The results of an answer; HubspotError where it has none."""
    results = _part(reply, "results", list)
    if not all(isinstance(each, dict) for each in results):
        raise HubspotError("HubSpot's answer has another form than its documents say: run kpi sync again.")
    return list(results)


def all_results(client: Client, path: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The results of all pages of a short list, such as owners."""
    results: list[Mapping[str, Any]] = []
    after: str | None = None
    seen: set[str] = set()
    while True:
        reply = client.get(path, {**query, "after": after} if after else dict(query))
        results += results_of(reply)
        after = _next_page(reply.body)
        if after is None:
            return results
        if after in seen:
            raise RepeatedPageError("A list of HubSpot's leads back to a page that was there already.")
        seen.add(after)


def parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The sequence in pieces of at most ``size``."""
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def milliseconds(moment: datetime) -> int:
    """Since 1970, as HubSpot counts."""
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _search_body(kind: CrmObject, filters: Sequence[Mapping[str, str]], limit: int) -> dict[str, Any]:
    return {
        "filterGroups": [{"filters": list(filters)}] if filters else [],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": [kind.modified],
        "limit": limit,
    }


def _refuse_link_errors(reply: Reply, pair: Pair) -> None:
    """No associations is what HubSpot tells as an error; anything else is one."""
    for error in _errors_of(reply):
        told = (str(error.get("subCategory", "")), str(error.get("category", "")))
        if not any(known in one for known in (*_NO_LINKS, _NOT_FOUND) for one in told):
            raise HubspotError(
                f"HubSpot could not read some associations of {pair.source} with {pair.target} ({_told(error)}): "
                "run kpi sync again."
            )


def _ends(result: Mapping[str, Any]) -> Iterator[tuple[int, bool]]:
    for end in result.get("to") or ():
        labels = [str(one.get("label") or "").casefold() for one in end.get("associationTypes") or ()]
        yield int(end["toObjectId"]), any(_PRIMARY in label for label in labels)


def _errors_of(reply: Reply) -> list[Mapping[str, Any]]:
    return [error for error in reply.body.get("errors") or () if isinstance(error, dict)]


def _told(error: Mapping[str, Any]) -> str:
    return str(error.get("category") or "no reason given")[:60]


def _part(reply: Reply, name: str, kind: type) -> Any:
    value = reply.body.get(name) if isinstance(reply.body, dict) else None
    if not isinstance(value, kind):
        raise HubspotError("HubSpot's answer has another form than its documents say: run kpi sync again.")
    return value


def _next_page(body: Mapping[str, Any]) -> str | None:
    after = ((body.get("paging") or {}).get("next") or {}).get("after")
    return str(after) if after is not None else None


def _names(kind: CrmObject, properties: Sequence[str]) -> Sequence[str]:
    return tuple(dict.fromkeys((*properties, kind.modified)))


def _with_texts(record: Mapping[str, Any], properties: Sequence[str]) -> dict[str, Any]:
    given = record["properties"]
    fixed = {name: _text(record.get(name)) for name in _FIXED}
    return {**fixed, "properties": {name: _text(given.get(name)) for name in properties}}


def _without_empty(texts: pa.Array) -> pa.Array:
    is_empty = pc.equal(texts, "")
    return pc.if_else(is_empty, None, texts) if pc.any(is_empty).as_py() else texts


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
