"""Ways to load an account's deals, each for a process of its own: the project's, two with dlt, and reading alone.

All ask for the same pages in the same way. Those that load keep what HubSpot wrote, replace a deal that is there
already, and write down how far they are. dlt's are set up as they were fastest of what was tried: Parquet beside its
own formats, upserts beside deletes and inserts, one process beside two, larger buffers and files, tables of 10,000 and
of 50,000 records.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import urllib3

from bench.asked import ORGANISATION, STORE
from connectors.hubspot.auth import PrivateAppToken
from connectors.hubspot.client import HubspotClient
from connectors.hubspot.fields import properties_of
from connectors.hubspot.objects import OBJECTS
from connectors.hubspot.paths import Paths
from connectors.limiter import Limiter
from connectors.mapping import SourceSettings

ADDRESS = "address.txt"  # where a folder says which server is asked
_SETTINGS = SourceSettings("hubspot", "hubspot")
_PROPERTIES = {name: properties_of(name, _SETTINGS) for name in OBJECTS}
_TOKEN = "made-up"  # noqa: S105, the server looks at none
_PATH = "/crm/objects/2026-09/deals"
_QUERY = {"limit": "100", "archived": "false", "properties": ",".join(_PROPERTIES["deals"])}
_GATHERED = 50_000  # records in each table that dlt is handed
_DLT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}

Load = Callable[[], int]  # gives how many deals it has brought


def ours(base: Path) -> Load:
    """Through client, mirror and translation into a store. Histories and associations, which the other ways know
    nothing of, are left out."""
    import hubspot.crm.objects.api_client  # noqa: F401 (imports are not what is measured)

    from connectors.hubspot.mirror import open_mirror
    from connectors.hubspot.mirror.arrivals import apply_side
    from connectors.hubspot.pulling import Puller
    from connectors.hubspot.rows import make_rows
    from connectors.hubspot.sides import read_sides
    from connectors.hubspot.translation import Translator
    from kpi.store import open_writer

    objects = {"deals": replace(OBJECTS["deals"], history=None)}
    client = HubspotClient(_address(base), PrivateAppToken(_TOKEN), Limiter(_SETTINGS.share), paths=Paths())

    def load() -> int:
        with (
            open_writer(STORE, ORGANISATION, base=base) as writer,
            open_mirror(base / "mirror.duckdb", _PROPERTIES) as mirror,
        ):
            for side, _ in read_sides(client, mirror):
                if side is not None:
                    apply_side(mirror, side)
            for _ in Puller(client, mirror, objects, (), _PROPERTIES).pull(datetime.now(UTC)):
                pass
            client.close()
            translator = Translator(_SETTINGS, ORGANISATION.timezone, ORGANISATION.currency)
            written = 0
            for batch in make_rows(mirror, translator, writer.cursors(_SETTINGS.name)):
                loaded = writer.load(_SETTINGS.name, batch)
                written += loaded.written if batch.table == "deals" else 0
        return written

    return load


def dlt_rest(base: Path) -> Load:
    """dlt's own source for such an API, configured alone."""
    os.environ.update(_DLT)
    from dlt.sources.rest_api import rest_api_source

    paging = {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"}
    cursor = {"cursor_path": "updatedAt", "start_param": "updatedAfter", "initial_value": "1970-01-01T00:00:00Z"}
    deals: Any = {
        "name": "deals",
        "primary_key": "id",
        "write_disposition": {"disposition": "merge", "strategy": "upsert"},
        "max_table_nesting": 0,
        "endpoint": {"path": _PATH[1:], "params": _QUERY, "data_selector": "results", "incremental": cursor},
    }
    client: Any = {"base_url": _address(base), "auth": {"type": "bearer", "token": _TOKEN}, "paginator": paging}
    return lambda: _run_dlt(base, rest_api_source({"client": client, "resources": [deals]}))


def dlt_arrow(base: Path) -> Load:
    """dlt's fastest form: a resource written by hand that gives whole Arrow tables."""
    os.environ.update(_DLT)
    import dlt
    import pyarrow as pa

    @dlt.resource(name="deals", primary_key="id", write_disposition={"disposition": "merge", "strategy": "upsert"})
    def deals(_updated: Any = dlt.sources.incremental("updatedAt", primary_key=())) -> Iterator[pa.Table]:  # noqa: B008
        gathered: list[Mapping[str, Any]] = []
        for results in _pages(_address(base)):
            gathered += results
            if len(gathered) >= _GATHERED:
                yield _table(gathered)
                gathered.clear()
        if gathered:
            yield _table(gathered)

    def _table(records: list[Mapping[str, Any]]) -> pa.Table:
        values = [record["properties"] for record in records]
        own = {name: [record[name] for record in records] for name in ("id", "createdAt", "updatedAt")}
        return pa.table(
            own | {name: pa.array([each.get(name) for each in values], pa.string()) for name in _PROPERTIES["deals"]}
        )

    return lambda: _run_dlt(base, deals)


def plain(base: Path) -> Load:
    """Fetched and parsed, and nothing kept."""
    return lambda: sum(map(len, _pages(_address(base))))


WAYS: Mapping[str, Callable[[Path], Load]] = {
    "ours": ours,
    "dlt-rest": dlt_rest,
    "dlt-arrow": dlt_arrow,
    "plain": plain,
}


def _address(base: Path) -> str:
    return (base / ADDRESS).read_text("ascii")


def _pages(address: str) -> Iterator[list[Mapping[str, Any]]]:
    """The results of each page, over one connection that stays open."""
    pool = urllib3.PoolManager()
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    query = dict(_QUERY)
    while True:
        answer = orjson.loads(pool.request("GET", address + _PATH, fields=query, headers=headers).data)
        yield answer["results"]
        if "paging" not in answer:
            return
        query["after"] = answer["paging"]["next"]["after"]


def _run_dlt(base: Path, source: Any) -> int:
    import dlt
    from dlt.destinations import duckdb

    pipeline = dlt.pipeline(
        "bench", pipelines_dir=str(base / "dlt"), destination=duckdb(str(base / "dlt.duckdb")), dataset_name="crm"
    )
    pipeline.run(source, loader_file_format="parquet")
    trace: Any = pipeline.last_trace
    return int(trace.last_normalize_info.row_counts["deals"])
