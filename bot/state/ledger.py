"""The ledger of deliveries: who may send which message now, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from bot.state.database import State
from bot.state.tables import DELIVERIES

FIRST_REVISION = 1

JsonValue = dict[str, Any] | list[Any] | None
"""What the figures of a message are kept as: made of dicts, lists, strings, numbers, booleans and None alone."""


class Part(StrEnum):
    MAIN = "main"
    DETAILS = "details"
    CORRECTION = "correction"


class DeliveryState(StrEnum):
    DUE = "due"
    CLAIMED = "claimed"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may or may not be in Slack, and the history does not tell


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What must be in Slack once. ``digest_id`` names the digest or scorecard, ``period`` is a Period's key,
    ``recipient`` a lasting id of who gets it, such as ``channel:C123`` or ``user:U123``."""

    workspace: str
    digest_id: str
    period: str
    recipient: str
    part: Part = Part.MAIN


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger. All instants are aware, in UTC. The message may be in Slack only if ``posted_from`` is set:
    the first of the posts whose outcome is open, ``posted_until`` being the last."""

    key: DeliveryKey
    revision: int
    state: DeliveryState
    code: str | None
    why: str | None
    attempts: int
    claimed_by: str | None
    claimed_at: datetime | None
    lease_until: datetime | None
    posted_from: datetime | None
    posted_until: datetime | None
    channel: str | None
    ts: str | None
    sent_at: datetime | None
    figures: JsonValue

    @property
    def name(self) -> str:
        """The key and revision as one string: what the message carries as its metadata."""
        key = self.key
        fields = (key.workspace, key.digest_id, key.period, key.recipient, key.part, str(self.revision))
        return "/".join(quote(field, safe=":") for field in fields)


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of asking for a delivery: ``granted``, it is ours to settle and to send; else it stands as it is."""

    granted: bool
    delivery: Delivery


class ClaimLostError(Exception):
    """The claim has run out and passed to somebody else, or its message turned out to be sent: nothing was written."""


