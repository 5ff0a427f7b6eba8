"""From a method and a path to the endpoint that answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from connectors.hubspot.emulator.answers import not_found
from connectors.hubspot.emulator.routing import ApiError, Route


class Match(NamedTuple):
    """An endpoint, and the path's values of its template's names."""

    route: Route
    path: Mapping[str, str]


class Router:
    """All endpoints, by the number of their path's segments; those with fewer names are tried first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_size: defaultdict[int, list[tuple[Sequence[str], Route]]] = defaultdict(list)
        for route in routes:
            for template in route.paths:
                segments = _split(template)
                self._by_size[len(segments)].append((segments, route))
        for templates in self._by_size.values():
            templates.sort(key=lambda each: sum(map(_is_name, each[0])))

    def match(self, method: str, path: str) -> Match:
        """``path``: as it came, percent-encoded; a slash at its end does not matter. Raises ApiError (404, 405)."""
        segments = _split(path)
        is_known = False
        for template, route in self._by_size.get(len(segments), ()):
            if not _fits(template, segments):
                continue
            if route.method == method:
                names = zip(template, segments, strict=True)
                return Match(route, {name[1:-1]: unquote(value) for name, value in names if _is_name(name)})
            is_known = True
        if is_known:
            raise ApiError(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")
        raise not_found()


def _split(path: str) -> Sequence[str]:
    return path.strip("/").split("/")


def _is_name(segment: str) -> bool:
    return segment.startswith("{")


def _fits(template: Sequence[str], segments: Sequence[str]) -> bool:
    return all(_is_name(wanted) or wanted == given for wanted, given in zip(template, segments, strict=True))
