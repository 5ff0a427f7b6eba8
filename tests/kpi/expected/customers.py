"""Who is a customer, and what their subscriptions bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache

from tests.kpi.expected.ask import Ask, Expected, Extras, asked, count, happened, picked, ratio, sum_of, theirs, told
from tests.kpi.expected.frames import Frame, Frames, frame_of, keep, only, rows_of, total, with_column, with_owner
from tests.kpi.expected.records import Row

CUSTOMERS = ("accounts", "accounts.customer_since|deals|subscriptions")
LEAVERS = (*CUSTOMERS, "accounts.churned_at|subscriptions")
SUBSCRIPTIONS = ("subscriptions",)

NEVER = datetime.max.replace(tzinfo=UTC)

_DONE = (None, "connected", "no_answer", "completed")
_MONTH = timedelta(days=30.4375)


def there_before(frame: Frame, instant: datetime) -> Frame:
    """The rows whose time, from ``since`` to ``until``, holds the moment just before an instant."""
    return only(frame, lambda row: row["since"] < instant <= row["until"])


# Customers


@cache
def customers(frames: Frames) -> Frame:
    """The accounts that ever become customers, with ``rep``, ``since`` and ``until`` (``NEVER``)."""
    accounts = with_owner(frames, frames.table("accounts"))
    accounts = with_column(accounts, "since", lambda account: _since(frames, account))
    accounts = keep(accounts, "since", lambda since: since is not None)
    return with_column(accounts, "until", lambda account: _until(frames, account))


def _since(frames: Frames, account: Row) -> datetime | None:
    if account["customer_since"]:
        return account["customer_since"]
    bought = [
        deal["closed_instant"]
        for deal in rows_of(frames.deals)
        if deal["account_id"] == account["id"] and deal["status"] == "won" and deal["closed_instant"]
    ]
    subscribed = [subscription["since"] for subscription in _of_account(frames, account)]
    return min([*bought, *subscribed], default=None)


def _until(frames: Frames, account: Row) -> datetime:
    ends = [subscription["until"] for subscription in _of_account(frames, account)]
    churned_at = account["churned_at"]
    if churned_at and churned_at > account["since"] and all(end <= churned_at for end in ends):
        return churned_at
    last = max(ends, default=NEVER)
    return last if last > account["since"] else NEVER


def _of_account(frames: Frames, account: Row) -> list[Row]:
    lasting = _lasting(frames)
    return rows_of(keep(lasting, "account_id", lambda account_id: account_id == account["id"]))


def _theirs_before(frames: Frames, ask: Ask, instant: datetime) -> Frame:
    """The asked customers just before an instant."""
    return picked(ask, theirs(ask, there_before(customers(frames), instant)))


def customers_at_start(frames: Frames, ask: Ask) -> Frame:
    return _theirs_before(frames, ask, frames.wall.start(ask.days))


def customers_at_end(frames: Frames, ask: Ask) -> Frame:
    return _theirs_before(frames, ask, ask.until)


def new_customers(frames: Frames, ask: Ask) -> Frame:
    return asked(frames, ask, customers(frames), "since")


def lost_customers(frames: Frames, ask: Ask) -> Frame:
    """Those there at the start of P who are no customers at its end."""
    return keep(customers_at_start(frames, ask), "until", lambda until: until < ask.until)


def _retention(frames: Frames, ask: Ask) -> Expected:
    at_start, lost = len(customers_at_start(frames, ask)), len(lost_customers(frames, ask))
    return ratio(at_start - lost, at_start, at_start)


def _churn(frames: Frames, ask: Ask) -> Expected:
    at_start = len(customers_at_start(frames, ask))
    return ratio(len(lost_customers(frames, ask)), at_start, at_start)


def _newcustomers(frames: Frames, ask: Ask) -> Expected:
    return count(len(new_customers(frames, ask)))


def _engagement(frames: Frames, ask: Ask) -> Expected:
    """Interactions / mean length of the relationship in months."""
    at_start = customers_at_start(frames, ask)
    ids = set(at_start["id"])
    done = keep(frames.table("activities"), "outcome", lambda outcome: outcome in _DONE)
    interactions = only(happened(frames, ask, done, "at"), lambda activity: _account_of(frames, activity) in ids)
    lengths = [min(ask.until, customer["until"]) - customer["since"] for customer in rows_of(at_start)]
    together = sum(lengths, timedelta(0))
    mean_months = _whole(together) / _whole(_MONTH) / len(at_start) if together else 0
    return ratio(len(interactions), mean_months, len(at_start))


def _account_of(frames: Frames, activity: Row) -> str | None:
    """The activity's account, else its deal's, else its lead's."""
    return (
        activity["account_id"]
        or frames.of("deals", activity["deal_id"], "account_id")
        or frames.of("leads", activity["lead_id"], "account_id")
    )


def _whole(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1))


# Subscriptions


@cache
def _lasting(frames: Frames) -> Frame:
    """The subscriptions that end after they start, with ``since`` and ``until``."""
    rows = frames.table("subscriptions")
    rows = with_column(rows, "since", lambda row: row["started_at"])
    rows = with_column(rows, "until", lambda row: row["ended_at"] or NEVER)
    return only(rows, lambda row: row["until"] > row["since"])


