"""Slack messages in a terminal, as Slack would show them."""

from bot.terminal.message import print_message

__all__ = ["print_message"]
