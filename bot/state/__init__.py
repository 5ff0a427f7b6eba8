"""The bot's own state, in a SQL database: what was delivered (later: subscriptions, people, audit)."""

from bot.state.database import State, StateError, open_state
from bot.state.ledger import Claim, ClaimLostError, Delivery, DeliveryKey, DeliveryState, JsonValue, Ledger, Part

__all__ = [
    "Claim",
    "ClaimLostError",
    "Delivery",
    "DeliveryKey",
    "DeliveryState",
    "JsonValue",
    "Ledger",
    "Part",
    "State",
    "StateError",
    "open_state",
]
