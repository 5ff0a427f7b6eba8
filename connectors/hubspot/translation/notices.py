"""Filters that meet nothing: a slip of the pen would leave everything out, or nothing, in silence."""

from __future__ import annotations

from connectors.hubspot.translation.run import Run


def filter_notices(run: Run) -> list[str]:
    return []
