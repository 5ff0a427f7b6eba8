"""What people do to a small account, as data: which edit, and numbers that choose the records. What cannot be done is
left undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from connectors.hubspot.emulator.account import Account, AccountError, Link
from connectors.hubspot.emulator.kinds import KINDS
from connectors.hubspot.emulator.links import has_primary
from connectors.hubspot.emulator.organisation import Owner, Stage
from connectors.hubspot.objects import PAIRS

OWNERS = (11, 12, 13)
MERGEABLE = ("contacts", "companies", "deals")
_MINUTE = timedelta(minutes=1)

_STAGES = {
    "deals": ("appointmentscheduled", "contractsent", "closedwon", "closedlost", "extra-1", "extra-2", "other-1"),
    "contacts": ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"),
    "leads": ("new-stage-id", "connected-stage-id", "unqualified-stage-id"),
}
_VALUES: Mapping[str, Callable[[int], Mapping[str, object]]] = {
    "companies": lambda n: {"name": f"Company {n}", "numberofemployees": n, "hubspot_owner_id": _owner(n)},
    "contacts": lambda n: {"email": f"p{n}@example.com", "hubspot_owner_id": _owner(n)},
    "deals": lambda n: {"dealname": f"Deal {n}", "amount": n * 100, "hubspot_owner_id": _owner(n)},
    "leads": lambda n: {"hs_lead_name": f"Lead {n}", "hubspot_owner_id": _owner(n)},
    "calls": lambda n: {"hs_timestamp": f"2026-11-{n % 19 + 1:02}T10:00:00Z", "hs_call_duration": n * 1000},
    "meetings": lambda n: {"hs_timestamp": f"2026-11-{n % 19 + 1:02}T11:00:00Z", "hs_meeting_outcome": "COMPLETED"},
    "quotes": lambda n: {"hs_quote_amount": n, "hs_status": "APPROVAL_NOT_NEEDED"},
    "products": lambda n: {"name": f"Product {n}"},
    "line_items": lambda n: {"name": f"Line {n}", "amount": n, "quantity": 1, "hs_mrr": n},
}
OBJECTS = tuple(_VALUES)
ASSOCIATED = tuple(pair.name for pair in PAIRS if {pair.source, pair.target} <= set(OBJECTS))
# Deals have these from their own side: they are read whenever the deal is, and while it is open each time.
OF_DEALS = tuple(name for name in ASSOCIATED if name.startswith("deals__"))


@dataclass(frozen=True)
class Edit:
    """``what``: the name of one of the edits below. ``object``: of which object, where it is of one. ``n``, ``m``: by
    their remainders they choose records, values, stages."""

    what: str
    object: str = ""
    n: int = 0
    m: int = 0


def apply(account: Account, edits: Sequence[Edit], move: Callable[[timedelta], None]) -> None:
    for edit in edits:
        if edit.what == "wait":
            move(timedelta(milliseconds=edit.n))
            continue
        with suppress(AccountError):
            _EDITS[edit.what](account, edit)


def furnish(account: Account) -> None:
    """People, two more pipelines, and a few records of each object, associated with each other."""
    for owner in OWNERS:
        account.owners[owner] = Owner(owner, f"o{owner}@example.com", user_id=owner + 100)
    open_, won = {"isClosed": "false", "probability": "0.3"}, {"isClosed": "true", "probability": "1.0"}
    account.add_pipeline("deals", "extra", "Extra", (Stage("extra-1", "First", open_), Stage("extra-2", "Won", won)))
    account.add_pipeline("deals", "other", "Other", (Stage("other-1", "Only", open_),))
    for name in OBJECTS:
        for n in range(4):
            _create(account, Edit("create", name, n, n))
    for number, pair in enumerate(ASSOCIATED):
        for n in range(3):
            _associate(account, Edit("associate", pair, n + number, n))


def _owner(n: int) -> int:
    return OWNERS[n % len(OWNERS)]


def _live(account: Account, name: str) -> list[int]:
    return [id_ for id_ in account.shelves[name].records if account.live(name, id_)]


def _chosen(ids: Sequence[int], n: int) -> int:
    if not ids:
        raise AccountError("there is none")
    return ids[n % len(ids)]


def _create(account: Account, edit: Edit) -> None:
    account.create(edit.object, {**_VALUES[edit.object](edit.m), **_stage(account, edit)})


def _change(account: Account, edit: Edit) -> None:
    account.update(edit.object, _chosen(_live(account, edit.object), edit.n), _VALUES[edit.object](edit.m))


def _change_stage(account: Account, edit: Edit) -> None:
    account.update(edit.object, _chosen(_live(account, edit.object), edit.n), _stage(account, edit))


def _stage(account: Account, edit: Edit) -> Mapping[str, object]:
    stages = _STAGES.get(edit.object)
    if not stages:
        return {}
    stage = stages[edit.m % len(stages)]
    pipelines = account.pipelines.get(edit.object, {}).values()
    pipeline = next((each.id for each in pipelines if stage in each.stages), None)
    return {KINDS[edit.object].stage: stage, **({KINDS[edit.object].pipeline: pipeline} if pipeline else {})}


def _archive(account: Account, edit: Edit) -> None:
    account.archive(edit.object, _chosen(_live(account, edit.object), edit.n))


def _restore(account: Account, edit: Edit) -> None:
    records = account.shelves[edit.object].records.values()
    account.restore(edit.object, _chosen([each.id for each in records if each.archived_at], edit.n))


def _purge(account: Account, edit: Edit) -> None:
    account.purge(edit.object, _chosen(list(account.shelves[edit.object].records), edit.n))


def _merge(account: Account, edit: Edit) -> None:
    live = _live(account, edit.object)
    account.merge(edit.object, _chosen(live, edit.n), _chosen(live, edit.m))


def _ends(account: Account, edit: Edit) -> tuple[str, int, str, int]:
    source, target = edit.object.split("__")
    own = _live(account, source)
    if source == "deals":
        own = [id_ for id_ in own if account.shelves[source].records[id_].properties.get("hs_is_closed") != "true"]
    return source, _chosen(own, edit.n), target, _chosen(_live(account, target), edit.m)


def _associate(account: Account, edit: Edit) -> None:
    source, own, target, other = _ends(account, edit)
    account.associate(source, own, Link(target, other))


def _make_primary(account: Account, edit: Edit) -> None:
    source, own, target, other = _ends(account, edit)
    if has_primary(source, target):
        account.associate(source, own, Link(target, other, primary=True))


def _dissociate(account: Account, edit: Edit) -> None:
    source, own, target, _ = _ends(account, edit)
    account.dissociate(source, own, target, _chosen(list(account.links.of(source, own, target)), edit.m))


def _remove_stage(account: Account, edit: Edit) -> None:
    account.remove_stage("deals", "extra", ("extra-1", "extra-2")[edit.n % 2])


def _archive_pipeline(account: Account, _edit: Edit) -> None:
    account.archive_pipeline("deals", "other")


def _flip_owner(account: Account, edit: Edit) -> None:
    owner = account.owners[_owner(edit.n)]
    owner.archived = not owner.archived


def _change_lag(account: Account, edit: Edit) -> None:
    account.search_lag = edit.n % 11 * _MINUTE


_EDITS: Mapping[str, Callable[[Account, Edit], None]] = {
    "create": _create,
    "change": _change,
    "change_stage": _change_stage,
    "archive": _archive,
    "restore": _restore,
    "purge": _purge,
    "merge": _merge,
    "associate": _associate,
    "make_primary": _make_primary,
    "dissociate": _dissociate,
    "remove_stage": _remove_stage,
    "archive_pipeline": _archive_pipeline,
    "flip_owner": _flip_owner,
    "change_lag": _change_lag,
}
