"""What the methods work on: the workspace's state and the things that outlive one call."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.conversations import Conversations
from bot.playground.errors import SlackError
from bot.playground.rate_limits import RateLimits
from bot.playground.workspace import Workspace

TRIGGER_SECONDS = 3.0
TICKET_SECONDS = 30.0


@dataclass(slots=True)
class Permits:
    """Identifiers that are good once and for a short time: trigger_ids, tickets of Socket Mode."""

    clock: Callable[[], float]
    seconds: float
    _issued: dict[str, float] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def issue(self) -> str:
        permit = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[permit] = self.clock()
        return permit

    def use(self, permit: str) -> str | None:
        """None where the permit was good, else why not: ``invalid``, ``expired`` or ``exchanged``."""
        if permit not in self._issued:
            return "invalid"
        if permit in self._used:
            return "exchanged"
        if self.clock() - self._issued[permit] > self.seconds:
            return "expired"
        self._used.add(permit)
        return None


@dataclass(slots=True)
class Backend:
    """Touched from the emulator's own thread alone."""

    workspace: Workspace
    clock: Callable[[], float]
    conversations: Conversations
    rate_limits: RateLimits
    triggers: Permits
    tickets: Permits
    address: Callable[[], str]  # host and port, known once the server listens
    opened_views: list[dict[str, Any]] = field(default_factory=list)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, workspace: Workspace, clock: Callable[[], float], address: Callable[[], str], *, rate_limits: bool
    ) -> Backend:
        return cls(
            workspace=workspace,
            clock=clock,
            conversations=Conversations(workspace, clock),
            rate_limits=RateLimits(clock, enforced=rate_limits),
            triggers=Permits(clock, TRIGGER_SECONDS),
            tickets=Permits(clock, TICKET_SECONDS),
            address=address,
        )

    def need(self, scope: str) -> None:
        """Raises missing_scope unless the app was given the scope."""
        if scope not in self.workspace.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.workspace.scopes)))

    def stored_view(self, view: Mapping[str, Any]) -> dict[str, Any]:
        """The view with what Slack adds to it."""
        return {
            **view,
            "id": f"V{secrets.token_hex(5).upper()}",
            "team_id": self.workspace.id,
            "app_id": self.workspace.app_id,
            "bot_id": self.workspace.bot_id,
            "hash": f"{self.conversations.next_ts()}.{secrets.token_hex(4)}",
        }
