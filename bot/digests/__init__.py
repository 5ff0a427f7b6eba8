"""Digests and scorecards: what they hold, what is asked for them, and the messages they become. Pure."""