class Ledger:
    """The deliveries of a state; each method is one transaction. Which claim a call belongs to is told by the number
    of attempts, so that nobody writes over a later claim: ClaimLostError. ``claimant`` names who asks (host and
    process), ``clock`` gives aware instants, ``lease`` is how long a claim stands without a sign of life."""

    def __init__(self, state: State, *, claimant: str, clock: Callable[[], datetime], lease: timedelta) -> None:
        self._state = state
        self._claimant = claimant
        self._clock = clock
        self._lease = lease

    def find(self, key: DeliveryKey) -> Delivery | None:
        """The newest revision of a delivery."""
        with self._state.read() as connection:
            return _newest(connection, key)

    def claim(self, key: DeliveryKey, *, again: bool) -> Claim:
        """Asks for the delivery. It stands when it is sent or unknown (``again``: a new revision is granted), or under
        somebody's lease. One whose lease has run out is granted with what its last holder left behind."""
        with self._state.write() as connection:
            now = self._clock()
            known = _newest(connection, key)
            if known is None:
                return Claim(granted=True, delivery=self._insert(connection, key, FIRST_REVISION, now))
            if known.state is DeliveryState.CLAIMED and known.lease_until is not None and known.lease_until > now:
                return Claim(granted=False, delivery=known)
            if known.state not in (DeliveryState.SENT, DeliveryState.UNKNOWN):
                return Claim(granted=True, delivery=self._take_over(connection, known, now))
            if again:
                return Claim(granted=True, delivery=self._insert(connection, key, known.revision + 1, now))
            return Claim(granted=False, delivery=known)

    def begin_post(self, claimed: Delivery, channel: str, figures: JsonValue) -> Delivery:
        """To be called right before each post: from now on the message may be in that channel."""
        now = self._clock()
        return self._write_claimed(
            claimed,
            channel=channel,
            figures=figures,
            posted_from=(claimed.posted_from if claimed.channel == channel else None) or now,
            posted_until=now,
            lease_until=now + self._lease,
        )

    def undo_post(self, before: Delivery) -> Delivery:
        """Slack refused the post that began after ``before``: that one left nothing behind."""
        return self._write_claimed(before, posted_from=before.posted_from, posted_until=before.posted_until)

    def extend(self, claimed: Delivery, by: timedelta = timedelta()) -> Delivery:
        """A sign of life: the claim stands for another lease, and for ``by`` before it (a wait)."""
        return self._write_claimed(claimed, lease_until=self._clock() + by + self._lease)

    def release(self, claimed: Delivery) -> Delivery:
        """Gives the claim back unsettled: whoever claims next looks into the history first."""
        return self._write_claimed(claimed, lease_until=self._clock())

    def fail(self, claimed: Delivery, code: str, why: str) -> Delivery:
        """It was not sent; the next claim may try again."""
        return self._write_claimed(claimed, state=DeliveryState.FAILED, code=code, why=why, lease_until=None)

    def give_up(self, claimed: Delivery, code: str, why: str) -> Delivery:
        """Nobody can tell whether it was sent: unknown from now on, and not sent again by itself."""
        return self._write_claimed(claimed, state=DeliveryState.UNKNOWN, code=code, why=why, lease_until=None)

    def record_sent(self, delivery: Delivery, channel: str, ts: str) -> Delivery:
        """The message is in Slack, since ``ts``. True whoever holds the claim by now, hence written in any case."""
        sent_at = datetime.fromtimestamp(float(ts), UTC)
        with self._state.write() as connection:
            connection.execute(
                update(DELIVERIES)
                .where(_is(delivery), DELIVERIES.c.state != DeliveryState.SENT)
                .values(
                    state=DeliveryState.SENT,
                    code=None,
                    why=None,
                    channel=channel,
                    ts=ts,
                    sent_at=sent_at,
                    lease_until=None,
                )
            )
            return _exactly(connection, delivery)

    def _write_claimed(self, claimed: Delivery, **values: object) -> Delivery:
        with self._state.write() as connection:
            written = connection.execute(
                update(DELIVERIES)
                .where(
                    _is(claimed),
                    DELIVERIES.c.state == DeliveryState.CLAIMED,
                    DELIVERIES.c.attempts == claimed.attempts,
                )
                .values(**values)
            )
            if written.rowcount == 0:
                raise ClaimLostError
            return _exactly(connection, claimed)

    def _insert(self, connection: Connection, key: DeliveryKey, revision: int, now: datetime) -> Delivery:
        claimed = insert(DELIVERIES).values(
            workspace=key.workspace,
            digest_id=key.digest_id,
            period=key.period,
            recipient=key.recipient,
            part=key.part,
            revision=revision,
            attempts=1,
            **self._claimed(now),
        )
        return _delivery(connection.execute(claimed.returning(DELIVERIES)).one())

    def _take_over(self, connection: Connection, known: Delivery, now: datetime) -> Delivery:
        claimed = update(DELIVERIES).where(_is(known))
        connection.execute(claimed.values(attempts=DELIVERIES.c.attempts + 1, **self._claimed(now)))
        return _exactly(connection, known)

    def _claimed(self, now: datetime) -> dict[str, object]:
        return {
            "state": DeliveryState.CLAIMED,
            "code": None,
            "why": None,
            "claimed_by": self._claimant,
            "claimed_at": now,
            "lease_until": now + self._lease,
        }


def _of(key: DeliveryKey) -> ColumnElement[bool]:
    return and_(
        DELIVERIES.c.workspace == key.workspace,
        DELIVERIES.c.digest_id == key.digest_id,
        DELIVERIES.c.period == key.period,
        DELIVERIES.c.recipient == key.recipient,
        DELIVERIES.c.part == key.part,
    )


def _is(delivery: Delivery) -> ColumnElement[bool]:
    return and_(_of(delivery.key), DELIVERIES.c.revision == delivery.revision)


def _newest(connection: Connection, key: DeliveryKey) -> Delivery | None:
    """Locked until the transaction ends, where rows can be; a writing transaction on SQLite is alone anyway."""
    newest = select(DELIVERIES).where(_of(key)).order_by(DELIVERIES.c.revision.desc()).limit(1).with_for_update()
    row = connection.execute(newest).one_or_none()
    return None if row is None else _delivery(row)


def _exactly(connection: Connection, delivery: Delivery) -> Delivery:
    return _delivery(connection.execute(select(DELIVERIES).where(_is(delivery))).one())


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        key=DeliveryKey(row.workspace, row.digest_id, row.period, row.recipient, Part(row.part)),
        revision=row.revision,
        state=DeliveryState(row.state),
        code=row.code,
        why=row.why,
        attempts=row.attempts,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        lease_until=row.lease_until,
        posted_from=row.posted_from,
        posted_until=row.posted_until,
        channel=row.channel,
        ts=row.ts,
        sent_at=row.sent_at,
        figures=row.figures,
    )
