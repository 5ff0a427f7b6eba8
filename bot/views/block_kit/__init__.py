"""Slack's Block Kit as data: the numbers, the elements and the blocks, each a check of what may be sent."""
