"""A process that delivers, to be raced with and killed."""

import socket
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from slack_sdk import WebClient

from bot.deliver import OutgoingMessage, deliver
from bot.state import open_state

__all__ = ["deliver_and_tell"]


def deliver_and_tell(base: Path, api_url: str, token: str, message: OutgoingMessage, to_parent: Connection) -> None:
    """Says "ready", waits for a word, delivers, and says what came of it."""
    state = open_state("sqlite:///state.db", base)
    client = WebClient(token, base_url=api_url)
    to_parent.send("ready")
    to_parent.recv()
    outcome = deliver(
        state,
        client,
        message,
        again=False,
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        claimant=f"{socket.gethostname()}:child",
    )
    to_parent.send(outcome.kind)
    state.close()
