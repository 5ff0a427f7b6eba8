"""How Slack says no."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """An ``{"ok": false, "error": code}`` answer; ``details`` stand beside the code."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    @classmethod
    def explained(cls, code: str, problems: list[str]) -> SlackError:
        """With one line per problem where Slack puts them: ``response_metadata.messages``."""
        return cls(code, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})


class RateLimitedError(Exception):
    """HTTP 429; ``retry_after`` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"ratelimited for {retry_after} s")
        self.retry_after = retry_after
