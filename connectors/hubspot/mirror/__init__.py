"""The raw records of a HubSpot account, in a DuckDB file of the connector's own."""

from connectors.hubspot.mirror.mirror import Mirror, open_mirror

__all__ = ["Mirror", "open_mirror"]
