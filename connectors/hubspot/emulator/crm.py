"""The endpoints of records, associations, properties and pipelines."""

from __future__ import annotations

from connectors.hubspot.emulator.associations import ROUTES as ASSOCIATION_ROUTES
from connectors.hubspot.emulator.listing import ROUTES as RECORD_ROUTES
from connectors.hubspot.emulator.routing import Route
from connectors.hubspot.emulator.schemas import ROUTES as SCHEMA_ROUTES
from connectors.hubspot.emulator.searching import ROUTES as SEARCH_ROUTES

ROUTES: tuple[Route, ...] = (*RECORD_ROUTES, *SEARCH_ROUTES, *ASSOCIATION_ROUTES, *SCHEMA_ROUTES)
