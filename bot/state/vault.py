"""The vault: secrets that a source hands out, such as a renewed token, encrypted in the state's database.

Each secret is encrypted (Fernet) with a key that is derived (scrypt, a salt of its own) from one of those in
SCORELINE_SECRET_KEY. Several may be given, separated by commas or blanks: the first encrypts, all decrypt, and what an
older one had encrypted is encrypted anew when it is read. So a key is changed by putting the new one in front.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import Row, make_url, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from bot.state.database import State, StateError, open_state
from bot.state.tables import SECRETS
from connectors.base import SourceError

KEY = "SCORELINE_SECRET_KEY"
_SHORTEST_KEY = 16
_SALT_BYTES = 16
_ADVICE = "`openssl rand -base64 32` prints a good one"
_INSERTS: Mapping[str, Callable[[Any], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class VaultError(SourceError):
    """A secret can't be kept, or what is kept can't be read. One line; never a secret."""


class StateVault:
    """A Vault (see ``connectors.base``) in the state's database, which is opened for each call, and made by the first
    that writes. ``secret`` gives an environment variable's value, ``clock`` the time (aware). Of two who write at once
    the last one wins."""

    def __init__(
        self, url: str, base: Path, secret: Callable[[str], str | None], clock: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._base = base
        self._secret = secret
        self._clock = clock

    def read(self, name: str) -> str | None:
        """What was last written under the name; None where nothing was. VaultError where it can't be read."""
        if not self._may_hold_something():
            return None
        with self._opened() as state:
            with state.read() as connection:
                kept = connection.execute(select(SECRETS).where(SECRETS.c.name == name)).first()
            if kept is None:
                return None
            keys = self._keys()
            found = _decrypted(kept, keys)
            if found is None:
                raise VaultError(
                    f"The token kept in the state database was encrypted with a key that {KEY} does not hold: add the "
                    "former key behind the present one, separated by a comma; where it is lost, connect the app to "
                    "the account again and set the new token."
                )
            secret, key = found
            if key != keys[0]:
                self._encrypt_anew(state, kept, secret, keys[0])
            return secret

    def write(self, name: str, secret: str) -> None:
        """Keeps it in place of what was there. VaultError where it can't."""
        values = {**_encrypted(secret, self._keys()[0]), "written_at": self._clock()}
        with self._opened() as state, state.write() as connection:
            inserting = _INSERTS[connection.dialect.name](SECRETS).values(name=name, **values)
            connection.execute(inserting.on_conflict_do_update(index_elements=["name"], set_=values))

    def _encrypt_anew(self, state: State, kept: Row[Any], secret: str, key: str) -> None:
        """Unless somebody has written something newer meanwhile."""
        unchanged = (SECRETS.c.name == kept.name, SECRETS.c.encrypted == kept.encrypted)
        with state.write() as connection:
            connection.execute(update(SECRETS).where(*unchanged).values(**_encrypted(secret, key)))

    def _keys(self) -> list[str]:
        keys = re.split(r"[,\s]+", self._secret(KEY) or "")
        keys = [key for key in keys if key]
        if not keys:
            raise VaultError(
                f"{KEY} is not set; it is needed to keep tokens that the CRM renews: set it, or {KEY}_FILE, in the "
                f"environment ({_ADVICE})."
            )
        if any(len(key) < _SHORTEST_KEY for key in keys):
            raise VaultError(
                f"{KEY} holds a key of less than {_SHORTEST_KEY} characters (commas and blanks separate keys): take a "
                f"longer one ({_ADVICE})."
            )
        return keys

    def _may_hold_something(self) -> bool:
        """Whether there is a state; who only reads makes none."""
        try:
            address = make_url(self._url)
        except ArgumentError:
            return True  # opening it says what is wrong
        return address.get_backend_name() != "sqlite" or (self._base / (address.database or "")).is_file()

    @contextmanager
    def _opened(self) -> Iterator[State]:
        try:
            with closing(open_state(self._url, self._base)) as state:
                yield state
        except StateError as error:
            raise VaultError(str(error)) from error


def _encrypted(secret: str, key: str) -> dict[str, str]:
    salt = token_bytes(_SALT_BYTES)
    return {
        "salt": b64encode(salt).decode(),
        "encrypted": _cipher(key, salt).encrypt(secret.encode()).decode(),
    }


def _decrypted(kept: Row[Any], keys: list[str]) -> tuple[str, str] | None:
    """The secret and the key that fits; None where none does."""
    salt = b64decode(kept.salt)
    for key in keys:
        try:
            return _cipher(key, salt).decrypt(kept.encrypted).decode(), key
        except InvalidToken:
            continue
    return None


def _cipher(key: str, salt: bytes) -> Fernet:
    derived = Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
