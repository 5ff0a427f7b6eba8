"""What an endpoint of the emulated API is: a path, the scopes it asks for, and a function from a call to a reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.hubspot.emulator.account import Account


class ApiError(Exception):
    """An error in HubSpot's form: HTTP ``status``, ``category`` (VALIDATION_ERROR, MISSING_SCOPES, ...), ``message``,
    and the parts that some errors have."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.sub_category, self.errors, self.context = sub_category, errors, context


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered: ``path`` holds the values of the template's names, ``query`` every value of each
    parameter, ``body`` the JSON that came, ``now`` the account's clock (aware, UTC)."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: Any
    now: datetime

    def one(self, name: str, default: str | None = None) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else default


@dataclass(frozen=True, slots=True)
class Reply:
    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """``paths``: the templates of one endpoint in its versions (``/crm/objects/2026-09/{object}``), of which a name
    stands for one segment. ``scopes``: of which one is needed, given the path's values; none: any valid token will do.
    ``is_search``: counts under the limit of searches."""

    method: str
    paths: Sequence[str]
    handle: Callable[[Account, Call], Reply]
    scopes: Callable[[Mapping[str, str]], Sequence[str]] = lambda _path: ()
    is_search: bool = False
