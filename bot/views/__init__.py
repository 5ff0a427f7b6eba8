"""Readings to what people read: pure functions from answers to Slack's messages as plain dicts, and to plain tables."""
