"""Slack's Web API methods, one literal each."""

from __future__ import annotations

from bot.playground.methods.access import ACCESS
from bot.playground.methods.base import Method
from bot.playground.methods.chat import CHAT
from bot.playground.methods.conversations import CONVERSATIONS
from bot.playground.methods.history import HISTORY
from bot.playground.methods.users import USERS
from bot.playground.methods.views import VIEWS

METHODS: dict[str, Method] = {
    method.name: method for method in (*ACCESS, *CHAT, *CONVERSATIONS, *HISTORY, *USERS, *VIEWS)
}
