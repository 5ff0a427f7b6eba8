"""Slack on loopback: the Web API and Socket Mode, strict as Slack's documents, for the demo and the tests."""
