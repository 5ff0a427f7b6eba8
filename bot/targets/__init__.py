"""Targets as people set them: those of the state, and what is understood and said about them."""

from bot.targets.stated import StatedTargetsError, stated_targets

__all__ = ["StatedTargetsError", "stated_targets"]
