"""The bot's own state, in a SQL database: what was delivered, and the targets (later: subscriptions, people, audit)."""

from bot.state.database import State, StateError, open_state
from bot.state.ledger import Claim, ClaimLostError, Delivery, DeliveryKey, DeliveryState, JsonValue, Ledger, Part
from bot.state.targets import Change, Entry, TargetBook

__all__ = [
    "Change",
    "Claim",
    "ClaimLostError",
    "Delivery",
    "DeliveryKey",
    "DeliveryState",
    "Entry",
    "JsonValue",
    "Ledger",
    "Part",
    "State",
    "StateError",
    "TargetBook",
    "open_state",
]
