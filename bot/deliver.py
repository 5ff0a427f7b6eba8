"""Sends a message to Slack once: claim, post, and what is in doubt is settled from the history."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.deliveries.calls import (
    Ambiguous,
    Answer,
    Done,
    RateLimited,
    Refused,
    Unreached,
    open_conversation,
    post_message,
    single_call_client,
)
from bot.deliveries.history import Absent, Found, Look, NotNow, Unreadable, look_for, metadata_of
from bot.deliveries.outcomes import (
    Outcome,
    OutcomeKind,
    OutgoingMessage,
    already_sent,
    in_doubt,
    outcome_of,
    sent,
)
from bot.deliveries.refusals import Failure, failure
from bot.state import ClaimLostError, Delivery, DeliveryKey, DeliveryState, Ledger, State
from bot.views.limits import problems

__all__ = ["PATIENCE", "Outcome", "OutcomeKind", "OutgoingMessage", "Patience", "deliver"]

LOG = logging.getLogger(__name__)

_BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what. A lease outlasts any step that gives no sign of life. A message in doubt is looked
    for after each of the waits, and counts as absent when it is not there at the last: a request that broke off is
    through by then, one that timed out was still being worked on and gets longer."""

    timeout_seconds: int = 15
    lease: timedelta = timedelta(seconds=120)
    tries: int = 4
    retry_seconds: float = 1
    looks_after_break: tuple[float, ...] = (1, 3, 6)
    looks_after_timeout: tuple[float, ...] = (5, 10, 15)
    looks_after_lease: tuple[float, ...] = (0, 3)
    history_pages: int = 10
    rate_limit_seconds: float = 120  # in all


PATIENCE = Patience()


def deliver(
    state: State,
    client: WebClient,
    message: OutgoingMessage,
    *,
    again: bool,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    claimant: str,
    patience: Patience = PATIENCE,
) -> Outcome:
    """Sends the message unless its delivery is sent, unknown or in somebody's hands; ``again`` sends a new revision of
    one that is sent or unknown. Whatever Slack or the network does is an Outcome; StateError where the state can't be
    written (what was sent then is found out by the next call)."""
    ledger = Ledger(state, claimant=claimant, clock=clock, lease=patience.lease)
    caller = single_call_client(client, patience.timeout_seconds)
    sending = _Sending(ledger, caller, message, sleep, patience)
    try:
        outcome = sending.run(again=again)
    except ClaimLostError:
        outcome = _standing(ledger, message.key)
    LOG.info(
        "delivery %s: %s%s",
        outcome.delivery.name,
        outcome.kind,
        f" ({outcome.failure.code})" if outcome.failure else "",
    )
    return outcome


