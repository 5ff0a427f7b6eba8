"""Slash commands: one module each, with ``register``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import kpi

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.listening import Listening


def register(app: App, listening: Listening) -> None:
    kpi.register(app, listening)
