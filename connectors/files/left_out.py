"""What ``[source.include]`` and ``[source.exclude]`` leave out: the ids first, then the rows that hang on them.

- A left-out owner goes with every record that has that owner_id.
- A left-out account (by its name) goes with every record that has that account_id, and what hangs on those.
- A left-out lead (by its email or the domain of it, or of such an account) goes with its activities, its deals, and
  what hangs on those.
- A left-out deal (of such an owner, account or lead, by its name, or by pipeline or type) goes with its parts: stage
  changes, quotes, line items. Its activities and subscriptions stay: they have an owner and an account of their own,
  and a call is work, an MRR revenue, in whichever pipeline the deal was. Only those of a test go with it, which a deal
  is by its own name, its account's, or its lead.

``[source.exclude] names`` are globs (see ``connectors.globs``) on deals.name, accounts.name and leads.email.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from connectors.globs import globs_regex
from connectors.mapping import Filters
from connectors.suggestion import did_you_mean
from kpi.schema import TABLES

_OWNERS, _ACCOUNTS, _LEADS, _DEALS, _TEST_DEALS = "owners", "accounts", "leads", "deals", "test_deals"
_HANGS_ON: Mapping[str, Mapping[str, str]] = {
    "owners": {"id": _OWNERS},
    "accounts": {"id": _ACCOUNTS},
    "leads": {"id": _LEADS},
    "deals": {"id": _DEALS},
    "stage_changes": {"deal_id": _DEALS},
    "quotes": {"deal_id": _DEALS},
    "line_items": {"deal_id": _DEALS},
    "activities": {"lead_id": _LEADS, "deal_id": _TEST_DEALS},
    "subscriptions": {"deal_id": _TEST_DEALS},
}
_ON_ANY = {"owner_id": _OWNERS, "account_id": _ACCOUNTS}
_NAMED = {"accounts": "name", "leads": "email", "deals": "name"}


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
        columns = TABLES[table].column_names
        on_any = {column: kind for column, kind in _ON_ANY.items() if column in columns}
        hangs_on = {**_HANGS_ON.get(table, {}), **on_any}
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
    names = _Names(filters.excluded_names)
    accounts = _find_accounts(names, tables, scan)
    leads, lead_deals = _find_leads(filters, names, accounts, tables, scan)
    notices: dict[str, tuple[str, ...]] = {"owners": strangers}
    deals = tests = lead_deals
    if _DEALS in tables or filters.pipelines or filters.types or filters.excluded_pipelines:
        chosen = _DealChoice(filters, names, _Hidden(owners, accounts, leads))
        deals, tests = chosen.find(scan, lead_deals)
        notices["deals"] = chosen.notices()
    named = next((table for table in ("deals", "leads", "accounts") if table in tables), "deals")
    notices[named] = (*notices.get(named, ()), *names.notices())
    ids = {_OWNERS: owners, _ACCOUNTS: accounts, _LEADS: leads, _DEALS: deals, _TEST_DEALS: tests}
    return LeftOut(ids, notices)


class _Names:
    """The globs of ``[source.exclude] names``, and which of them met something."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._unmet = {glob: re.compile(globs_regex([glob])) for glob in globs}
        self._any = re.compile(globs_regex(globs))
        self.are_given = bool(globs)

    def fit(self, name: str) -> bool:
        if not self._any.fullmatch(name):
            return False
        self._unmet = {glob: pattern for glob, pattern in self._unmet.items() if not pattern.fullmatch(name)}
        return True

    def notices(self) -> tuple[str, ...]:
        return tuple(
            f'No deal, account or lead is called "{glob}", which [source.exclude] names says.' for glob in self._unmet
        )


@dataclass(frozen=True, slots=True)
class _Hidden:
    """What was found to be left out before the deals are looked at."""

    owners: frozenset[str]
    accounts: frozenset[str]
    leads: frozenset[str]


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


def _find_accounts(names: _Names, tables: Container[str], scan: Scan) -> frozenset[str]:
    if not names.are_given or _ACCOUNTS not in tables:
        return frozenset()
    scanned = scan("accounts", ("id",), ("name",), reason="[source.exclude] names")
    return frozenset(id_ for rows in scanned for id_, name in _tuples(rows, ("id", "name")) if id_ and names.fit(name))


