"""The endpoints of records, associations, properties and pipelines."""

from __future__ import annotations

from connectors.hubspot.emulator import associations, listing, schemas, searching
from connectors.hubspot.emulator.routing import Route

ROUTES: tuple[Route, ...] = (*listing.ROUTES, *searching.ROUTES, *associations.ROUTES, *schemas.ROUTES)
