"""What goes out: JSON, pages of the edge servers, and errors in HubSpot's form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from connectors.hubspot.emulator.limits import Policy
from connectors.hubspot.emulator.routing import ApiError
from connectors.hubspot.emulator.values import iso

SCOPES_PAGE = "https://developers.hubspot.com/scopes"
JSON = "application/json;charset=utf-8"
HTML = "text/html"
_REASONS = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it goes out: ``tree`` is its JSON, unless ``text`` is given, which goes out as it is.
    ``refused_by``: the limit that is reached."""

    status: int
    tree: Any = None
    text: str | None = None
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    refused_by: Policy | None = None

    def encoded(self) -> bytes:
        if self.text is not None:
            return self.text.encode()
        return orjson.dumps(self.tree)


def page_answer(status: int) -> Answer:
    """A page of HTML, as the servers before the API give."""
    title = f"{status} {_REASONS.get(status, 'Error')}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, text=page, content_type=HTML)


def error_answer(error: ApiError) -> Answer:
    """The error as HubSpot writes it."""
    tree: dict[str, Any] = {"status": "error", "message": error.message, "correlationId": str(uuid.uuid4())}
    if error.errors:
        tree["errors"] = list(error.errors)
    if error.context:
        tree["context"] = error.context
    if error.category == "MISSING_SCOPES":
        tree["links"] = {"scopes": SCOPES_PAGE}
    tree["category"] = error.category
    if error.sub_category:
        tree["subCategory"] = error.sub_category
    return Answer(error.status, tree)


def limited_answer(policy: Policy, retry_after: int | None, *, is_named: bool = True) -> Answer:
    """429: the limit of the policy is reached. ``retry_after``: seconds, where the answer tells them. ``is_named``:
    whether it names the policy, as documented; answers seen in the wild tell it in their message alone."""
    tree = {
        "status": "error",
        "message": f"You have reached your {policy.value.lower()} limit.",
        "correlationId": str(uuid.uuid4()),
    }
    if is_named:
        tree |= {"errorType": "RATE_LIMIT", "policyName": policy.value, "requestId": str(uuid.uuid4())}
    else:
        tree |= {"category": "RATE_LIMITS"}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(429, tree, headers=headers, refused_by=policy)


def unauthorized() -> ApiError:
    """No token, or one that HubSpot does not know (any more)."""
    return ApiError(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def expired(expired_at: datetime, now: datetime) -> ApiError:
    """A token that was good until ``expired_at``."""
    seconds = max(0, int((now - expired_at).total_seconds()))
    return ApiError(
        401,
        "EXPIRED_AUTHENTICATION",
        f"The OAuth token used to make this call expired {seconds} second(s) ago.",
        context={"expire time": [iso(expired_at)]},
    )


def missing_scopes(scopes: tuple[str, ...]) -> ApiError:
    """The app has none of the scopes, of which one is needed."""
    return ApiError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        f"{SCOPES_PAGE}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
    )


def not_found() -> ApiError:
    return ApiError(404, "OBJECT_NOT_FOUND", "resource not found")
