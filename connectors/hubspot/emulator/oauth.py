"""Tokens: of a private app, which lasts, and of an OAuth app, whose access tokens live half an hour."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.hubspot.emulator.answers import Answer, expired, unauthorized
from connectors.hubspot.objects import OBJECTS

ACCESS_LIFE = timedelta(minutes=30)
_VERSIONS = ("2026-09", "v3", "v1")

READ_SCOPES = tuple(
    sorted(
        {scope for each in OBJECTS.values() for scope in each.scopes}
        | {f"crm.schemas.{name}.read" for name in ("companies", "contacts", "deals", "line_items", "quotes")}
        | {
            "crm.objects.owners.read",
            "marketing.campaigns.read",
            "settings.currencies.read",
            "settings.users.teams.read",
        }
    )
)
"""What an app that reads everything is granted."""


@dataclass(slots=True)
class Token:
    """``expires_at``: None for a private app's."""

    is_oauth: bool
    expires_at: datetime | None = None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """``rotates``: whether a refresh gives a new refresh token and ends the old one."""

    client_id: str = field(default_factory=lambda: secrets.token_hex(16))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    rotates: bool = False


class Tokens:
    """The tokens of one account and what they may do. Threads may share it."""

    def __init__(
        self, private: str, app: OAuthApp, scopes: Collection[str], clock: Callable[[], datetime], portal_id: int
    ) -> None:
        self.app = app
        self.scopes = frozenset(scopes)
        self.refresh_token = _fresh("na1-", 32)
        self._clock = clock
        self._portal_id = portal_id
        self._tokens: dict[str, Token] = {private: Token(is_oauth=False)}
        self._lock = threading.Lock()

    def check(self, header: str | None) -> Token:
        """The token of an Authorization header. Raises ApiError (401) unless it is good now."""
        scheme, _, text = (header or "").partition(" ")
        with self._lock:
            token = self._tokens.get(text) if scheme.lower() == "bearer" else None
        if token is None or token.is_revoked:
            raise unauthorized()
        now = self._clock()
        if token.expires_at is not None and token.expires_at <= now:
            raise expired(token.expires_at, now)
        return token

    def revoke(self) -> None:
        """The account removes the app: no token is good any more, and none is given."""
        with self._lock:
            for token in self._tokens.values():
                token.is_revoked = True
            self.refresh_token = _fresh("na1-", 32)

    def expire(self) -> None:
        """Every access token of the OAuth app, however young, has expired."""
        with self._lock:
            for token in self._tokens.values():
                if token.is_oauth:
                    token.expires_at = self._clock()

    def replace_private(self, token: str) -> None:
        """The private app's token is rotated: only this one is good."""
        with self._lock:
            self._tokens = {text: each for text, each in self._tokens.items() if each.is_oauth}
            self._tokens[token] = Token(is_oauth=False)

    def issue(self) -> str:
        """A new access token of the OAuth app."""
        text = _fresh("C", 160)
        with self._lock:
            self._tokens[text] = Token(is_oauth=True, expires_at=self._clock() + ACCESS_LIFE)
        return text

    # What the OAuth endpoints answer.

    def answer_token(self, form: Mapping[str, str]) -> Answer:
        """The token endpoint: a new access token for a refresh token."""
        refusal = self._wrong_client(form) or self._wrong_grant(form)
        if refusal is not None:
            return refusal
        if self.app.rotates:
            self.refresh_token = _fresh("na1-", 32)
        tree = {
            "token_type": "bearer",
            "access_token": self.issue(),
            "refresh_token": self.refresh_token,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "hub_id": self._portal_id,
            "user_id": 1,
            "scopes": sorted({"oauth", *self.scopes}),
            "token_use": "access_token",
        }
        return Answer(200, tree)

    def answer_introspection(self, form: Mapping[str, str]) -> Answer:
        """Whether a token of the OAuth app is good, and what for."""
        refusal = self._wrong_client(form)
        if refusal is not None:
            return refusal
        text = form.get("token") or form.get("access_token") or form.get("refresh_token") or ""
        with self._lock:
            token = self._tokens.get(text)
        if text == self.refresh_token:
            return Answer(200, self._introspected(text, "refresh_token"))
        if token is None or not token.is_oauth or token.is_revoked or token.expires_at is None:
            return Answer(200, {"active": False})
        left = int((token.expires_at - self._clock()).total_seconds())
        if left <= 0:
            return Answer(200, {"active": False})
        return Answer(200, {**self._introspected(text, "access_token"), "expires_in": left})

    def answer_private_app(self, body: Any) -> Answer:
        """What the private app whose token is in the body may do. Raises ApiError (401) for another token."""
        key = body.get("tokenKey") if isinstance(body, dict) else None
        if self.check(f"Bearer {key}").is_oauth:
            raise unauthorized()
        return Answer(200, {"userId": 1, "hubId": self._portal_id, "appId": 2, "scopes": sorted(self.scopes)})

    def _introspected(self, text: str, use: str) -> dict[str, Any]:
        return {
            "active": True,
            "token": text,
            "token_type": "Bearer",
            "token_use": use,
            "client_id": self.app.client_id,
            "app_id": 1,
            "hub_id": self._portal_id,
            "user_id": 1,
            "scopes": sorted({"oauth", *self.scopes}),
            "is_private_distribution": True,
        }

    def _wrong_client(self, form: Mapping[str, str]) -> Answer | None:
        if form.get("client_id") != self.app.client_id:
            return _refusal("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
        if form.get("client_secret") != self.app.client_secret:
            return _refusal("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret")
        return None

    def _wrong_grant(self, form: Mapping[str, str]) -> Answer | None:
        if form.get("grant_type") != "refresh_token":
            return _refusal("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")
        if form.get("refresh_token") != self.refresh_token:
            return _refusal("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked")
        return None


def _refusal(status: str, error: str, message: str) -> Answer:
    return Answer(400, {"error": error, "error_description": message, "status": status, "message": message})


def _fresh(prefix: str, size: int) -> str:
    return prefix + secrets.token_hex(size)


TOKEN_PATHS = frozenset(f"/oauth/{version}/token" for version in _VERSIONS)
INTROSPECTION_PATHS = frozenset(f"/oauth/{version}/token/introspect" for version in _VERSIONS[:2])
PRIVATE_APP_PATH = "/oauth/v2/private-apps/get/access-token-info"
