"""What is handed in to be delivered, and what became of it, in one line for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.deliveries.refusals import Failure, failure
from bot.state import Delivery, DeliveryKey, DeliveryState, JsonValue


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message and whom it goes to: a conversation's id, or a person's, who then gets it as a direct message.
    ``text`` says it all without the blocks; ``figures`` (JSON-ready) are kept with the delivery."""

    key: DeliveryKey
    to: str
    text: str
    blocks: list[dict[str, Any]] | None = None
    figures: JsonValue = None


class OutcomeKind(StrEnum):
    SENT = "sent"
    ALREADY_SENT = "already_sent"
    IN_PROGRESS = "in_progress"  # somebody else is at it
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery. ``told`` is one line for people; ``delivery`` is the row with channel, ts and sent_at;
    ``failure`` says why it failed."""

    kind: OutcomeKind
    told: str
    delivery: Delivery
    failure: Failure | None = None


def outcome_of(delivery: Delivery) -> Outcome:
    """What a row that is left as it stands means to who asked."""
    match delivery.state:
        case DeliveryState.SENT:
            return already_sent(delivery)
        case DeliveryState.UNKNOWN:
            return Outcome(
                OutcomeKind.UNKNOWN,
                f"Unknown whether it was sent: {delivery.why} ({delivery.code}). Look in {delivery.channel}; "
                "if it is not there, --again sends it.",
                delivery,
            )
        case DeliveryState.FAILED:
            return Outcome(OutcomeKind.FAILED, f"Not sent: {delivery.why}.", delivery, failure(delivery.code or ""))
        case _:
            return Outcome(
                OutcomeKind.IN_PROGRESS,
                f"Being sent by {delivery.claimed_by} at the moment; if that has died, try again "
                f"after {delivery.lease_until:%Y-%m-%d %H:%M:%S} UTC.",
                delivery,
            )


def sent(delivery: Delivery) -> Outcome:
    return Outcome(OutcomeKind.SENT, f"Sent to {delivery.channel} at {_when(delivery)}.", delivery)


def already_sent(delivery: Delivery) -> Outcome:
    told = f"Already sent to {delivery.channel} at {_when(delivery)}; --again sends it once more."
    return Outcome(OutcomeKind.ALREADY_SENT, told, delivery)


def in_doubt(delivery: Delivery) -> Outcome:
    return Outcome(
        OutcomeKind.UNKNOWN,
        "Unknown whether it was sent: the answer was lost, and Slack can't be asked now. "
        "Give the same command again later: it looks before it sends.",
        delivery,
    )


def _when(delivery: Delivery) -> str:
    return f"{delivery.sent_at:%Y-%m-%d %H:%M} UTC"
