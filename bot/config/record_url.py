"""Where records are shown in their CRM: an address with places for a record's table and id."""

import string
from urllib.parse import quote, urlsplit

from connectors.suggestion import did_you_mean

PLACES = ("table", "id")
_EXAMPLE = "https://crm.acme.example/{table}/{id}"
_NO_PATHS = ("", ".", "..")  # ids that would name another place


def record_url(value: str) -> str:
    """An https address with ``{id}`` in it and, if need be, ``{table}``; neither stands in the host."""
    url = value.strip()
    try:
        names = [name for _, name, *_ in string.Formatter().parse(url) if name is not None]
        is_formatted = any(spec or conversion for _, _, spec, conversion in string.Formatter().parse(url))
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{value[:60]!r} is not an address; write one like '{_EXAMPLE}'.") from None
    for name in names:
        if name not in PLACES:
            raise ValueError(f"{{{name[:40]}}} is no part of a record; {did_you_mean(name, PLACES)}")
    if parts.scheme != "https" or not host or "{" in parts.netloc or is_formatted or not url.isprintable():
        raise ValueError(f"{value[:60]!r} must begin with https:// and a host; write one like '{_EXAMPLE}'.")
    if "id" not in names or " " in url:
        raise ValueError(f"{value[:60]!r} must be one word that holds {{id}}, such as '{_EXAMPLE}'.")
    return url


def fill_record_url(url: str, table: str, bare_id: str) -> str | None:
    """The address of one record; None for an id that names no place of its own."""
    if bare_id in _NO_PATHS:
        return None
    return url.format(table=quote(table, safe=""), id=quote(bare_id, safe=""))
