"""Records from HubSpot."""
