"""Secrets: read from the environment when they are needed, never shown, and refused in the file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config.errors import ConfigError, Place

_NAMES = re.compile(r"token|secret|passw(or)?d|private_?key|api_?key|credential", re.IGNORECASE)
_VALUES = {  # what a secret looks like -> where it belongs
    re.compile(r"\bxox[a-z](\.xox[a-z])?-"): "SLACK_BOT_TOKEN",
    re.compile(r"\bxapp-"): "SLACK_APP_TOKEN",
    re.compile(r"\bpat-[a-z]{2,3}\d?-"): "HUBSPOT_ACCESS_TOKEN",
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"): "SALESFORCE_PRIVATE_KEY",
    re.compile(r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]"): "SALESFORCE_REFRESH_TOKEN",
    re.compile(r"://[^/@\s:]*:[^/@\s]+@"): "PGPASSWORD",
}


class Secrets:
    """The environment's secrets. ``NAME_FILE`` names a file that holds the value of ``NAME``. Shows none of them."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __repr__(self) -> str:
        return "Secrets(...)"

    def get(self, name: str) -> str | None:
        """The secret, or None where it is not set or empty. ConfigError where its file cannot be read."""
        value = self._environ.get(name, "").strip()
        if value or not self._environ.get(f"{name}_FILE"):
            return value or None
        try:
            return Path(self._environ[f"{name}_FILE"]).read_text("utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise ConfigError(f"{name}_FILE names a file that cannot be read ({reason}): correct its path.") from None

    def require(self, name: str, purpose: str) -> str:
        """The secret; ConfigError saying what it is needed for where it is not set."""
        value = self.get(name)
        if value is None:
            raise ConfigError(f"{name} is not set; it is needed {purpose}: set it, or {name}_FILE, in the environment.")
        return value


def refuse_secrets(raw: object, at: Place) -> None:
    """ConfigError, without the secret, for the first key or value of a read TOML document that is or names one."""
    for place, variable in _found(raw, at):
        where = (
            f"in the environment ({variable})" if variable else "in the environment (the README names the variables)"
        )
        raise place.error(f"a secret does not belong into the file: remove it here and give it {where}.")


def without_secrets(text: str) -> str:
    """The text, or a word instead of it where it holds what looks like a secret."""
    return "(hidden)" if _belongs_to(text) else text


def _found(raw: object, at: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(raw, str) and (variable := _belongs_to(raw)):
        yield at, variable
    if isinstance(raw, list):
        for value in raw:
            yield from _found(value, at)
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from _found_in_key(key, at)
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for entry, block in enumerate(value, start=1):
                    yield from _found(block, at.under(key, entry=entry))
            else:
                yield from _found(value, at.under(key))


def _found_in_key(key: str, at: Place) -> Iterator[tuple[Place, str]]:
    if variable := _belongs_to(key):
        yield at, variable
    elif not _holds_own_words(at) and _NAMES.search(key):
        yield at.under(key), ""


def _holds_own_words(at: Place) -> bool:
    """A map has the words of the CRM for keys, a KPI those of the company."""
    return "map" in at.keys or at.block.startswith("[[kpi]]")


def _belongs_to(text: str) -> str:
    return next((variable for looks, variable in _VALUES.items() if looks.search(text)), "")
