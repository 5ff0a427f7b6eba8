"""A small company to try the product on: its CRM's tables and its Slack workspace, made up from a seed."""
