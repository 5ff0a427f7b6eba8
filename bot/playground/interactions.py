"""A person's command, click, or other event, and what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from bot.playground.messages import Message

EnvelopeType = Literal["slash_commands", "interactive", "events_api"]

LATE_ACK = "operation_timeout"
NOBODY_THERE = "dispatch_failed"


class Interaction:
    """Something that a person did, seen from outside; safe to use from any thread.

    ``ack_seconds`` is how long the bot took to acknowledge, None while it has not. ``error`` is what Slack tells the
    person when it goes wrong: operation_timeout (no ack in time), dispatch_failed (no connection), or the code of an
    answer that was refused. ``deliveries`` counts how often the bot was told.
    """

    def __init__(
        self,
        kind: EnvelopeType,
        user_id: str,
        channel_id: str,
        payload: Mapping[str, Any],
        original: Message | None = None,
    ) -> None:
        self.kind = kind
        self.user_id = user_id
        self.channel_id = channel_id
        self.payload = payload
        self.original = original
        self.ack_seconds: float | None = None
        self.error: str | None = None
        self.deliveries = 0
        self._answers: list[Message] = []
        self._changed = threading.Condition()

    @property
    def answers(self) -> list[Message]:
        """The messages that came as its ack or through its response_url so far, ephemeral or not."""
        with self._changed:
            return list(self._answers)

    def wait(self, timeout: float = 5.0, count: int = 1) -> list[Message]:
        """Waits for the ack and ``count`` answers, or until it failed. Gives the answers there are, none if none came.

        An answer may overtake the ack: they come by different ways.
        """
        self._wait_until(
            lambda: self.error is not None or (self.ack_seconds is not None and len(self._answers) >= count), timeout
        )
        return self.answers

    def wait_for_ack(self, timeout: float = 5.0) -> float | None:
        """How many seconds the ack took; None if none came within the timeout."""
        self._wait_until(lambda: self.ack_seconds is not None, timeout)
        return self.ack_seconds

    def wait_for_error(self, timeout: float = 5.0) -> str | None:
        """What the person is told; None if nothing went wrong within the timeout."""
        self._wait_until(lambda: self.error is not None, timeout)
        return self.error

    def _wait_until(self, done: Callable[[], bool], timeout: float) -> None:
        with self._changed:
            self._changed.wait_for(done, timeout)

    def delivered(self) -> None:
        with self._changed:
            self.deliveries += 1
            self._changed.notify_all()

    def acknowledged(self, sent_at: float) -> None:
        """``sent_at`` as told by ``time.monotonic``."""
        with self._changed:
            if self.ack_seconds is None:
                self.ack_seconds = time.monotonic() - sent_at
            self._changed.notify_all()

    def answered(self, message: Message) -> None:
        with self._changed:
            self._answers.append(message)
            self._changed.notify_all()

    def failed(self, error: str) -> None:
        with self._changed:
            self.error = self.error or error
            self._changed.notify_all()
