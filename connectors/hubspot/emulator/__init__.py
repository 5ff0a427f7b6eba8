"""HubSpot on loopback, as strict as the vendor documents it: for the demo, the playground and tests."""
