"""Tokens for HubSpot: a private app's, which lasts, or an OAuth app's, which is renewed every half hour."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.base import Surroundings, Vault
from connectors.hubspot.errors import SignInError, UnreachableError
from connectors.hubspot.paths import API_URL, Paths
from connectors.hubspot.patience import REAL_TIMING, Patience, Timing, retry_after
from connectors.hubspot.transport import Answer, Transport, UnansweredError
from connectors.mapping import SourceSettings

PREFIX = "HUBSPOT"
_PRIVATE = "ACCESS_TOKEN"
_OAUTH = ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")

_LIFE = 1800.0  # seconds, where the answer does not say
_MARGIN = 300.0  # seconds before its end at which a token is renewed
_RACE = 1.0  # seconds in which another process writes down what it was given
_FINE = 200
_REFUSED = range(400, 500)
_PASSING = (408, 423, 425, 429, 477)


class Tokens(Protocol):
    """Where access tokens come from. Threads may share it."""

    def current(self) -> str:
        """One that should be good now. May wait and ask HubSpot; raises SignInError, UnreachableError."""
        ...

    def renew(self, rejected: str) -> str | None:
        """Another, after HubSpot took this one no more; None: there is none."""
        ...


@dataclass(frozen=True, slots=True)
class PrivateAppToken:
    """A private app's access token (or a service key). It lasts until somebody rotates it."""

    token: str = field(repr=False)

    def current(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str | None:  # noqa: ARG002 (the protocol's)
        return None


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """An app and the refresh token that the account gave it, as the environment has them. ``prefix`` is that of the
    variables' names, for advice."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    prefix: str = PREFIX


@dataclass(frozen=True, slots=True)
class _Grant:
    access: str = field(repr=False)
    due: float  # on the monotonic clock


class OAuthTokens:
    """Access tokens of an OAuth app, renewed before they end, by one thread for all.

    Where HubSpot hands out another refresh token, it is in the ``vault`` before anything else is done with it, under
    ``name`` and a digest of the environment's token that it stands in for. What is there goes before the
    environment's; for another token there it is not even read, so that a new one helps where the vault's key is lost.
    """

    def __init__(
        self,
        app: OAuthApp,
        vault: Vault,
        name: str,
        *,
        transport: Transport,
        paths: Paths,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timing: Timing = REAL_TIMING,
    ) -> None:
        self._app = app
        self._vault = vault
        self._name = f"{name} {_digest(app.refresh_token)}"
        self._transport = transport
        self._paths = paths
        self._clock = clock
        self._timing = timing
        self._lock = threading.Lock()
        self._refresh_token: str | None = None
        self._grant: _Grant | None = None

    def current(self) -> str:
        with self._lock:
            if self._grant is None or self._timing.monotonic() >= self._grant.due:
                self._grant = self._renewed()
            return self._grant.access

    def renew(self, rejected: str) -> str | None:
        with self._lock:
            if self._grant is None or self._grant.access == rejected:  # else: another thread has renewed it
                self._grant = self._renewed()
            return self._grant.access

    def _renewed(self) -> _Grant:
        used = self._refresh_token or self._kept() or self._app.refresh_token
        started = self._timing.monotonic()
        answer = self._ask(used)
        if _is_lost(answer):
            used = self._written_by_another(used)
            started = self._timing.monotonic()
            answer = self._ask(used)
        told = answer.json() if answer.status == _FINE else None
        if told is None:
            raise self._refusal(answer)
        rotated = told.get("refresh_token")
        if _is_token(rotated) and rotated != used:
            self._vault.write(self._name, rotated)
            used = rotated
        self._refresh_token = used
        seconds = _life(told)
        return _Grant(told["access_token"], started + seconds - min(_MARGIN, seconds / 2))

    def _ask(self, refresh_token: str) -> Answer:
        """A good answer or a refusal. UnreachableError where neither came for as long as we tried."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "refresh_token": refresh_token,
        }
        patience = Patience(self._timing)
        while True:
            asked: float | None = None
            try:
                answer = self._transport.send("POST", self._paths.token(), form=form)
            except UnansweredError as error:
                fault = str(error)
                if error.is_lasting:
                    raise UnreachableError(self._paths.token(), fault, "check the network, then try again") from None
            else:
                if answer.status in _REFUSED and answer.status not in _PASSING:
                    return answer
                if answer.status == _FINE and _is_grant(answer.json()):
                    return answer
                fault = f"status {answer.status}" if answer.status != _FINE else "an answer without a token"
                asked = retry_after(answer.headers, self._clock())
            wait = patience.wait_after_fault(asked)
            if wait is None:
                raise UnreachableError(self._paths.token(), fault)
            self._timing.sleep(wait)

    def _written_by_another(self, lost: str) -> str:
        """The token that another process was given for the one that is used up. SignInError where there is none."""
        self._timing.sleep(_RACE)
        kept = self._kept()
        if kept is None or kept == lost:
            raise SignInError(
                "HubSpot takes the refresh token no more: connect the app to the account again, then set "
                f"{self._app.prefix}_REFRESH_TOKEN."
            )
        return kept

    def _refusal(self, answer: Answer) -> SignInError:
        if _is_lost(answer):
            return SignInError(
                "HubSpot takes the refresh token no more, though another process has just renewed it: "
                "run one kpi sync at a time, then try again."
            )
        prefix = self._app.prefix
        return SignInError(
            f"HubSpot refused the app with {answer.status}: look at {prefix}_CLIENT_ID and {prefix}_CLIENT_SECRET, "
            "and whether the app is still there."
        )

    def _kept(self) -> str | None:
        """What the vault holds in place of the environment's."""
        kept = self._vault.read(self._name)
        return kept if _is_token(kept) else None