@dataclass(slots=True)
class _Sending:
    """One call of ``deliver``; ``waited`` is the part of the budget for rate limits that is used up."""

    ledger: Ledger
    client: WebClient
    message: OutgoingMessage
    sleep: Callable[[float], None]
    patience: Patience
    waited: float = field(default=0)

    def run(self, *, again: bool) -> Outcome:
        claim = self.ledger.claim(self.message.key, again=again)
        if not claim.granted:
            return self._stands(claim.delivery)
        if claim.delivery.posted_from is None:
            return self._send(claim.delivery)
        settled = self._settle(claim.delivery, self.patience.looks_after_lease)
        if settled is None:
            return self._send(claim.delivery)
        if settled.kind is not OutcomeKind.SENT:
            return settled
        if again:
            return self.run(again=True)  # the row is sent now: the claim is for a new revision
        return already_sent(settled.delivery)

    def _stands(self, delivery: Delivery) -> Outcome:
        if delivery.state is DeliveryState.UNKNOWN and isinstance(look := self._look(delivery), Found):
            return already_sent(self._record(delivery, look.ts))
        return outcome_of(delivery)

    def _send(self, delivery: Delivery) -> Outcome:
        channel = self._channel(delivery)
        if isinstance(channel, Failure):
            return self._failed(delivery, channel)
        blocks = self._sound_blocks(delivery)
        why = failure("not_settled")
        for _ in range(self.patience.tries):
            begun = self.ledger.begin_post(delivery, channel, self.message.figures)
            answer = post_message(self.client, channel, self.message.text, blocks, metadata_of(begun.name))
            if isinstance(answer, Done):
                return sent(self.ledger.record_sent(begun, answer.data.get("channel") or channel, answer.data["ts"]))
            if isinstance(answer, Ambiguous):
                LOG.warning("delivery %s: in doubt (%s), looking into the history", begun.name, answer.why)
                settled = self._settle(begun, self._looks_after(answer))
                if settled is not None:
                    return settled
                delivery, why = begun, failure("not_settled")
                continue
            delivery = self.ledger.undo_post(delivery)
            if isinstance(answer, Refused) and answer.code in _BLOCKS_REFUSED and blocks:
                LOG.error("delivery %s: Slack refused its blocks, sent as text alone", delivery.name)
                blocks = None
                continue
            why = _failure_of(answer)
            if not self._may_retry(delivery, answer):
                break
        return self._failed(delivery, why)

    def _settle(self, delivery: Delivery, waits: tuple[float, ...]) -> Outcome | None:
        """What the history says of a message that may be in Slack; None where it surely is not."""
        look: Look = NotNow()
        for wait in waits:
            self._wait(delivery, wait)
            look = self._look(delivery)
            if isinstance(look, NotNow) and look.seconds is not None and self._may_wait(look.seconds):
                self._wait(delivery, look.seconds)
                look = self._look(delivery)
            if isinstance(look, Found):
                return sent(self._record(delivery, look.ts))
            if isinstance(look, Unreadable):
                why = "the answer to the post was lost, and the channel's history can't be read"
                return outcome_of(self.ledger.give_up(delivery, look.why.code, why))
        return None if isinstance(look, Absent) else in_doubt(self.ledger.release(delivery))

    def _look(self, delivery: Delivery) -> Look:
        return look_for(self.client, delivery, pages=self.patience.history_pages)

    def _record(self, delivery: Delivery, ts: str) -> Delivery:
        return self.ledger.record_sent(delivery, delivery.channel or self.message.to, ts)

    def _channel(self, delivery: Delivery) -> str | Failure:
        """The conversation to post to; a person's is opened, which does no harm twice."""
        if self.message.to[:1] not in ("U", "W"):
            return self.message.to
        answer: Answer = Unreached()
        for _ in range(self.patience.tries):
            answer = open_conversation(self.client, self.message.to)
            if isinstance(answer, Done):
                return str(answer.data["channel"]["id"])
            if not self._may_retry(delivery, answer):
                break
        return _failure_of(answer)

    def _sound_blocks(self, delivery: Delivery) -> list[dict[str, Any]] | None:
        """The blocks, unless Slack would refuse them."""
        wrong = problems({"text": self.message.text, "blocks": self.message.blocks}) if self.message.blocks else []
        if not wrong:
            return self.message.blocks
        where = wrong[0].partition(":")[0]
        LOG.error("delivery %s: sent as text alone, its blocks would be refused (%s)", delivery.name, where)
        return None

    def _looks_after(self, answer: Ambiguous) -> tuple[float, ...]:
        return self.patience.looks_after_timeout if answer.timed_out else self.patience.looks_after_break

    def _may_retry(self, delivery: Delivery, answer: Answer) -> bool:
        """Whether a call that had no effect may be made again; if so, after the wait it needs."""
        if isinstance(answer, Refused):
            return False
        seconds = answer.seconds if isinstance(answer, RateLimited) else self.patience.retry_seconds
        if isinstance(answer, RateLimited) and not self._may_wait(seconds):
            return False
        self._wait(delivery, seconds)
        return True

    def _may_wait(self, seconds: float) -> bool:
        self.waited += seconds
        return self.waited <= self.patience.rate_limit_seconds

    def _wait(self, delivery: Delivery, seconds: float) -> None:
        if seconds > 0:
            self.ledger.extend(delivery, by=timedelta(seconds=seconds))
            self.sleep(seconds)

    def _failed(self, delivery: Delivery, why: Failure) -> Outcome:
        row = self.ledger.fail(delivery, why.code, why.told)
        return Outcome(OutcomeKind.FAILED, f"Not sent: {why.told}.", row, why)


def _failure_of(answer: Answer) -> Failure:
    match answer:
        case Refused(code, needed):
            return failure(code, needed)
        case RateLimited():
            return failure("ratelimited")
        case _:
            return failure("unreachable")


def _standing(ledger: Ledger, key: DeliveryKey) -> Outcome:
    """What somebody else has made of the delivery."""
    delivery = ledger.find(key)
    if delivery is None:
        raise LookupError("a delivery that was claimed is no longer in the state")
    return outcome_of(delivery)
