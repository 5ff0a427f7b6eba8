"""Sources of rows: each pulls the schema's tables out of one system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.suggestion import did_you_mean

if TYPE_CHECKING:
    from connectors.base import Connector, Surroundings
    from connectors.mapping import SourceSettings

_TYPES = ("files", "hubspot")
_NOT_YET = ("salesforce",)


def open_connector(settings: SourceSettings, surroundings: Surroundings) -> Connector:
    """The connector of a ``[[source]]`` block. Reads nothing yet. Raises SourceError for a type that there is none
    for."""
    from connectors.base import SourceError

    if settings.type == "files":
        from connectors.files.connector import FilesConnector  # pyarrow takes time to import

        return FilesConnector(settings, surroundings.timezone)
    if settings.type == "hubspot":
        from connectors.hubspot.connector import HubspotConnector

        return HubspotConnector(settings, surroundings)
    if settings.type in _NOT_YET:
        raise SourceError(
            f'The source "{settings.name}" is of type "{settings.type}", which is not supported in this version; '
            f'export it to files and use type = "files".'
        )
    meant = did_you_mean(settings.type, _TYPES)
    raise SourceError(f'The source "{settings.name}" has the unknown type "{settings.type}"; {meant}')