def open_tokens(
    settings: SourceSettings,
    surroundings: Surroundings,
    paths: Paths,
    timing: Timing = REAL_TIMING,
) -> Tokens:
    """The tokens that the environment tells of, by the source's prefix: a private app's token, or else an OAuth app's
    three values. SignInError, saying what to set, where there are none."""
    prefix = settings.env_prefix or PREFIX
    values = {name: _read(surroundings, f"{prefix}_{name}") for name in (_PRIVATE, *_OAUTH)}
    private = values[_PRIVATE]
    if private is not None:
        return PrivateAppToken(private)
    missing = [f"{prefix}_{name}" for name in _OAUTH if values[name] is None]
    if len(missing) == len(_OAUTH):
        raise SignInError(
            f"There is no token for HubSpot: set {prefix}_{_PRIVATE} to a private app's access token; or, of an OAuth "
            f"app, set {', '.join(missing)}."
        )
    if missing:
        raise SignInError(f"Of an OAuth app for HubSpot three values are needed: set {', '.join(missing)} as well.")
    client_id, client_secret, refresh_token = (values[name] or "" for name in _OAUTH)
    app = OAuthApp(client_id, client_secret, refresh_token, prefix)
    return OAuthTokens(
        app,
        surroundings.vault,
        f"{settings.name}: refresh token",
        transport=Transport(settings.api_url or API_URL, secret=surroundings.secret),
        paths=paths,
        clock=surroundings.clock,
        timing=timing,
    )


def _read(surroundings: Surroundings, name: str) -> str | None:
    value = surroundings.secret(name)
    if value is not None and not _is_token(value):
        raise SignInError(f"{name} holds blanks or signs that no token has: copy it anew.")
    return value


def _is_token(value: object) -> bool:
    """Whether it may stand in a header."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable() and " " not in value


def _is_grant(told: Any) -> bool:
    return isinstance(told, dict) and _is_token(told.get("access_token"))


def _life(told: Mapping[str, Any]) -> float:
    life = told.get("expires_in")
    if isinstance(life, bool) or not isinstance(life, (int, float)) or life <= 0:
        return _LIFE
    return float(life)


def _is_lost(answer: Answer) -> bool:
    """Whether the refresh token, not the app, is what was refused."""
    told = answer.json()
    names: Mapping[str, Any] = told if isinstance(told, dict) else {}
    return answer.status in _REFUSED and (
        names.get("status") == "BAD_REFRESH_TOKEN" or names.get("error") == "invalid_grant"
    )


def _digest(token: str) -> str:
    """Tells tokens apart, and no more than that."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]
