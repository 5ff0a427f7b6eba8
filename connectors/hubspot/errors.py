"""What can go wrong between us and HubSpot. A message is one line and holds no token, query or person's data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import SourceError

_LATER = "run kpi sync again later; it goes on where it stopped"
_LONGEST = 160
_MOST_SCOPES = 10
# What HubSpot quotes back (a value, an address, a token) may be a person's. Names of properties stay: they help.
_PRIVATE = (
    re.compile(r"\S+@\S+"),
    re.compile(r"\+?\d[\d\s().-]{5,}"),
    re.compile(r"[^\s\"']*\d[^\s\"']{7,}"),
    re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”"),
    re.compile(r"[^\s\"']{40,}"),
)
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_CURSOR_WORDS = ("cursor", "paging", "offset", "'after'", '"after"', "after parameter")


class HubspotError(SourceError):
    """HubSpot refused, could not be reached, or answered in another form than its documents say."""


class RefusedError(HubspotError):
    """HubSpot does not take a request as it is: asking again would not help. ``status`` of HTTP, ``category`` as
    HubSpot names it (empty: none), ``reason``: its message, short, without what may be a person's."""

    def __init__(
        self, path: str, status: int, category: str = "", reason: str = "", *, names_cursor: bool = False
    ) -> None:
        told = " ".join(part for part in (category, f"({reason})" if reason else "") if part)
        super().__init__(f"HubSpot refused {path} with {status}{f': {told}' if told else ''}.")
        self.status = status
        self.category = category
        self.reason = reason
        self._names_cursor = names_cursor

    @property
    def is_expired_cursor(self) -> bool:
        """Whether the place to go on from, not the question, is what HubSpot refused. HubSpot has no category for it:
        its words say so."""
        return self.status == 400 and self._names_cursor  # noqa: PLR2004 (Bad Request)


class MissingScopesError(HubspotError):
    """The token may not read something. ``scopes``: those that HubSpot asks for (empty: it does not say)."""

    def __init__(self, path: str, scopes: Sequence[str] = ()) -> None:
        wanted = f": give the app {', '.join(scopes)}" if scopes else ": look at the scopes of the app"
        super().__init__(f"HubSpot does not let this token read {path}{wanted}, then run kpi check.")
        self.scopes = tuple(scopes)


class NotFoundError(HubspotError):
    """There is no such path or record, as where the account has not the product."""

    def __init__(self, path: str) -> None:
        super().__init__(f"HubSpot has nothing at {path}: the account may lack the product, or api_version is wrong.")


class SignInError(HubspotError):
    """HubSpot takes the token no more, or there is none."""


class UnreachableError(HubspotError):
    """HubSpot could not be reached, or did not answer as it should, for as long as we tried. ``fault`` says how."""

    def __init__(self, path: str, fault: str, advice: str = _LATER) -> None:
        super().__init__(f"HubSpot did not answer {path} ({fault}): {advice}.")
        self.fault = fault


def refusal(path: str, status: int, body: Any) -> HubspotError:
    """The error for an answer that asking again would not change. ``body``: its JSON, None where it has none."""
    told = body if isinstance(body, Mapping) else {}
    if status == 404:  # noqa: PLR2004 (Not Found)
        return NotFoundError(path)
    if status == 403 and told:  # noqa: PLR2004 (Forbidden; a proxy's has no JSON)
        return MissingScopesError(path, missing_scopes(told))
    message = str(told.get("message") or "")
    names_cursor = any(word in message.casefold() for word in _CURSOR_WORDS)
    return RefusedError(path, status, _word(told.get("category")), without_people(message), names_cursor=names_cursor)


def missing_scopes(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The scopes that a 403 names, in any of the forms it comes in. Any of them would do: those that only read."""
    found: dict[str, None] = {}
    for part in (body, *_list(body.get("errors"))):
        context = part.get("context") if isinstance(part, Mapping) else None
        for key in ("requiredGranularScopes", "missingScopes", "requiredScopes"):
            scopes = _list(context.get(key)) if isinstance(context, Mapping) else []
            found |= dict.fromkeys(word for scope in scopes if (word := _word(scope)))
    reading = [scope for scope in found if scope.endswith("read")]
    return tuple(reading or [scope for scope in found if not scope.endswith("write")])[:_MOST_SCOPES]


def without_people(message: str) -> str:
    """A message of HubSpot's, short, on one line, without quoted values, addresses, long numbers and tokens."""
    told = " ".join(message.split())[: _LONGEST * 10]
    for pattern in _PRIVATE:
        told = pattern.sub("…", told)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