def _find_leads(
    filters: Filters, names: _Names, accounts: frozenset[str], tables: Container[str], scan: Scan
) -> tuple[frozenset[str], frozenset[str]]:
    """The leads with an excluded address, with one of an excluded domain or below it, and of excluded accounts; and
    the deals they name."""
    domains = filters.excluded_domains
    if not domains and not (names.are_given and _LEADS in tables):
        return frozenset(), frozenset()
    endings = tuple("." + domain.strip().casefold().lstrip("@.") for domain in domains)
    needed, optional = (("id", "email"), ()) if domains else (("id",), ("email",))
    reason = f"[source.exclude] {'domains' if domains else 'names'}"
    leads, deals = set(), set()
    for rows in scan("leads", needed, (*optional, "deal_id", "account_id"), reason=reason):
        for id_, email, deal_id, account_id in _tuples(rows, ("id", "email", "deal_id", "account_id")):
            _, at, domain = email.casefold().rpartition("@")
            is_inside = bool(at) and f".{domain}".endswith(endings)
            if names.fit(email) or is_inside or account_id in accounts:
                leads.add(id_)
                deals.add(deal_id)
    return frozenset(leads - {""}), frozenset(deals - {""})


class _DealChoice:
    """Which deals are left out, and which values of pipeline and type there are at all."""

    def __init__(self, filters: Filters, names: _Names, hidden: _Hidden) -> None:
        self._names, self._hidden = names, hidden
        self._included = _folded(("pipeline", filters.pipelines), ("type", filters.types))
        self._excluded = _folded(("pipeline", filters.excluded_pipelines))
        self._columns = tuple(dict.fromkeys((*self._included, *self._excluded)))
        self._met: dict[str, dict[str, str]] = {column: {} for column in self._columns}

    def find(self, scan: Scan, lead_deals: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of all left-out deals, and of those that are tests: ``lead_deals`` and more."""
        others = ("name", "owner_id", "account_id", "lead_id")
        hidden = self._hidden
        left_out, tests = set(lead_deals), set(lead_deals)
        for rows in scan("deals", ("id", *self._columns), others, reason=self._reason()):
            for id_, name, owner_id, account_id, lead_id, *values in _tuples(rows, ("id", *others, *self._columns)):
                if lead_id in hidden.leads or account_id in hidden.accounts or self._names.fit(name):
                    tests.add(id_)
                if not self._are_wanted(values) or owner_id in hidden.owners:
                    left_out.add(id_)
        return frozenset((left_out | tests) - {""}), frozenset(tests - {""})

    def _reason(self) -> str:
        given = [("include", column) for column in self._included] + [("exclude", column) for column in self._excluded]
        return " and ".join(f"[source.{block}] {column}s" for block, column in given) or "a filter"

    def _are_wanted(self, values: Sequence[str]) -> bool:
        are_wanted = True
        for column, value in zip(self._columns, values, strict=True):
            folded = value.casefold()
            self._met[column].setdefault(folded, value)
            is_included = column not in self._included or folded in self._included[column]
            are_wanted = are_wanted and is_included and folded not in self._excluded.get(column, ())
        return are_wanted

    def notices(self) -> tuple[str, ...]:
        """Named values that no deal has: a slip of the pen would leave everything out, or nothing, in silence."""
        return tuple(
            f'No deal has the {column} "{value}", which [source.{block}] names; '
            f"{did_you_mean(value, [one for one in self._met[column].values() if one])}"
            for block, named in (("include", self._included), ("exclude", self._excluded))
            for column, values in named.items()
            for folded, value in values.items()
            if folded not in self._met[column]
        )


def _folded(*named: tuple[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """By column, the values as they are compared, and as they were written; only columns that any are given for."""
    return {column: {value.strip().casefold(): value for value in values} for column, values in named if values}


def _tuples(rows: pa.Table, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(_trimmed(rows[column]).to_pylist() for column in columns), strict=True)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.fill_null(column, ""))