@cache
def subscriptions(frames: Frames) -> Frame:
    """The lasting ones, with ``value`` (the MRR at the rate of the day of their start, where there is one), ``rep``
    (their owner, where known, else the account's) and the account's ``segment``."""
    rows = with_column(_lasting(frames), "value", lambda row: _value(frames, row))
    rows = keep(rows, "value", lambda value: value is not None)
    rows = with_column(rows, "rep", lambda row: frames.rep_of(row["owner_id"]) or _rep_of_account(frames, row))
    return with_column(rows, "segment", lambda row: frames.of("accounts", row["account_id"], "segment"))


def _value(frames: Frames, subscription: Row) -> Fraction | None:
    return frames.money(subscription["mrr"], subscription["currency"], frames.local_day(subscription["started_at"]))


def _rep_of_account(frames: Frames, subscription: Row) -> str | None:
    return frames.rep_of(frames.of("accounts", subscription["account_id"], "owner_id"))


def mrr_before(frames: Frames, ask: Ask, instant: datetime) -> Frame:
    """The asked subscriptions that are active just before an instant."""
    return picked(ask, theirs(ask, there_before(subscriptions(frames), instant)))


@cache
def movements(frames: Frames) -> Frame:
    """Changes of an account's MRR: ``at``, ``kind`` (new, expansion, contraction, churned), ``value`` (how much), and
    ``rep``, ``product`` and ``segment`` of the subscription that stands for it."""
    rows = [movement for _, account in subscriptions(frames).groupby("account_id") for movement in _moves(account)]
    return frame_of(rows, ["at", "kind", "value", "rep", "product", "segment"])


def _moves(account: Frame) -> Iterator[Row]:
    instants = {*account["since"], *account["until"]} - {NEVER}
    for at in sorted(instants):
        before = total(there_before(account, at)["value"])
        after = total(only(account, lambda row, at=at: row["since"] <= at < row["until"])["value"])
        if before != after:
            kind, value = _kind_and_value(before, after)
            stands = _largest(account, "since", at) or _largest(account, "until", at)
            assert stands
            whose = {name: stands[name] for name in ("rep", "product", "segment")}
            yield whose | {"at": at, "kind": kind, "value": value}


def _kind_and_value(before: Fraction, after: Fraction) -> tuple[str, Fraction]:
    if before == 0:
        return "new", after
    if after == 0:
        return "churned", before
    return ("expansion", after - before) if after > before else ("contraction", before - after)


def _largest(account: Frame, edge: str, at: datetime) -> Row | None:
    """Of those that start (end) then the one with the most MRR, of several the lowest id."""
    there: Sequence[Row] = rows_of(keep(account, edge, lambda instant: instant == at))
    return min(there, key=lambda row: (-row["value"], row["id"]), default=None)


def moved(frames: Frames, ask: Ask, kind: str) -> Frame:
    return keep(asked(frames, ask, movements(frames), "at"), "kind", lambda each: each == kind)


def moved_value(frames: Frames, ask: Ask, kind: str) -> Fraction:
    return total(moved(frames, ask, kind)["value"])


def _newmrr(frames: Frames, ask: Ask) -> Expected:
    return sum_of(moved_value(frames, ask, "new"), len(moved(frames, ask, "new")))


def _expansionmrr(frames: Frames, ask: Ask) -> Expected:
    new, expansion, contraction, churned = (
        moved_value(frames, ask, kind) for kind in ("new", "expansion", "contraction", "churned")
    )
    extras: Extras = {
        "contraction": told(contraction),
        "churned": told(churned),
        "net_new": told(new + expansion - contraction - churned),
    }
    return sum_of(expansion, len(moved(frames, ask, "expansion")), extras)


def _mrr(frames: Frames, ask: Ask) -> Expected:
    active = mrr_before(frames, ask, ask.until)
    return sum_of(total(active["value"]), len(active), {"arr": told(12 * total(active["value"]))})


def _revenuechurn(frames: Frames, ask: Ask) -> Expected:
    at_start = mrr_before(frames, ask, frames.wall.start(ask.days))
    gone = moved_value(frames, ask, "churned") + moved_value(frames, ask, "contraction")
    return ratio(gone, total(at_start["value"]), len(at_start))


KPIS: Mapping[str, Callable[[Frames, Ask], Expected]] = {
    "newcustomers": _newcustomers,
    "retention": _retention,
    "churn": _churn,
    "engagement": _engagement,
    "newmrr": _newmrr,
    "expansionmrr": _expansionmrr,
    "mrr": _mrr,
    "revenuechurn": _revenuechurn,
}

NEEDS: Mapping[str, tuple[str, ...]] = {
    "newcustomers": CUSTOMERS,
    "retention": LEAVERS,
    "churn": LEAVERS,
    "engagement": ("activities", *CUSTOMERS),
    "newmrr": SUBSCRIPTIONS,
    "expansionmrr": SUBSCRIPTIONS,
    "mrr": SUBSCRIPTIONS,
    "revenuechurn": SUBSCRIPTIONS,
}
