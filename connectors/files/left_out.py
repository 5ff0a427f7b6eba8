"""What ``[source.include]`` and ``[source.exclude]`` leave out: the ids first, then the rows that hang on them.

- A left-out owner goes with every record that has that owner_id.
- A left-out lead (by the domain of its email) goes with its activities, its deals, and what hangs on those.
- A left-out deal (of such an owner or lead, or by pipeline or type) goes with its parts: stage changes, quotes, line
  items. Its activities and subscriptions stay: they have an owner and an account of their own, and a call is work, an
  MRR revenue, in whichever pipeline the deal was. Only those of a left-out lead's deal go, since that lead is a test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from connectors.mapping import Filters
from connectors.suggestion import did_you_mean
from kpi.schema import TABLES

_OWNERS, _LEADS, _DEALS, _LEAD_DEALS = "owners", "leads", "deals", "lead_deals"
_HANGS_ON: Mapping[str, Mapping[str, str]] = {
    "owners": {"id": _OWNERS},
    "leads": {"id": _LEADS},
    "deals": {"id": _DEALS},
    "stage_changes": {"deal_id": _DEALS},
    "quotes": {"deal_id": _DEALS},
    "line_items": {"deal_id": _DEALS},
    "activities": {"lead_id": _LEADS, "deal_id": _LEAD_DEALS},
    "subscriptions": {"deal_id": _LEAD_DEALS},
}


class Scan(Protocol):
    """Reads some schema columns of a whole table, as text; ``optional`` ones that are not there are empty. Raises
    SourceError, naming ``reason``, where the table or a needed column is not there."""

    def __call__(
        self, table: str, needed: Sequence[str], optional: Sequence[str] = (), *, reason: str
    ) -> Iterator[pa.Table]: ...


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Ids of what does not count. ``notices``, by table, name filters that meet nothing."""

    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by_column(self, table: str) -> dict[str, pa.Array]:
        """Which values of which column leave a row of ``table`` out."""
        hangs_on = dict(_HANGS_ON.get(table, {}))
        if "owner_id" in TABLES[table].column_names:
            hangs_on["owner_id"] = _OWNERS
        chosen = {column: self.ids.get(kind) for column, kind in hangs_on.items()}
        return {column: pa.array(sorted(ids), pa.string()) for column, ids in chosen.items() if ids}


def without(rows: pa.Table, by_column: Mapping[str, pa.Array]) -> pa.Table:
    """The rows that none of the values leaves out."""
    for column, ids in by_column.items():
        if column in rows.column_names:
            rows = rows.filter(pc.invert(pc.is_in(_trimmed(rows[column]), value_set=ids)))
    return rows


def digest(by_column: Mapping[str, pa.Array]) -> str:
    """Changes when what is left out of a table changes."""
    hashed = hashlib.sha256()
    for column, ids in by_column.items():
        hashed.update("\0".join([column, *ids.to_pylist(), ""]).encode())
    return hashed.hexdigest()


def find_left_out(filters: Filters, tables: Container[str], scan: Scan) -> LeftOut:
    """Reads the ids that the filters leave out, from the tables that the source has."""
    if filters == Filters():
        return LeftOut()
    owners, strangers = _find_owners(filters, scan)
    leads, lead_deals = _find_leads(filters, scan)
    notices = {"owners": strangers}
    deals: frozenset[str] = lead_deals
    if _DEALS in tables or filters.pipelines or filters.types:
        chosen = _DealChoice(filters, owners, leads, lead_deals)
        deals, lead_deals = chosen.find(scan)
        notices["deals"] = chosen.notices()
    ids = {_OWNERS: owners, _LEADS: leads, _DEALS: deals, _LEAD_DEALS: lead_deals}
    return LeftOut(ids, notices)


def _find_owners(filters: Filters, scan: Scan) -> tuple[frozenset[str], tuple[str, ...]]:
    if not filters.excluded_owners:
        return frozenset(), ()
    emails = {email.strip().casefold() for email in filters.excluded_owners}
    found, met = set(), set()
    for rows in scan("owners", ("id", "email"), reason="[source.exclude] owners"):
        for id_, email in _tuples(rows, ("id", "email")):
            if email.casefold() in emails:
                found.add(id_)
                met.add(email.casefold())
    unmet = len(emails - met)
    notice = f"{unmet} of the {len(emails)} emails in [source.exclude] owners are nobody's."
    return frozenset(found), (notice,) if unmet else ()


def _find_leads(filters: Filters, scan: Scan) -> tuple[frozenset[str], frozenset[str]]:
    """The leads with an address of an excluded domain or one below it, and the deals they name."""
    if not filters.excluded_domains:
        return frozenset(), frozenset()
    endings = tuple("." + domain.strip().casefold().lstrip("@.") for domain in filters.excluded_domains)
    leads, deals = set(), set()
    for rows in scan("leads", ("id", "email"), ("deal_id",), reason="[source.exclude] domains"):
        for id_, email, deal_id in _tuples(rows, ("id", "email", "deal_id")):
            _, at, domain = email.casefold().rpartition("@")
            if at and f".{domain}".endswith(endings):
                leads.add(id_)
                deals.add(deal_id)
    return frozenset(leads - {""}), frozenset(deals - {""})


class _DealChoice:
    """Which deals are left out, and which values of pipeline and type there are at all."""

    def __init__(
        self, filters: Filters, owners: frozenset[str], leads: frozenset[str], lead_deals: frozenset[str]
    ) -> None:
        self._owners, self._leads, self._lead_deals = owners, leads, lead_deals
        self._wanted = {
            column: {value.strip().casefold(): value for value in values}
            for column, values in (("pipeline", filters.pipelines), ("type", filters.types))
            if values
        }
        self._met: dict[str, dict[str, str]] = {column: {} for column in self._wanted}

    def find(self, scan: Scan) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of all left-out deals, and of those that belong to left-out leads."""
        columns = ("id", "owner_id", "lead_id", *self._wanted)
        needed = ("id", *self._wanted)
        filter_names = {"pipeline": "pipelines", "type": "types"}
        named = " and ".join(f"[source.include] {filter_names[column]}" for column in self._wanted) or "a filter"
        left_out, of_leads = set(self._lead_deals), set(self._lead_deals)
        for rows in scan("deals", needed, ("owner_id", "lead_id"), reason=named):
            for id_, owner_id, lead_id, *values in _tuples(rows, columns):
                is_wanted = self._are_wanted(values)
                if lead_id in self._leads:
                    of_leads.add(id_)
                if not is_wanted or owner_id in self._owners or lead_id in self._leads:
                    left_out.add(id_)
        return frozenset(left_out - {""}), frozenset(of_leads - {""})

    def _are_wanted(self, values: Sequence[str]) -> bool:
        are_wanted = True
        for (column, wanted), value in zip(self._wanted.items(), values, strict=True):
            folded = value.casefold()
            self._met[column].setdefault(folded, value)
            are_wanted = are_wanted and folded in wanted
        return are_wanted

    def notices(self) -> tuple[str, ...]:
        """Wanted values that no deal has: a slip of the pen would leave everything out in silence."""
        return tuple(
            f'No deal has the {column} "{value}", which [source.include] names; '
            f"{did_you_mean(value, [one for one in self._met[column].values() if one])}"
            for column, wanted in self._wanted.items()
            for folded, value in wanted.items()
            if folded not in self._met[column]
        )


def _tuples(rows: pa.Table, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(_trimmed(rows[column]).to_pylist() for column in columns), strict=True)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.fill_null(column, ""))
