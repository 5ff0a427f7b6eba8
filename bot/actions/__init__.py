"""Clicks on buttons: one module each, with ``register``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.actions import share

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.listening import Listening


def register(app: App, listening: Listening) -> None:
    share.register(app, listening)
